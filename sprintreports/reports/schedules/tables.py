"""Schedules and their runs."""

# SQLModel declares __tablename__ as something that a plain name is not.
# pyright: reportAssignmentType=false

from datetime import datetime
from enum import StrEnum
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
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from sprintreports.kit import db

LONGEST_NAME, LONGEST_OCCASION = 120, 60


class RunState(StrEnum):
    """DONE: everything was made and put in line; NOTHING: there was nothing to report on."""

    WAITING = "waiting"
    DONE = "done"
    NOTHING = "nothing"
    FAILED = "failed"


class Row(SQLModel):
    """What all tables share: the metadata that names constraints by one convention."""

    metadata = db.metadata


def _id() -> Any:
    return Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))


def _big() -> Any:
    return Field(default=None, sa_column=Column(BigInteger, nullable=True))


def _to(table: str) -> Any:
    reference = ForeignKey(f"{table}.id", ondelete="CASCADE")
    return Field(default=None, sa_column=Column(BigInteger, reference, nullable=False))


def _json(*, nullable: bool = False, default: str | None = None) -> Any:
    given = None if default is None else text(default)
    return Field(default=None, sa_column=Column(JSONB, nullable=nullable, server_default=given))


def _text() -> Any:
    return Field(default="", sa_column=Column(Text, nullable=False, server_default=""))


def _stamp(*, nullable: bool = False) -> Any:
    default = None if nullable else text("now()")
    return Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=nullable, server_default=default)
    )


class ScheduleRow(Row, table=True):
    """What somebody wants to be done by itself, as themselves.

    scopes: what a key was limited to that made it. next_at: when the clock says so. since: what happened before is not run.
    """

    __tablename__ = "schedule"
    __table_args__ = (
        Index("ix_schedule_owner_id", "owner_id", "id"),
        Index(
            "ix_schedule_next_at",
            "next_at",
            postgresql_where=text("paused_at IS NULL AND deleted_at IS NULL"),
        ),
    )
    id: int | None = _id()
    owner_id: int = _to("user_account")
    scopes: list[str] | None = _json(nullable=True)
    name: str = Field(sa_column=Column(String(LONGEST_NAME), nullable=False))
    trigger: dict[str, Any] = _json()
    zone: str = Field(sa_column=Column(String(64), nullable=False))
    board_id: int | None = _big()
    content: dict[str, Any] = _json()
    baseline: bool = Field(
        default=False, sa_column=Column(Boolean, nullable=False, server_default=text("false"))
    )
    recipients: list[dict[str, Any]] = _json(default="'[]'")
    since: datetime = _stamp()
    next_at: datetime | None = _stamp(nullable=True)
    paused_at: datetime | None = _stamp(nullable=True)
    paused_reason: str = _text()
    created_at: datetime = _stamp()
    updated_at: datetime = _stamp()
    deleted_at: datetime | None = _stamp(nullable=True)


class ScheduleRun(Row, table=True):
    """A time that a schedule was due, once. occasion: the time, the sprint's event, or who asked; missed: how many more it stands for."""

    __tablename__ = "schedule_run"
    __table_args__ = (
        CheckConstraint(f"state IN ({', '.join(repr(str(one)) for one in RunState)})", name="state_known"),
        UniqueConstraint("schedule_id", "occasion"),
        Index("ix_schedule_run_schedule_id", "schedule_id", "id"),
        Index("ix_schedule_run_waiting", "due_at", postgresql_where=text("state = 'waiting'")),
    )
    id: int | None = _id()
    schedule_id: int = _to("schedule")
    occasion: str = Field(sa_column=Column(String(LONGEST_OCCASION), nullable=False))
    due_at: datetime = _stamp()
    sprint_id: int | None = _big()
    missed: int = Field(default=0, sa_column=Column(Integer, nullable=False, server_default=text("0")))
    state: str = Field(
        default="waiting", sa_column=Column(String(10), nullable=False, server_default="waiting")
    )
    sentence: str = _text()
    baseline_id: int | None = _big()
    delivery_ids: list[int] = _json(default="'[]'")
    created_at: datetime = _stamp()
    ended_at: datetime | None = _stamp(nullable=True)
