"""How earlier forecasts came out: by hand, over days that are known to be alike, and never from the future."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from sprintreports.metrics.backtest import SPRINTS_JUDGED, hit_rate
from sprintreports.metrics.forecast import PERCENTILES, given, outcome
from sprintreports.metrics.sprint_days import past
from tests.unit.metrics.sprint_days_samples import CALENDAR, in_a_row


def test_two_forecasts_by_hand():
    # Sprints of one day: two each time, then nothing. The sixth and the seventh are told "2, more than 95 %".
    judged = hit_rate(in_a_row([[2]] * 6 + [[0]], scope=2), calendar=CALENDAR)
    assert judged is not None
    assert (judged.sprints, judged.forecasts) == (2, 2)
    assert judged.coverage == tuple((share, 0.5) for share in PERCENTILES)
    assert judged.hits(85) == 1
    # Told 0.95: it happened, then it did not.
    assert judged.brier == pytest.approx((0.05**2 + 0.95**2) / 2)
    # Told 2 where 0 came: 2 x the share that was certain; the other one lost nothing.
    assert dict(judged.pinball) == pytest.approx({50: 0.5, 70: 0.7, 85: 0.85, 95: 0.95})


def test_more_than_was_told_loses_little_and_hits():
    judged = hit_rate(in_a_row([[2]] * 5 + [[6]], scope=9), calendar=CALENDAR)
    assert judged is not None
    assert judged.coverage == tuple((share, 1.0) for share in PERCENTILES)
    assert dict(judged.pinball) == pytest.approx({50: 2.0, 70: 1.2, 85: 0.6, 95: 0.2})
    assert judged.brier == 0.0, "nothing was likely and it did not happen"


def test_each_quarter_of_a_sprint_is_judged_as_it_was_told():
    sprints = in_a_row([[1, 0, 2, 1, 0, 3, 1, 1, 2, 0]] * 5)
    judged = hit_rate(sprints, calendar=CALENDAR)
    assert judged is not None
    assert (judged.sprints, judged.forecasts) == (2, 8)
    hits = dict.fromkeys(PERCENTILES, 0)
    for one in sprints[3:]:
        came = outcome(one, calendar=CALENDAR)
        shown = given(one, past(sprints, calendar=CALENDAR), calendar=CALENDAR)
        # Ten working days: at the start, and after two, five and seven.
        for told in (shown[0], shown[2], shown[5], shown[7]):
            for share, amount in told.percentiles:
                hits[share] += came is not None and came.completed >= amount
    assert {share: judged.hits(share) for share in PERCENTILES} == hits


def test_a_later_sprint_changes_no_judgement_of_an_earlier_one():
    sprints = in_a_row([[1, 0, 2, 1, 0], [0, 3, 1, 1, 2]] * 4)
    alone = hit_rate(sprints, calendar=CALENDAR)
    assert alone is not None
    later = replace(
        in_a_row([[9] * 5], first=sprints[-1].stop.date() + timedelta(days=3))[0],
        name="later",
        planned_end=None,
    )
    assert hit_rate([later, *sprints], calendar=CALENDAR) == alone


def test_where_days_are_alike_the_certainties_hold():
    random_days = random.Random(20)  # noqa: S311  # days made up, not secrets
    hits = dict.fromkeys(PERCENTILES, 0)
    forecasts = 0
    for _ in range(8):
        sprints = in_a_row(
            [[random_days.choice((0, 0, 1, 2, 3, 5, 8)) for _ in range(10)] for _ in range(27)], scope=1_000
        )
        judged = hit_rate(sprints, calendar=CALENDAR)
        assert judged is not None
        assert (judged.sprints, judged.forecasts) == (SPRINTS_JUDGED, 4 * SPRINTS_JUDGED)
        forecasts += judged.forecasts
        for share in PERCENTILES:
            hits[share] += judged.hits(share)
    # The four of a sprint are not independent: three standard deviations of the 160 sprints.
    for share, hit in hits.items():
        assert hit / forecasts == pytest.approx(
            share / 100, abs=3 * (share * (100 - share) / 160) ** 0.5 / 100
        )


@pytest.mark.parametrize(
    "sprints",
    [
        [],
        in_a_row([[1, 2]] * 2),
        in_a_row([[0, 0]] * 9),
        [replace(one, planned_end=None) for one in in_a_row([[1, 2]] * 9)],
        [replace(one, closed=False) for one in in_a_row([[1, 2]] * 9)],
    ],
)
def test_nothing_to_judge_is_no_hit_rate(sprints):
    assert hit_rate(sprints, calendar=CALENDAR) is None


def test_of_many_sprints_the_last_ones_are_judged():
    judged = hit_rate(in_a_row([[1]] * 200, scope=3), calendar=CALENDAR)
    assert judged is not None
    assert judged.sprints == SPRINTS_JUDGED == 20
