"""Queues of a sprint: what people are at, what was kept of it for good, and every edit. People are numbers throughout."""

# SQLModel declares __tablename__ as something that a plain name is not.
# pyright: reportAssignmentType=false

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
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
from sqlmodel import Field

from sprintreports.planning.queues.merging import Step
from sprintreports.planning.tables import Row

LONGEST_NAME, LONGEST_NOTE, LONGEST_TOKEN = 120, 2_000, 64


class QueueState(StrEnum):
    """DRAFT: being made. ACTIVE: the plan of its sprint, one at most. COMPLETED and ARCHIVED: of the past, and not edited."""

    DRAFT = "draft"
    ACTIVE = "active"
    COMPLETED = "completed"
    ARCHIVED = "archived"


def _one_of(column: str, values: type[StrEnum]) -> str:
    return f"{column} IN ({', '.join(repr(str(value)) for value in values)})"


def _to(table: str, *, key: bool = False) -> Any:
    return Field(
        default=None,
        sa_column=Column(
            BigInteger, ForeignKey(f"{table}.id", ondelete="CASCADE"), primary_key=key, nullable=False, autoincrement=False
        ),
    )  # fmt: skip


def _number(*, key: bool = False) -> Any:
    return Field(sa_column=Column(Integer, primary_key=key, nullable=False, autoincrement=False))


def _count() -> Any:
    return Field(default=0, sa_column=Column(Integer, nullable=False, server_default=text("0")))


def _by() -> Any:
    return Field(sa_column=Column(BigInteger, nullable=False))


def _json() -> Any:
    return Field(sa_column=Column(JSONB, nullable=False))


def _stamp(*, nullable: bool = False) -> Any:
    default = None if nullable else text("now()")
    return Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=nullable, server_default=default)
    )


class QueueRow(Row, table=True):
    """A queue. base: the options that it began with; head: the number of its last edit; versions: of the last one kept.
    kept_to: what its draft was planned again from as of the edit kept_to_head, stored like a version."""

    __tablename__ = "queue"
    __table_args__ = (
        CheckConstraint(_one_of("state", QueueState), name="state_known"),
        Index("uq_queue_active", "sprint_id", unique=True, postgresql_where=text("state = 'active'")),
        Index("ix_queue_sprint_id", "sprint_id", "id"),
        Index("ix_queue_board_id", "board_id"),
    )
    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    sprint_id: int = _to("sprint")
    board_id: int = _to("board")
    name: str = Field(sa_column=Column(String(LONGEST_NAME), nullable=False))
    state: str = Field(default="draft", sa_column=Column(String(10), nullable=False, server_default="draft"))
    base: dict[str, Any] = _json()
    sources: dict[str, Any] = _json()
    head: int = _count()
    versions: int = _count()
    created_by: int = _by()
    created_at: datetime = _stamp()
    updated_at: datetime = _stamp()
    activated_at: datetime | None = _stamp(nullable=True)
    completed_at: datetime | None = _stamp(nullable=True)
    archived_at: datetime | None = _stamp(nullable=True)
    deleted_at: datetime | None = _stamp(nullable=True)
    kept_to: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    kept_to_format: int | None = Field(default=None, sa_column=Column(Integer, nullable=True))
    kept_to_head: int | None = Field(default=None, sa_column=Column(Integer, nullable=True))


class QueueVersion(Row, table=True):
    """What a queue was at a moment, for good. head: the last edit that is in it; format: of `result` (`stored_results`);
    fingerprint: of the inputs; summary: a few figures for lists."""

    __tablename__ = "queue_version"
    queue_id: int = _to("queue", key=True)
    number: int = _number(key=True)
    head: int = _number()
    note: str = Field(default="", sa_column=Column(String(LONGEST_NOTE), nullable=False, server_default=""))
    sources: dict[str, Any] = _json()
    fingerprint: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    format: int = _number()
    result: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    summary: dict[str, Any] = _json()
    created_by: int = _by()
    created_at: datetime = _stamp()


class QueueEdit(Row, table=True):
    """One step of a draft. of_number: the change that an undo or redo is about; seen: the last edit that its maker had
    seen; token and place: what the browser called it, so that what is sent twice is made once."""

    __tablename__ = "queue_edit"
    __table_args__ = (
        CheckConstraint(_one_of("step", Step), name="step_known"),
        CheckConstraint("(step = 'change') = (of_number IS NULL)", name="of_another"),
        ForeignKeyConstraint(
            ["queue_id", "of_number"],
            ["queue_edit.queue_id", "queue_edit.number"],
            name="fk_queue_edit_of_number_queue_edit",
            ondelete="CASCADE",
        ),
        UniqueConstraint("queue_id", "created_by", "token", "place", name="uq_queue_edit_token"),
        Index("ix_queue_edit_of_number", "queue_id", "of_number"),
    )
    queue_id: int = _to("queue", key=True)
    number: int = _number(key=True)
    step: str = Field(sa_column=Column(String(10), nullable=False))
    change: dict[str, Any] = _json()
    of_number: int | None = Field(default=None, sa_column=Column(Integer, nullable=True))
    seen: int = _number()
    token: str = Field(sa_column=Column(String(LONGEST_TOKEN), nullable=False))
    place: int = _count()
    created_by: int = _by()
    created_at: datetime = _stamp()


class QueueFeed(Row, table=True):
    """A private link by which a calendar program subscribes to a queue. token_digest: all that is kept of its address."""

    __tablename__ = "queue_feed"
    __table_args__ = (
        UniqueConstraint("token_digest", name="uq_queue_feed_token_digest"),
        Index("ix_queue_feed_queue_id", "queue_id", "id"),
        Index("ix_queue_feed_user_id", "user_id"),
    )
    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    queue_id: int = _to("queue")
    user_id: int = _to("user_account")
    credentials_version: int = Field(sa_column=Column(Integer, nullable=False))
    name: str = Field(sa_column=Column(String(100), nullable=False))
    token_digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    created_at: datetime = _stamp()
    expires_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    revoked_at: datetime | None = _stamp(nullable=True)
    last_used_at: datetime | None = _stamp(nullable=True)
