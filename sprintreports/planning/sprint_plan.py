"""Team by sprint: what each team can do, holds and did, in a sprint and in those around it."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from fractions import Fraction

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.viewer import Viewer
from sprintreports.jira.reads import team_sums
from sprintreports.jira.reads.team_sums import SprintAround
from sprintreports.metrics.totals import Totals
from sprintreports.metrics.values import Amount, SprintState, Unit
from sprintreports.planning import absences, by_hand, members, teams
from sprintreports.planning.capacity.availability import Available, Presence, TeamPlan
from sprintreports.planning.capacity.calendars import DayOff
from sprintreports.planning.capacity.computing import Load, TeamCapacity, capacity
from sprintreports.planning.capacity.days import Span
from sprintreports.planning.capacity.overrides import Measure, Override
from sprintreports.planning.capacity.people import Absence, Member
from sprintreports.planning.capacity.rates import USUAL, PastSprint, Rate, rate_of
from sprintreports.planning.capacity.ratios import ratio
from sprintreports.planning.teams import TeamRow

_OWN_UNIT = frozenset({Measure.RATE, Measure.AMOUNT})
NO_TEAM = 0  # Jira's value of issues without one
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Basis:
    """All that one cell is computed from: change the plan (`capacity.whatif`) and compute it anew."""

    plan: TeamPlan
    span: Span
    rate: Rate | None
    load: Load | None

    def capacity(self, given: Available | None = None) -> TeamCapacity:
        """The cell; given: who is available, where that is known already."""
        return capacity(self.plan, self.span, rate=self.rate, load=self.load, given=given)


@dataclass(frozen=True, slots=True)
class Column:
    """A sprint of the table."""

    sprint_id: int
    name: str
    state: SprintState
    span: Span


@dataclass(frozen=True, slots=True)
class Line:
    """A team of the table, with a capacity for each column; members stand in the one of the sprint that was asked for."""

    team: TeamRow
    cells: tuple[TeamCapacity, ...]


@dataclass(frozen=True, slots=True)
class CapacityTable:
    """Teams by sprints. homeless: by column, what belongs to no team: issues without a value, or with one of no team."""

    board_id: int
    sprint_id: int
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    homeless: tuple[Mapping[int, Totals], ...]


@dataclass(frozen=True, slots=True)
class _Known:
    """What is stored about the teams, read once for all columns."""

    teams: tuple[TeamRow, ...]
    members: Mapping[int, tuple[members.MemberRow, ...]]
    absences: Mapping[int, tuple[Absence, ...]]
    days_off: Mapping[int, tuple[DayOff, ...]]
    overrides: Mapping[tuple[int, int], tuple[Override, ...]]


async def table(
    session: AsyncSession,
    viewer: Viewer,
    *,
    sprint_id: int,
    board_id: int | None = None,
    past: int = 5,
    coming: int = 3,
) -> CapacityTable:
    """The capacity of all teams that the viewer sees, in a sprint and those around it. Teams without members, work and
    figures by hand are left out. Raises Forbidden, NotFound, Invalid.
    """
    around, known = await _read(session, viewer, sprint_id, board_id, past, coming)
    shown = around.sprints[max(0, around.at - past) :]
    columns = tuple(_column(sprint) for sprint in shown)
    wanted = {column.sprint_id for column in columns}
    # Off the event loop: of a hundred teams it is arithmetic that everybody else would wait for.
    lines = await asyncio.to_thread(_lines, known, around.sprints, wanted, sprint_id)
    mapped = {discipline for team in known.teams for discipline in team.disciplines}
    homeless = tuple(
        {one: totals for one, totals in (sprint.totals or {}).items() if one not in mapped}
        for sprint in shown
    )
    return CapacityTable(around.place.board_id, sprint_id, columns, lines, homeless)


def _lines(
    known: _Known, sprints: Sequence[SprintAround], wanted: Collection[int], asked: int
) -> tuple[Line, ...]:
    return tuple(
        Line(team, tuple(basis.capacity(there) for basis, there in cells))
        for team in known.teams
        if _matters(team, known, sprints) and (cells := _cells(team, known, sprints, wanted, named=asked))
    )


async def basis(
    session: AsyncSession, viewer: Viewer, *, sprint_id: int, team_id: int, board_id: int | None = None
) -> Basis:
    """What a team's capacity for a sprint is computed from. Raises Forbidden, NotFound."""
    team = await teams.one(session, viewer, team_id)
    around, known = await _read(session, viewer, sprint_id, board_id, USUAL, 0, only=team)
    # Off the event loop, as the table is: holidays of a country that nobody asked for before take a while.
    ((found, _),) = await asyncio.to_thread(_cells, team, known, around.sprints, {sprint_id})
    return found


async def commitments(
    session: AsyncSession, viewer: Viewer, *, sprint_id: int, board_id: int | None = None
) -> tuple[tuple[Amount, TeamPlan], ...] | None:
    """What each team that the viewer sees set out with in the sprint, and what its capacity is computed from; teams without
    members are left out. None: the sprint's sums are not computed yet. Raises Forbidden, NotFound.
    """
    around, known = await _read(session, viewer, sprint_id, board_id, 0, 0)
    (sprint,) = (one for one in around.sprints if one.id == sprint_id)
    if sprint.totals is None:
        return None
    return tuple(
        (
            _totals(sprint.totals, team).initial,
            replace(_plan(team, known), overrides=known.overrides.get((team.id, sprint_id), ())),
        )
        for team in known.teams
        if team.id in known.members
    )


@dataclass(frozen=True, slots=True)
class TeamBasis:
    """A team with what its capacity for one sprint is computed from, and its members."""

    team: TeamRow
    basis: Basis
    members: tuple[members.MemberRow, ...]


async def bases(
    session: AsyncSession,
    viewer: Viewer,
    *,
    sprint_id: int,
    board_id: int | None = None,
    unit: Unit | None = None,
) -> tuple[TeamBasis, ...]:
    """What the capacity of each team that the viewer sees is computed from; unit: in place of each team's own.

    A rate or an amount that was set by hand is in the team's own unit and says nothing of another. Raises Forbidden, NotFound.
    """
    around, known = await _read(session, viewer, sprint_id, board_id, USUAL, 0)
    # Off the event loop, as the table is.
    return await asyncio.to_thread(_bases, known, around.sprints, sprint_id, unit)


def _bases(
    known: _Known, sprints: Sequence[SprintAround], sprint_id: int, unit: Unit | None
) -> tuple[TeamBasis, ...]:
    found: list[TeamBasis] = []
    for team in known.teams:
        asked = team if unit is None else replace(team, settings=replace(team.settings, unit=unit))
        ((basis, _),) = _cells(asked, known, sprints, {sprint_id})
        if asked.settings.unit is not team.settings.unit:
            told = tuple(one for one in basis.plan.overrides if one.measure not in _OWN_UNIT)
            basis = replace(basis, plan=replace(basis.plan, overrides=told))
        found.append(TeamBasis(team, basis, known.members.get(team.id, ())))
    return tuple(found)


async def _read(
    session: AsyncSession,
    viewer: Viewer,
    sprint_id: int,
    board_id: int | None,
    past: int,
    coming: int,
    *,
    only: TeamRow | None = None,
) -> tuple[team_sums.Around, _Known]:
    # The rate rests on sprints before the first column too.
    around = await team_sums.around(
        session, viewer, sprint_id=sprint_id, board_id=board_id, past=max(past, USUAL), coming=coming
    )
    found = (only,) if only else tuple(await teams.listing(session, viewer))
    ids = [team.id for team in found]
    first, last = _days(around.sprints)
    by_team: defaultdict[int, list[members.MemberRow]] = defaultdict(list)
    for row in await members.listing(session, viewer, team_ids=ids):
        by_team[row.team_id].append(row)
    people = {row.person.id for rows in by_team.values() for row in rows}
    by_person: defaultdict[int, list[Absence]] = defaultdict(list)
    for absence in await absences.listing(session, viewer, first=first, last=last, person_ids=people):
        by_person[absence.person_id].append(absence.as_absence)
    return around, _Known(
        teams=found,
        members={team: tuple(rows) for team, rows in by_team.items()},
        absences={person: tuple(rows) for person, rows in by_person.items()},
        days_off=await teams.days_off_of(session, ids, first=first, last=last),
        overrides=await by_hand.for_plans(session, viewer, sprint_ids=[one.id for one in around.sprints]),
    )


def _cells(
    team: TeamRow,
    known: _Known,
    sprints: Sequence[SprintAround],
    wanted: Collection[int],
    *,
    named: int | None = None,
) -> list[tuple[Basis, Available]]:
    """A team in the wanted sprints; named: the one for which its members are worked out one by one."""
    standing = _plan(team, known)
    plans = [
        replace(standing, overrides=own) if (own := known.overrides.get((team.id, one.id))) else standing
        for one in sprints
    ]
    spans = [_span(one) for one in sprints]
    presence = Presence(standing, spans)
    there = [
        presence.available(span, plan.overrides, named=one.id == named)
        for plan, one, span in zip(plans, sprints, spans, strict=True)
    ]
    history = [
        past
        for sprint, who in zip(sprints, there, strict=True)
        if (past := _past(team, sprint, who.days)) is not None
    ]
    found: list[tuple[Basis, Available]] = []
    rates: dict[tuple[int, ...], Rate | None] = {}  # sprints to come rest on the same past
    for sprint, plan, span, who in zip(sprints, plans, spans, there, strict=True):
        if sprint.id in wanted:
            # What a past sprint could do is told by what was known before it.
            start, own = sprint.start, sprint.id
            before = [
                one for one in history if one.sprint != own and (start is None or one.closed_at <= start)
            ]
            place = tuple(one.sprint for one in before)
            if place not in rates:
                rates[place] = rate_of(before)
            found.append((Basis(plan, span, rates[place], _load(sprint, team, plan.unit)), who))
    return found


def _plan(team: TeamRow, known: _Known) -> TeamPlan:
    settings = team.settings
    rows = known.members.get(team.id, ())
    people: tuple[Member, ...] = tuple(row.as_member(settings.hours_per_day) for row in rows)
    return TeamPlan(
        team=team.id,
        name=settings.name,
        calendar=replace(settings.calendar, days_off=known.days_off.get(team.id, ())),
        members=people,
        absences=tuple(one for member in people for one in known.absences.get(member.person, ())),
        unit=settings.unit,
        focus=Fraction(settings.focus) / 100,
        hours_per_day=Fraction(settings.hours_per_day),
    )


def _past(team: TeamRow, sprint: SprintAround, days: Fraction) -> PastSprint | None:
    if sprint.state is not SprintState.CLOSED or sprint.end is None or sprint.totals is None:
        return None
    if not any(discipline in sprint.totals for discipline in team.disciplines):
        return None  # the team had nothing to do there, which tells nothing of its pace
    completed = _value(_totals(sprint.totals, team).completed, team.settings.unit)
    return PastSprint(sprint.id, sprint.name, sprint.end, days, completed)


def _load(sprint: SprintAround, team: TeamRow, unit: Unit) -> Load | None:
    """A closed sprint is held against what it set out with, the others against what they hold by now."""
    if sprint.totals is None:
        return None
    totals = _totals(sprint.totals, team)
    committed = totals.initial if sprint.state is SprintState.CLOSED else totals.final
    return Load(_value(committed, unit), _value(totals.completed, unit), totals.unestimated_in(unit))


def _totals(by_discipline: Mapping[int, Totals], team: TeamRow) -> Totals:
    found = [by_discipline[one] for one in team.disciplines if one in by_discipline]
    return found[0] if len(found) == 1 else sum(found, Totals())


def _matters(team: TeamRow, known: _Known, sprints: Iterable[SprintAround]) -> bool:
    return (
        team.id in known.members
        or any(discipline in (sprint.totals or {}) for sprint in sprints for discipline in team.disciplines)
        or any((team.id, sprint.id) in known.overrides for sprint in sprints)
    )


def _column(sprint: SprintAround) -> Column:
    return Column(sprint.id, sprint.name, sprint.state, _span(sprint))


def _span(sprint: SprintAround) -> Span:
    return Span(sprint.start, sprint.end)


def _days(sprints: Iterable[SprintAround]) -> tuple[date, date]:
    """All days that the sprints may touch in any zone; absurd dates touch none."""
    spans = [span for sprint in sprints if not (span := _span(sprint)).absurd]
    instants: list[datetime] = [
        at for span in spans for at in (span.start, span.end) if at and span.start and span.end
    ]
    if not instants:
        return date.min, date.min
    return min(instants).date() - _DAY, max(instants).date() + _DAY


def _value(amount: Amount, unit: Unit) -> Fraction:
    if unit is Unit.POINTS:
        return ratio(amount.points, 1000)
    return ratio(amount.seconds, 3600) if unit is Unit.HOURS else ratio(amount.count, 1)
