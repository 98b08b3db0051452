"""Velocity and its statistics, in figures that can be checked by hand."""

from __future__ import annotations

import pytest

from sprintreports.metrics.basis import Basis
from sprintreports.metrics.stats import mean, median, moving_ranges, natural_limits, spread
from sprintreports.metrics.totals import Totals
from sprintreports.metrics.values import Amount, Unit
from sprintreports.metrics.velocity import SprintTotals, velocity
from tests.unit.metrics.histories import hour


def sprint(number: int, *, committed: int = 20, completed: int = 10, close: float | None = None):
    totals = Totals(
        initial=Amount(committed * 1000, committed * 3600, committed),
        added=Amount(1_000, 0, 1),
        removed=Amount(3_000, 0, 1),
        completed=Amount(completed * 1000, completed * 7200, completed),
        completed_initial=Amount(completed * 500, 0, completed),
        unestimated=2,
    )
    closed = hour(number * 100 if close is None else close)
    return SprintTotals(number, f"Sprint {number}", hour(0), closed, totals, Basis(completed, 1, 3))


def test_velocity_is_the_mean_of_what_the_last_sprints_completed():
    result = velocity([sprint(n, completed=n * 10) for n in (3, 1, 2, 4)], last=3, unit=Unit.POINTS)
    assert [bar.name for bar in result.sprints] == ["Sprint 2", "Sprint 3", "Sprint 4"]
    assert (result.mean, result.median, result.spread) == (30, 30, 10)
    assert result.low == pytest.approx(30 - 2.66 * 10)
    assert result.high == pytest.approx(30 + 2.66 * 10)
    assert result.asked == 3


def test_a_bar_holds_what_its_sprint_said_and_did():
    (bar,) = velocity([sprint(1)], last=7, unit=Unit.POINTS).sprints
    assert (bar.committed, bar.completed, bar.completed_initial) == (20, 10, 5)
    assert (bar.say_do, bar.churn, bar.unestimated) == (0.5, 0.2, 2)


@pytest.mark.parametrize(("unit", "without"), [(Unit.POINTS, 1), (Unit.HOURS, 3), (Unit.COUNT, 0)])
def test_a_bar_says_how_much_of_what_was_completed_adds_nothing(unit, without):
    (bar,) = velocity([sprint(1)], last=1, unit=unit).sprints
    assert (bar.issues, bar.without_estimate) == (10, without)


@pytest.mark.parametrize(("unit", "mean_of_it"), [(Unit.POINTS, 10), (Unit.HOURS, 20), (Unit.COUNT, 10)])
def test_units(unit, mean_of_it):
    assert velocity([sprint(1)], last=1, unit=unit).mean == mean_of_it


def test_say_do_is_the_median_with_its_spread():
    result = velocity([sprint(n, completed=n * 4) for n in (1, 2, 4)], last=3, unit=Unit.POINTS)
    assert result.say_do_median == pytest.approx(0.4)
    assert result.say_do_spread == pytest.approx(0.3055, abs=1e-4)
    assert result.churn_median == pytest.approx(0.2)


def test_a_sprint_without_a_commitment_has_no_ratio_and_still_a_velocity():
    result = velocity([sprint(1, committed=0)], last=1, unit=Unit.POINTS)
    assert (result.mean, result.say_do_median, result.churn_median) == (10, None, None)


def test_open_sprints_do_not_count():
    unfinished = SprintTotals(9, "Sprint 9", hour(0), None, Totals(completed=Amount(99_000, 0, 9)))
    assert velocity([sprint(1), unfinished], last=7, unit=Unit.POINTS).mean == 10


def test_no_sprint_no_number():
    result = velocity([], last=7, unit=Unit.POINTS)
    assert (result.mean, result.median, result.spread, result.low, result.high) == (None,) * 5


def test_too_few_sprints_for_spread_and_limits():
    one = velocity([sprint(1)], last=7, unit=Unit.POINTS)
    assert (one.spread, one.low) == (None, None)
    two = velocity([sprint(1), sprint(2, completed=14)], last=7, unit=Unit.POINTS)
    assert two.spread == pytest.approx(2.8284, abs=1e-4)
    assert two.low is None


def test_zeros_that_nobody_estimated_are_told_apart_from_real_ones():
    nothing = [sprint(1, committed=0, completed=0), sprint(2, committed=0, completed=0)]
    assert velocity(nothing, last=7, unit=Unit.POINTS).none_estimated
    assert not velocity(nothing, last=7, unit=Unit.COUNT).none_estimated
    assert not velocity([*nothing, sprint(3, completed=0)], last=7, unit=Unit.POINTS).none_estimated
    assert not velocity([], last=7, unit=Unit.POINTS).none_estimated


def test_at_least_one_sprint_must_be_asked_for():
    with pytest.raises(ValueError, match="at least one sprint"):
        velocity([], last=0, unit=Unit.POINTS)


def test_the_lower_limit_does_not_go_below_nothing():
    limits = natural_limits([1, 30, 1])
    assert limits is not None
    assert (limits.low, limits.high) == (0, pytest.approx(32 / 3 + 2.66 * 29))


def test_statistics_of_too_few_values_are_none():
    assert (mean([]), median([]), spread([1]), natural_limits([1, 2]), moving_ranges([1])) == (
        None,
        None,
        None,
        None,
        (),
    )


def test_statistics_by_hand():
    assert mean([1, 2, 6]) == 3
    assert median([6, 1, 2, 4]) == 3
    assert spread([2, 4]) == pytest.approx(2**0.5)
    assert moving_ranges([3, 1, 5]) == (2, 4)
