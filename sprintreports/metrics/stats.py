"""Small statistics over short lists. Too few values give None, never a made-up zero."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

#: Below this many values the natural limits say more about luck than about the process.
FEWEST_FOR_LIMITS = 3


@dataclass(frozen=True, slots=True)
class NaturalLimits:
    low: float
    high: float


def mean(values: Sequence[float]) -> float | None:
    """The arithmetic mean; None without values."""
    return statistics.fmean(values) if values else None


def median(values: Sequence[float]) -> float | None:
    """The middle value, or the mean of the two middle ones; None without values."""
    return statistics.median(values) if values else None


def spread(values: Sequence[float]) -> float | None:
    """The sample standard deviation (n - 1); None for fewer than two values."""
    return statistics.stdev(values) if len(values) > 1 else None


def moving_ranges(values: Sequence[float]) -> tuple[float, ...]:
    """The absolute differences of neighbours, in the given (time) order."""
    return tuple(abs(after - before) for before, after in pairwise(values))


def natural_limits(values: Sequence[float], *, floor: float = 0.0) -> NaturalLimits | None:
    """Natural process limits of an XmR chart: mean -/+ 2.66 times the mean moving range, never below `floor`.

    2.66 is 3 / 1.128, Shewhart's three sigma with the moving range of two as estimator of sigma (Wheeler,
    "Understanding Variation"). None for fewer than FEWEST_FOR_LIMITS values.
    """
    if len(values) < FEWEST_FOR_LIMITS:
        return None
    centre = statistics.fmean(values)
    reach = 2.66 * statistics.fmean(moving_ranges(values))
    return NaturalLimits(max(floor, centre - reach), max(floor, centre + reach))
