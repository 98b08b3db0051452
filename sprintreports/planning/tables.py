"""What people plan with: teams, who is in them, when they are off, and what somebody set by hand for a sprint.

Percentages are numbers such as 80.00; parts of a day are the bits of `DayPart`. Why somebody is away is not kept.
"""

# SQLModel declares __tablename__ as something that a plain name is not.
# pyright: reportAssignmentType=false

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Numeric,
    SmallInteger,
    String,
    text,
)
from sqlmodel import Field, SQLModel

from sprintreports.kit import db
from sprintreports.metrics.values import Unit
from sprintreports.planning.capacity.overrides import Measure


class Row(SQLModel):
    """What all tables share: the metadata that names constraints by one convention."""

    metadata = db.metadata


def _id() -> Any:
    return Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))


def _to(
    table: str, *, key: bool = False, index: bool = False, nullable: bool = False, gone: str = "CASCADE"
) -> Any:
    return Field(
        default=None,
        sa_column=Column(
            BigInteger, ForeignKey(f"{table}.id", ondelete=gone), primary_key=key, index=index,
            nullable=nullable, autoincrement=False,
        ),
    )  # fmt: skip


def _stamp(*, nullable: bool = False) -> Any:
    default = None if nullable else text("now()")
    return Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=nullable, server_default=default)
    )


def _number(digits: int, decimals: int, default: str | None = None, *, nullable: bool = False) -> Any:
    server_default = None if default is None else text(default)
    return Field(
        default=None,
        sa_column=Column(Numeric(digits, decimals), nullable=nullable, server_default=server_default),
    )


def _part() -> Any:
    return Field(default=3, sa_column=Column(SmallInteger, nullable=False, server_default=text("3")))


def _by(*, nullable: bool = False) -> Any:
    return Field(default=None, sa_column=Column(BigInteger, nullable=nullable))


def _version() -> Any:
    return Field(default=1, sa_column_kwargs={"server_default": text("1")})


def _one_of(column: str, values: Any) -> str:
    return f"{column} IN ({', '.join(repr(str(value)) for value in values)})"


_LIVING = text("deleted_at IS NULL")


class Team(Row, table=True):
    """A discipline team, or a group of them. `version` grows with each change of it, its members and its days off."""

    __tablename__ = "team"
    __table_args__ = (
        CheckConstraint(_one_of("unit", Unit), name="unit_known"),
        CheckConstraint("parent_id <> id", name="not_its_own_parent"),
        Index("uq_team_name", text("lower(name)"), unique=True, postgresql_where=_LIVING),
    )
    id: int | None = _id()
    name: str = Field(max_length=200)
    parent_id: int | None = _to("team", index=True, nullable=True, gone="SET NULL")
    unit: str = Field(default="points", max_length=10, sa_column_kwargs={"server_default": "points"})
    zone: str = Field(default="UTC", max_length=64, sa_column_kwargs={"server_default": "UTC"})
    weekdays: list[int] = Field(
        sa_column=Column(ARRAY(SmallInteger), nullable=False, server_default=text("'{0,1,2,3,4}'"))
    )
    country: str | None = Field(default=None, max_length=2)
    subdivision: str | None = Field(default=None, max_length=10)
    focus: Decimal = _number(5, 2, "80")
    hours_per_day: Decimal = _number(4, 2, "8")
    version: int = _version()
    created_at: datetime = _stamp()
    updated_at: datetime = _stamp()
    deleted_at: datetime | None = _stamp(nullable=True)


class TeamAlias(Row, table=True):
    """Which of Jira's values mean which team: renaming or merging teams rewrites no fact."""

    __tablename__ = "team_alias"
    discipline_id: int = _to("discipline", key=True)
    team_id: int = _to("team", index=True)
    created_at: datetime = _stamp()


class PlanningPerson(Row, table=True):
    """Somebody who can be planned with. Their name is Jira's; `name` and `email` are for who is not in Jira."""

    __tablename__ = "planning_person"
    __table_args__ = (CheckConstraint("jira_person_id IS NOT NULL OR name IS NOT NULL", name="named"),)
    id: int | None = _id()
    jira_person_id: int | None = Field(
        default=None,
        sa_column=Column(
            BigInteger, ForeignKey("jira_person.id", ondelete="CASCADE"), nullable=True, unique=True
        ),
    )
    name: str | None = Field(default=None, max_length=200)
    email: str | None = Field(default=None, max_length=255)
    part_time: Decimal = _number(5, 2, "100")
    hours_per_day: Decimal | None = _number(4, 2, nullable=True)  # None: the team's
    skills: list[str] = Field(
        sa_column=Column(ARRAY(String(80)), nullable=False, server_default=text("'{}'"))
    )
    country: str | None = Field(default=None, max_length=2)  # None: the team's holidays
    subdivision: str | None = Field(default=None, max_length=10)
    version: int = _version()
    created_at: datetime = _stamp()
    updated_at: datetime = _stamp()


class PersonAlias(Row, table=True):
    """What files call somebody, as it was settled once; folded as `importing.matching.fold` does."""

    __tablename__ = "person_alias"
    alias: str = Field(max_length=300, primary_key=True)
    person_id: int = _to("planning_person", index=True)
    created_at: datetime = _stamp()


class TeamMember(Row, table=True):
    """Somebody's share in a team, in percent, and from when to when (both days counted)."""

    __tablename__ = "team_member"
    __table_args__ = (
        CheckConstraint("share BETWEEN 0 AND 100", name="share_of_a_whole"),
        CheckConstraint("until >= since", name="ends_after_it_begins"),
    )
    team_id: int = _to("team", key=True)
    person_id: int = _to("planning_person", key=True, index=True)
    share: Decimal = _number(5, 2, "100")
    since: date | None = None
    until: date | None = None
    created_at: datetime = _stamp()
    updated_at: datetime = _stamp()


class Absence(Row, table=True):
    """Somebody is away. `uid`: the calendar's event that it came from, so that importing again replaces it."""

    __tablename__ = "absence"
    __table_args__ = (
        CheckConstraint("last >= first", name="ends_after_it_begins"),
        CheckConstraint("part BETWEEN 1 AND 3", name="part_of_a_day"),
        CheckConstraint("source IN ('typed', 'ical', 'csv')", name="source_known"),
        Index("ix_absence_person_id", "person_id", "last"),
    )
    id: int | None = _id()
    person_id: int = _to("planning_person")
    first: date
    last: date
    part: int = _part()
    source: str = Field(default="typed", max_length=10, sa_column_kwargs={"server_default": "typed"})
    uid: str | None = Field(default=None, max_length=300)
    created_by: int = _by()
    created_at: datetime = _stamp()


class TeamDayOff(Row, table=True):
    """Days, or halves of them, on which nobody of the team works."""

    __tablename__ = "team_day_off"
    __table_args__ = (
        CheckConstraint("last >= first", name="ends_after_it_begins"),
        CheckConstraint("part BETWEEN 1 AND 3", name="part_of_a_day"),
        Index("ix_team_day_off_team_id", "team_id", "last"),
    )
    id: int | None = _id()
    team_id: int = _to("team")
    first: date
    last: date
    part: int = _part()
    name: str = Field(default="", max_length=120, sa_column_kwargs={"server_default": ""})
    created_at: datetime = _stamp()


class CapacityOverride(Row, table=True):
    """A figure of a sprint that somebody set, and why. A row is never changed, only ended: the ended ones are the history."""

    __tablename__ = "capacity_override"
    __table_args__ = (
        CheckConstraint(_one_of("measure", Measure), name="measure_known"),
        Index(
            "uq_capacity_override_of_team", "team_id", "sprint_id", "measure", unique=True,
            postgresql_where=text("ended_at IS NULL AND person_id IS NULL"),
        ),
        Index(
            "uq_capacity_override_of_person", "team_id", "sprint_id", "person_id", "measure", unique=True,
            postgresql_where=text("ended_at IS NULL AND person_id IS NOT NULL"),
        ),
    )  # fmt: skip
    id: int | None = _id()
    team_id: int = _to("team")
    sprint_id: int = _to("sprint", index=True)
    person_id: int | None = _to("planning_person", index=True, nullable=True)
    measure: str = Field(max_length=10)
    value: Decimal = _number(12, 3)
    reason: str = Field(max_length=500)
    created_by: int = _by()
    created_at: datetime = _stamp()
    ended_by: int | None = _by(nullable=True)
    ended_at: datetime | None = _stamp(nullable=True)
