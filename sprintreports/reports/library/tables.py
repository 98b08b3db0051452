"""Reports, templates and links that share a report. What a report is about is JSON (`reports/spec.py`), never its numbers.

`board_ids` are the boards that the spec speaks of: whoever may not see all of them sees no such report.
"""

# SQLModel declares __tablename__ as something that a plain name is not.
# pyright: reportAssignmentType=false

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from sprintreports.kit import db
from sprintreports.reports.document.blocks import DocumentKind
from sprintreports.reports.library.sizes import LONGEST_LINK_NAME, LONGEST_NAME, LONGEST_NOTE, LONGEST_TAG

_KIND_KNOWN = f"kind IN ({', '.join(repr(str(kind)) for kind in DocumentKind)})"


class Row(SQLModel):
    """What all tables share: the metadata that names constraints by one convention."""

    metadata = db.metadata


def _id() -> Any:
    return Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))


def _to(table: str, *, key: bool = False, index: bool = False) -> Any:
    return Field(
        default=None,
        sa_column=Column(
            BigInteger, ForeignKey(f"{table}.id", ondelete="CASCADE"), primary_key=key, index=index, nullable=False,
            autoincrement=False,
        ),
    )  # fmt: skip


def _stamp(*, nullable: bool = False) -> Any:
    default = None if nullable else text("now()")
    return Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=nullable, server_default=default)
    )


def _words(length: int, *, nullable: bool = False, default: str | None = None) -> Any:
    return Field(default=default, sa_column=Column(String(length), nullable=nullable, server_default=default))


def _flag() -> Any:
    return Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=text("false")))


def _whole(*, nullable: bool = False, default: int | None = None) -> Any:
    given = None if default is None else text(str(default))
    return Field(default=default, sa_column=Column(Integer, nullable=nullable, server_default=given))


def _json() -> Any:
    return Field(sa_column=Column(JSONB, nullable=False))


class ReportTemplate(Row, table=True):
    """A template of somebody's own, or for all who read reports. versions: how many there are, the last one's number."""

    __tablename__ = "report_template"
    __table_args__ = (CheckConstraint(_KIND_KNOWN, name="kind_known"),)
    id: int | None = _id()
    name: str = _words(LONGEST_NAME)
    kind: str = _words(20)
    owner_id: int = _to("user_account", index=True)
    shared: bool = _flag()
    versions: int = _whole(default=1)
    created_at: datetime = _stamp()
    updated_at: datetime = _stamp()
    deleted_at: datetime | None = _stamp(nullable=True)


class ReportTemplateVersion(Row, table=True):
    """What a template said at one time; never changed, so that a report made with it stays as it was made."""

    __tablename__ = "report_template_version"
    template_id: int = _to("report_template", key=True)
    number: int = Field(sa_column=Column(Integer, primary_key=True, nullable=False, autoincrement=False))
    content: dict[str, Any] = _json()
    note: str = _words(LONGEST_NOTE, default="")
    created_by: int = Field(default=None, sa_column=Column(BigInteger, nullable=False))
    created_at: datetime = _stamp()


class Report(Row, table=True):
    """A report in the library. system_template: one that comes with the product; else a version of a template, or none."""

    __tablename__ = "report"
    __table_args__ = (
        CheckConstraint(_KIND_KNOWN, name="kind_known"),
        CheckConstraint("cardinality(board_ids) > 0", name="of_a_board"),
        CheckConstraint(
            "(template_id IS NULL) = (template_number IS NULL) AND (system_template IS NULL OR template_id IS NULL)",
            name="one_template",
        ),
        ForeignKeyConstraint(
            ["template_id", "template_number"],
            ["report_template_version.template_id", "report_template_version.number"],
            name="fk_report_template_id_report_template_version",
        ),
        Index("ix_report_template_id", "template_id", "template_number"),
    )
    id: int | None = _id()
    name: str = _words(LONGEST_NAME)
    kind: str = _words(20)
    tags: list[str] = Field(
        sa_column=Column(ARRAY(String(LONGEST_TAG)), nullable=False, server_default=text("'{}'"))
    )
    spec: dict[str, Any] = _json()
    board_ids: list[int] = Field(sa_column=Column(ARRAY(BigInteger), nullable=False))
    system_template: str | None = _words(40, nullable=True)
    template_id: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    template_number: int | None = _whole(nullable=True)
    owner_id: int = _to("user_account", index=True)
    shared: bool = _flag()
    created_at: datetime = _stamp()
    updated_at: datetime = _stamp()
    deleted_at: datetime | None = _stamp(nullable=True)


class ShareLink(Row, table=True):
    """A link that shows a report without an account. token_digest: all that is kept of its address."""

    __tablename__ = "share_link"
    __table_args__ = (
        UniqueConstraint("token_digest", name="uq_share_link_token_digest"),
        Index("ix_share_link_report_id", "report_id", "id"),
    )
    id: int | None = _id()
    report_id: int = _to("report")
    user_id: int = _to("user_account", index=True)
    credentials_version: int = _whole()
    name: str = _words(LONGEST_LINK_NAME)
    token_digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    password_hash: str | None = _words(200, nullable=True)
    opens: int = _whole(default=0)
    created_at: datetime = _stamp()
    expires_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    revoked_at: datetime | None = _stamp(nullable=True)
    last_used_at: datetime | None = _stamp(nullable=True)
