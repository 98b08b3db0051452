"""What each team and each of its people can take on in the sprint, from their capacity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction

from sprintreports.metrics.values import Amount, Unit
from sprintreports.planning.capacity.availability import available
from sprintreports.planning.capacity.computing import Outcome, TeamCapacity
from sprintreports.planning.capacity.people import Absence
from sprintreports.planning.queue.values import Person, TeamLimit
from sprintreports.planning.queue_inputs.hours import TeamHours, away_of
from sprintreports.planning.sprint_plan import Basis, TeamBasis

_WHOLE = Fraction(1)
_UNLIMITED = (
    "{team}: by its rate a day of work comes to nothing, so no limit of its people's work is known and none is checked. "
    "Set a rate by hand on the page of capacity."
)


@dataclass(frozen=True, slots=True)
class Limits:
    """Teams, people by their number in Jira, working time by team, and sentences about capacities that are not known."""

    teams: tuple[TeamLimit, ...]
    people: tuple[Person, ...]
    hours: dict[int | None, TeamHours]
    notes: tuple[str, ...]


def limits_of(bases: Sequence[TeamBasis], *, busy: frozenset[int], since: datetime | None) -> Limits:
    """busy: teams with candidates; of others without members nothing is told. since: count what is left from then on."""
    teams: list[TeamLimit] = []
    notes: list[str] = []
    hours: dict[int | None, TeamHours] = {}
    same: dict[TeamHours, TeamHours] = {}
    people: dict[int, Person] = {}
    for one in bases:
        unit = one.basis.plan.unit
        found = one.basis.capacity()
        left = _left(one.basis, since)
        teams.append(
            TeamLimit(
                one.team.id,
                one.team.settings.name,
                unit,
                _amount(unit, found.amount or Fraction(), found.hours, left),
            )
        )
        its = TeamHours(one.basis.plan.calendar)
        hours[one.team.id] = same.setdefault(its, its)  # teams of one calendar share what is computed from it
        if one.team.id in busy and found.outcome is not Outcome.READY:
            notes.append(f"{one.team.settings.name}: {found.outcome.sentence}")
        pace = found.rate.per_day if found.rate is not None else None
        if one.team.id in busy and pace == 0 and unit is not Unit.HOURS and found.members:
            notes.append(_UNLIMITED.format(team=one.team.settings.name))
        _join(people, one, found, left, pace=pace or None)
    return Limits(tuple(teams), tuple(people[who] for who in sorted(people)), hours, tuple(notes))


def _left(basis: Basis, since: datetime | None) -> Fraction:
    """The part of the capacity that is still to come: by days that people are there, else by the team's working days.

    A figure set by hand is for the whole sprint, so it is cut by the same part.
    """
    if since is None or basis.span.start is None or since <= basis.span.start:
        return _WHOLE
    computed = replace(basis.plan, overrides=())
    whole, rest = available(computed, basis.span), available(computed, basis.span.left_at(since))
    if whole.days > 0:
        return rest.days / whole.days
    return rest.working_days / whole.working_days if whole.working_days > 0 else _WHOLE


def _join(
    people: dict[int, Person], one: TeamBasis, found: TeamCapacity, left: Fraction, *, pace: Fraction | None
) -> None:
    """pace: what a person-day comes to in the team's unit; None: that is not known, so nobody has a limit by it."""
    in_jira = {row.person.id: row.person.jira_person_id for row in one.members}
    absences: dict[int, list[Absence]] = {}
    for absence in one.basis.plan.absences:
        absences.setdefault(absence.person, []).append(absence)
    unit = one.basis.plan.unit
    for member in found.members:
        who = in_jira.get(member.person)
        if who is None:
            continue
        before = people.get(who, Person(who))
        limits = dict(before.limits)
        if unit is Unit.HOURS or pace is not None:
            own = member.hours if unit is Unit.HOURS else member.days * (pace or Fraction())
            limits[one.team.id] = _amount(unit, own, member.hours, left)
        away = away_of(absences.get(member.person, ()), one.basis.plan.calendar.zone)
        # Of somebody in several teams each absence counts once, by the clock of the first.
        people[who] = Person(who, limits, before.absences or away)


def _amount(unit: Unit, own: Fraction, hours: Fraction, left: Fraction) -> Amount:
    """The amount in whole thousandths, seconds or issues; what there is part of counts as nothing."""
    points = int(own * left * 1000) if unit is Unit.POINTS else 0
    count = int(own * left) if unit is Unit.COUNT else 0
    seconds = int((own if unit is Unit.HOURS else hours) * left * 3600)
    return Amount(points, seconds, count)
