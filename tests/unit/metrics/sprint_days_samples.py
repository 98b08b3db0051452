"""Sprints day by day, as short as tests can say them. Days are UTC, a week is Monday to Friday."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate

from sprintreports.metrics.calendar import WorkCalendar
from sprintreports.metrics.sprint_days import DayState, SprintDays

CALENDAR = WorkCalendar()
MONDAY = date(2025, 3, 3)


def at(day: date, hour: int = 9) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def working_days(first: date, number: int) -> list[date]:
    found, day = [], first
    while len(found) < number:
        if CALENDAR.is_working(day):
            found.append(day)
        day += timedelta(days=1)
    return found


def sprint(
    amounts: Sequence[int],
    *,
    first: date = MONDAY,
    scope: int = 20,
    planned: int | None = None,
    closed: bool = True,
    name: str = "one",
    hour: int = 17,
) -> SprintDays:
    """A sprint that starts at nine and completes the amounts on its working days. It closes, or is known, on the last of them
    in the afternoon; planned: how many working days it was to have (as many unless told)."""
    days = working_days(first, max(len(amounts), planned or 0))
    done = list(accumulate(amounts))
    states = tuple(DayState(day, scope, each) for day, each in zip(days, done, strict=False))
    stop = at(days[len(amounts) - 1], hour)
    end = at(days[(planned or len(amounts)) - 1], 18)
    return SprintDays(name, at(first), stop, closed, end, scope, states)


def in_a_row(
    each: Sequence[Sequence[int]], *, first: date = date(2024, 1, 1), scope: int = 20
) -> list[SprintDays]:
    """Closed sprints in successive weeks, or pairs of weeks where they are longer."""
    found: list[SprintDays] = []
    for number, amounts in enumerate(each):
        found.append(sprint(amounts, first=first, scope=scope, name=f"earlier {number}"))
        weeks = -(-len(amounts) // 5)
        first += timedelta(weeks=weeks)
    return found
