"""Exact fractions, each made once: of a hundred teams' cells most figures are the same."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from math import lcm


@lru_cache(maxsize=1 << 15)
def ratio(numerator: int, denominator: int) -> Fraction:
    """numerator / denominator. Raises ZeroDivisionError."""
    return Fraction(numerator, denominator)


def middle(values: Sequence[Fraction]) -> Fraction:
    """The median, of two in the middle their mean. Raises IndexError of none.

    Compared as whole numbers over one denominator: two fractions are compared a dozen times as slowly.
    """
    whole = lcm(*(value.denominator for value in values))
    rising = sorted(values, key=lambda value: value.numerator * (whole // value.denominator))
    half = len(rising) // 2
    return rising[half] if len(rising) % 2 else (rising[half - 1] + rising[half]) / 2
