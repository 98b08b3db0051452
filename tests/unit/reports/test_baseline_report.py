"""The report of one state: its figures worked out by hand from the told sprint (tests/reports_samples.py)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sprintreports.metrics.values import Estimate, Unit
from sprintreports.reports.building.baseline import Kept, baseline_document
from sprintreports.reports.building.told import Frame, Told
from sprintreports.reports.document.blocks import Chart, Document, Facts, IssueRef, Notice, Paragraph, Table
from sprintreports.reports.snapshot import Snapshot
from tests.reports_samples import (
    BASE_URL,
    CLOSE,
    DEADLINE,
    FIRST,
    FORMULA_TITLE,
    LATER,
    PEOPLE,
    START,
    WINDOW,
    march,
    snapshot,
)
from tests.unit.reports.snapshots import of_issues

FRAME = Frame(LATER, "Europe/Berlin", "en-GB")
KEPT = Kept("ab" * 32, "Jo", "at the start", "First plan", march(3))


def report(state: Snapshot | None = None, unit: Unit = Unit.POINTS) -> Document:
    return baseline_document(Told(state or snapshot(LATER), unit, PEOPLE), FRAME, kept=KEPT)


def facts(document: Document) -> dict[str, Any]:
    return {
        fact.key: fact.value
        for section in document.sections
        for block in section.blocks
        if isinstance(block, Facts)
        for fact in block.facts
    }


def rows(document: Document, key: str, *columns: str) -> list[tuple[Any, ...]]:
    """The cells of these columns, in the order of the rows."""
    (found,) = (table for table in document.tables if table.key == key)
    places = [[column.key for column in found.columns].index(name) for name in columns]
    return [tuple(row.cells[place] for place in places) for row in found.rows]


def test_the_totals():
    found = facts(report())
    assert (found["committed"], found["added"], found["removed"], found["reestimated"]) == (20, 13, 7, 5)
    assert (found["scope"], found["issues"], found["completed"], found["not_completed"]) == (31, 10, 8, 23)
    assert (found["say_do"], found["churn"]) == (8 / 20, 20 / 20)
    assert (found["outside"], found["excluded"], found["unestimated_in_scope"]) == (1, 1, 1)


def test_the_points_overview():
    # 31 points over the nine issues that have an estimate, one of them 0.
    found = facts(report())
    assert (found["total"], found["average"]) == (31, 31 / 9)
    assert (found["estimated"], found["unestimated"]) == (9, 1)


def test_distributions_by_issues_share_and_points():
    document = report()
    assert rows(document, "types_table", "label", "issues", "share", "amount") == [
        ("Story", 5, 0.5, 24), ("Bug", 3, 0.3, 6), ("Sub-task", 1, 0.1, 1), ("Task", 1, 0.1, 0),
    ]  # fmt: skip
    assert rows(document, "statuses_table", "label", "issues", "amount", "average") == [
        ("To Do", 4, 14, 14 / 3), ("In Progress", 2, 9, 4.5), ("Done", 4, 8, 2),
    ]  # fmt: skip
    assert rows(document, "priorities_table", "label", "issues", "amount", "completed") == [
        ("High", 3, 15, 7), ("Medium", 6, 13, 1), ("Highest", 1, 3, 0), ("Low", 0, 0, 0),
    ]  # fmt: skip


def test_a_label_without_any_estimate_has_no_points_rather_than_none():
    # PAY-5 is the only task in scope; PAY-14 (2 points) was removed, so its type is known. PAY-5 alone is not.
    state = snapshot(LATER)
    only = of_issues(state, tuple(one for one in state.issues if one.key in {"PAY-1", "PAY-5"}))
    assert rows(report(only), "types_table", "label", "amount") == [("Story", 5), ("Task", None)]


def test_stakeholders_with_their_field_share_average_and_type():
    columns = ("stakeholder", "named_by", "issues", "share", "amount", "average", "type")
    assert rows(report(), "stakeholders", *columns) == [
        ("Mary Shop", "Owner", 3, 0.3, 15, 5, "Story"),
        ("Karim Finance", "Reporter", 4, 0.4, 13, 13 / 4, "Story"),
        ("Erased person 24", "Reporter", 1, 0.1, 3, 3, "Bug"),
        ("João Legal", "Owner", 1, 0.1, 0, 0, "Story"),
        ("No stakeholder", "No stakeholder", 1, 0.1, None, None, "Task"),
    ]


def test_who_is_owner_here_and_reporter_there_is_told_so():
    state = snapshot(LATER)
    mixed = [replace(one, stakeholder_is_owner=False) if one.key == "PAY-8" else one for one in state.issues]
    found = rows(report(of_issues(state, tuple(mixed))), "stakeholders", "named_by")
    assert found[0] == ("Owner (2), Reporter (1)",)


def test_the_issues_stand_behind_their_stakeholder_with_links():
    (table,) = (table for table in report().tables if table.key == "stakeholders")
    children = {row.cells[0]: [child.cells[0] for child in row.children] for row in table.rows}
    assert children["Karim Finance"] == [
        IssueRef(f"PAY-{number}", f"{BASE_URL}/browse/PAY-{number}") for number in (2, 6, 7, 13)
    ]
    assert sum(len(issues) for issues in children.values()) == 10


def test_teams_from_commitment_to_completion():
    columns = ("team", "committed", "added", "removed", "reestimated", "transferred", "scope", "completed")
    assert rows(report(), "teams", *columns) == [
        ("Backend", 8, 10, 2, 5, 3, 24, 5),
        ("Frontend", 7, 3, 5, 0, 0, 5, 2),
        ("QA", 2, 0, 0, 0, 0, 2, 1),
        ("No team", 3, 0, 0, 0, -3, 0, 0),
    ]


def test_capacity_beside_what_is_in_scope():
    # Backend stands for the issues without a team, too: none is left. 24 of 22 points; no rate is known for Frontend.
    assert rows(report(), "capacity", "team", "person_days", "capacity", "scope", "load") == [
        ("Backend", 18, 22, 24, 24 / 22), ("Frontend", 9.5, None, 5, None),
    ]  # fmt: skip
    (table,) = (table for table in report().tables if table.key == "capacity")
    assert table.reading == "Backend has 24 points in scope and can do 22 points: a load of 109 %."


def test_the_burndown_has_every_event_and_ends_where_the_totals_end():
    course = rows(report(), "burndown_table", "at", "scope", "done", "remaining")
    assert course[0] == (START, 20, 0, 20)
    assert course[-1][1:] == (31, 8, 23)
    assert len(course) == 13


def test_scope_changes_name_their_issue_and_size():
    found = rows(report(), "scope_changes", "issue", "before", "after", "change")
    assert [(ref.key, *values) for ref, *values in found] == [
        ("PAY-2", 3, 8, 5), ("PAY-8", None, 8, 8), ("PAY-14", None, 2, 2), ("PAY-4", 5, None, -5),
        ("PAY-9", None, 3, 3), ("PAY-14", 2, None, -2),
    ]  # fmt: skip


def test_nothing_vanishes():
    found = rows(report(), "not_counted", "issue", "outcome")
    assert [(ref.key, outcome) for ref, outcome in found] == [
        ("PAY-4", "Removed from the sprint"),
        ("PAY-10", "Left out: status not on the board"),
        ("PAY-11", "Completed outside the sprint"),
        ("PAY-14", "Removed from the sprint"),
    ]


def test_types_by_status():
    assert ("Story", "To Do", 2, 0.2, 11) in rows(
        report(), "types_by_status", "type", "status", "issues", "share", "amount"
    )
    assert sum(row[0] for row in rows(report(), "types_by_status", "issues")) == 10


def test_the_queue_and_the_quality_notes():
    document = report()
    assert rows(document, "queue_lines", "team", "position", "issue")[-1] == (
        "Frontend", None, IssueRef("PAY-4", f"{BASE_URL}/browse/PAY-4"),
    )  # fmt: skip
    assert rows(document, "quality", "check", "count") == [("Issues without an estimate", 1)]
    without = report(replace(snapshot(LATER), queue=None))
    assert "queue" not in [section.key for section in without.sections]


def test_people_in_the_reasons_of_a_queue_are_named():
    state = snapshot(LATER)
    assert state.queue
    line = replace(state.queue.lines[0], reason="It was the turn of person 21 in round 1; then person 999.")
    told = rows(report(replace(state, queue=replace(state.queue, lines=(line,)))), "queue_lines", "reason")
    assert told == [("It was the turn of Mary Shop in round 1; then person 999.",)]


def test_the_basis_says_by_whom_why_and_with_which_hash():
    told = "\n".join(report().basis)
    assert "taken by Jo on 3 Mar 2026 11:00, at the start." in told
    assert "ab" * 32 in told
    assert "Definitions version" in told
    assert "Europe/Berlin" in told
    assert "First plan" in told


def test_the_calendar_has_the_sprint_once_and_for_ever_by_the_same_name():
    first, later = report(snapshot(FIRST)).calendar[0], report(snapshot(CLOSE)).calendar[0]
    assert (first.uid, first.start) == (later.uid, START)
    assert later.until == CLOSE


def test_the_calendar_has_what_the_queue_ties_to_a_time():
    state = snapshot(FIRST)
    assert state.queue is not None
    _, window, due = report(state).calendar
    assert (window.title, window.start, window.until) == ("PAY-3 Old name", *WINDOW)
    assert (due.title, due.start, due.until) == (f"Due: PAY-2 {FORMULA_TITLE}", DEADLINE, None)
    assert (window.url, due.url) == (f"{BASE_URL}/browse/PAY-3", f"{BASE_URL}/browse/PAY-2")
    assert due.text == "Planned for Backend."
    # Another queue, the issue below its cut-line now: the same entry.
    lines = tuple(replace(line, position=None) for line in state.queue.lines)
    _, _, same = report(replace(state, queue=replace(state.queue, queue_id=9, lines=lines))).calendar
    assert same == replace(due, text="Planned for Backend. It is below the cut-line of the plan.")
    assert len(report(state.for_teams({1})).calendar) == 2
    # Without any date of the sprint there are deadlines all the same.
    undated = replace(state, start=None, planned_end=None, report=snapshot(march(1)).report)
    assert [one.uid for one in report(undated).calendar] == [window.uid, due.uid]


def test_before_the_start_there_is_a_plan_and_nothing_is_made_up():
    document = report(snapshot(march(1)))
    found = facts(document)
    assert "committed" not in found
    assert rows(document, "burndown_table", "at") == []
    assert found["scope"] == 20


@pytest.mark.parametrize("unit", list(Unit))
@pytest.mark.parametrize("moment", [march(1), FIRST, LATER, CLOSE])
def test_every_table_and_chart_is_whole_in_every_unit(unit: Unit, moment: Any):
    document = report(snapshot(moment), unit)
    for table in document.tables:
        assert all(len(row.cells) == len(table.columns) for row in table.rows)
        assert all(
            len(child.cells) == len(table.child_columns) for row in table.rows for child in row.children
        )
        assert len({column.key for column in table.columns}) == len(table.columns)
    for chart in document.charts:
        assert chart.native
        columns = {column.key for column in chart.table.columns}
        assert {chart.native.category, *(one.column for one in chart.native.series)} <= columns
    for section in document.sections:
        keys = [block.key for block in section.blocks if isinstance(block, Facts | Table | Chart)]
        assert len(keys) == len(set(keys))
        for block in section.blocks:
            if isinstance(block, Paragraph | Notice):
                assert all(line.endswith(".") for line in block.text.split("\n"))


def test_a_sprint_in_hours_that_nobody_estimated_in_has_no_sums():
    found = facts(report(unit=Unit.HOURS))
    assert found["scope"] is None
    assert found["completed"] is None
    assert found["issues"] == 10


def test_a_sprint_without_anything():
    document = report(of_issues(replace(snapshot(FIRST), events=(), capacity=(), quality=(), queue=None), ()))
    assert facts(document)["scope"] == 0
    assert all(table.empty.endswith(".") for table in document.tables)


def test_an_estimate_of_nothing_is_not_zero():
    assert Told(snapshot(), Unit.POINTS, {}).estimate(Estimate(None, None)) is None
    assert Told(snapshot(), Unit.POINTS, {}).estimate(Estimate(0, None)) == 0
    assert Told(snapshot(), Unit.POINTS, {}).person(11) == "Not known"
