"""The median of exact fractions is the one of the standard library, whole numbers or not."""

from __future__ import annotations

from fractions import Fraction
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sprintreports.planning.capacity.ratios import middle, ratio


@given(st.lists(st.fractions(), min_size=1, max_size=7))
def test_the_middle_is_the_median(values: list[Fraction]):
    assert middle(values) == median(values)


def test_there_is_no_middle_of_nothing():
    with pytest.raises(IndexError):
        middle([])


@given(st.integers(), st.integers().filter(bool))
def test_a_ratio_is_exact(numerator: int, denominator: int):
    assert ratio(numerator, denominator) * denominator == numerator


def test_nothing_is_divided_by_nothing():
    with pytest.raises(ZeroDivisionError):
        ratio(1, 0)
