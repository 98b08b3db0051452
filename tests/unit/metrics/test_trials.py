"""The trials of a forecast against all that can happen, counted out."""

from __future__ import annotations

import random
import subprocess
import sys
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sprintreports.metrics.trials import TRIALS, block_length, reached_with, share_reaching, totals

amounts = st.lists(st.integers(-3, 9), min_size=1, max_size=9)
# Five standard deviations of a share over all trials, where it varies most.
NEAR = 5 * (0.25 / TRIALS) ** 0.5


def every_sum(series: list[int], days: int, at_least: int | None = None) -> list[int]:
    """The sum of each way in which blocks can be drawn; all are equally likely."""
    length = block_length(len(series))
    sizes = [min(length, days - done) for done in range(0, days, length)]
    found = []
    for starts in product(range(len(series)), repeat=len(sizes)):
        drawn = [
            series[(start + step) % len(series)]
            for start, size in zip(starts, sizes, strict=True)
            for step in range(size)
        ]
        if drawn and at_least is not None:
            drawn[0] = max(drawn[0], at_least)
        found.append(sum(drawn))
    return found


@settings(max_examples=40)
@given(amounts, st.integers(0, 4), st.none() | st.integers(0, 4), st.integers(-5, 20))
def test_the_share_of_trials_is_the_share_of_all_that_can_happen(series, days, at_least, goal):
    drawn = totals(series, days=days, at_least=at_least, seed="any")
    possible = every_sum(series, days, at_least)
    expected = sum(1 for one in possible if one >= goal) / len(possible)
    assert share_reaching(drawn, goal) == pytest.approx(expected, abs=NEAR)


@given(amounts, st.integers(0, 6), st.sampled_from([50, 70, 85, 95]))
def test_what_is_reached_with_a_certainty_is_the_most_that_so_many_trials_bring(series, days, certainty):
    drawn = totals(series, days=days, seed="any", trials=400)
    amount = reached_with(drawn, certainty)
    assert sum(1 for one in drawn if one >= amount) >= 400 * certainty / 100
    assert sum(1 for one in drawn if one >= amount + 1) < 400 * certainty / 100 or max(drawn) == amount


@given(st.lists(st.integers(0, 9), min_size=1, max_size=30), st.integers(0, 12), st.integers(0, 60))
def test_more_days_bring_no_less_and_more_is_reached_by_fewer(series, days, goal):
    one, more = (totals(series, days=number, seed="any", trials=300) for number in (days, days + 1))
    assert all(after >= before for before, after in zip(one, more, strict=True))
    assert share_reaching(more, goal) >= share_reaching(one, goal) >= share_reaching(one, goal + 1)


def test_the_same_seed_gives_the_same_sums_in_another_process():
    program = "from sprintreports.metrics.trials import totals; print(totals([0, 1, 5, 2], days=7, seed='7/3')[::997])"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    here = totals([0, 1, 5, 2], days=7, seed="7/3")
    assert told.stdout.strip() == str(here[::997])
    assert here != totals([0, 1, 5, 2], days=7, seed="7/4")


def test_a_block_is_the_cube_root_of_the_days():
    assert [block_length(days) for days in (1, 3, 4, 8, 27, 70, 1000)] == [1, 1, 2, 2, 3, 4, 10]
    with pytest.raises(ValueError, match="nothing to draw from"):
        block_length(0)


def test_neighbouring_days_are_drawn_together():
    # A day that brings much is followed by one that takes it back: two together bring nothing, whichever are drawn.
    swings = [10, -10] * 4
    assert block_length(len(swings)) == 2
    assert set(totals(swings, days=2, seed="any")) == {0}
    assert set(totals(swings, days=1, seed="any")) == {-10, 10}


def test_each_day_is_drawn_equally_often():
    series = list(range(9))
    random.Random(1).shuffle(series)  # noqa: S311  # days made up, not secrets
    drawn = totals(series, days=1, seed="any")
    for day in series:
        assert drawn.count(day) / TRIALS == pytest.approx(1 / 9, abs=5 * (1 / 9 * 8 / 9 / TRIALS) ** 0.5)


def test_what_the_day_has_brought_is_certain_and_may_become_more():
    assert set(totals([0, 4], days=1, seed="any", at_least=3)) == {3, 4}
    assert set(totals([-2, 1], days=1, seed="any")) == {-2, 1}, "a day may take back what others brought"


def test_no_day_to_come_brings_nothing_and_fewer_are_refused():
    assert set(totals([5, 6], days=0, seed="any")) == {0}
    with pytest.raises(ValueError, match="none or more"):
        totals([5], days=-1, seed="any")


def test_absurd_amounts_stay_exact():
    assert set(totals([10**18, 0], days=1, seed="any")) == {0, 10**18}
