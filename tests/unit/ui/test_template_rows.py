"""A template's rows: what a layout becomes on the page, and what the page becomes as a layout."""

from dataclasses import replace

import pytest

from sprintreports.reports.document.blocks import DocumentKind
from sprintreports.reports.library import system_templates
from sprintreports.reports.templates.layout import Layout, OwnText, Part
from sprintreports.reports.templates.parts import SECTIONS
from sprintreports.ui.pages.report_template import rows

KIND = DocumentKind.BASELINE
LAYOUT = Layout(
    (OwnText("In short", "{{ sprint.name }}"), Part("teams", "Who does what"), Part("overview", hidden=("totals", "goal"))),
    "Close of {{ sprint.name }}",
)  # fmt: skip


def back(found: list[rows.PieceRow], title: str = "", kind: DocumentKind = KIND) -> Layout:
    return rows.layout_of(found, title, kind)


@pytest.mark.parametrize("one", system_templates.ALL, ids=lambda one: one.key)
def test_a_layout_comes_back_as_it_was(one: system_templates.SystemTemplate) -> None:
    found = rows.rows_of(one.layout, one.kind)
    assert back(found, one.layout.title, one.kind) == one.layout
    assert sorted(row.id for row in found if not row.own) == sorted(SECTIONS[one.kind])
    assert rows.wrong(*rows.checked(found, one.layout.title, one.kind)) == 0


def test_what_a_layout_leaves_out_stands_at_the_end_to_be_taken_in() -> None:
    found = rows.rows_of(LAYOUT, KIND)
    assert [row.id for row in found[:3]] == ["text-1", "teams", "overview"]
    assert rows.in_use(found) == 3
    assert not any(row.shown for row in found[3:])
    assert found[2].told == "Without Goal, Committed and 12 others"
    shown = rows.put(found, "queue", shown=True)
    assert [piece.key for piece in back(shown).pieces if isinstance(piece, Part)] == [
        "teams",
        "overview",
        "queue",
    ]


def test_a_part_goes_past_the_next_one_that_is_shown() -> None:
    found = rows.rows_of(LAYOUT, KIND)
    down = rows.moved(found, "text-1", 1)
    assert [row.id for row in down[:3]] == ["teams", "text-1", "overview"]
    assert rows.place_told(down, "text-1") == "In short is now number 2 of 3."
    assert rows.moved(down, "teams", -1) == down
    assert rows.moved(down, "overview", 1) == down  # beneath it is nothing but what is left out
    assert rows.moved(down, "nothing", 1) == down
    assert rows.moved(down, "teams", 7) == down
    # What is left out between them is no step on the way.
    gap = rows.put(down, "text-1", shown=False)
    assert [row.id for row in rows.moved(gap, "teams", 1)[:3]] == ["text-1", "overview", "teams"]
    assert [row.id for row in rows.moved(gap, "overview", -1)[:3]] == ["overview", "teams", "text-1"]


def test_ticks_are_what_a_part_hides() -> None:
    found = rows.ticked(rows.rows_of(Layout(), KIND), "stakeholders", "stakeholders_chart", shown=False)
    assert Part("stakeholders", hidden=("stakeholders_chart",)) in back(found).pieces
    assert next(row for row in found if row.id == "stakeholders").told == "Without the chart “Stakeholders”"
    again = rows.ticked(found, "stakeholders", "stakeholders_chart", shown=True)
    assert back(again) == Layout()
    # Of a part with one thing in it there is nothing to choose.
    burndown = next(row for row in found if row.id == "burndown")
    assert (burndown.figures, burndown.others, burndown.told) == ([], [], "")


def test_texts_are_added_first_and_last_and_filled_from_the_menu() -> None:
    found, first = rows.with_text(rows.rows_of(LAYOUT, KIND), first=True)
    found, last = rows.with_text(found, first=False)
    assert first != last
    assert [row.id for row in found[:5]] == [first, "text-1", "teams", "overview", last]
    found = rows.written(found, last, "We did")
    found = rows.appended(found, last, "{{ facts.completed }}")
    found = rows.appended(found, first, "{{ sprint.name }}")
    found = rows.appended(found, "teams", "{{ sprint.name }}")
    texts = {row.id: (row.text, row.typed) for row in found}
    assert texts[last] == ("We did {{ facts.completed }}", 1)
    assert texts[first] == ("{{ sprint.name }}", 1)
    assert texts["teams"] == ("", 0)
    assert [row.id for row in rows.without(rows.without(found, first), "teams")] == [
        "text-1",
        "teams",
        "overview",
        last,
        *(row.id for row in found[5:]),
    ]


def test_what_is_wrong_stands_beside_its_text() -> None:
    found = rows.rows_of(LAYOUT, KIND)
    found = rows.written(found, "text-1", "{{ sprint.nam }}")
    found = rows.retitled(found, "teams", "{% for one in facts %}")
    # What is left out is nobody's concern.
    found = rows.put(rows.retitled(found, "overview", "{{ no.such }}"), "overview", shown=False)
    marked, title_problem = rows.checked(found, "{{", KIND)
    wrong = {row.id: (bool(row.title_problem), bool(row.problem)) for row in marked if row.shown}
    assert wrong == {"text-1": (False, True), "teams": (True, False)}
    assert (
        marked[0].problem
        == "There is no placeholder 'sprint.nam'. Did you mean sprint.name? The menu of a text has all of them."
    )
    assert title_problem
    assert rows.wrong(marked, title_problem) == 3
    right = rows.right_alone(marked)
    assert rows.wrong(*rows.checked(right, "", KIND)) == 0
    assert back(right).pieces == (OwnText("In short", ""), Part("teams"))
    mended, _ = rows.checked(rows.written(marked, "text-1", "{{ sprint.name }}"), "", KIND)
    assert mended[0].problem == ""


def test_a_text_that_is_too_long_is_told_and_not_cut_in_silence() -> None:
    found = rows.written(rows.rows_of(LAYOUT, KIND), "text-1", "x" * 30_000)
    marked, _ = rows.checked(found, "", KIND)
    assert "longer than 20,000" in marked[0].problem


def test_a_part_that_is_named_twice_or_not_known_any_more_is_there_once_or_not_at_all() -> None:
    layout = Layout((Part("teams", "First"), Part("gone"), Part("teams", "Second")))
    found = rows.rows_of(layout, KIND)
    assert [row.title for row in found if row.id == "teams"] == ["First"]
    assert "gone" not in {row.id for row in found}
    assert back([replace(row) for row in found]).pieces == (Part("teams", "First"),)
