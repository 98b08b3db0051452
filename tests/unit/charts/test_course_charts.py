"""Burndown and burnup: what is drawn, what the table says, and that the sentence claims no more than that."""

from __future__ import annotations

import json
from contextvars import copy_context

import pytest

from sprintreports.charts.burndown import burndown_figure, burndown_reading, burndown_table
from sprintreports.charts.burnup import burnup_figure, burnup_reading, burnup_table
from sprintreports.charts.figures import MOST_POINTS, point_count
from sprintreports.charts.writing import write_as
from sprintreports.metrics.calendar import WorkCalendar
from sprintreports.metrics.scope import EventKind, ScopeEvent
from sprintreports.metrics.values import NOTHING, Amount, Estimate, Unit
from tests.unit.charts.samples import added, at, course, finished, grown, not_started, points, removed

KEYS = {11: "DEMO-11", 12: "DEMO-12", 13: "DEMO-13"}
FIGURES = pytest.mark.parametrize("draw", [burndown_figure, burnup_figure])


def traces(figure):
    return {trace["name"]: trace for trace in figure["data"]}


def test_the_burndown_draws_steps_scope_changes_and_the_guideline():
    drawn = traces(burndown_figure(grown(), unit=Unit.POINTS, keys=KEYS))
    assert set(drawn) == {"Remaining", "Scope change", "Guideline"}
    assert drawn["Remaining"]["y"] == [35, 43, 48, 27, 27]
    assert drawn["Remaining"]["line"]["shape"] == "hv"
    assert drawn["Remaining"]["x"][0] == "2025-03-03 09:00:00"
    assert drawn["Remaining"]["x"][-1] == "2025-03-05 09:00:00"
    assert drawn["Scope change"]["y"] == [43, 48]
    assert drawn["Guideline"]["y"] == [35, 0]


def test_a_scope_step_names_its_issue_and_its_change():
    drawn = traces(burndown_figure(grown(), unit=Unit.POINTS, keys=KEYS))
    text = drawn["Scope change"]["text"][0]
    assert text.startswith("DEMO-11: added to the sprint<br>Scope +8<br>43 points remaining of 43")
    assert "DEMO-13: done<br>27 points remaining of 48" in drawn["Remaining"]["text"][3]
    nameless = traces(burndown_figure(grown(), unit=Unit.POINTS))
    assert nameless["Scope change"]["text"][0].startswith("issue 11:")


def test_without_scope_changes_or_a_goal_nothing_is_marked():
    drawn = traces(burndown_figure(course(finished(1, 5), planned=None), unit=Unit.POINTS))
    assert set(drawn) == {"Remaining"}


def test_the_burnup_draws_scope_and_done():
    drawn = traces(burnup_figure(grown(), unit=Unit.POINTS, keys=KEYS, dark=True))
    assert drawn["Scope"]["y"] == [35, 43, 48, 48, 48]
    assert drawn["Done"]["y"] == [0, 0, 0, 21, 21]


@pytest.mark.parametrize(("unit", "title"), [(Unit.POINTS, "Story points"), (Unit.HOURS, "Hours")])
def test_axes_name_their_units(unit, title):
    layout = burnup_figure(grown(), unit=unit)["layout"]
    assert layout["yaxis"]["title"]["text"] == title
    assert burndown_figure(grown(), unit=unit)["layout"]["yaxis"]["title"]["text"] == f"{title} remaining"


@FIGURES
def test_planned_end_now_and_close_are_lines_and_rests_are_shaded(draw):
    active = draw(course(planned=8), unit=Unit.POINTS)["layout"]
    assert [note["text"] for note in active["annotations"]] == ["now", "planned end"]
    assert [note["xanchor"] for note in active["annotations"]] == ["center", "right"]
    rests = [shape for shape in active["shapes"] if shape["type"] == "rect"]
    assert [(rest["x0"], rest["x1"]) for rest in rests] == [("2025-03-08 00:00:00", "2025-03-10 00:00:00")]
    closed = draw(course(closed=True, planned=None), unit=Unit.POINTS)["layout"]
    assert [note["text"] for note in closed["annotations"]] == ["closed"]


@FIGURES
@pytest.mark.parametrize(
    ("planned", "names"),
    [(4.1, ["closed · planned end"]), (3.9, ["planned end · closed"]), (9, ["closed", "planned end"])],
)
def test_lines_side_by_side_share_one_name(draw, planned, names):
    layout = draw(course(end=4, planned=planned, closed=True), unit=Unit.POINTS)["layout"]
    assert [note["text"] for note in layout["annotations"]] == names
    assert len([shape for shape in layout["shapes"] if shape["type"] == "line"]) == 2


def test_burndown_and_burnup_show_the_same_time():
    for drawn in (course(planned=8), course(end=9, planned=4, closed=True), course(planned=None)):
        ranges = [
            draw(drawn, unit=Unit.POINTS)["layout"]["xaxis"]["range"]
            for draw in (burndown_figure, burnup_figure)
        ]
        assert ranges[0] == ranges[1]
        assert ranges[0][0] < "2025-03-03 09:00:00"
        assert ranges[0][1] > drawn.end.isoformat(" ")


@FIGURES
def test_times_are_drawn_in_the_boards_zone(draw):
    drawn = draw(course(zone="Europe/Berlin"), unit=Unit.POINTS)
    assert drawn["data"][0]["x"][0] == "2025-03-03 10:00:00"


@FIGURES
def test_before_the_start_there_is_a_sentence_and_no_zero(draw):
    for nothing in (None, not_started()):
        drawn = draw(nothing, unit=Unit.POINTS)
        assert drawn["data"] == []
        assert drawn["layout"]["annotations"][0]["text"] == "This sprint has not started."
    assert burndown_table(None, unit=Unit.POINTS).rows == burnup_table(None, unit=Unit.POINTS).rows == ()
    assert burndown_table(not_started(), unit=Unit.POINTS).rows == ()


@FIGURES
@pytest.mark.parametrize("days", [3, 900])
def test_many_steps_are_drawn_by_the_day_and_end_the_same(draw, days):
    events = [added(day + 0.001 * n, 1, day * 20 + n) for day in range(days) for n in range(1, 1000 // days)]
    long = course(*events, end=days, planned=days * 4)
    drawn = draw(long, unit=Unit.POINTS)
    assert point_count(drawn) < MOST_POINTS
    last = long.last
    assert last is not None
    assert drawn["data"][0]["y"][-1] == last.remaining.value(Unit.POINTS)
    assert len(json.dumps(drawn)) < 400_000


def test_a_guideline_of_many_years_is_thinned():
    ancient = course(end=4000, planned=4000)
    assert len(ancient.guideline) > MOST_POINTS / 2
    drawn = burndown_figure(ancient, unit=Unit.POINTS)
    assert point_count(drawn) < MOST_POINTS
    assert traces(drawn)["Guideline"]["y"][-1] == 0
    assert not [shape for shape in drawn["layout"]["shapes"] if shape["type"] == "rect"]


def test_thinned_steps_say_how_many_changes_they_hold():
    events = [added(0.001 * n, 1, n) for n in range(1, 300)] + [
        finished(1 + 0.001 * n, 1) for n in range(300)
    ]
    table = burndown_table(course(*events), unit=Unit.POINTS)
    assert [row[1:4] for row in table.rows] == [
        ("", "Sprint started", ""),
        ("", "299 changes up to Monday 3 March", "+299"),
        ("", "300 changes up to Tuesday 4 March", ""),
    ]


def test_the_table_says_what_the_chart_shows():
    for table in (
        burndown_table(grown(), unit=Unit.POINTS, keys=KEYS),
        burnup_table(grown(), unit=Unit.POINTS, keys=KEYS),
    ):
        assert table.columns[0] == "Time (UTC)"
        assert table.columns[-1] == "Remaining (story points)"
        assert table.rows[0] == ("2025-03-03 09:00", "", "Sprint started", "", "35", "0", "35")
        assert table.rows[1][1:] == ("DEMO-11", "added to the sprint", "+8", "43", "0", "43")
        assert table.rows[3][1:] == ("DEMO-13", "done", "", "48", "21", "27")


def test_re_estimates_and_reopenings_have_words():
    was, now = points(3), points(5)
    events = (
        ScopeEvent(at(1), 1, EventKind.REESTIMATED, "", 0, was, now),
        ScopeEvent(at(1.1), 1, EventKind.DONE, "", 0, now, now),
        ScopeEvent(at(1.2), 1, EventKind.REOPENED, "", 0, now, now, done=True),
    )
    table = burndown_table(course(*events), unit=Unit.POINTS)
    assert [(row[2], row[3]) for row in table.rows[1:]] == [
        ("re-estimated", "+2"),
        ("done", ""),
        ("reopened", ""),
    ]


@pytest.mark.parametrize("reading", [burndown_reading, burnup_reading])
@pytest.mark.parametrize(
    ("drawn", "sentence"),
    [
        (
            grown(),
            (
                "Scope grew by 13 points on Tuesday 4 March; 21 of 48 points are done with 3 working days left, "
                "today included."
            ),
        ),
        (
            course(removed(1, 5), removed(2, 1, 3), end=2.5),
            (
                "Scope shrank by 6 points since the start; 0 of 29 points are done with 3 working days left, "
                "today included."
            ),
        ),
        (
            course(end=4, planned=4.1),
            (
                "Scope has not changed since the start; 0 of 35 points are done with 1 working day left, today "
                "included."
            ),
        ),
        (
            course(end=5.1, planned=6),
            "Scope has not changed since the start; 0 of 35 points are done with no working day left.",
        ),
        (
            course(end=5.1, planned=4),
            (
                "Scope has not changed since the start; 0 of 35 points are done, and the planned end, Friday 7 "
                "March, has passed."
            ),
        ),
        (
            course(planned=None),
            "Scope has not changed since the start; 0 of 35 points are done, and no end is planned.",
        ),
        (
            course(finished(1, 2.5), closed=True),
            "Scope did not change; 2.5 of 35 points were done at the close.",
        ),
        (
            course(added(1, 5), removed(1.5, 5), planned=None),
            "Additions and removals of scope cancelled out; 0 of 35 points are done, and no end is planned.",
        ),
        (
            course(initial=NOTHING, closed=True),
            "Scope did not change; no issue is in scope at the close.",
        ),
        (
            course(initial=Amount(0, 0, 3), closed=True),
            "Scope did not change; the 3 issues in scope add up to 0 story points at the close.",
        ),
        (
            course(initial=Amount(0, 0, 1), closed=True),
            "Scope did not change; the 1 issue in scope adds up to 0 story points at the close.",
        ),
        (not_started(), "This sprint has not started."),
        (None, "This sprint has not started."),
    ],
)
def test_the_reading(reading, drawn, sentence):
    assert reading(drawn, unit=Unit.POINTS) == sentence


def test_the_readings_day_is_the_boards():
    late = course(added(0.6, 1), zone="Pacific/Auckland", closed=True)
    assert "on Tuesday 4 March" in burndown_reading(late, unit=Unit.POINTS)


def test_an_unestimated_addition_is_no_growth_in_points_but_one_issue():
    silent = ScopeEvent(at(1), 1, EventKind.ENTERED, "added to the sprint", 0, None, Estimate(None, None))
    drawn = course(silent, closed=True)
    assert burndown_reading(drawn, unit=Unit.POINTS).startswith("Scope did not change in story points;")
    assert burndown_reading(drawn, unit=Unit.COUNT).startswith(
        "Scope grew by 1 issue on Tuesday 4 March; 0 of 8"
    )


def test_a_board_without_a_working_week_has_no_guideline():
    assert WorkCalendar(weekdays=frozenset()).guideline(at(0), at(5), Amount(1, 1, 1)) == ()


@FIGURES
@pytest.mark.parametrize(
    ("locale", "day"), [("en-GB", "%-d %b\n%Y"), ("sv-SE", "%m-%d\n%Y"), ("en-US", None)]
)
def test_days_below_the_chart_are_in_the_readers_order(draw, locale: str, day: str | None):
    drawn = copy_context().run(_drawn_as, locale, lambda: draw(course(), unit=Unit.POINTS))
    stops = {stop["value"] for stop in drawn["layout"]["xaxis"].get("tickformatstops", ())}
    assert day in stops if day else not stops  # Plotly's own order is month first


def _drawn_as(locale: str, draw):
    write_as(locale)
    return draw()
