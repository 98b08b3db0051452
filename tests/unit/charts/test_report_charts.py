"""The figures of reports: before and after, and small multiples."""

from __future__ import annotations

import pytest
from plotly import graph_objects

from sprintreports.charts.before_after import (
    MOST_PAIRS,
    NOTHING_THERE,
    Pair,
    before_after_figure,
    before_after_reading,
)
from sprintreports.charts.figures import MOST_POINTS, point_count
from sprintreports.charts.small_multiples import MOST_PANELS, Panel, chosen, small_multiples_figure
from sprintreports.charts.theme import palette
from sprintreports.metrics.values import Unit

PAIRS = (Pair("QA", 2, 2), Pair("Backend", 8, 24), Pair("Frontend", 7, 5))


@pytest.mark.parametrize("dark", [False, True])
def test_pairs_stand_largest_first_in_colours_that_stay_apart(dark: bool):
    drawn = before_after_figure(PAIRS, unit=Unit.POINTS, names=("Then", "Now"), dark=dark)
    before, after = drawn["data"]
    assert (before["name"], before["x"]) == ("Then", [8, 7, 2])
    assert (after["name"], after["x"]) == ("Now", [24, 5, 2])
    assert drawn["layout"]["yaxis"]["ticktext"] == ["Backend", "Frontend", "QA"]
    colours = palette(dark=dark)
    assert (before["marker"]["color"], after["marker"]["color"]) == (colours.guide, colours.remaining)
    assert {trace["type"] for trace in drawn["data"]} == {"bar"}


def test_people_of_one_name_have_bars_of_their_own():
    drawn = before_after_figure((Pair("Jo", 1, 2), Pair("Jo", 3, 4)), unit=Unit.POINTS)
    assert drawn["data"][0]["y"] == [0, 1]


def test_many_pairs_end_in_others():
    pairs = [Pair(f"P{number}", number, 1) for number in range(1, MOST_PAIRS + 6)]
    drawn = before_after_figure(pairs, unit=Unit.POINTS)
    assert len(drawn["data"][0]["x"]) == MOST_PAIRS
    # The six smallest, 1 to 6, are one bar: 21 before, 6 after.
    assert (drawn["data"][0]["x"][-1], drawn["data"][1]["x"][-1]) == (21, 6)
    assert drawn["layout"]["yaxis"]["ticktext"][-1] == "Others (6)"


def test_the_reading_names_what_changed_most_and_ties():
    assert (
        before_after_reading(PAIRS, unit=Unit.POINTS)
        == "Backend changed most: up by 16 points, from 8 to 24."
    )
    tied = (Pair("A", 1, 3), Pair("B", 4, 2), Pair("C", 0, 0))
    assert before_after_reading(tied, unit=Unit.POINTS) == "B and A changed most, by 2 points each."
    assert before_after_reading((Pair("A", 1, 1),), unit=Unit.HOURS) == "None of them changed in hours."
    assert before_after_reading((), unit=Unit.POINTS) == NOTHING_THERE


def panel(name: str, *done: float) -> Panel:
    return Panel(name, tuple(value + 1 for value in done), done)


@pytest.mark.parametrize("dark", [False, True])
def test_panels_share_one_scale_and_one_legend(dark: bool):
    panels = [panel("A", 1, 2, 3), panel("B", 10, 20), panel("C", 5), panel("D", 4)]
    names = [["S1", "S2", "S3"], ["S1", "S2"], ["S1"], ["S1"]]
    drawn = small_multiples_figure(panels, sprints=names, unit=Unit.POINTS, dark=dark)
    scales = {key: tuple(axis["range"]) for key, axis in drawn["layout"].items() if key.startswith("yaxis")}
    assert len(scales) == 4
    assert set(scales.values()) == {(0, 21 * 1.05)}
    assert sum(trace["showlegend"] for trace in drawn["data"]) == 2
    assert [note["text"] for note in drawn["layout"]["annotations"]] == ["A", "B", "C", "D"]
    assert {trace["type"] for trace in drawn["data"]} == {"bar", "scatter"}
    for key, axis in drawn["layout"].items():
        if key.startswith(("xaxis", "yaxis")):
            low, high = axis["domain"]
            assert 0 <= low < high <= 1


def test_the_panels_with_most_work_are_drawn():
    panels = [panel(f"P{number}", float(number)) for number in range(30)]
    drawn = chosen(panels)
    assert [one.name for one in drawn] == [f"P{number}" for number in range(29, 29 - MOST_PANELS, -1)]


def test_no_figure_sends_more_points_than_a_socket_bears():
    panels = chosen([panel(f"P{number}", *([1.0] * 400)) for number in range(30)])
    drawn = small_multiples_figure(panels, sprints=[["S"] * 400] * len(panels), unit=Unit.COUNT)
    assert point_count(drawn) <= MOST_POINTS


def test_long_names_leave_room_and_stand_whole_beside_the_points():
    name = "Team " + "W" * 500
    drawn = small_multiples_figure([panel(name, 1.0)], sprints=[["S1"]], unit=Unit.POINTS)
    assert drawn["layout"]["annotations"][0]["text"] == "Team " + "W" * 26 + "…"
    assert name in drawn["data"][0]["text"][0]
    pair = before_after_figure((Pair(name, 1, 2),), unit=Unit.POINTS)
    assert len(pair["layout"]["yaxis"]["ticktext"][0]) == 40
    assert name in pair["data"][0]["text"][0]


def test_plotly_knows_every_word_of_them():
    panels = [panel("A", 1, 2), panel("B", 3)]
    graph_objects.Figure(before_after_figure(PAIRS, unit=Unit.POINTS))
    graph_objects.Figure(small_multiples_figure(panels, sprints=[["S1", "S2"], ["S1"]], unit=Unit.POINTS))


def test_nothing_to_draw_is_a_sentence():
    for drawn in (
        small_multiples_figure((), sprints=(), unit=Unit.POINTS),
        before_after_figure((), unit=Unit.POINTS),
    ):
        assert drawn["data"] == []
        assert drawn["layout"]["annotations"][0]["text"].endswith(".")
