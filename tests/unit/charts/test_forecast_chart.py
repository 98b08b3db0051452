"""The forecast: what is drawn, what the table says, and that the sentence claims no more than that."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from sprintreports.charts.forecast import (
    NO_NUMBER,
    forecast_figure,
    forecast_reading,
    forecast_table,
    hit_sentence,
    hits_reading,
    likelihood,
)
from sprintreports.metrics.forecast import OVERDUE, DayForecast, HitRate, SprintForecast, SprintOutcome
from sprintreports.metrics.values import Unit


def at(day: int, hour: int = 0) -> datetime:
    return datetime(2025, 3, day, hour, tzinfo=UTC)


def told(
    day: int, finish: float | None, *, done: int = 0, scope: int = 40, amounts=(36, 33, 31, 28)
) -> DayForecast:
    given = tuple(zip((50, 70, 85, 95), (1000 * amount for amount in amounts), strict=True))
    return DayForecast(
        date(2025, 3, day), at(day, 9), 1000 * (scope - done), 1000 * done, 14 - day, finish, () if finish is None else given
    )  # fmt: skip


HITS = HitRate(6, 24, ((50, 0.5), (70, 0.75), (85, 21 / 24), (95, 1.0)), 0.11, ((50, 9.0), (70, 9.0), (85, 9.0), (95, 9.0)))  # fmt: skip
RUNNING = SprintForecast(
    Unit.POINTS, (told(3, 0.6), told(4, None), told(5, 0.824, done=10)), None, HITS, "", at(14, 17), "UTC", False, 7, at(5, 9)
)  # fmt: skip
CLOSED = replace(RUNNING, closed=True, outcome=SprintOutcome(34_000, 42_000, False, 35_000))


def traces(figure):
    return {trace["name"]: trace for trace in figure["data"]}


def test_the_sentence_says_how_likely_how_much_and_how_often_that_was_right():
    assert forecast_reading(RUNNING) == (
        "82 % likely to finish by Friday 14 March; with 85 % certainty at least 31 of 40 points are completed then. "
        "Of 24 earlier such forecasts at 85 %, 21 came true."
    )
    assert forecast_reading(replace(RUNNING, hit_rate=None)).endswith(
        "No earlier forecast of this board can be judged yet."
    )
    midnight = replace(RUNNING, planned_end=at(15))
    assert "by Friday 14 March" in forecast_reading(midnight), "an end at midnight is the day before"
    berlin = replace(RUNNING, planned_end=at(14, 23), zone="Europe/Berlin")
    assert "by Friday 14 March" in forecast_reading(berlin)


def test_of_a_closed_sprint_it_says_what_was_told_and_what_came():
    assert forecast_reading(CLOSED).startswith(
        "At its start it was 60 % likely to finish by Friday 14 March, with 85 % certainty of at least 31 of 40 points; "
        "34 of 42 points were completed by then."
    )
    everything = replace(CLOSED, outcome=SprintOutcome(42_000, 42_000, True, 42_000))
    assert "all 42 points in scope were completed by then." in forecast_reading(everything)
    late = replace(CLOSED, given=(told(3, None), told(4, 0.3)), outcome=None)
    assert forecast_reading(late).startswith("After Tuesday 4 March it was 30 % likely to finish by")


@pytest.mark.parametrize(
    ("finish", "words"),
    [(0.95, "more than 95 %"), (0.949, "95 %"), (0.5, "50 %"), (0.01, "1 %"), (0.009, "less than 1 %"), (0.0, "less than 1 %")],
)  # fmt: skip
def test_certainty_has_a_cap_and_a_floor(finish, words):
    assert likelihood(finish) == words
    sentence = forecast_reading(replace(RUNNING, given=(told(5, finish),)))
    assert sentence.lower().startswith(f"{words} likely to finish")


def test_hits_are_counted():
    one = replace(HITS, forecasts=1, coverage=((85, 1.0),))
    assert hit_sentence(one) == "The only earlier such forecast at 85 % came true."
    assert hit_sentence(replace(one, coverage=((85, 0.0),))).endswith("did not come true.")
    assert hit_sentence(replace(HITS, coverage=((85, 0.0),))).endswith("at 85 %, none came true.")
    assert hit_sentence(HITS, certainty=50) == "Of 24 earlier such forecasts at 50 %, 12 came true."


def test_every_certainty_is_told_with_its_hits():
    assert hits_reading(HITS) == (
        "Judged by 24 forecasts in 6 closed sprints before; came true: 12 at 50 %, 18 at 70 %, 21 at 85 %, 24 at 95 %. "
        "Brier score of the likelihood to finish: 0.11 (0 is perfect, 0.25 is what guessing fifty-fifty gets)."
    )
    one = replace(HITS, sprints=1, forecasts=1, coverage=((85, 1.0),), brier=None)
    assert hits_reading(one) == "Judged by 1 forecast in 1 closed sprint before; came true: 1 at 85 %."
    assert hits_reading(None) == ""


def test_what_is_finished_is_not_forecast():
    done = replace(RUNNING, given=(told(5, 0.95, done=40),))
    assert forecast_reading(done).startswith("All that is in scope is completed: 40 points.")


def test_without_a_number_it_says_why():
    overdue = replace(RUNNING, missing=OVERDUE)
    assert forecast_reading(overdue) == OVERDUE
    assert traces(forecast_figure(overdue))["Scope"]["y"] == [40, 40, 40], "what was told before stays"
    nothing = replace(RUNNING, given=(told(3, None),), missing="Too few sprints.")
    figure = forecast_figure(nothing)
    assert figure["data"] == []
    assert figure["layout"]["annotations"][0]["text"] == "Too few sprints."
    assert forecast_reading(replace(RUNNING, given=())) == NO_NUMBER


def test_the_figure_draws_scope_done_and_what_was_told_for_the_end():
    drawn = traces(forecast_figure(RUNNING))
    assert drawn["Scope"]["y"] == [40, 40, 40]
    assert drawn["Done"]["y"] == [0, 0, 10]
    certain = drawn["Told for the end: 85 % certain"]
    # Where nothing was known there is nothing to draw.
    assert certain["y"] == [31, 31]
    assert certain["x"] == ["2025-03-03 09:00:00", "2025-03-05 09:00:00"]
    assert "82 % likely to finish 40 points" in certain["text"][1]
    assert "9 working days left" in certain["text"][1]
    assert drawn["95 % certain"]["y"] == [28, 28]
    band = drawn["Told for the end: 95 % to 50 % certain"]
    assert (band["y"], band["fill"]) == ([36, 36], "tonexty")
    assert "Completed by the planned end" not in drawn


def test_what_lies_ahead_leads_from_now_to_the_planned_end():
    drawn = traces(forecast_figure(RUNNING))
    ahead = drawn["Ahead: 95 % to 50 % certain"]
    assert ahead["x"] == ["2025-03-05 09:00:00", "2025-03-14 17:00:00"]
    assert (ahead["y"], drawn["Ahead, 95 % certain"]["y"]) == ([10, 36], [10, 28])
    for other in (CLOSED, replace(RUNNING, missing=OVERDUE)):
        assert not any(name.startswith("Ahead") for name in traces(forecast_figure(other)))


def test_a_closed_sprint_is_marked_with_what_came():
    drawn = traces(forecast_figure(CLOSED))["Completed by the planned end"]
    assert (drawn["x"], drawn["y"]) == (["2025-03-14 17:00:00"], [34])


def test_the_table_says_the_same():
    table = forecast_table(RUNNING)
    assert table.columns[:5] == (
        "Told (UTC)", "Working days left", "Completed (story points)", "Scope (story points)", "Likely to finish",
    )  # fmt: skip
    assert table.rows[0] == ("2025-03-03 09:00", "11", "0", "40", "60 %", "36", "33", "31", "28")
    assert table.rows[1][4:] == ("not known",) * 5
    assert len(table.columns) == len(table.rows[2]) == 9
    over = replace(told(4, 0.5), at=at(5))
    assert forecast_table(replace(RUNNING, given=(over,))).rows[0][0] == "End of 2025-03-04"


@pytest.mark.parametrize(("unit", "words"), [(Unit.HOURS, "hours"), (Unit.COUNT, "issues")])
def test_amounts_are_in_the_unit(unit, words):
    base = {Unit.HOURS: 3600, Unit.COUNT: 1}[unit]
    one = DayForecast(
        date(2025, 3, 3), at(3, 9), 8 * base, 2 * base, 5, 0.7, tuple((s, 6 * base) for s in (50, 70, 85, 95))
    )
    found = replace(RUNNING, unit=unit, given=(one,))
    assert f"at least 6 of 10 {words}" in forecast_reading(found)
    assert traces(forecast_figure(found))["Scope"]["y"] == [10]


def test_figures_are_plain_values_in_both_themes():
    for found in (RUNNING, CLOSED):
        for dark in (False, True):
            assert json.loads(json.dumps(forecast_figure(found, dark=dark))) == forecast_figure(
                found, dark=dark
            )
