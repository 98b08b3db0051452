"""Forecasts of a sprint: the trials of one moment, all that a sprint shows, and how earlier ones came out. No database."""

import random
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from itertools import accumulate
from typing import Any

from benchmarks.figures import Result, Row, Target
from benchmarks.ground import Ground
from sprintreports.metrics import backtest, forecast, trials
from sprintreports.metrics.calendar import WorkCalendar
from sprintreports.metrics.sprint_days import DayState, SprintDays, past
from sprintreports.metrics.values import Unit

_RUNS, _QUICK_RUNS = 100, 5
_SPRINTS, _DAYS, _LONG_DAYS = 54, 10, 215
_CALENDAR = WorkCalendar()
_FIRST = date(2020, 1, 6)
_TRIALS = Target(must=1_000, aim=50)


def measure(ground: Ground) -> Result:
    """Two weeks each, points that people would estimate; then a sprint of 300 days after seven such."""
    runs = _QUICK_RUNS if ground.quick else _RUNS
    earlier, running = _board(_SPRINTS, _DAYS)
    known = past(earlier, calendar=_CALENDAR)
    days = [amount for one in known[-forecast.SPRINTS_USED :] for amount in one.amounts]
    long_earlier, long = _board(forecast.SPRINTS_USED, _LONG_DAYS)
    long_known = past(long_earlier, calendar=_CALENDAR)
    few = max(3, runs // 10)
    rows = [
        Row(
            f"{trials.TRIALS:,} trials of {_DAYS} days",
            _samples(lambda: trials.totals(days, days=_DAYS, seed="bench"), runs),
            "ms",
            _TRIALS,
        ),
        Row(
            "all forecasts of a sprint of two weeks on its last day",
            _samples(lambda: _forecast(running, known), runs),
            "ms",
        ),
        Row(
            f"how those of the last {backtest.SPRINTS_JUDGED} sprints came out",
            _samples(lambda: backtest.hit_rate(earlier, calendar=_CALENDAR), few),
            "ms",
        ),
        Row(
            "all forecasts of a sprint of 300 days on its last day",
            _samples(lambda: _forecast(long, long_known), few),
            "ms",
        ),
    ]
    return Result("forecasts", "Forecasts of a sprint", rows)


def _forecast(sprint: SprintDays, known: list[Any]) -> forecast.SprintForecast:
    return forecast.sprint_forecast(sprint, known, unit=Unit.POINTS, calendar=_CALENDAR)


def _samples(call: Callable[[], Any], runs: int) -> list[float]:
    call()
    samples: list[float] = []
    for _ in range(runs):
        began = time.perf_counter()
        call()
        samples.append(1000 * (time.perf_counter() - began))
    return samples


def _board(sprints: int, days: int) -> tuple[list[SprintDays], SprintDays]:
    """So many closed sprints one after the other, and one whose last day runs."""
    chance = random.Random(24)  # noqa: S311  # a history made up, the same each time
    found: list[SprintDays] = []
    first = _FIRST
    for number in range(sprints + 1):
        worked = _weekdays(first, days)
        amounts = [1000 * chance.choice((0, 0, 1, 2, 3, 5, 8)) for _ in worked]
        states = tuple(
            DayState(day, 30_000, done) for day, done in zip(worked, accumulate(amounts), strict=True)
        )
        stop = datetime.combine(worked[-1], clock(15), tzinfo=UTC)
        start = datetime.combine(first, clock(9), tzinfo=UTC)
        found.append(
            SprintDays(
                f"bench/{number}", start, stop, number < sprints, stop + timedelta(hours=1), 30_000, states
            )
        )
        first = worked[-1] + timedelta(days=3)
    return found[:-1], found[-1]


def _weekdays(first: date, number: int) -> list[date]:
    found: list[date] = []
    while len(found) < number:
        if _CALENDAR.is_working(first):
            found.append(first)
        first += timedelta(days=1)
    return found
