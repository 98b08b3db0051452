"""What was forecast of the told sprint (tests/reports_samples.py), by hand: four of its moments, and what became of it."""

from dataclasses import replace
from datetime import UTC, date, datetime

from sprintreports.metrics.forecast import DayForecast, HitRate, SprintForecast, SprintOutcome
from sprintreports.metrics.values import Unit
from tests.reports_samples import PLANNED_END, START


def midnight_after(day: int) -> datetime:
    """In Berlin, in winter time."""
    return datetime(2026, 3, day, 23, tzinfo=UTC)


def told(
    day: int, at: datetime, done: int, remaining: int, left: int, finish: float | None, *sure: int
) -> DayForecast:
    """In points. sure: what is told with 50, 70, 85 and 95 %."""
    amounts = tuple(zip((50, 70, 85, 95), (one * 1000 for one in sure), strict=False))
    return DayForecast(date(2026, 3, day), at, remaining * 1000, done * 1000, left, finish, amounts)


GIVEN = (
    told(2, START, 0, 20, 10, 0.42, 19, 16, 12, 8),
    told(3, midnight_after(3), 2, 18, 8, 0.55, 20, 18, 15, 11),
    told(6, midnight_after(6), 9, 21, 5, 0.031, 19, 17, 15, 12),
    told(12, midnight_after(12), 8, 23, 1, 0.0, 10, 9, 8, 8),
)
HITS = HitRate(
    sprints=6, forecasts=24, coverage=((50, 13 / 24), (70, 17 / 24), (85, 20 / 24), (95, 23 / 24)), brier=0.18,
    pinball=((50, 2_500), (70, 2_000), (85, 1_250), (95, 500)),
)  # fmt: skip
CLOSED = SprintForecast(
    unit=Unit.POINTS, given=GIVEN, outcome=SprintOutcome(8_000, 31_000, False, 8_000), hit_rate=HITS, missing="",
    planned_end=PLANNED_END, zone="Europe/Berlin", closed=True, used=7,
)  # fmt: skip
RUNNING = replace(CLOSED, given=GIVEN[:3], outcome=None, closed=False)
TOO_LITTLE = "A forecast needs 3 closed sprints. There are 2."
NONE = replace(
    CLOSED, given=tuple(replace(one, finish=None, percentiles=()) for one in GIVEN), hit_rate=None, missing=TOO_LITTLE,
)  # fmt: skip
