"""Members of teams, what part of themselves they give, and when they are away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from sprintreports.kit.errors import FieldProblem
from sprintreports.planning.capacity.calendars import Region, spread
from sprintreports.planning.capacity.days import DayPart, Halves

WHOLE = Fraction(1)
EIGHT_HOURS = Fraction(8)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Member:
    """A person in a team.

    share: what part of the person's time this team has, 0 to 1; part_time: what part of a full week the person works.
    since, until: the first and the last day in the team. region None: the team's holidays.
    """

    person: int
    name: str
    share: Fraction = WHOLE
    part_time: Fraction = WHOLE
    hours_per_day: Fraction = EIGHT_HOURS
    since: date | None = None
    until: date | None = None
    skills: tuple[str, ...] = ()
    region: Region | None = None


@dataclass(frozen=True, slots=True)
class Absence:
    """A person is away from `first` to `last`, both counted; `part`: which half of each day."""

    person: int
    first: date
    last: date
    part: DayPart = DayPart.WHOLE


@dataclass(frozen=True, slots=True)
class Stake:
    """What a team has of a person, and from when to when."""

    team: int
    share: Fraction
    since: date | None = None
    until: date | None = None


def away(absences: Iterable[Absence], halves: Halves) -> dict[int, dict[date, int]]:
    """The halves that each person is away, within these days; overlapping absences count once."""
    ranges: defaultdict[int, list[tuple[date, date, int]]] = defaultdict(list)
    for absence in absences:
        ranges[absence.person].append((absence.first, absence.last, absence.part.value))
    return {person: spread(found, halves) for person, found in ranges.items()}


def shared_too_much(stakes: Iterable[Stake]) -> tuple[date | None, Fraction] | None:
    """The first day on which teams have more than all of one person, and how much that is; None: never.

    A day of None: from the beginning.
    """
    steps: defaultdict[date, Fraction] = defaultdict(Fraction)
    for stake in stakes:
        if stake.since and stake.until and stake.until < stake.since:
            continue
        steps[stake.since or date.min] += stake.share
        if stake.until and stake.until < date.max:
            steps[stake.until + _DAY] -= stake.share
    held = Fraction()
    for day in sorted(steps):
        held += steps[day]
        if held > WHOLE:
            return (None if day == date.min else day), held
    return None


def problems_of(member: Member) -> list[FieldProblem]:
    """What is absurd about a member, each with what to do."""
    found: list[FieldProblem] = []
    if not 0 <= member.share <= WHOLE:
        found.append(FieldProblem("share", "A team's share of a person is 0 to 100 %."))
    if not 0 <= member.part_time <= WHOLE:
        found.append(FieldProblem("part_time", "Part-time is 0 to 100 % of a full week."))
    if not 0 < member.hours_per_day <= 24:
        found.append(FieldProblem("hours_per_day", "A working day has more than 0 and at most 24 hours."))
    if member.since and member.until and member.until < member.since:
        found.append(FieldProblem("until", "The last day in the team is before the first."))
    return found
