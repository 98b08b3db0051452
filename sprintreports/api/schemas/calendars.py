"""What REST shows of calendars: a team's month day by day, and the countries whose public holidays are known."""

from collections.abc import Sequence
from datetime import date
from typing import Self

from pydantic import BaseModel, Field

from sprintreports.api.schemas.planning import Day, PartOfDay
from sprintreports.planning.capacity.days import DayPart
from sprintreports.planning.capacity.months import DayCell, DayKind, MonthRow


class CountryOut(BaseModel):
    """A country whose public holidays are known, and its parts with holidays of their own."""

    country: str = Field(examples=["DE"])
    name: str
    subdivisions: list[str] = Field(examples=[["BB", "BE", "BW"]])


class DayOut(BaseModel):
    """A day of somebody."""

    day: Day
    kind: DayKind = Field(
        description="`outside`: not in the team; `day_off`: the team is off, be it for half of the day"
    )
    free: PartOfDay | None = Field(description="what is left to work; null: nothing")
    away: PartOfDay | None = Field(description="what an absence takes; null: none")
    note: str = Field(description="the holiday's or the day off's name")

    @classmethod
    def of(cls, cell: DayCell) -> Self:
        return cls(day=cell.day, kind=cell.kind, free=_part(cell.free), away=_part(cell.away), note=cell.note)


class MonthRowOut(BaseModel):
    person_id: int | None = Field(description="null: the team as a whole")
    name: str
    days: list[DayOut]

    @classmethod
    def of(cls, row: MonthRow) -> Self:
        return cls(person_id=row.person or None, name=row.name, days=[DayOut.of(cell) for cell in row.cells])


class MonthOut(BaseModel):
    """A month of a team, day by day: the team as a whole first, then each member by name."""

    team_id: int
    first_day: Day
    rows: list[MonthRowOut]

    @classmethod
    def of(cls, rows: Sequence[MonthRow], *, team_id: int, first_day: date) -> Self:
        return cls(team_id=team_id, first_day=first_day, rows=[MonthRowOut.of(row) for row in rows])


def _part(halves: int) -> PartOfDay | None:
    return PartOfDay.of(DayPart(halves)) if halves else None
