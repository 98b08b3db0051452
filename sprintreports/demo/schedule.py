"""When the sprints of a tribe begin and end, counted back from now so that one of them is running."""

import random
from dataclasses import dataclass
from datetime import timedelta

from sprintreports.demo.agenda import HOUR, MINUTE, WorkDays

CLOSED_SPRINTS = 26
FUTURE_SPRINTS = 2
_LENGTH = timedelta(days=14)
# An active sprint should have something to show: at least this many days are over.
_LEAST_AGE = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Window:
    planned_start: int
    start: int
    planned_end: int
    close: int
    spans: tuple[tuple[int, int], ...]


def windows(now: int, weekday: int, days: WorkDays, rng: random.Random) -> list[Window]:
    """26 closed windows, the active one and two to come."""
    day = days.date_of(now) - _LEAST_AGE
    day -= timedelta(days=(day.weekday() - weekday) % 7)
    first = day - _LENGTH * CLOSED_SPRINTS
    count = CLOSED_SPRINTS + 1 + FUTURE_SPRINTS
    starts = [
        days.moment(first + _LENGTH * index, 10, rng.randrange(26)) + rng.randrange(60_000)
        for index in range(count + 1)
    ]
    return [_window(index, starts, days, rng) for index in range(count)]


def _window(index: int, starts: list[int], days: WorkDays, rng: random.Random) -> Window:
    start, following = starts[index], starts[index + 1]
    # The running one lasts until the morning of the next: there is never a day without an active sprint.
    if rng.random() < 0.6 or index == CLOSED_SPRINTS:
        close = following - rng.randrange(30 * MINUTE, 90 * MINUTE)
    else:
        friday = days.date_of(following) - timedelta(days=3 + days.date_of(following).weekday())
        close = days.moment(friday, 16) + rng.randrange(HOUR)
    # Every ninth sprint was begun two hours after the date that it carries.
    planned_start = start - 2 * HOUR if index % 9 == 4 else start
    return Window(
        planned_start=planned_start,
        start=start,
        planned_end=planned_start - planned_start % MINUTE + int(_LENGTH.total_seconds() * 1000) - 2 * HOUR,
        close=close,
        spans=tuple(days.spans(start + 10 * MINUTE, close - 10 * MINUTE)),
    )
