"""Working days of a board, and the guideline that rests on the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from sprintreports.metrics.values import Amount, Unit

MONDAY_TO_FRIDAY = frozenset(range(5))

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class GuidePoint:
    """A corner of the guideline. Fractions are real here: it is an ideal, not a count of issues."""

    at: datetime
    points: float
    seconds: float
    count: float

    def value(self, unit: Unit) -> float:
        """The guideline in points, hours or issues."""
        if unit is Unit.POINTS:
            return self.points / 1000
        return self.seconds / 3600 if unit is Unit.HOURS else self.count


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """A board's zone, its working weekdays (0 is Monday) and its days off. A day begins at local midnight."""

    zone: str = "UTC"
    weekdays: frozenset[int] = MONDAY_TO_FRIDAY
    days_off: frozenset[date] = field(default=frozenset())

    def is_working(self, day: date) -> bool:
        """Whether the team works on this day."""
        return day.weekday() in self.weekdays and day not in self.days_off

    def day_of(self, at: datetime) -> date:
        """The local day that an instant falls on."""
        return local_day(at, zone=self.zone)

    def working_days(self, start: datetime, end: datetime) -> int:
        """How many working days (start, end] touches, the first and the last counted whole.

        An end at local midnight does not touch the day that begins then.
        """
        return sum(1 for day in days_between(start, end, zone=self.zone) if self.is_working(day))

    def rests(self, start: datetime, end: datetime) -> tuple[tuple[datetime, datetime], ...]:
        """The stretches of non-working days between two instants, neighbours joined and cut to the ends."""
        stretches: list[tuple[datetime, datetime]] = []
        for day in days_between(start, end, zone=self.zone):
            if self.is_working(day):
                continue
            since, until = (
                max(start, midnight(day, zone=self.zone)),
                min(end, midnight(day + _DAY, zone=self.zone)),
            )
            if stretches and stretches[-1][1] == since:
                since = stretches.pop()[0]
            stretches.append((since, until))
        return tuple(stretches)

    def guideline(self, start: datetime, end: datetime, amount: Amount) -> tuple[GuidePoint, ...]:
        """The line from `amount` at the start to nothing at the end: straight in working time, flat in rests.

        Empty when there is no working time between the two, since no ideal pace exists then.
        """
        rests = self.rests(start, end)
        working = (end - start) - sum((until - since for since, until in rests), timedelta())
        if end <= start or working <= timedelta():
            return ()
        corners = sorted({start, end, *(corner for rest in rests for corner in rest)})
        flat = {since for since, _ in rests}
        points: list[GuidePoint] = []
        worked = timedelta()
        for at, following in zip(corners, [*corners[1:], end], strict=True):
            left = 1 - worked / working
            points.append(GuidePoint(at, amount.points * left, amount.seconds * left, amount.count * left))
            if at not in flat:
                worked += following - at
        return tuple(points)


@lru_cache(maxsize=256)
def zone_of(name: str) -> ZoneInfo:
    """The zone by its IANA name. Raises ZoneInfoNotFoundError or ValueError for a name that is none."""
    return ZoneInfo(name)


def local_day(at: datetime, *, zone: str) -> date:
    """The day of an instant in a zone."""
    return at.astimezone(zone_of(zone)).date()


def midnight(day: date, *, zone: str) -> datetime:
    """The instant at which a local day begins, in UTC."""
    return datetime.combine(day, time(), tzinfo=zone_of(zone)).astimezone(UTC)


def days_between(start: datetime, end: datetime, *, zone: str) -> Iterator[date]:
    """The local days that an interval touches, in order; none when it ends before it starts.

    An end at local midnight does not touch the day that begins then, unless the interval is that instant.
    """
    if end < start:
        return
    day, last = local_day(start, zone=zone), local_day(end, zone=zone)
    if last > day and midnight(last, zone=zone) == end:
        last -= _DAY
    while day <= last:
        yield day
        day += _DAY
