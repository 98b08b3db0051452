"""Files of reports that are being made, or are there to be fetched."""

# SQLModel declares __tablename__ as something that a plain name is not.
# pyright: reportAssignmentType=false

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from sprintreports.kit import db
from sprintreports.reports.exporting.states import State

LONGEST_PROBLEM, LONGEST_TITLE, LONGEST_FILE_NAME = 500, 300, 100


class Row(SQLModel):
    """What all tables share: the metadata that names constraints by one convention."""

    metadata = db.metadata


def _words(length: int, *, nullable: bool = False) -> Any:
    default = None if nullable else ""
    return Field(default=default, sa_column=Column(String(length), nullable=nullable, server_default=default))


def _json(*, nullable: bool = False) -> Any:
    return Field(default=None, sa_column=Column(JSONB, nullable=nullable))


def _stamp(*, nullable: bool = False, default: str | None = None) -> Any:
    given = None if default is None else text(default)
    return Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=nullable, server_default=given)
    )


class ReportExport(Row, table=True):
    """A file. about: a spec with its layout, or a report of the library; scopes: what a key was limited to that asked for it."""

    __tablename__ = "report_export"
    __table_args__ = (
        CheckConstraint(f"state IN ({', '.join(repr(str(one)) for one in State)})", name="state_known"),
        CheckConstraint("(state = 'done') = (body IS NOT NULL AND size IS NOT NULL)", name="has_a_file"),
        Index("ix_report_export_user_id", "user_id", "id"),
        Index("ix_report_export_expires_at", "expires_at"),
    )
    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    user_id: int = Field(
        default=None,
        sa_column=Column(BigInteger, ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False),
    )
    scopes: list[str] | None = _json(nullable=True)
    about: dict[str, Any] = _json()
    format: str = Field(sa_column=Column(String(10), nullable=False))
    options: dict[str, Any] = _json()
    zone: str | None = _words(64, nullable=True)
    locale: str | None = _words(20, nullable=True)
    state: str = Field(
        default="waiting", sa_column=Column(String(10), nullable=False, server_default="waiting")
    )
    progress: int = Field(default=0, sa_column=Column(SmallInteger, nullable=False, server_default=text("0")))
    problem: str = _words(LONGEST_PROBLEM)
    title: str = _words(LONGEST_TITLE)
    file_name: str = _words(LONGEST_FILE_NAME)
    media: str = _words(100)
    size: int | None = Field(default=None, sa_column=Column(Integer, nullable=True))
    body: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    created_at: datetime = _stamp(default="now()")
    finished_at: datetime | None = _stamp(nullable=True)
    expires_at: datetime = _stamp()
