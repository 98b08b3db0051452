"""Half days: the smallest piece of a calendar that capacity knows.

A half day belongs to the sprint that holds its middle, 11:00 or 15:00 on the team's clock. So a sprint from Monday 9:00 to
Monday 9:00 has ten working days, one from 14:00 to 14:00 as well, and two sprints in a row never share a half day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import IntEnum
from fractions import Fraction

from sprintreports.metrics.calendar import days_between, zone_of

LONGEST = timedelta(days=366)
EARLIEST, LATEST = 2000, 2100  # years in which people plan

Halves = Mapping[date, int]  # the free halves of days, as the bits of DayPart; in order of the days


class DayPart(IntEnum):
    """Which half of a day. The values are bits, so that what overlaps is counted once."""

    MORNING = 1
    AFTERNOON = 2
    WHOLE = 3


_MIDDLES = ((DayPart.MORNING, time(11)), (DayPart.AFTERNOON, time(15)))
_COUNT = (0, 1, 1, 2)


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when a sprint lasts; None where Jira does not say."""

    start: datetime | None
    end: datetime | None

    @property
    def absurd(self) -> bool:
        """Whether it lasts over a year or is in another century: a wrong date."""
        if self.start is None or self.end is None:
            return False
        return self.start.year < EARLIEST or self.end.year > LATEST or self.end - self.start > LONGEST

    def left_at(self, now: datetime) -> Span:
        """What of it is still to come."""
        return self if self.start is None or self.start >= now else Span(now, self.end)


def halves_of(span: Span, *, zone: str) -> Halves:
    """The half days that a span holds, by day in the zone.

    None without dates, when it ends before it starts, and when its dates are absurd.
    """
    start, end = span.start, span.end
    if start is None or end is None or end <= start or span.absurd:
        return {}
    days = list(days_between(start, end, zone=zone))
    found: dict[date, int] = {}
    for day in days:
        inner = day not in (days[0], days[-1])
        part = DayPart.WHOLE.value if inner else _held(day, start, end, zone=zone)
        if part:
            found[day] = part
    return found


def count(halves: Halves) -> Fraction:
    """Days, exactly: two halves are one."""
    return Fraction(halves_in(halves), 2)


def halves_in(halves: Halves) -> int:
    """How many half days."""
    return sum([_COUNT[part] for part in halves.values()])


def without(halves: Halves, taken: Halves) -> Halves:
    """What is left when the taken halves are gone."""
    if not taken:
        return halves
    return {day: part & ~taken.get(day, 0) for day, part in halves.items() if part & ~taken.get(day, 0)}


def between(halves: Halves, since: date | None, until: date | None) -> Halves:
    """Those of the days from `since` to `until`, both counted; None: without limit."""
    if since is None and until is None:
        return halves
    first, last = since or date.min, until or date.max
    return {day: part for day, part in halves.items() if first <= day <= last}


def _held(day: date, start: datetime, end: datetime, *, zone: str) -> int:
    return sum(
        part.value
        for part, middle in _MIDDLES
        if start <= datetime.combine(day, middle, tzinfo=zone_of(zone)) < end
    )
