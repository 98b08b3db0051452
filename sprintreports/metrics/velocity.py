"""Velocity: what a board completes in a sprint, with its spread and the limits of ordinary variation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sprintreports.metrics.basis import NO_ISSUE, Basis
from sprintreports.metrics.predictability import churn, say_do
from sprintreports.metrics.stats import NaturalLimits, mean, median, natural_limits, spread
from sprintreports.metrics.totals import Totals
from sprintreports.metrics.values import Unit


@dataclass(frozen=True, slots=True)
class SprintTotals:
    """One sprint's sums. close None: it is not closed, and velocity leaves it out. completed: what that sum rests on."""

    sprint_id: int
    name: str
    start: datetime | None
    close: datetime | None
    totals: Totals
    completed: Basis = NO_ISSUE


@dataclass(frozen=True, slots=True)
class VelocityBar:
    """One closed sprint in the chosen unit. say_do and churn are None without a commitment.

    issues: completed ones; without_estimate: those of them that add nothing because nobody estimated them.
    unestimated: the same of the whole final scope. left_out: members that the report leaves out.
    """

    sprint_id: int
    name: str
    start: datetime | None
    close: datetime
    committed: float
    completed: float
    completed_initial: float
    unestimated: int
    say_do: float | None
    churn: float | None
    issues: int = 0
    without_estimate: int = 0
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Velocity:
    """Velocity over the sprints used, oldest first. None where too few sprints allow no number.

    spread: sample standard deviation (from two sprints on). low and high: natural process limits (from
    three). say_do and churn: 1.0 is 100 %. asked: how many sprints were asked for.
    """

    unit: Unit
    asked: int
    sprints: tuple[VelocityBar, ...]
    mean: float | None
    median: float | None
    spread: float | None
    low: float | None
    high: float | None
    say_do_median: float | None
    say_do_spread: float | None
    churn_median: float | None

    @property
    def none_estimated(self) -> bool:
        """Whether all is zero only because no issue of these sprints has an estimate in this unit."""
        return (
            bool(self.sprints)
            and self.unit is not Unit.COUNT
            and all(bar.unestimated and not bar.committed and not bar.completed for bar in self.sprints)
        )


def velocity(sprints: Iterable[SprintTotals], *, last: int, unit: Unit) -> Velocity:
    """The mean of what the last N closed sprints completed, by the estimates at their close.

    Sprints come in any order; those that were never closed do not count. Raises ValueError for last < 1.
    """
    if last < 1:
        raise ValueError("Velocity needs at least one sprint to look at.")
    closed = [bar for sprint in sprints if (bar := _bar(sprint, unit=unit)) is not None]
    used = sorted(closed, key=_by_close)[-last:]
    completed = [bar.completed for bar in used]
    kept = [bar.say_do for bar in used if bar.say_do is not None]
    limits: NaturalLimits | None = natural_limits(completed)
    return Velocity(
        unit=unit,
        asked=last,
        sprints=tuple(used),
        mean=mean(completed),
        median=median(completed),
        spread=spread(completed),
        low=None if limits is None else limits.low,
        high=None if limits is None else limits.high,
        say_do_median=median(kept),
        say_do_spread=spread(kept),
        churn_median=median([bar.churn for bar in used if bar.churn is not None]),
    )


def _by_close(bar: VelocityBar) -> tuple[datetime, int]:
    return bar.close, bar.sprint_id


def _bar(sprint: SprintTotals, *, unit: Unit) -> VelocityBar | None:
    if sprint.close is None:
        return None
    totals = sprint.totals
    return VelocityBar(
        sprint_id=sprint.sprint_id,
        name=sprint.name,
        start=sprint.start,
        close=sprint.close,
        committed=totals.initial.value(unit),
        completed=totals.completed.value(unit),
        completed_initial=totals.completed_initial.value(unit),
        unestimated=totals.unestimated_in(unit),
        say_do=say_do(totals, unit=unit),
        churn=churn(totals, unit=unit),
        issues=totals.completed.count,
        without_estimate=sprint.completed.without(unit),
        left_out=totals.excluded,
    )
