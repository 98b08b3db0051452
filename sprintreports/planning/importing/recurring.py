"""On which days a repeating event takes place: day by day within a window, so that no rule can go on for ever.

RFC 5545, 3.3.10, as far as whole days go. What is left out (BYSETPOS, BYWEEKNO, BYYEARDAY, repetition within a day) is
refused by name.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from sprintreports.planning.importing.reading import Unreadable

_DAY = timedelta(days=1)
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_READ = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "WKST"})
#: Days that may be looked at for all repeating events of one file: a good second's work.
MOST_DAYS = 300_000


class Frequency(StrEnum):
    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    YEARLY = "YEARLY"


@dataclass(frozen=True, slots=True)
class Rule:
    """A repetition. on: weekdays (0 is Monday) with their number in the month or year, 0 for every one."""

    frequency: Frequency
    interval: int = 1
    count: int | None = None
    until: date | None = None
    on: tuple[tuple[int, int], ...] = ()
    month_days: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    week_start: int = 0


class TooManyDays(Exception):
    """The repeating events of this file reach too far back. Export a shorter time."""


class Budget:
    """How many days may still be looked at."""

    def __init__(self, days: int = MOST_DAYS) -> None:
        self.left: int = days

    def spend(self, days: int) -> None:
        self.left -= days
        if self.left < 0:
            raise TooManyDays


def rule_of(parts: Mapping[str, Sequence[str]]) -> Rule:
    """A rule from its parts as text. Raises Unreadable with what to do, ValueError for what is no rule."""
    unread = sorted(set(parts) - _READ)
    frequency = _one(parts, "FREQ", "")
    if unread or frequency not in set(Frequency):
        what = ", ".join(unread) or f"FREQ={frequency}"
        raise Unreadable(f"It repeats in a way that is not read here ({what}). Enter these absences by hand.")
    rule = Rule(
        frequency=Frequency(frequency),
        interval=int(_one(parts, "INTERVAL", "1")),
        count=int(count) if (count := _one(parts, "COUNT", "")) else None,
        until=date.fromisoformat(until[:8]) if (until := _one(parts, "UNTIL", "")) else None,
        on=tuple(_weekday(text) for text in parts.get("BYDAY", ())),
        month_days=tuple(int(text) for text in parts.get("BYMONTHDAY", ())),
        months=tuple(int(text) for text in parts.get("BYMONTH", ())),
        week_start=_WEEKDAYS.index(_one(parts, "WKST", "MO").upper()),
    )
    if rule.interval < 1 or (rule.count is not None and rule.count < 1):
        raise Unreadable("Its repetition has an interval or a count below 1. Correct it in the calendar.")
    return rule


def days_of(rule: Rule, start: date, *, first: date, last: date, budget: Budget) -> Iterator[date]:
    """The days of a rule within the window from `first` to `last`; the first of all is `start`, be it as it may.

    Raises TooManyDays.
    """
    end = last if rule.until is None else min(last, rule.until)
    step = _step(rule, start)
    if step:
        yield from _even(start, step, rule.count, first=first, last=end, budget=budget)
        return
    day = start if rule.count is not None else max(start, first)
    budget.spend(max(0, (end - day).days))
    taken = 0
    while day <= end and (rule.count is None or taken < rule.count):
        if day == start or _matches(rule, start, day):
            taken += 1
            if day >= first:
                yield day
        day += _DAY


def _step(rule: Rule, start: date) -> int:
    """The days from one occurrence to the next where they are always the same, else 0."""
    if rule.months or rule.month_days or rule.frequency not in (Frequency.DAILY, Frequency.WEEKLY):
        return 0
    if rule.frequency is Frequency.DAILY:
        return 0 if rule.on else rule.interval
    return 7 * rule.interval if {weekday for weekday, _ in rule.on} <= {start.weekday()} else 0


def _even(
    start: date, step: int, count: int | None, *, first: date, last: date, budget: Budget
) -> Iterator[date]:
    number = max(0, -((start - first).days // step))
    final = (last - start).days // step
    final = final if count is None else min(final, count - 1)
    budget.spend(max(0, final - number))
    for one in range(number, final + 1):
        yield start + _DAY * (one * step)


def _matches(rule: Rule, start: date, day: date) -> bool:
    if rule.months and day.month not in rule.months:
        return False
    if not _in_period(rule, start, day):
        return False
    if rule.frequency in (Frequency.DAILY, Frequency.WEEKLY):
        if rule.month_days and not _is_month_day(rule, day):
            return False
        weekdays = {weekday for weekday, _ in rule.on}
        if rule.frequency is Frequency.WEEKLY and not weekdays:
            weekdays = {start.weekday()}
        return not weekdays or day.weekday() in weekdays
    return _in_month_or_year(rule, start, day)


def _in_period(rule: Rule, start: date, day: date) -> bool:
    if rule.interval == 1:
        return True
    if rule.frequency is Frequency.DAILY:
        gone = (day - start).days
    elif rule.frequency is Frequency.WEEKLY:
        gone = (_week(day, rule.week_start) - _week(start, rule.week_start)).days // 7
    elif rule.frequency is Frequency.MONTHLY:
        gone = (day.year - start.year) * 12 + day.month - start.month
    else:
        gone = day.year - start.year
    return gone % rule.interval == 0


def _in_month_or_year(rule: Rule, start: date, day: date) -> bool:
    if rule.month_days and not _is_month_day(rule, day):
        return False
    if rule.on:
        of_year = rule.frequency is Frequency.YEARLY and not rule.months and not rule.month_days
        return any(_is_weekday(day, weekday, number, of_year=of_year) for weekday, number in rule.on)
    if rule.month_days:
        return True
    if rule.frequency is Frequency.YEARLY and not rule.months and day.month != start.month:
        return False
    return day.day == start.day


def _is_month_day(rule: Rule, day: date) -> bool:
    from_end = day.day - monthrange(day.year, day.month)[1] - 1
    return day.day in rule.month_days or from_end in rule.month_days


def _is_weekday(day: date, weekday: int, number: int, *, of_year: bool) -> bool:
    if day.weekday() != weekday:
        return False
    if number == 0:
        return True
    if of_year:
        place, length = day.timetuple().tm_yday, date(day.year, 12, 31).timetuple().tm_yday
    else:
        place, length = day.day, monthrange(day.year, day.month)[1]
    return (place - 1) // 7 + 1 == number if number > 0 else (length - place) // 7 + 1 == -number


def _week(day: date, week_start: int) -> date:
    return day - _DAY * ((day.weekday() - week_start) % 7)


def _weekday(text: str) -> tuple[int, int]:
    name = text[-2:].upper()
    if name not in _WEEKDAYS:
        raise Unreadable(f"It repeats on {text!r}, which is no weekday. Correct it in the calendar.")
    return _WEEKDAYS.index(name), int(text[:-2] or 0)


def _one(parts: Mapping[str, Sequence[str]], name: str, otherwise: str) -> str:
    found = parts.get(name)
    return found[0] if found else otherwise
