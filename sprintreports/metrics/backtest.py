"""How a board's earlier forecasts came out: rolling origin, in order of time, each made anew from what was known then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sprintreports.metrics.calendar import WorkCalendar
from sprintreports.metrics.forecast import PERCENTILES, DayForecast, HitRate, given, outcome
from sprintreports.metrics.sprint_days import Past, SprintDays, moments, past

__all__ = ["SPRINTS_JUDGED", "HitRate", "hit_rate"]

#: The last closed sprints whose forecasts are judged: a board is another one after a year.
SPRINTS_JUDGED = 20


@dataclass(frozen=True, slots=True)
class _Judged:
    """A forecast, and what was completed by the planned end."""

    told: DayForecast
    came: int


def hit_rate(sprints: Iterable[SprintDays], *, calendar: WorkCalendar) -> HitRate | None:
    """How the forecasts of the last SPRINTS_JUDGED closed sprints came out, of any number in any order; None where none had a
    forecast.

    In each sprint the forecasts at its start and after a quarter, a half and three quarters of its planned working days are
    judged: those of neighbouring days say nearly the same, and to count each would look like more evidence than there is. Each is
    the one that the sprint itself shows. "Came true" at p %: what was completed by the end of the day of the planned end (by the
    close where that was earlier) is at least what was told with p % certainty. For Brier's score, what happened is 1 where it
    is at least all that was in scope when the forecast was made, else 0.
    """
    closed = sorted((one for one in sprints if one.closed), key=lambda one: (one.stop, one.name))
    earlier = past(closed, calendar=calendar)
    judged: list[_Judged] = []
    counted = 0
    for sprint in closed[-SPRINTS_JUDGED:]:
        own = list(_judged(sprint, earlier, calendar=calendar))
        counted += bool(own)
        judged += own
    if not judged:
        return None
    return HitRate(
        sprints=counted,
        forecasts=len(judged),
        coverage=tuple((share, _coverage(judged, share)) for share in PERCENTILES),
        brier=sum(((one.told.finish or 0) - (one.came >= one.told.scope)) ** 2 for one in judged)
        / len(judged),
        pinball=tuple((share, _pinball(judged, share)) for share in PERCENTILES),
    )


def _judged(sprint: SprintDays, earlier: Sequence[Past], *, calendar: WorkCalendar) -> Iterator[_Judged]:
    came = outcome(sprint, calendar=calendar)
    times = moments(sprint, calendar=calendar)
    if came is None or not times:
        return
    planned = times[0].days_left
    left = [planned - planned * quarter // 4 for quarter in range(4)]
    reached = ([number for number, moment in enumerate(times) if moment.days_left <= goal] for goal in left)
    only = frozenset(numbers[0] for numbers in reached if numbers)
    for told in given(sprint, earlier, calendar=calendar, only=only):
        if told.finish is not None:
            yield _Judged(told, came.completed)


def _coverage(judged: list[_Judged], share: int) -> float:
    return sum(1 for one in judged if one.came >= dict(one.told.percentiles)[share]) / len(judged)


def _pinball(judged: list[_Judged], share: int) -> float:
    """The mean loss of an amount told as reached with `share` %: the quantile 1 - share of what is completed (Koenker 2005)."""
    level = 1 - share / 100
    losses = (one.came - dict(one.told.percentiles)[share] for one in judged)
    return sum(max(level * off, (level - 1) * off) for off in losses) / len(judged)
