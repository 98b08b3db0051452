"""What REST shows and takes of teams, the values of Jira that they stand for, and days that a whole team is off."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Self

from pydantic import BaseModel, Field

from sprintreports.api.schemas.planning import (
    ID,
    Country,
    Day,
    HoursOfDay,
    PartOfDay,
    Percent,
    Strict,
    Subdivision,
    shown,
    stored,
)
from sprintreports.jira.reads.disciplines import DisciplineRow
from sprintreports.metrics.values import Unit
from sprintreports.planning import many_teams
from sprintreports.planning.capacity.calendars import DayOff
from sprintreports.planning.discovering import MOST_AT_ONCE
from sprintreports.planning.teams import LONGEST_NAME, MOST_DAYS_OFF, TeamRow, TeamSettings

_Name = Annotated[str, Field(max_length=LONGEST_NAME, examples=["QA Berlin"])]
_Zone = Annotated[str, Field(max_length=64, examples=["Europe/Berlin"])]
_Weekdays = Annotated[
    list[Annotated[int, Field(ge=0, le=6)]], Field(max_length=7, examples=[[0, 1, 2, 3, 4]])
]
_CLEARABLE = frozenset({"parent_id", "country", "subdivision"})
_EVERY_WEEK = (0, 1, 2, 3, 4)


class TeamDisciplineOut(BaseModel):
    """A value of Jira's team field."""

    id: int
    name: str
    site_name: str

    @classmethod
    def of(cls, row: DisciplineRow) -> Self:
        return cls(id=row.id, name=row.name, site_name=row.site_name)


class TeamOut(BaseModel):
    """A team. Its capacity is the same on all boards where it works."""

    id: int
    name: str
    parent_id: int | None = Field(description="the team that it is grouped under")
    parent_name: str | None = Field(
        description="null where there is none, or where you may not see it", examples=["EMEA"]
    )
    unit: Unit = Field(description="what it plans in")
    zone: str
    weekdays: list[int] = Field(description="on which it works, 0 is Monday", examples=[[0, 1, 2, 3, 4]])
    country: str | None = Field(
        description="whose public holidays it has; null: none of any country", examples=["DE"]
    )
    subdivision: str | None = Field(description="the part of the country", examples=["BE"])
    focus: float = Field(
        description="what part of the working hours goes into planned work, in percent", examples=[80.0]
    )
    hours_per_day: float = Field(
        description="of members without hours of their own, and of days set by hand", examples=[8.0]
    )
    members: int = Field(description="how many it has, former and coming ones among them")
    disciplines: list[TeamDisciplineOut] = Field(
        description="the values of Jira that it stands for, those that you may see"
    )

    @classmethod
    def of(cls, row: TeamRow, *, values: Mapping[int, DisciplineRow], names: Mapping[int, str]) -> Self:
        settings = row.settings
        return cls(
            id=row.id,
            name=settings.name,
            parent_id=settings.parent_id,
            parent_name=None if settings.parent_id is None else names.get(settings.parent_id),
            unit=settings.unit,
            zone=settings.zone,
            weekdays=list(settings.weekdays),
            country=settings.country,
            subdivision=settings.subdivision,
            focus=shown(settings.focus),
            hours_per_day=shown(settings.hours_per_day),
            members=row.members,
            disciplines=[TeamDisciplineOut.of(values[one]) for one in row.disciplines if one in values],
        )


class TeamIn(Strict):
    """A new team, without members and without a value of Jira that it stands for."""

    name: _Name
    parent_id: ID | None = None
    unit: Unit = Unit.POINTS
    zone: _Zone = "UTC"
    weekdays: _Weekdays = Field(default=list(_EVERY_WEEK))
    country: Country | None = None
    subdivision: Subdivision | None = None
    focus: Percent = 80
    hours_per_day: HoursOfDay = 8

    def settings(self) -> TeamSettings:
        return TeamSettings(**_settings(self.model_dump()))


class SharedChange(Strict):
    """What can be the same in several teams. What is left out stays; a null group, country or part of it is taken away."""

    parent_id: ID | None = None
    unit: Unit | None = None
    zone: _Zone | None = None
    weekdays: _Weekdays | None = None
    country: Country | None = None
    subdivision: Subdivision | None = None
    focus: Percent | None = None
    hours_per_day: HoursOfDay | None = None

    def settings(self, before: TeamSettings) -> TeamSettings:
        given = self.model_dump(exclude_unset=True, exclude={"team_ids"})
        wanted = {name: value for name, value in given.items() if value is not None or name in _CLEARABLE}
        if "country" in wanted:
            wanted.setdefault("subdivision", None)  # one of another country
        return replace(before, **_settings(wanted))


class TeamChange(SharedChange):
    """What is left out stays. A null group, country or part of it is taken away."""

    name: _Name | None = None


class TeamsChange(SharedChange):
    """The same for several teams: for all of them, or for none. What is left out stays in each."""

    team_ids: list[ID] = Field(min_length=1, max_length=many_teams.MOST_AT_ONCE)


class MergeIn(Strict):
    into: ID = Field(description="the team that stays, with the members and values of both")


class DisciplineOut(TeamDisciplineOut):
    """A value of Jira's team field, and the team that stands for it."""

    site_id: int
    team_id: int | None = Field(description="null: no team stands for it yet")
    team_name: str | None = Field(examples=["Backend"])

    @classmethod
    def mapped(cls, row: DisciplineRow, team: TeamRow | None) -> Self:
        return cls(
            id=row.id,
            name=row.name,
            site_id=row.site_id,
            site_name=row.site_name,
            team_id=None if team is None else team.id,
            team_name=None if team is None else team.settings.name,
        )


class DisciplinesIn(Strict):
    """All values of Jira that a team stands for. One of another team is taken from it."""

    discipline_ids: list[ID] = Field(max_length=MOST_AT_ONCE, description="ids of `/disciplines`")


class NewTeamsIn(Strict):
    """Values of Jira that become teams."""

    discipline_ids: list[ID] = Field(
        min_length=1,
        max_length=MOST_AT_ONCE,
        description="ids of `/disciplines`; those with a team stay as they are",
    )
    separator: str = Field(
        default="",
        max_length=10,
        description="between a group and its teams, as in `EMEA / QA`; empty: no groups",
    )
    like: ID | None = Field(
        default=None, description="the team whose zone, weekdays, holidays and rates new ones get"
    )


class DayOffOut(BaseModel):
    """Days on which nobody of the team works, both counted."""

    first_day: Day
    last_day: Day
    part: PartOfDay
    name: str = Field(description="empty: it has none")

    @classmethod
    def of(cls, off: DayOff) -> Self:
        return cls(first_day=off.first, last_day=off.last, part=PartOfDay.of(off.part), name=off.name)


class DayOffIn(Strict):
    """Days on which nobody of the team works. Without `last_day` it is one day."""

    first_day: Day
    last_day: Day | None = None
    part: PartOfDay = PartOfDay.WHOLE
    name: str = Field(default="", max_length=120)

    def day_off(self) -> DayOff:
        return DayOff(self.first_day, self.last_day or self.first_day, self.part.halves, self.name)


class DaysOffIn(Strict):
    """All days off that end on `since` or later; those before it stay as they were."""

    days_off: list[DayOffIn] = Field(max_length=MOST_DAYS_OFF)


def _settings(given: dict[str, Any]) -> dict[str, Any]:
    """As the domain has them."""
    found = dict(given)
    for name in ("focus", "hours_per_day"):
        if name in found:
            found[name] = stored(found[name])
    if "weekdays" in found:
        found["weekdays"] = tuple(sorted(set(found["weekdays"])))
    if "name" in found:
        found["name"] = found["name"].strip()
    return found
