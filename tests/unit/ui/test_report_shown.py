"""A document as display values, and states in addresses: what a page shows of each kind of block, and what it refuses."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from sprintreports.kit.errors import Invalid, NotFound
from sprintreports.metrics.values import Unit
from sprintreports.reports.document.blocks import (
    Chart,
    Column,
    Document,
    Fact,
    Facts,
    IssueRef,
    Kind,
    Mark,
    Row,
    Section,
    Table,
)
from sprintreports.reports.spec import BaselineSpec, ComparisonSpec, Frozen, Live, ReviewSpec
from sprintreports.ui.reporting import shown, states
from tests.reports_samples import document

THEN = datetime(2026, 3, 2, 9, tzinfo=UTC)


def alone(table: Table) -> Document:
    return replace(document(), sections=(Section("one", "One", (table,)),))


def part_of(table: Table) -> shown.Part:
    ((part,),) = [group.parts for group in shown.groups(alone(table))]
    return part


def test_each_block_of_the_sample_is_shown_once_and_in_order() -> None:
    made = document()
    groups = shown.groups(made)
    assert [(group.key, group.title) for group in groups] == [(one.key, one.title) for one in made.sections]
    for group, section in zip(groups, made.sections, strict=True):
        names = [type(block).__name__.lower() for block in section.blocks]
        assert [part.kind for part in group.parts] == names
    keys = [part.key for group in groups for part in group.parts]
    assert len(set(keys)) == len(keys)
    for part in (part for group in groups for part in group.parts if part.rows):
        assert all(len(row.cells) == len(part.heads) == part.width for row in part.rows)


def test_rows_are_marked_in_words_and_not_by_colour_alone() -> None:
    columns = (Column("key", "Issue", Kind.ISSUE), Column("n", "Points", Kind.NUMBER))
    rows = (
        Row((IssueRef("PAY-1", "https://jira.example/browse/PAY-1"), 3.0), Mark.ADDED),
        Row((IssueRef("PAY-2", "javascript:alert(1)"), None)),
    )
    part = part_of(Table("t", "T", columns, rows, "None."))
    assert [head.text for head in part.heads] == ["Issue", "Points", "What"]
    assert [cell.text for cell in part.rows[0].cells] == ["PAY-1", "3", "Added"]
    assert part.rows[0].cells[0].url == "https://jira.example/browse/PAY-1"
    assert part.rows[1].cells[0].url == ""
    assert part.rows[1].cells[1].text == "–"
    unmarked = part_of(Table("t", "T", columns, rows[1:], "None."))
    assert [head.text for head in unmarked.heads] == ["Issue", "Points"]


@pytest.mark.parametrize(
    ("fact", "value", "unit", "css", "change", "tone"),
    [
        (Fact("k", "L", 17.0, unit=Unit.POINTS), "17", "points", "", "", ""),
        (
            Fact("k", "L", 17.0, unit=Unit.POINTS, change=3.0, good=True),
            "17",
            "points",
            "",
            "+3 (better)",
            "good",
        ),
        (Fact("k", "L", 8, Kind.COUNT, change=-2.0, good=False), "8", "", "", "-2 (worse)", "bad"),
        (Fact("k", "L", 8, Kind.COUNT, change=0.0, good=True), "8", "", "", "unchanged", ""),
        (Fact("k", "L", "running", Kind.TEXT), "running", "", "words", "", ""),
        (Fact("k", "L", None, unit=Unit.POINTS), "–", "", "", "", ""),
    ],
)
def test_a_fact_is_a_tile_whose_change_is_said_in_words(
    fact: Fact, value: str, unit: str, css: str, change: str, tone: str
) -> None:
    made = replace(document(), sections=(Section("one", "One", (Facts("f", (fact,)),)),))
    (figure,) = shown.groups(made)[0].parts[0].figures
    assert (figure.value, figure.unit, figure.css) == (value, unit, css)
    assert (figure.change.replace("−", "-"), figure.tone) == (change, tone)


def test_long_tables_end_with_a_sentence_that_says_where_the_rest_is() -> None:
    columns = (Column("n", "N", Kind.COUNT),)
    child = tuple(Row((number,)) for number in range(5))
    rows = tuple(Row((number,), children=child) for number in range(shown.MOST_ROWS + 7))
    part = part_of(Table("t", "T", columns, rows, "None.", child_columns=(Column("n", "Issue", Kind.COUNT),)))
    assert len(part.rows) == shown.MOST_ROWS
    assert part.more.startswith("7 more rows")
    assert sum(len(row.children) for row in part.rows) == shown.MOST_CHILDREN
    assert part.rows[0].behind == "5 issues"
    assert part.rows[-1].behind == ""  # no empty list to open


@pytest.mark.parametrize("state", [Frozen(12), Live(5), Live(5, 7), Live(5, 7, THEN), Live(5, None, THEN)])
def test_a_state_comes_back_from_its_text(state: Frozen | Live) -> None:
    assert states.state_of(states.text_of(state)) == state


@pytest.mark.parametrize(
    "text",
    [
        "",
        "baseline",
        "baseline-",
        "baseline-x",
        "sprint-0",
        "moon-1",
        "sprint-5@then",
        "sprint-5@2026-03-02T09:00:00",
    ],
)
def test_what_is_no_state_is_refused(text: str) -> None:
    with pytest.raises(NotFound):
        states.state_of(text)


def test_what_an_address_asks_for() -> None:
    assert states.asked_by({"id": "7"}).report_id == 7
    assert states.asked_by({"of": "baseline-1"}).spec == BaselineSpec(Frozen(1))
    both = states.asked_by({"before": "baseline-1", "after": "sprint-2-board-3"})
    assert both.spec == ComparisonSpec(Frozen(1), Live(2, 3))
    assert states.asked_by({"review": "4", "board": "3"}).spec == ReviewSpec(4, 3)
    for nothing in ({}, {"id": "x"}, {"before": "baseline-1"}):
        with pytest.raises(NotFound):
            states.asked_by(nothing)


def test_a_moment_is_of_the_visitors_zone_and_has_passed() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    now = datetime(2026, 6, 1, tzinfo=UTC)
    assert states.moment_of("", berlin, now=now) is None
    found = states.moment_of("2026-03-02T10:00", berlin, now=now)
    assert found == THEN  # Berlin is an hour ahead in March
    for text in ("2026-06-01T03:00", "soon"):
        with pytest.raises(Invalid):
            states.moment_of(text, berlin, now=now)


def test_tables_name_their_unit_in_the_heading_and_charts_of_many_bars_are_tall() -> None:
    columns = (Column("team", "Team"), Column("n", "Committed", Kind.NUMBER, Unit.POINTS))
    part = part_of(Table("t", "T", columns, (Row(("Backend", 8.0)),), "None."))
    assert [head.text for head in part.heads] == ["Team", "Committed (story points)"]
    assert part.rows[0].cells[1].text == "8"
    for count, tall in ((10, False), (11, True)):
        figure = {"data": [], "layout": {"yaxis": {"tickvals": list(range(count))}}}
        chart = Chart("c", "C", "Told.", figure, figure, Table("t", "T", columns, (), "None."))
        made = replace(document(), sections=(Section("one", "One", (chart,)),))
        assert shown.groups(made)[0].parts[0].tall is tall
