"""Baselines, by which rules they are taken, what the rules have taken, and who refers to which. People are numbers.

No baseline refers to a table of Jira's: it stays when a sprint, a board or a site is gone. A trigger of migration 0025 lets
nothing of it change but that it is put away, and lets nobody delete one that is not.
"""

# SQLModel declares __tablename__ as something that a plain name is not.
# pyright: reportAssignmentType=false

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from sprintreports.kit import db

LONGEST_NOTE, LONGEST_HOLDER = 2_000, 60
EVERYWHERE = 0  # the board of the rule that holds for all that have none of their own


class Reason(StrEnum):
    """Why a baseline was taken: by somebody, or by rule when a queue became the plan, at the start, on a day, at the close."""

    MANUAL = "manual"
    PLANNING = "planning"
    START = "start"
    DAY = "day"
    CLOSE = "close"


class Row(SQLModel):
    """What all tables share: the metadata that names constraints by one convention."""

    metadata = db.metadata


def _one_of(column: str, values: type[StrEnum]) -> str:
    return f"{column} IN ({', '.join(repr(str(value)) for value in values)})"


def _big(*, key: bool = False, nullable: bool = False) -> Any:
    return Field(
        default=None,
        sa_column=Column(BigInteger, primary_key=key, nullable=nullable, autoincrement=False),
    )


def _words(longest: int | None = None) -> Any:
    kind = Text() if longest is None else String(longest)
    return Field(default="", sa_column=Column(kind, nullable=False, server_default=""))


def _stamp(*, nullable: bool = False, now: bool = True) -> Any:
    default = text("now()") if now and not nullable else None
    return Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=nullable, server_default=default)
    )


def _switch() -> Any:
    return Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=text("false")))


def _days() -> Any:
    return Field(default=0, sa_column=Column(SmallInteger, nullable=False, server_default=text("0")))


class BaselineRow(Row, table=True):
    """A state that is kept. content: canonical bytes of the schema, compressed; digest: SHA-256 of the bytes; size: how many;
    summary: a few figures for lists."""

    __tablename__ = "baseline"
    __table_args__ = (
        CheckConstraint(_one_of("reason", Reason), name="reason_known"),
        Index("ix_baseline_sprint", "sprint_id", "board_id", "moment"),
        Index("ix_baseline_board", "board_id", "moment"),
        Index("ix_baseline_moment", "moment", "id"),
        Index("ix_baseline_deleted", "deleted_at", postgresql_where=text("deleted_at IS NOT NULL")),
    )
    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    site_id: int = _big()
    board_id: int = _big()
    board_name: str = _words()
    sprint_id: int = _big()
    jira_sprint_id: int = _big()
    sprint_name: str = _words()
    state: str = Field(sa_column=Column(String(10), nullable=False))
    reason: str = Field(sa_column=Column(String(10), nullable=False))
    note: str = _words(LONGEST_NOTE)
    moment: datetime = _stamp(now=False)
    schema_version: int = Field(sa_column=Column(SmallInteger, nullable=False))
    digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    size: int = Field(sa_column=Column(Integer, nullable=False))
    summary: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    created_by: int = _big()
    created_at: datetime = _stamp()
    deleted_at: datetime | None = _stamp(nullable=True)
    deleted_by: int | None = _big(nullable=True)


class BaselineRule(Row, table=True):
    """When baselines of a board's sprints are taken, and how long they are kept. every_days 0: on no day; keep_days 0: for good.

    since: what happened before is not taken, so that a new rule does not fill the shelves with the past.
    """

    __tablename__ = "baseline_rule"
    board_id: int = _big(key=True)
    at_planning: bool = _switch()
    at_start: bool = _switch()
    at_close: bool = _switch()
    every_days: int = _days()
    keep_days: int = _days()
    since: datetime = _stamp()
    updated_by: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default=text("0")))
    created_at: datetime = _stamp()
    updated_at: datetime = _stamp()


class BaselineTaking(Row, table=True):
    """That a rule has been followed, once and for good: a baseline that was deleted since is not taken again.

    day: of the moment, in the board's zone. baseline_id: none where it could not be taken, `problem` says why.
    """

    __tablename__ = "baseline_taking"
    __table_args__ = (CheckConstraint(_one_of("reason", Reason), name="reason_known"),)
    board_id: int = _big(key=True)
    sprint_id: int = _big(key=True)
    reason: str = Field(sa_column=Column(String(10), primary_key=True))
    day: date = Field(sa_column=Column(Date, primary_key=True))
    baseline_id: int | None = _big(nullable=True)
    problem: str = _words()
    created_at: datetime = _stamp()


class BaselineUse(Row, table=True):
    """Something rests on a baseline, which is therefore not removed by rule. holder: such as "report:12"."""

    __tablename__ = "baseline_use"
    __table_args__ = (Index("ix_baseline_use_holder", "holder"),)
    baseline_id: int = Field(
        sa_column=Column(
            BigInteger, ForeignKey("baseline.id"), primary_key=True, nullable=False, autoincrement=False
        )
    )
    holder: str = Field(sa_column=Column(String(LONGEST_HOLDER), primary_key=True))
    created_at: datetime = _stamp()
