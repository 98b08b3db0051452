"""What could be told, day by day, about how a sprint ends: Monte Carlo over what the board completes in a working day.

An amount is one of a chosen unit, in whole base units: thousandths of a point, seconds, issues. docs/metrics.md says what a
forecast means, docs/decisions/0024 why.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sprintreports.metrics import trials
from sprintreports.metrics.calendar import WorkCalendar
from sprintreports.metrics.sprint_days import LONGEST, Moment, Past, SprintDays, last_day, moments
from sprintreports.metrics.values import Unit

PERCENTILES = (50, 70, 85, 95)
#: What is more certain than this is told as "more than 95 %".
MOST_CERTAIN = 0.95
#: The closed sprints before a forecast that its days are drawn from: as many as velocity looks at.
SPRINTS_USED = 7
FEWEST_SPRINTS, FEWEST_ACTIVE_DAYS = 3, 5

NOT_STARTED = (
    "This sprint has not started, so there is no forecast yet. It begins when the sprint is started in Jira."
)
NO_END = "This sprint has no planned end, so there is nothing to forecast. Set its end date in Jira."
NO_WORKING_DAY = "This sprint has no working day before its planned end. Correct its dates in Jira, or the board's working days."
TOO_LONG = "The planned end lies years after the start of this sprint, so there is no forecast. Correct its dates in Jira."
OVERDUE = "The planned end has passed and the sprint is still open. Close it in Jira, or move its end: then there is a forecast again."
NO_DAY_LEFT = "No working day is left before the planned end, so there is nothing more to forecast."
NOTHING_IN_SCOPE = (
    "No issue is in the scope of this sprint. Add issues in Jira: the forecast follows with the next sync."
)
NO_ESTIMATES = "No issue in the scope of this sprint has {what}. Choose another unit, or count issues."


@dataclass(frozen=True, slots=True)
class DayForecast:
    """What could be told at one moment of a sprint: at its start, then at the end of each working day, last of all (of a
    sprint that runs) now. Amounts in base units: thousandths of a point, seconds, issues.

    day: the local day that ended, or on which the sprint started, or that runs. days_left: working days to the planned end, one
    that still runs counted whole. finish: the share of trials in which all that then was in scope is completed by the planned
    end, at most MOST_CERTAIN; None where too little is known. percentiles: (certainty in %, what is completed at the planned end
    with at least that certainty), never more than the scope of the moment; () where finish is None.
    """

    day: date
    at: datetime
    remaining: int
    completed: int
    days_left: int
    finish: float | None
    percentiles: tuple[tuple[int, int], ...]

    @property
    def scope(self) -> int:
        """All that then was in scope."""
        return self.completed + self.remaining


@dataclass(frozen=True, slots=True)
class SprintOutcome:
    """What became of a closed sprint, in base units.

    completed, scope: at the end of the day of the planned end, which is what forecasts speak of; at the close where that came
    before it. finished: all of that scope was completed. at_close: completed at the close, as the sprint report has it.
    """

    completed: int
    scope: int
    finished: bool
    at_close: int


@dataclass(frozen=True, slots=True)
class HitRate:
    """How earlier forecasts of the same board came out; each had seen only what was known then.

    sprints: earlier sprints judged. forecasts: given in them (at the start and after each quarter of the working days).
    coverage: (certainty in %, share of forecasts in which at least the amount told was completed). brier: mean squared
    difference between `finish` and what happened (0: perfect, 0.25: always saying fifty-fifty); None without any.
    pinball: (certainty in %, mean pinball loss of that amount, in base units).
    """

    sprints: int
    forecasts: int
    coverage: tuple[tuple[int, float], ...]
    brier: float | None
    pinball: tuple[tuple[int, float], ...]

    def hits(self, certainty: int) -> int:
        """How many of the forecasts at this certainty came true."""
        return round(dict(self.coverage)[certainty] * self.forecasts)


@dataclass(frozen=True, slots=True)
class SprintForecast:
    """The forecasts of a sprint in one unit, oldest first. () where there is none at all, and `missing` says why.

    outcome: of a closed sprint. hit_rate: None where no earlier forecast can be judged. missing: why there is no number now
    (of a closed sprint: why there never was one), a whole sentence; empty where there is one. used: closed sprints that the
    last one drew from. known_until: the close, or up to when Jira's changes are here.
    """

    unit: Unit
    given: tuple[DayForecast, ...]
    outcome: SprintOutcome | None
    hit_rate: HitRate | None
    missing: str
    planned_end: datetime | None = None
    zone: str = "UTC"
    closed: bool = False
    used: int = 0
    known_until: datetime | None = None

    @property
    def latest(self) -> DayForecast | None:
        """The forecast as of now, of a closed sprint the last that was given with a number; None where `missing` says why."""
        told = [] if self.missing else [one for one in self.given if one.finish is not None]
        return told[-1] if told else None


def sprint_forecast(
    sprint: SprintDays, earlier: Sequence[Past], *, unit: Unit, calendar: WorkCalendar
) -> SprintForecast:
    """The forecasts of a sprint with its outcome, as yet without their hit rate. earlier: see `given`."""
    times = moments(sprint, calendar=calendar)
    pools = [_drawn_from(sprint, earlier, at=moment.at) for moment in times]
    found = tuple(_forecast(*each, name=sprint.name) for each in zip(times, pools, strict=True))
    why = ""
    if sprint.planned_end is None:
        why = NO_END
    elif not times:
        why = TOO_LONG if sprint.planned_end - sprint.start > LONGEST else NO_WORKING_DAY
    elif not sprint.closed and times[-1].at != sprint.stop:
        why = OVERDUE if sprint.stop > sprint.planned_end else NO_DAY_LEFT
    elif found[-1].finish is None and not (sprint.closed and any(one.finish is not None for one in found)):
        why = _too_little(times[-1], pools[-1], unit=unit)
    return SprintForecast(
        unit=unit,
        given=found,
        outcome=outcome(sprint, calendar=calendar),
        hit_rate=None,
        missing=why,
        planned_end=sprint.planned_end,
        zone=calendar.zone,
        closed=sprint.closed,
        used=len(pools[-1]) if pools else 0,
        known_until=sprint.stop,
    )


def not_started(*, unit: Unit, calendar: WorkCalendar, planned_end: datetime | None) -> SprintForecast:
    """Of a sprint that is still to start."""
    return SprintForecast(unit, (), None, None, NOT_STARTED, planned_end, calendar.zone)


def given(
    sprint: SprintDays,
    earlier: Sequence[Past],
    *,
    calendar: WorkCalendar,
    only: frozenset[int] | None = None,
) -> tuple[DayForecast, ...]:
    """What could be told of the sprint, oldest first; where `only` is given, of the moments with these numbers (0: the start).

    earlier: closed sprints of the board, in the order of their close. A forecast sees the last SPRINTS_USED of them that had
    closed by then, and of its own sprint what was up to then. () without a planned end or a working day before it.
    """
    return tuple(
        _forecast(moment, _drawn_from(sprint, earlier, at=moment.at), name=sprint.name)
        for number, moment in enumerate(moments(sprint, calendar=calendar))
        if only is None or number in only
    )


def current(sprint: SprintDays, earlier: Sequence[Past], *, calendar: WorkCalendar) -> DayForecast | None:
    """What can be told now of a sprint that runs; None of one that is closed, overdue or has no planned end.

    earlier: see `given`.
    """
    found = moments(sprint, calendar=calendar)
    if sprint.closed or not found or found[-1].at != sprint.stop:
        return None
    return _forecast(found[-1], _drawn_from(sprint, earlier, at=sprint.stop), name=sprint.name)


def outcome(sprint: SprintDays, *, calendar: WorkCalendar) -> SprintOutcome | None:
    """What became of a closed sprint; None while it runs, and without a planned end."""
    end = sprint.planned_end
    if not sprint.closed or end is None:
        return None
    until = None if sprint.stop <= end else last_day(sprint.start, end, calendar=calendar)
    scope, done = sprint.initial, 0
    for state in sprint.days:
        if until is None or state.day <= until:
            scope, done = state.scope, state.done
    return SprintOutcome(done, scope, 0 < scope <= done, sprint.days[-1].done if sprint.days else 0)


def _drawn_from(sprint: SprintDays, earlier: Sequence[Past], *, at: datetime) -> list[Past]:
    """The last sprints that had closed by then, oldest first."""
    return [one for one in earlier if one.stop <= at and one.name != sprint.name][-SPRINTS_USED:]


def _forecast(moment: Moment, used: Sequence[Past], *, name: str) -> DayForecast:
    remaining = moment.scope - moment.done
    told = (moment.day, moment.at, remaining, moment.done, moment.days_left)
    series = _series(moment, used)
    if moment.scope <= 0 or len(used) < FEWEST_SPRINTS or _active(series) < FEWEST_ACTIVE_DAYS:
        return DayForecast(*told, None, ())
    sums = trials.totals(
        series, days=moment.days_left, seed=f"{name}/{moment.day}", at_least=moment.floor or None
    )
    certain = moment.done - moment.floor
    finish = min(MOST_CERTAIN, trials.share_reaching(sums, moment.scope - certain))
    amounts = ((share, certain + trials.reached_with(sums, share)) for share in PERCENTILES)
    return DayForecast(
        *told, finish, tuple((share, min(moment.scope, max(0, amount))) for share, amount in amounts)
    )


def _too_little(moment: Moment, used: Sequence[Past], *, unit: Unit) -> str:
    if moment.scope <= 0:
        return NOTHING_IN_SCOPE if unit is Unit.COUNT else NO_ESTIMATES.format(what=_ESTIMATES[unit])
    if len(used) < FEWEST_SPRINTS:
        return (
            f"A forecast needs {FEWEST_SPRINTS} sprints of this board that closed before. "
            f"There {'is' if len(used) == 1 else 'are'} {len(used)}: it comes by itself as sprints are closed."
        )
    days = _active(_series(moment, used))
    return (
        f"A forecast needs at least {FEWEST_ACTIVE_DAYS} working days on which something was completed, in the sprints before and "
        f"in this one. There {'is' if days == 1 else 'are'} {days}: it comes by itself as work is completed."
    )


def _series(moment: Moment, used: Iterable[Past]) -> list[int]:
    return [*(amount for one in used for amount in one.amounts), *moment.worked]


def _active(series: Iterable[int]) -> int:
    return sum(1 for amount in series if amount)


_ESTIMATES = {Unit.POINTS: "story points", Unit.HOURS: "a time estimate"}
