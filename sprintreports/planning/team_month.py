"""A month of a team as its grid shows it, and the days off of the whole team as they are painted into it."""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.viewer import Viewer
from sprintreports.kit.errors import FieldProblem, Invalid
from sprintreports.planning import absences, members, teams
from sprintreports.planning.capacity.availability import TeamPlan
from sprintreports.planning.capacity.calendars import DayOff
from sprintreports.planning.capacity.days import DayPart
from sprintreports.planning.capacity.months import MonthRow, month_of
from sprintreports.planning.capacity.people import Member
from sprintreports.planning.importing.reading import EARLIEST, LATEST

EVERYBODY = 0  # the row of the whole team, which no person has
_DAY = timedelta(days=1)


async def month(
    session: AsyncSession, viewer: Viewer, team_id: int, *, year: int, number: int
) -> tuple[MonthRow, ...]:
    """The days of a month: first the whole team's row, then a row for each member. Raises Forbidden, NotFound, Invalid."""
    if not EARLIEST.year <= year <= LATEST.year or not 1 <= number <= 12:
        raise Invalid(f"Look at a month between {EARLIEST.year} and {LATEST.year}.")
    team = await teams.one(session, viewer, team_id)
    first, last = date(year, number, 1), date(year, number, monthrange(year, number)[1])
    rows = await members.listing(session, viewer, team_ids=[team_id])
    people = {row.person.id for row in rows}
    gone = await absences.listing(session, viewer, first=first, last=last, person_ids=people)
    offs = (await teams.days_off_of(session, [team_id], first=first, last=last)).get(team_id, ())
    settings = team.settings
    plan = TeamPlan(
        team=team_id,
        name=settings.name,
        calendar=replace(settings.calendar, days_off=offs),
        members=(
            Member(EVERYBODY, settings.name),
            *(row.as_member(settings.hours_per_day) for row in rows),
        ),
        absences=tuple(row.as_absence for row in gone),
        hours_per_day=Fraction(settings.hours_per_day),
    )
    return month_of(plan, year, number)


async def paint_day_off(
    session: AsyncSession, viewer: Viewer, team_id: int, day: date, part: DayPart | None, *, name: str = ""
) -> None:
    """One cell of the whole team's row: off for this part of the day and no other; None: the team works all day.

    What reaches beyond the day stays beyond it. Raises Forbidden, NotFound, Invalid.
    """
    if not EARLIEST <= day <= LATEST:
        problem = FieldProblem("day", f"Use days between {EARLIEST.year} and {LATEST.year}.")
        raise Invalid(problem.message, details=(problem,))
    await teams.one(session, viewer, team_id)
    touching = (await teams.days_off_of(session, [team_id], first=day, last=day)).get(team_id, ())
    since = min([day, *(off.first for off in touching)])
    stored = await teams.days_off(session, viewer, team_id, since=since)
    wanted = [piece for off in stored for piece in _around(off, day)]
    if part is not None:
        wanted.append(DayOff(day, day, part, name.strip()))
    await teams.set_days_off(session, viewer, team_id, wanted, since=since, version=None)


def _around(off: DayOff, day: date) -> Iterable[DayOff]:
    if not off.first <= day <= off.last:
        yield off
        return
    if off.first < day:
        yield replace(off, last=day - _DAY)
    if off.last > day:
        yield replace(off, first=day + _DAY)
