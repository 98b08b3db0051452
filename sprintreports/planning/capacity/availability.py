"""Who of a team is available in a sprint: person-days and hours, member by member, before anybody asks what they amount to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import lru_cache
from math import lcm

from sprintreports.metrics.values import Unit
from sprintreports.planning.capacity.bits import Frame, Window, window
from sprintreports.planning.capacity.calendars import Region, TeamCalendar
from sprintreports.planning.capacity.days import Span, halves_of
from sprintreports.planning.capacity.overrides import Measure, Override, Overrides
from sprintreports.planning.capacity.people import EIGHT_HOURS, Absence, Member
from sprintreports.planning.capacity.ratios import ratio

NOTHING = Fraction()
FOUR_FIFTHS = Fraction(4, 5)
_EVER, _NEVER = date.min.toordinal(), date.max.toordinal()


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
    """What a team has in a sprint. present: how many members it has then, who are `members` unless they were not asked
    for; working_days: the team's, however many members it has."""

    members: tuple[MemberCapacity, ...]
    present: int
    working_days: Fraction
    days: Fraction
    hours: Fraction
    focus: Fraction


def available(plan: TeamPlan, span: Span) -> Available:
    """Days: working halves of the span that a member is in the team and not away, times part-time and share. Hours: days
    times hours per day and focus. What is set by hand takes their place. Raises Invalid for an unknown country.
    """
    return Presence(plan, (span,)).available(span, plan.overrides)


@dataclass(slots=True)
class _Person:
    """A member, and what one half day of theirs counts in the plan's smallest units of days and of hours. Not frozen: that
    would take twice as long to make.

    since, until: ordinals; there: the halves that they are in the team, free: those of them that they are not away.
    """

    member: Member
    days: int
    hours: int
    since: int
    until: int
    there: int
    free: int


class Presence:
    """When a team works and who of it is there, over several sprints: what they have in common is looked at once.

    Halves are counted as whole numbers, times each member's part in the smallest unit that all parts of the plan have in
    common; only a sum becomes a fraction. Raises Invalid for an unknown country.
    """

    def __init__(self, plan: TeamPlan, spans: Sequence[Span]) -> None:
        self._plan = plan
        calendar = plan.calendar
        self._windows = {span: _open(calendar, None, span) for span in spans}
        self._frame = Frame.around(self._windows.values())
        self._open_days = ~self._frame.ranges(
            (off.first, off.last, off.part.value) for off in calendar.days_off
        )
        away: defaultdict[int, list[tuple[date, date, int]]] = defaultdict(list)
        for absence in plan.absences:
            away[absence.person].append((absence.first, absence.last, absence.part.value))
        # Numerator and denominator of a person's part, and of its hours: no need of the smallest ones.
        parts = [
            (
                one.share.numerator * one.part_time.numerator,
                one.share.denominator * one.part_time.denominator,
            )
            for one in plan.members
        ]
        self._of_day = lcm(*{part for _, part in parts})
        self._of_hour = self._of_day * lcm(*{one.hours_per_day.denominator for one in plan.members})
        self._same = all(one.region is None for one in plan.members)
        self._people: list[_Person] = []
        for member, (numerator, denominator) in zip(plan.members, parts, strict=True):
            there = self._frame.between(member.since, member.until)
            gone = self._frame.ranges(away[member.person]) if member.person in away else 0
            self._people.append(
                _Person(
                    member=member,
                    days=(days := numerator * (self._of_day // denominator)),
                    hours=days
                    * member.hours_per_day.numerator
                    * (self._of_hour // self._of_day // member.hours_per_day.denominator),
                    since=member.since.toordinal() if member.since else _EVER,
                    until=member.until.toordinal() if member.until else _NEVER,
                    there=there,
                    free=there & ~gone,
                )
            )

    def available(self, span: Span, overrides: Iterable[Override] = (), *, named: bool = True) -> Available:
        """What the team has in one of the sprints. named: with its members."""
        by_hand = Overrides.of(overrides)
        focus = _or(by_hand.part(Measure.FOCUS), self._plan.focus)
        whole = self._windows.get(span) or _open(self._plan.calendar, None, span)
        working = whole.from_day(self._frame.first) & self._open_days
        people = self._people
        if whole.first is not None and whole.last is not None:
            people = [one for one in people if one.since <= whole.last and one.until >= whole.first]
        if self._same:
            lefts = [(one.free & working).bit_count() for one in people]
        else:
            lefts = [(one.free & self._open_for(one, span, working)).bit_count() for one in people]
        members: tuple[MemberCapacity, ...] = ()
        if named or by_hand.of_members:
            members = tuple(
                self._member(one, left, self._open_for(one, span, working), by_hand, focus)
                for one, left in zip(people, lefts, strict=True)
            )
        if by_hand.of_members:
            computed = sum((one.days for one in members), NOTHING)
            hours = sum((one.hours for one in members), NOTHING)
        else:
            computed = self._as_days(sum([left * one.days for one, left in zip(people, lefts, strict=True)]))
            hours = self._as_hours(
                sum([left * one.hours for one, left in zip(people, lefts, strict=True)]), focus
            )
        days = _or(by_hand.value(Measure.DAYS), computed)
        if days is not computed:
            hours = hours * days / computed if computed else days * self._plan.hours_per_day * focus
        working_days = ratio(working.bit_count(), 2)
        return Available(members if named else (), len(people), working_days, days, hours, focus)

    def by_day(self, span: Span, overrides: Iterable[Override] = ()) -> dict[date, Fraction]:
        """The person-days of one of the sprints by day; their sum is what `available` says. Days without any are left out.

        Days that were set by hand are spread over the halves that were computed, or over the team's where there are none.
        """
        found = self.available(span, overrides)
        working = self._working(span, None)
        named = {one.person: one for one in found.members}
        pools = [
            (one.free & self._open_for(one, span, working) or working, named[one.member.person].days)
            for one in self._people
            if one.member.person in named
        ]
        computed = sum((days for _, days in pools), NOTHING)
        if found.days != computed:
            factor = found.days / computed if computed else NOTHING
            pools = [(bits, days * factor) for bits, days in pools] if computed else [(working, found.days)]
        by_day: defaultdict[int, Fraction] = defaultdict(Fraction)
        for bits, days in pools:
            if not days or not bits:
                continue
            each = days / bits.bit_count()
            for place in range((bits.bit_length() + 1) // 2):
                if halves := (bits >> 2 * place & 3).bit_count():
                    by_day[place] += halves * each
        return {date.fromordinal(self._frame.first + place): days for place, days in by_day.items()}

    def _working(self, span: Span, region: Region | None) -> int:
        """The team's working halves of a sprint, as bits; region: with its holidays in place of the team's."""
        return _open(self._plan.calendar, region, span).from_day(self._frame.first) & self._open_days

    def _open_for(self, one: _Person, span: Span, working: int) -> int:
        region = one.member.region
        return working if region is None else self._working(span, region)

    def _as_days(self, count: int) -> Fraction:
        return ratio(count, 2 * self._of_day)

    def _as_hours(self, count: int, focus: Fraction) -> Fraction:
        return ratio(count * focus.numerator, 2 * self._of_hour * focus.denominator)

    def _member(
        self, one: _Person, left: int, working: int, by_hand: Overrides, focus: Fraction
    ) -> MemberCapacity:
        """A member with so many halves left of those on which the team, or their country, works."""
        member, possible = one.member, (working & one.there).bit_count()
        found = MemberCapacity(
            person=member.person,
            name=member.name,
            share=member.share,
            hours_per_day=member.hours_per_day,
            possible=self._as_days(possible * one.days),
            days=self._as_days(left * one.days),
            hours=self._as_hours(left * one.hours, focus),
        )
        overridden = by_hand.measures(member.person)
        if not overridden:
            return found
        share = _or(by_hand.part(Measure.SHARE, member.person), member.share)
        hours_per_day = _or(by_hand.value(Measure.HOURS, member.person), member.hours_per_day)
        part = member.part_time * share
        days = _or(by_hand.value(Measure.DAYS, member.person), Fraction(left, 2) * part)
        return replace(
            found,
            share=share,
            hours_per_day=hours_per_day,
            possible=Fraction(possible, 2) * part,
            days=days,
            hours=days * hours_per_day * focus,
            overridden=overridden,
        )


def _open(calendar: TeamCalendar, region: Region | None, span: Span) -> Window:
    """The halves of a span on which people of a calendar work, before days off of their team."""
    return _window(calendar.zone, calendar.weekdays, region or calendar.region, span)


@lru_cache(maxsize=1024)
def _window(zone: str, weekdays: frozenset[int], region: Region | None, span: Span) -> Window:
    """What all teams of a country, zone and week have in common: a table of a hundred teams asks again and again."""
    halves = halves_of(span, zone=zone)
    return window(halves, TeamCalendar(zone, weekdays, region).working(halves))


def _or(value: Fraction | None, otherwise: Fraction) -> Fraction:
    return otherwise if value is None else value
