"""Connections, deliveries and their attempts; the pages that we keep in Confluence; who wants no mail of ours any more."""

# SQLModel declares __tablename__ as something that a plain name is not.
# pyright: reportAssignmentType=false

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from sprintreports.kit import db
from sprintreports.reports.publishing.values import LONGEST_NAME, DeliveryState, Service


class Row(SQLModel):
    """What all tables share: the metadata that names constraints by one convention."""

    metadata = db.metadata


def _id() -> Any:
    return Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))


def _to(table: str, *, key: bool = False) -> Any:
    reference = ForeignKey(f"{table}.id", ondelete="CASCADE")
    return Field(
        sa_column=Column(BigInteger, reference, primary_key=key, nullable=False, autoincrement=False)
    )


def _json(default: str | None = "{}") -> Any:
    server_default = None if default is None else text(f"'{default}'")
    return Field(sa_column=Column(JSONB, nullable=False, server_default=server_default))


def _text() -> Any:
    return Field(default="", sa_column=Column(Text, nullable=False, server_default=""))


def _stamp(*, nullable: bool = False) -> Any:
    default = None if nullable else text("now()")
    return Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=nullable, server_default=default)
    )


def _by() -> Any:
    return Field(sa_column=Column(BigInteger, nullable=False))


def _one_of(column: str, values: Any) -> str:
    return f"{column} IN ({', '.join(repr(str(value)) for value in values)})"


class ConnectionRow(Row, table=True):
    """A way to an outside service. secret: sealed; circuit: whether it is left alone; delivered_at: the last good delivery."""

    __tablename__ = "connection"
    __table_args__ = (
        CheckConstraint(_one_of("kind", Service), name="kind_known"),
        Index(
            "uq_connection_name",
            text("lower(name)"),
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
    )
    id: int | None = _id()
    kind: str = Field(max_length=12)
    name: str = Field(max_length=LONGEST_NAME)
    settings: dict[str, Any] = _json()
    secret: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    circuit: dict[str, Any] = _json()
    checked_at: datetime | None = _stamp(nullable=True)
    check_ok: bool | None = Field(default=None, sa_column=Column(Boolean, nullable=True))
    check_message: str = _text()
    delivered_at: datetime | None = _stamp(nullable=True)
    created_by: int = _by()
    created_at: datetime = _stamp()
    updated_at: datetime = _stamp()
    deleted_at: datetime | None = _stamp(nullable=True)


class DeliveryRow(Row, table=True):
    """A report on its way. key: once for each; progress: which parts have begun and arrived; next_at: when it is tried again."""

    __tablename__ = "delivery"
    __table_args__ = (
        CheckConstraint(_one_of("state", DeliveryState), name="state_known"),
        UniqueConstraint("key"),
        Index("ix_delivery_connection_id", "connection_id", "id"),
        Index("ix_delivery_user_id", "user_id", "id"),
        Index(
            "ix_delivery_open", "next_at", postgresql_where=text("state IN ('queued', 'waiting', 'sending')")
        ),
    )
    id: int | None = _id()
    connection_id: int = _to("connection")
    user_id: int = _by()
    key: str = Field(max_length=64)
    source: dict[str, Any] = _json(None)
    target: dict[str, Any] = _json(None)
    title: str = Field(default="", sa_column=Column(String(200), nullable=False, server_default=""))
    state: str = Field(
        default="queued", sa_column=Column(String(10), nullable=False, server_default="queued")
    )
    failure: str = Field(default="", sa_column=Column(String(10), nullable=False, server_default=""))
    choice: str = Field(default="", sa_column=Column(String(10), nullable=False, server_default=""))
    choices: list[str] = _json("[]")
    attempts: int = Field(default=0, sa_column=Column(Integer, nullable=False, server_default=text("0")))
    progress: dict[str, Any] = _json()
    sentence: str = _text()
    url: str = _text()
    next_at: datetime | None = _stamp(nullable=True)
    created_at: datetime = _stamp()
    updated_at: datetime = _stamp()
    ended_at: datetime | None = _stamp(nullable=True)


class DeliveryAttempt(Row, table=True):
    """A try: when, how it ended, in a sentence without a secret. ended_at None: at work, or cut off."""

    __tablename__ = "delivery_attempt"
    __table_args__ = (UniqueConstraint("delivery_id", "number"),)
    id: int | None = _id()
    delivery_id: int = _to("delivery")
    number: int = Field(sa_column=Column(Integer, nullable=False))
    began_at: datetime = _stamp()
    ended_at: datetime | None = _stamp(nullable=True)
    outcome: str = Field(default="", sa_column=Column(String(10), nullable=False, server_default=""))
    sentence: str = _text()


class PublishedPage(Row, table=True):
    """A report's page in Confluence as we left it. subject: of the report and the place, 32 hex digits."""

    __tablename__ = "published_page"
    connection_id: int = _to("connection", key=True)
    subject: str = Field(sa_column=Column(String(32), primary_key=True))
    page_id: str = Field(max_length=60)
    version: int = Field(sa_column=Column(Integer, nullable=False))
    author: str = Field(max_length=200)
    url: str = _text()
    created_at: datetime = _stamp()
    updated_at: datetime = _stamp()


class MailOptOut(Row, table=True):
    """An address that gets no mail of ours: its SHA-256."""

    __tablename__ = "mail_opt_out"
    digest: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    created_at: datetime = _stamp()
