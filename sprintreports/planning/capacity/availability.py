"""Who of a team is available in a sprint: person-days and hours, member by member, before anybody asks what they amount to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache

from sprintreports.metrics.values import Unit
from sprintreports.planning.capacity.calendars import Region, TeamCalendar
from sprintreports.planning.capacity.days import Halves, Span, between, halves_in, halves_of, without
from sprintreports.planning.capacity.overrides import Measure, Override, Overrides
from sprintreports.planning.capacity.people import EIGHT_HOURS, WHOLE, Absence, Member, away

NOTHING = Fraction()
FOUR_FIFTHS = Fraction(4, 5)


@dataclass(frozen=True, slots=True)
class TeamPlan:
    """All that a team's capacity is computed from. focus: what part of the working hours goes into planned work.

    absences: of its members, others are not looked at. overrides: those of the sprint asked for.
    """

    team: int
    name: str
    calendar: TeamCalendar
    members: tuple[Member, ...] = ()
    absences: tuple[Absence, ...] = ()
    overrides: tuple[Override, ...] = ()
    unit: Unit = Unit.POINTS
    focus: Fraction = FOUR_FIFTHS
    hours_per_day: Fraction = EIGHT_HOURS  # of a day that no member stands for: the team's days set by hand


@dataclass(frozen=True, slots=True)
class MemberCapacity:
    """One member's part. possible: the days without absences; overridden: what was set by hand."""

    person: int
    name: str
    share: Fraction
    hours_per_day: Fraction
    possible: Fraction
    days: Fraction
    hours: Fraction
    overridden: frozenset[Measure] = frozenset()

    @property
    def absent(self) -> Fraction:
        """Person-days that absences take, of this team's share."""
        return max(NOTHING, self.possible - self.days)


@dataclass(frozen=True, slots=True)
class Available:
    """What a team has in a sprint. working_days: the team's, however many members it has."""

    members: tuple[MemberCapacity, ...]
    working_days: Fraction
    days: Fraction
    hours: Fraction
    focus: Fraction


def available(plan: TeamPlan, span: Span) -> Available:
    """Days: working halves of the span that a member is in the team and not away, times part-time and share. Hours: days
    times hours per day and focus. What is set by hand takes their place. Raises Invalid for an unknown country.
    """
    overrides = Overrides.of(plan.overrides)
    focus = _or(overrides.part(Measure.FOCUS), plan.focus)
    days_of = _DaysOf(plan, span)
    paces: dict[Fraction, Fraction] = {}
    members = tuple(
        found
        for member in plan.members
        if (found := _member(member, days_of, overrides, focus, paces)) is not None
    )
    computed = sum((one.days for one in members), NOTHING)
    days = _or(overrides.value(Measure.DAYS), computed)
    hours = sum((one.hours for one in members), NOTHING)
    if days != computed:
        hours = hours * days / computed if computed else days * plan.hours_per_day * focus
    return Available(members, Fraction(days_of.whole, 2), days, hours, focus)


class _DaysOf:
    """The working halves of a plan's span: the team's, and those of each member."""

    def __init__(self, plan: TeamPlan, span: Span) -> None:
        self._calendar = plan.calendar
        self._span = span
        self.team, self.whole = _working(plan.calendar, span, None)
        self._away = away(plan.absences, _halves(span, plan.calendar.zone)) if plan.absences else {}
        every = _halves(span, plan.calendar.zone)
        self._first: date | None = min(every, default=None)
        self._last: date | None = max(every, default=None)

    def of(self, member: Member) -> tuple[int, int]:
        """The half days that a member could work, and those that are left without the absences."""
        working, whole = self.team, self.whole
        if member.region is not None:
            working, whole = _working(self._calendar, self._span, member.region)
        there = between(working, member.since, member.until)
        possible = whole if there is working else halves_in(there)
        gone = self._away.get(member.person)
        return possible, halves_in(without(there, gone)) if gone else possible

    def outside(self, member: Member) -> bool:
        """Whether the member is not in the team on any day of the span."""
        if self._first is None or self._last is None:
            return False
        return (member.since is not None and member.since > self._last) or (
            member.until is not None and member.until < self._first
        )


@lru_cache(maxsize=1024)
def _halves(span: Span, zone: str) -> Halves:
    return halves_of(span, zone=zone)


@lru_cache(maxsize=1024)
def _working(calendar: TeamCalendar, span: Span, region: Region | None) -> tuple[Halves, int]:
    """What teams of the same calendar have in common: a table of a hundred teams asks again and again."""
    found = calendar.working(_halves(span, calendar.zone), region=region)
    return found, halves_in(found)


def _member(
    member: Member,
    days_of: _DaysOf,
    overrides: Overrides,
    focus: Fraction,
    paces: dict[Fraction, Fraction],
) -> MemberCapacity | None:
    if days_of.outside(member):
        return None
    share = _or(overrides.part(Measure.SHARE, member.person), member.share)
    hours_per_day = _or(overrides.value(Measure.HOURS, member.person), member.hours_per_day)
    if hours_per_day not in paces:
        paces[hours_per_day] = hours_per_day * focus
    possible, left = days_of.of(member)
    part = share if member.part_time == WHOLE else member.part_time * share
    days = _or(overrides.value(Measure.DAYS, member.person), _days(left, part))
    return MemberCapacity(
        person=member.person,
        name=member.name,
        share=share,
        hours_per_day=hours_per_day,
        possible=_days(possible, part),
        days=days,
        hours=days * paces[hours_per_day],
        overridden=overrides.measures(member.person),
    )


def _days(halves: int, part: Fraction) -> Fraction:
    return Fraction(halves * part.numerator, 2 * part.denominator)


def _or(value: Fraction | None, otherwise: Fraction) -> Fraction:
    return otherwise if value is None else value
