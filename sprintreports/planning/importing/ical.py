"""Absences from an iCalendar file: all-day events, and timed ones as far as they take half days.

The file is cut into its events line by line, so that only one is in memory at a time; repetition is bounded by a window
of days. Size, number of events and of days are limited: a file beyond them is refused, never worked on for long.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast

from icalendar import Event

from sprintreports.kit.errors import Invalid
from sprintreports.metrics.calendar import zone_of
from sprintreports.planning.capacity.days import DayPart, Span, halves_of
from sprintreports.planning.importing.absences import ReadAbsence
from sprintreports.planning.importing.reading import (
    EARLIEST,
    LATEST,
    LONGEST,
    Found,
    Notes,
    Unreadable,
    lines_of,
)
from sprintreports.planning.importing.recurring import Budget, TooManyDays, days_of, rule_of

MOST_EVENTS = 5_000
MOST_LINES = 500  # of one event
MOST_ABSENCES = 20_000
_DAY = timedelta(days=1)
_SEPARATORS = re.compile(r"\s*[:|,;()\[\]/]\s*|\s+[-–—]\s+")


@dataclass(frozen=True, slots=True)
class Window:
    """The days that absences are wanted for, both counted."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class _Block:
    line: int
    text: str


def read_ical(chunks: Iterable[bytes], *, window: Window, zone: str) -> Found[ReadAbsence]:
    """The absences of a calendar file within a window. `zone`: the clock by which timed events take half days.

    Cancelled events and those outside the window are not among them; an event that cannot be read is named by its line.
    Raises Invalid for what is no calendar, or too large.
    """
    notes = Notes()
    events = list(_events(chunks, notes))
    moved = _moved(events)
    budget = Budget()
    found: list[ReadAbsence] = []
    for line, event in events:
        try:
            found.extend(_absences(line, event, moved, window=window, zone=zone, budget=budget))
        except TooManyDays:
            raise Invalid(
                "The repeating events of this calendar reach too far back. Export a shorter time."
            ) from None
        except (ValueError, TypeError, OverflowError, AttributeError) as error:
            notes.add(line, _said(error))
        if len(found) > MOST_ABSENCES:
            raise Invalid(f"This calendar holds more than {MOST_ABSENCES:,} absences. Export a shorter time.")
    return notes.with_items(found)


def _events(chunks: Iterable[bytes], notes: Notes) -> Iterator[tuple[int, Event]]:
    number = 0
    for block in _blocks(chunks, notes):
        number += 1
        if number > MOST_EVENTS:
            raise Invalid(f"This calendar holds more than {MOST_EVENTS:,} events. Export a shorter time.")
        try:
            event = Event.from_ical(block.text)
        except (ValueError, IndexError, KeyError) as error:
            notes.add(block.line, _said(error))
            continue
        if isinstance(event, Event):
            yield block.line, event


def _blocks(chunks: Iterable[bytes], notes: Notes) -> Iterator[_Block]:
    """The events as text, each with the line that it begins on."""
    cutter = _Cutter(notes)
    calendar = False
    for number, line in enumerate(lines_of(chunks), start=1):
        word = line.strip().upper()
        calendar = calendar or word == "BEGIN:VCALENDAR"
        if not calendar and word:
            raise Invalid(
                "This is not a calendar. Choose a file that ends in .ics, and begins with BEGIN:VCALENDAR."
            )
        block = cutter.take(number, line, word)
        if block is not None:
            yield block
    cutter.finish()
    if not calendar:
        raise Invalid("This file is empty. Choose a file that ends in .ics.")


class _Cutter:
    """Cuts events out of lines, without their alarms."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._held: list[str] | None = None
        self._began = 0
        self._depth = 0

    def take(self, number: int, line: str, word: str) -> _Block | None:
        """The event that this line ends, if it ends one."""
        if self._held is None:
            if word == "BEGIN:VEVENT":
                self._held, self._began, self._depth = [line], number, 0
            return None
        if word == "END:VEVENT":
            return self._end(line)
        if word.startswith("BEGIN:"):
            self._depth += 1
        if self._depth == 0 and len(self._held) < MOST_LINES:
            self._held.append(line)
        if word.startswith("END:"):
            self._depth = max(0, self._depth - 1)
        return None

    def finish(self) -> None:
        if self._held is not None:
            self._notes.add(self._began, "The file ends in the middle of this event. Export it again.")

    def _end(self, line: str) -> _Block | None:
        held, self._held = [*(self._held or ()), line], None
        if len(held) > MOST_LINES:
            self._notes.add(self._began, f"This event has more than {MOST_LINES} lines. Enter it by hand.")
            return None
        return _Block(self._began, "\r\n".join(held) + "\r\n")


def _moved(events: Iterable[tuple[int, Event]]) -> dict[str, set[date]]:
    """The occurrences that other events replace, by the uid of the series."""
    found: dict[str, set[date]] = {}
    for _, event in events:
        instead = event.get("RECURRENCE-ID")
        if instead is not None and isinstance(instead.dt, date):
            found.setdefault(str(event.get("UID", "")), set()).add(_day(instead.dt))
    return found


def _absences(
    line: int, event: Event, moved: Mapping[str, set[date]], *, window: Window, zone: str, budget: Budget
) -> Iterator[ReadAbsence]:
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        return
    begins, parts = _parts(event, zone=zone)
    if not parts:
        return
    uid = str(event.get("UID", ""))[:300]
    length = (parts[-1][1] - begins).days
    for day in _starts(event, begins, moved.get(uid, set()), length, window=window, budget=budget):
        for first, last, part in parts:
            shift = day - begins
            if first + shift <= window.last and last + shift >= window.first:
                yield ReadAbsence(line, _who(event), first + shift, last + shift, part, uid)


def _parts(event: Event, *, zone: str) -> tuple[date, list[tuple[date, date, DayPart]]]:
    """The day on which an event begins, and the stretches of whole or half days that it takes."""
    start: Any = event.start
    end: Any = event.end
    begins = _day(start)
    if not EARLIEST <= begins <= _day(end) <= LATEST:
        raise Unreadable(
            f"Its dates are not between {EARLIEST.year} and {LATEST.year}, or it ends before it begins."
        )
    if not isinstance(start, datetime):
        if end - begins > LONGEST:
            raise Unreadable("It lasts over two years. Correct it, or let the person leave the team.")
        return begins, [(begins, max(begins, end - _DAY), DayPart.WHOLE)]
    clock = zone_of(zone)
    start, end = (one if one.tzinfo else one.replace(tzinfo=clock) for one in (start, cast("datetime", end)))
    begins = start.astimezone(clock).date()
    if end - start > _DAY * 366:
        raise Unreadable("It lasts over a year. Enter it by hand, or correct it in the calendar.")
    halves = halves_of(Span(start, end), zone=zone)
    return begins, _joined([(day, DayPart(part)) for day, part in halves.items()])


def _joined(days: Sequence[tuple[date, DayPart]]) -> list[tuple[date, date, DayPart]]:
    found: list[tuple[date, date, DayPart]] = []
    for day, part in days:
        if found and found[-1][2] is part and found[-1][1] + _DAY == day:
            day_before = found.pop()
            found.append((day_before[0], day, part))
        else:
            found.append((day, day, part))
    return found


def _starts(
    event: Event, begins: date, moved: set[date], length: int, *, window: Window, budget: Budget
) -> Iterator[date]:
    """The days on which the event, or one of its repetitions, begins and reaches into the window."""
    excluded = moved | _listed(event, "EXDATE") if event.get("RECURRENCE-ID") is None else set[date]()
    rule = event.get("RRULE")
    if isinstance(rule, list):
        raise Unreadable("It repeats by several rules. Enter these absences by hand.")
    first = window.first - _DAY * length
    days: set[date] = {begins}
    if rule is not None:
        parts = {str(name).upper(): [_plain(value) for value in values] for name, values in rule.items()}
        days = set(days_of(rule_of(parts), begins, first=first, last=window.last, budget=budget))
    for day in sorted(days | _listed(event, "RDATE")):
        if day not in excluded and first <= day <= window.last:
            yield day


def _listed(event: Event, name: str) -> set[date]:
    value: Any = event.get(name)
    if value is None:
        return set()
    lists = cast("list[Any]", value) if isinstance(value, list) else [value]
    return {_day(one.dt) for listed in lists for one in listed.dts if isinstance(one.dt, date)}


def _plain(value: object) -> str:
    return value.strftime("%Y%m%d") if isinstance(value, date) else str(value)


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def _who(event: Event) -> tuple[str, ...]:
    """Addresses of who attends and of who made the event, then the title whole and in its parts."""
    found: list[str] = []
    for name in ("ATTENDEE", "ORGANIZER"):
        value: Any = event.get(name)
        for one in cast("list[Any]", value) if isinstance(value, list) else [value]:
            address = "" if one is None else str(one)
            if address.lower().startswith("mailto:"):
                found.append(address[7:].strip())
    title = str(event.get("SUMMARY", "")).strip()[:300]
    found += [title, *_SEPARATORS.split(title)]
    return tuple(dict.fromkeys(filter(None, found)))[:20]


def _said(error: Exception) -> str:
    """What the calendar library says is not for this reader."""
    return str(error) if isinstance(error, Unreadable) else "This event cannot be read. Enter it by hand."
