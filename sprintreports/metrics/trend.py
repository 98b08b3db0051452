"""How a row of sprints went: what was left over, and whether the later half differs from the earlier one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from sprintreports.metrics.totals import Totals
from sprintreports.metrics.values import Unit


@dataclass(frozen=True, slots=True)
class HalfChange:
    """The means of the earlier and the later half of a row of values."""

    earlier: float
    later: float

    @property
    def change(self) -> float:
        """By how much the later mean is more (negative: less)."""
        return self.later - self.earlier

    @property
    def share(self) -> float | None:
        """The change as a part of the earlier mean; None where that is nothing."""
        return self.change / self.earlier if self.earlier > 0 else None


def half_change(values: Sequence[float]) -> HalfChange | None:
    """The halves of the values in their order of time; of an odd number the middle one is in neither. None for fewer than two."""
    half = len(values) // 2
    if not half:
        return None
    return HalfChange(fmean(values[:half]), fmean(values[-half:]))


def left_over(totals: Totals, *, unit: Unit) -> float | None:
    """What was in scope at the end and not completed, as a part of the final scope; None without scope."""
    scope = totals.final.value(unit)
    return totals.not_completed.value(unit) / scope if scope > 0 else None
