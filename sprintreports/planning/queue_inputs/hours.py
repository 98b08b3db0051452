"""A team's working time by the clock, half days included, and when somebody is away, as instants."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sprintreports.metrics.calendar import days_between, zone_of
from sprintreports.planning.capacity.calendars import TeamCalendar
from sprintreports.planning.capacity.days import DayPart, Span
from sprintreports.planning.capacity.people import Absence
from sprintreports.planning.queue.values import Absence as Away

OPENS, NOON, CLOSES = time(9), time(13), time(17)
_HALVES = ((DayPart.MORNING, OPENS, NOON), (DayPart.AFTERNOON, NOON, CLOSES))
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class TeamHours:
    """A team's calendar as working time: a morning from 9 to 13, an afternoon from 13 to 17 on the team's clock."""

    calendar: TeamCalendar

    def stretches(self, start: datetime, end: datetime) -> Sequence[tuple[datetime, datetime]]:
        """The working halves between two instants, cut to the ends, those that touch joined; none of an absurd span."""
        if end <= start or Span(start, end).absurd:
            return ()
        zone = zone_of(self.calendar.zone)
        every = dict.fromkeys(days_between(start, end, zone=self.calendar.zone), DayPart.WHOLE.value)
        found: list[tuple[datetime, datetime]] = []
        for day, working in self.calendar.working(every).items():
            for part, opens, closes in _HALVES:
                if not working & part:
                    continue
                since = max(start, datetime.combine(day, opens, tzinfo=zone).astimezone(UTC))
                until = min(end, datetime.combine(day, closes, tzinfo=zone).astimezone(UTC))
                if since >= until:
                    continue
                if found and found[-1][1] == since:
                    since = found.pop()[0]
                found.append((since, until))
        return tuple(found)


def away_of(absences: Iterable[Absence], zone: str) -> tuple[Away, ...]:
    """Absences as instants by a clock: whole days from midnight to midnight, halves up to or from 13:00."""
    found = {
        (_at(one.first, _begin(one.part), zone), _at(*_end(one.last, one.part), zone)) for one in absences
    }
    return tuple(Away(start, end) for start, end in sorted(found) if start < end)


def _begin(part: DayPart) -> time:
    return NOON if part is DayPart.AFTERNOON else time()


def _end(day: date, part: DayPart) -> tuple[date, time]:
    if part is DayPart.MORNING:
        return day, NOON
    return (day + _DAY, time()) if day < date.max else (day, time.max)


def _at(day: date, at: time, zone: str) -> datetime:
    return datetime.combine(day, at, tzinfo=zone_of(zone)).astimezone(UTC)
