"""Halves of a row of sprints, what is left over, and sums that say nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sprintreports.metrics.totals import Totals
from sprintreports.metrics.trend import HalfChange, half_change, left_over
from sprintreports.metrics.values import NOTHING, Amount, Unit


def test_the_later_half_against_the_earlier_one():
    assert half_change([10.0, 20.0, 30.0, 50.0]) == HalfChange(15.0, 40.0)
    assert HalfChange(15.0, 40.0).change == 25.0
    assert HalfChange(20.0, 15.0).share == -0.25


def test_of_an_odd_number_the_middle_one_is_in_neither_half():
    assert half_change([10.0, 999.0, 30.0]) == HalfChange(10.0, 30.0)


def test_too_few_sprints_make_no_change_and_nothing_makes_no_share():
    assert half_change([]) is None
    assert half_change([5.0]) is None
    assert HalfChange(0.0, 5.0).share is None


@given(st.lists(st.floats(0, 1e6), min_size=2))
def test_backwards_the_change_has_the_other_sign(values: list[float]):
    there, back = half_change(values), half_change(values[::-1])
    assert there
    assert back
    assert there.change == pytest.approx(-back.change)


def test_left_over_is_the_part_of_the_final_scope_that_is_not_completed():
    totals = Totals(
        final=Amount(31_000, 0, 10), completed=Amount(8_000, 0, 4), not_completed=Amount(23_000, 0, 6)
    )
    assert left_over(totals, unit=Unit.POINTS) == 23 / 31
    assert left_over(totals, unit=Unit.COUNT) == 0.6
    assert left_over(totals, unit=Unit.HOURS) is None
    assert left_over(Totals(), unit=Unit.POINTS) is None


def test_sums_are_not_known_where_nothing_in_scope_is_estimated():
    two = Amount(0, 0, 2)
    assert not Totals(final=two, unestimated=2, untimed=2).known_in(Unit.POINTS)
    assert Totals(final=two, unestimated=2, untimed=2).known_in(Unit.COUNT)
    assert Totals(final=two, unestimated=1, untimed=2).known_in(Unit.POINTS), "one is estimated, at 0"
    assert Totals(final=two, removed=Amount(5000, 0, 1), unestimated=2).known_in(Unit.POINTS)
    assert Totals(final=NOTHING).known_in(Unit.HOURS), "an empty sprint is really 0"
