"""A month of a team, member by member and day by day: what the grid shows in which absences are typed."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sprintreports.planning.capacity.availability import TeamPlan
from sprintreports.planning.capacity.calendars import DayOff, Region, holidays_between
from sprintreports.planning.capacity.days import DayPart
from sprintreports.planning.capacity.people import Member, away


class DayKind(StrEnum):
    """What a day is for a member. DAY_OFF: the whole team is off, be it for half of it."""

    WORKING = "working"
    NO_WEEKDAY = "no_weekday"
    HOLIDAY = "holiday"
    DAY_OFF = "day_off"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class DayCell:
    """One day of a member. free: the halves that are left to work, away: those of an absence, as bits of DayPart; note: the
    holiday's or the day off's name."""

    day: date
    kind: DayKind
    free: int
    away: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class MonthRow:
    person: int
    name: str
    cells: tuple[DayCell, ...]


def month_of(plan: TeamPlan, year: int, month: int) -> tuple[MonthRow, ...]:
    """The days of a month for each member of the plan, in the plan's order. Raises Invalid for an unknown country."""
    days = [date(year, month, number) for number in range(1, monthrange(year, month)[1] + 1)]
    gone = away(plan.absences, dict.fromkeys(days, DayPart.WHOLE.value))
    offs = {day: _off(plan, day) for day in days}
    rows: list[MonthRow] = []
    for member in plan.members:
        region = member.region or plan.calendar.region
        absent = gone.get(member.person, {})
        cells = [_cell(plan, member, region, day, offs[day], absent.get(day, 0)) for day in days]
        rows.append(MonthRow(member.person, member.name, tuple(cells)))
    return tuple(rows)


def _off(plan: TeamPlan, day: date) -> tuple[int, str]:
    offs: list[DayOff] = [off for off in plan.calendar.days_off if off.first <= day <= off.last]
    taken = 0
    for off in offs:
        taken |= off.part
    return taken, ", ".join(dict.fromkeys(off.name for off in offs if off.name))


def _cell(
    plan: TeamPlan, member: Member, region: Region | None, day: date, off: tuple[int, str], absent: int
) -> DayCell:
    taken, name = off
    holiday = holidays_between(region, (day,)).get(day)
    if not (member.since or date.min) <= day <= (member.until or date.max):
        return DayCell(day, DayKind.OUTSIDE, 0, absent)
    if day.weekday() not in plan.calendar.weekdays:
        return DayCell(day, DayKind.NO_WEEKDAY, 0, absent)
    if holiday is not None:
        return DayCell(day, DayKind.HOLIDAY, 0, absent, holiday)
    free = DayPart.WHOLE & ~taken & ~absent
    return DayCell(day, DayKind.DAY_OFF if taken else DayKind.WORKING, free, absent, name)
