"""Velocity and breakdowns: bars, lines, tables, and readings that claim no more than the data show."""

from __future__ import annotations

import pytest

from sprintreports.charts.breakdown import (
    MOST_BARS,
    NO_ISSUES,
    breakdown_figure,
    breakdown_parts,
    breakdown_reading,
    breakdown_table,
)
from sprintreports.charts.velocity import NO_VELOCITY, velocity_figure, velocity_reading, velocity_table
from sprintreports.charts.words import amount, number, percent, rounded, signed, unit_title
from sprintreports.metrics.sprint_report import Breakdown, Dimension
from sprintreports.metrics.totals import Totals
from sprintreports.metrics.values import NOTHING, Amount, Unit
from tests.unit.charts.samples import some_velocity


def named(figure):
    return {trace["name"]: trace for trace in figure["data"]}


def part(label: str, completed: int, left: int = 0, dimension: Dimension = Dimension.TYPE) -> Breakdown:
    done, rest = Amount(completed * 1000, 0, 1), Amount(left * 1000, 0, 1)
    totals = Totals(
        initial=done,
        completed=done,
        not_completed=rest,
        final=done + rest,
        removed=Amount(1000, 0, 1),
        issues=3,
    )
    return Breakdown(dimension, label, totals)


def test_velocity_has_two_bars_a_sprint_a_mean_a_band_and_limits():
    drawn = velocity_figure(some_velocity(10, 20, 30))
    traces = named(drawn)
    assert traces["Committed"]["y"] == [20, 20, 20]
    assert traces["Completed"]["y"] == [10, 20, 30]
    assert traces["Mean completed"]["y"] == [20, 20]
    assert traces["Upper natural limit"]["y"] == [pytest.approx(46.6)] * 2
    assert traces["Lower natural limit"]["y"] == [0, 0]
    (band,) = drawn["layout"]["shapes"]
    assert (band["y0"], band["y1"]) == (10, 30)
    assert drawn["layout"]["xaxis"]["ticktext"] == ["1", "2", "3"]
    assert drawn["layout"]["xaxis"]["title"]["text"] == "Sprint"  # what all names begin with is said once
    assert drawn["layout"]["yaxis"]["title"]["text"] == "Story points"
    assert traces["Completed"]["text"][0] == "Sprint 1<br>Completed: 10 points"


@pytest.mark.parametrize(("count", "step"), [(13, 1), (14, 2), (26, 2), (27, 3)])
def test_names_below_many_bars_leave_each_other_room(count: int, step: int):
    drawn = velocity_figure(some_velocity(*range(1, count + 1), last=count))
    below = drawn["layout"]["xaxis"]
    assert len(drawn["data"][0]["x"]) == count, "every sprint has its bars"
    assert (below["ticktext"][-1], below["title"]["text"]) == (str(count), "Sprint")
    assert below["tickvals"] == [place for place in range(count) if (count - 1 - place) % step == 0]
    assert below["ticktext"] == [str(place + 1) for place in below["tickvals"]]


def test_too_few_sprints_draw_no_band_and_no_limits():
    drawn = velocity_figure(some_velocity(10), dark=True)
    assert set(named(drawn)) == {"Committed", "Completed", "Mean completed"}
    assert drawn["layout"]["shapes"] == []


def test_the_band_does_not_go_below_nothing():
    (band,) = velocity_figure(some_velocity(0, 30))["layout"]["shapes"]
    assert band["y0"] == 0


@pytest.mark.parametrize("nothing", [None, some_velocity()])
def test_no_closed_sprint_is_a_sentence(nothing):
    drawn = velocity_figure(nothing)
    assert (drawn["data"], drawn["layout"]["annotations"][0]["text"]) == ([], NO_VELOCITY)
    assert velocity_reading(nothing) == NO_VELOCITY
    assert velocity_table(nothing).rows == ()


def test_the_velocity_table():
    table = velocity_table(some_velocity(10), zone="Pacific/Auckland")
    assert table.columns[:4] == (
        "Sprint",
        "Closed (Pacific/Auckland)",
        "Committed (story points)",
        "Completed (story points)",
    )
    assert table.rows == (("Sprint 1", "2025-03-30", "20", "10", "0", "50 %", "0 %", "0"),)
    assert velocity_table(some_velocity(10, committed=0)).rows[0][5:7] == ("not known", "not known")


@pytest.mark.parametrize(
    ("velocity", "sentence"),
    [
        (
            some_velocity(10, 20, 30),
            (
                "The 3 closed sprints shown completed 20 story points on average, give or take 10; the median "
                "sprint completed 100 % of its commitment."
            ),
        ),
        (
            some_velocity(10, 11, committed=0),
            "The 2 closed sprints shown completed 10.5 story points on average, give or take 0.7.",
        ),
        (
            some_velocity(1),
            "The only closed sprint here, Sprint 1, completed 1 point; one sprint shows no spread.",
        ),
    ],
)
def test_the_velocity_reading(velocity, sentence):
    assert velocity_reading(velocity) == sentence


def test_a_breakdown_stacks_the_buckets_with_the_largest_scope_first():
    drawn = breakdown_figure([part("Bug", 3, 1), part("Story", 5, 9)], unit=Unit.POINTS)
    traces = named(drawn)
    assert drawn["layout"]["barmode"] == "stack"
    assert drawn["layout"]["yaxis"]["ticktext"] == ["Story", "Bug"]
    assert (traces["Completed"]["x"], traces["Not completed"]["x"]) == ([5, 3], [9, 1])
    assert traces["Removed"]["x"] == [1, 1]
    assert traces["Completed"]["orientation"] == "h"
    assert traces["Completed"]["text"][0] == "Story<br>Completed: 5 points"


def test_people_and_teams_have_names_and_nobody_has_a_word():
    parts = [
        part("17", 5, dimension=Dimension.ASSIGNEE),
        part("", 3, dimension=Dimension.ASSIGNEE),
        part("", 2, dimension=Dimension.STAKEHOLDER),
        part("0", 1, dimension=Dimension.TEAM),
        part("", 0, dimension=Dimension.PRIORITY),
    ]
    table = breakdown_table(parts, unit=Unit.POINTS, names={"17": "Ada"})
    assert [row[0] for row in table.rows] == ["Ada", "Unassigned", "No stakeholder", "No team", "None"]
    assert table.rows[0] == ("Ada", "3", "5", "0", "1", "0", "5", "0")


def test_many_labels_end_in_others_and_nothing_is_lost():
    parts = [part(f"Type {n:02}", n) for n in range(1, 31)]
    drawn = breakdown_figure(parts, unit=Unit.POINTS, dark=True)
    labels = drawn["layout"]["yaxis"]["ticktext"]
    assert (len(labels), labels[-1]) == (MOST_BARS, "Others (11)")
    assert sum(named(drawn)["Completed"]["x"]) == sum(range(1, 31))
    assert len(breakdown_table(parts, unit=Unit.POINTS).rows) == 30


def test_parts_are_in_the_order_of_the_rows():
    parts = [part("3", 1), part("17", 9), part("", 4)]
    names = {"3": "Ada", "17": "Bo"}
    assert breakdown_parts(parts, unit=Unit.POINTS, names=names) == ["17", "", "3"]
    assert [row[0] for row in breakdown_table(parts, unit=Unit.POINTS, names=names).rows] == [
        "Bo",
        "None",
        "Ada",
    ]


def test_moves_between_teams_have_a_column_where_there_are_any():
    moved = Breakdown(Dimension.TEAM, "3", Totals(final=Amount(2000, 0, 1), transferred=Amount(2000, 0, 1)))
    table = breakdown_table([moved], unit=Unit.POINTS)
    assert dict(zip(table.columns, table.rows[0], strict=True))["Moved between teams (story points)"] == "+2"


def test_what_nobody_estimated_is_not_known_and_not_nothing():
    without = Breakdown(
        Dimension.TEAM, "3", Totals(initial=Amount(0, 0, 2), final=Amount(0, 0, 2), issues=2, unestimated=2)
    )
    assert breakdown_table([without], unit=Unit.POINTS).rows == (("3", "2", *("—",) * 6),)
    assert breakdown_table([without], unit=Unit.COUNT).rows == (("3", "2", "2", "0", "0", "0", "0", "0"),)


def test_the_breakdown_reading():
    parts = [part("Bug", 3, 1), part("Story", 5, 7)]
    assert breakdown_reading(parts, unit=Unit.POINTS) == (
        "Story has the most scope: 12 of 16 points (75 %), 5 of them completed."
    )
    tied = [part("Bug", 3, 1), part("Story", 1, 3), part("Task", 2)]
    assert breakdown_reading(tied, unit=Unit.POINTS) == (
        "Bug and Story have the most scope: 4 of 10 points each (40 %)."
    )
    nothing = [Breakdown(Dimension.TYPE, "Bug", Totals(final=NOTHING))]
    assert breakdown_reading(nothing, unit=Unit.HOURS) == "What is in scope adds up to 0 hours."


def test_no_breakdown_is_a_sentence():
    drawn = breakdown_figure([], unit=Unit.POINTS)
    assert (drawn["data"], drawn["layout"]["annotations"][0]["text"]) == ([], NO_ISSUES)
    assert breakdown_reading([], unit=Unit.POINTS) == NO_ISSUES


def test_numbers_are_written_as_readers_expect():
    assert [number(v) for v in (0, -0.001, 1, 0.5, 2.25, 1234.5, -3)] == [
        "0",
        "0",
        "1",
        "0.5",
        "2.25",
        "1,234.5",
        "-3",
    ]
    assert [rounded(v) for v in (20, 20.04, -0.01, 3.25)] == ["20", "20", "0", "3.2"]
    assert [signed(v) for v in (5, -5, 0, 0.001)] == ["+5", "-5", "0", "0"]
    assert [percent(v) for v in (0.923, 1, None)] == ["92 %", "100 %", "not known"]
    assert [amount(v, Unit.HOURS) for v in (1, 1.5)] == ["1 hour", "1.5 hours"]
    assert [unit_title(unit) for unit in Unit] == ["Story points", "Hours", "Issues"]
