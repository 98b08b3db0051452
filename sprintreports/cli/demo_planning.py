"""The demo company's plan: made once after its first sync, where nobody has planned anything, and the same for the same data."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.cli import demo_queues
from sprintreports.demo import planning as company
from sprintreports.demo.planning import Away, PlannedTeam, Seat
from sprintreports.identity.viewer import Viewer
from sprintreports.jira.reads import boards, choices, disciplines, sprints
from sprintreports.jira.reads.choices import Choices
from sprintreports.jira.reads.sprints import SprintRow
from sprintreports.kit import clock, db
from sprintreports.metrics.calendar import zone_of
from sprintreports.metrics.values import SprintState, Unit
from sprintreports.planning import absences, by_hand, discovering, members, people, teams
from sprintreports.planning.capacity.calendars import DayOff
from sprintreports.planning.capacity.days import DayPart
from sprintreports.planning.capacity.overrides import Measure, Override
from sprintreports.planning.capacity.people import Absence
from sprintreports.planning.members import Membership
from sprintreports.planning.people import PersonSettings
from sprintreports.planning.teams import TeamRow, TeamSettings

_SYSTEM = Viewer.system()
_PARTS = {"whole": DayPart.WHOLE, "morning": DayPart.MORNING, "afternoon": DayPart.AFTERNOON}


@dataclass(frozen=True, slots=True)
class _Days:
    """Working days, counted from a Monday."""

    monday: date

    def __getitem__(self, working_day: int) -> date:
        weeks, weekday = divmod(working_day, 5)
        return self.monday + timedelta(days=7 * weeks + weekday)


async def ensure(site_id: int) -> bool:
    """Plan the demo company. False: there are or were teams, or there is no sprint to plan; nothing is done then."""
    async with db.transaction() as session:
        if await teams.any_ever(session):
            return False
        pairs = await _pairs(session, site_id)
        if not pairs:
            return False
        found = await _teams(session, site_id)
        days = _Days(pairs[0].monday)
        seats = await _take_seats(session, found, days)
        for plan in company.TEAMS:
            if plan.name in found:
                await _days_off(session, found[plan.name], plan, days)
        await _by_hand(session, found, seats, pairs[0].coming.id, now=clock.now())
        for pair in pairs:
            await demo_queues.make(session, running=pair.running, coming=pair.coming, now=clock.now())
        return True


@dataclass(frozen=True, slots=True)
class _Pair:
    """The sprint of a board that runs and the one to come; monday: of the week in which the first began."""

    running: SprintRow
    coming: SprintRow
    monday: date


async def _pairs(session: AsyncSession, site_id: int) -> list[_Pair]:
    """Of each board that has both, as Jira numbers the boards; of those that share their sprints, the first."""
    found: dict[int, _Pair] = {}
    listed = await boards.listing(session, _SYSTEM, site_id=site_id)
    for board in sorted(listed, key=lambda one: one.jira_board_id):
        shown = await choices.read(session, _SYSTEM, board_id=board.id)
        running = await _first(session, shown, SprintState.ACTIVE)
        coming = await _first(session, shown, SprintState.FUTURE)
        if running is None or running.start is None or coming is None:
            continue
        day = running.start.astimezone(zone_of(board.zone)).date()
        found.setdefault(running.id, _Pair(running, coming, day - timedelta(days=day.weekday())))
    return list(found.values())


async def _first(session: AsyncSession, shown: Choices, state: SprintState) -> SprintRow | None:
    """The first sprint of a state that has its dates; they are listed in order."""
    for one in shown.sprints:
        if one.state is state:
            row = await sprints.one(session, _SYSTEM, one.id)
            if row.start is not None and row.end is not None:
                return row
    return None


async def _teams(session: AsyncSession, site_id: int) -> dict[str, TeamRow]:
    """The company's teams as Jira's values name them, each with its own calendar."""
    values = [row for row in await disciplines.listing(session, _SYSTEM) if row.site_id == site_id]
    made = await discovering.make_teams(session, _SYSTEM, [row.id for row in values])
    found = {team.settings.name: team for team in made}
    groups: dict[str, int] = {}
    for plan in company.TEAMS:
        team = found.get(plan.name)
        if team is None:
            continue
        if plan.group and plan.group not in groups:
            group = await teams.create(session, _SYSTEM, TeamSettings(plan.group, zone=plan.zone))
            groups[plan.group] = group.id
        country, subdivision = plan.country
        settings = replace(
            team.settings,
            parent_id=groups.get(plan.group),
            zone=plan.zone,
            country=country,
            subdivision=subdivision,
            focus=Decimal(plan.focus),
            unit=Unit.HOURS if plan.in_hours else Unit.POINTS,
        )
        found[plan.name] = await teams.change(session, _SYSTEM, team.id, settings, version=None)
    return found


async def _take_seats(
    session: AsyncSession, found: dict[str, TeamRow], days: _Days
) -> dict[str, tuple[int, ...]]:
    """Who has most of a team's issues, and no seat yet, takes its next one. Planning's numbers of people by team."""
    taken: set[int] = set()
    seated: dict[str, tuple[int, ...]] = {}
    joined: dict[str, list[Membership]] = {}
    for plan in company.TEAMS:
        if plan.name not in found:
            continue
        asked = await people.suggested(session, _SYSTEM, found[plan.name].id)
        free = [one for one in asked if one.person_id not in taken][: len(plan.seats)]
        ids: list[int] = []
        for somebody, seat in zip(free, plan.seats, strict=False):
            taken.add(somebody.person_id)
            person_id = await people.from_jira(session, somebody.person_id)
            ids.append(person_id)
            since, until = _maybe(days, seat.since), _maybe(days, seat.until)
            joined.setdefault(plan.name, []).append(
                Membership(person_id, Decimal(seat.share), since=since, until=until)
            )
            if seat.rest in found:
                joined.setdefault(seat.rest, []).append(Membership(person_id, Decimal(100 - seat.share)))
            await people.change(
                session, _SYSTEM, person_id, _settings(seat, plan, somebody.name), version=None
            )
        seated[plan.name] = tuple(ids)
    for name, wanted in joined.items():
        await members.put(session, _SYSTEM, found[name].id, wanted, version=None)
    for plan in company.TEAMS:
        for person_id, seat in zip(seated.get(plan.name, ()), plan.seats, strict=False):
            for away in seat.away:
                gone = Absence(person_id, days[away.first], days[away.last], _PARTS[away.part])
                await absences.add(session, _SYSTEM, gone)
    return seated


def _settings(seat: Seat, plan: PlannedTeam, name: str) -> PersonSettings:
    home = company.home_of(name) if seat.abroad else None
    country, subdivision = home if home is not None and home != plan.country else (None, None)
    hours = None if seat.hours is None else Decimal(seat.hours)
    return PersonSettings(Decimal(seat.part_time), hours, seat.skills, country, subdivision)


async def _days_off(session: AsyncSession, team: TeamRow, plan: PlannedTeam, days: _Days) -> None:
    if plan.off:
        wanted = [_day_off(off, days) for off in plan.off]
        await teams.set_days_off(session, _SYSTEM, team.id, wanted, since=days.monday, version=None)


def _day_off(off: Away, days: _Days) -> DayOff:
    return DayOff(days[off.first], days[off.last], _PARTS[off.part], off.name)


async def _by_hand(
    session: AsyncSession,
    found: dict[str, TeamRow],
    seats: dict[str, tuple[int, ...]],
    sprint_id: int,
    *,
    now: datetime,
) -> None:
    wanted = company.SET_BY_HAND
    ids = seats.get(wanted.team, ())
    if wanted.seat >= len(ids):
        return
    override = Override(Measure.DAYS, Fraction(wanted.days), ids[wanted.seat], wanted.reason)
    await by_hand.put(
        session,
        _SYSTEM,
        team_id=found[wanted.team].id,
        sprint_id=sprint_id,
        override=override,
        replaces=None,
        now=now,
    )


def _maybe(days: _Days, working_day: int | None) -> date | None:
    return None if working_day is None else days[working_day]
