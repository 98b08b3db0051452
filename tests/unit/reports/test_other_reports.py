"""Comparison, trend and review as documents, by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sprintreports.metrics.totals import Totals
from sprintreports.metrics.values import Amount, Unit
from sprintreports.reports.building.comparison import comparison_document
from sprintreports.reports.building.review import review_document
from sprintreports.reports.building.sides import Sides
from sprintreports.reports.building.told import Told
from sprintreports.reports.building.trend import trend_document
from sprintreports.reports.building.trend_values import Sprints, TrendSprint
from sprintreports.reports.comparing import compare
from sprintreports.reports.document.blocks import Document, Facts, IssueRef, Notice, Paragraph
from sprintreports.reports.snapshot import Snapshot
from tests.reports_samples import CLOSE, FIRST, LATER, PEOPLE, march, snapshot
from tests.unit.reports.test_baseline_report import FRAME, facts, rows


def comparison(before: Snapshot, after: Snapshot, unit: Unit = Unit.POINTS) -> Document:
    sides = Sides(Told(before, unit, PEOPLE), Told(after, unit, PEOPLE))
    return comparison_document(compare(before, after), sides, FRAME)


def changes(document: Document) -> dict[str, tuple[float | None, bool | None]]:
    blocks = (block for section in document.sections for block in section.blocks)
    return {
        fact.key: (fact.change, fact.good)
        for block in blocks
        if isinstance(block, Facts)
        for fact in block.facts
    }


def test_the_scope_change_in_points_issues_and_percent():
    found = facts(comparison(snapshot(FIRST), snapshot(LATER)))
    assert (found["scope_change"], found["scope_change_share"], found["issues_change"]) == (11, 11 / 20, 1)
    assert (found["added_amount"], found["removed_amount"], found["reestimated_amount"]) == (11, 5, 5)
    assert (found["added_issues"], found["removed_issues"], found["changed_issues"]) == (2, 1, 7)


def test_figures_carry_their_change_and_whether_it_is_welcome():
    found = changes(comparison(snapshot(FIRST), snapshot(LATER)))
    assert found["completed"] == (6, True)
    assert found["scope"] == (11, None)
    assert changes(comparison(snapshot(LATER), snapshot(FIRST)))["completed"] == (-6, False)


def test_before_and_after_by_team():
    document = comparison(snapshot(FIRST), snapshot(LATER))
    assert rows(document, "teams_table", "label", "before", "after", "change", "completed_change") == [
        ("Backend", 8, 24, 16, 5), ("Frontend", 7, 5, -2, 2), ("No team", 3, 0, -3, 0), ("QA", 2, 2, 0, -1),
    ]  # fmt: skip
    for key in ("types", "statuses", "priorities", "stakeholders"):
        assert sum(row[0] or 0 for row in rows(document, f"{key}_table", "change")) == 11
        assert sum(row[0] or 0 for row in rows(document, f"{key}_table", "completed_change")) == 6
    # Nobody estimated what nobody asked for, on either side.
    nobody = ("No stakeholder", None, None, None, None)
    assert nobody in rows(document, "stakeholders_table", "label", "before", "after", "change", "completed_change")  # fmt: skip


def test_a_change_says_each_field_before_and_after():
    document = comparison(snapshot(FIRST), snapshot(LATER))
    told = {ref.key: what for ref, what in rows(document, "changed", "issue", "what")}
    assert told["PAY-2"] == "Story points: 3 points → 8 points; Status: To Do → In Progress"
    assert (
        told["PAY-7"]
        == "Team: No team → Backend; Priority: Low → Highest; Assignee: Unassigned → Grace Murray"
    )
    (table,) = (table for table in document.tables if table.key == "changed")
    (row,) = (row for row in table.rows if isinstance(row.cells[0], IssueRef) and row.cells[0].key == "PAY-3")
    assert [child.cells for child in row.children] == [
        ("Outcome", "Not completed", "Completed"), ("Status", "In Progress", "Done"), ("Summary", "Old name", "New name"),
    ]  # fmt: skip


def test_why_issues_came_and_went():
    document = comparison(snapshot(FIRST), snapshot(LATER))
    assert rows(document, "added", "why") == [("Added to the sprint",), ("Created in the sprint",)]
    assert rows(document, "removed", "why", "change") == [("Removed from the sprint", -5)]
    back = comparison(snapshot(LATER), snapshot(FIRST))
    assert rows(back, "removed", "why")[0] == ("Not completed → not in the sprint",)


def test_states_counted_by_other_rules_are_said_to_be():
    other = replace(snapshot(LATER), mapping="ff" * 16)
    notices = [
        block.text
        for block in comparison(snapshot(FIRST), other).sections[0].blocks
        if isinstance(block, Notice)
    ]
    assert any("different field mappings" in text for text in notices)
    assert not [
        block
        for block in comparison(snapshot(FIRST), snapshot(LATER)).sections[0].blocks
        if isinstance(block, Notice)
    ]


def test_two_sprints_have_a_section_of_what_was_carried_over():
    first = snapshot(CLOSE)
    second = replace(first, sprint_id=42, jira_sprint_id=141, sprint_name="Payments 15")
    document = comparison(first, second)
    assert document.title == "Payments 14 compared with Payments 15"
    assert [ref.key for (ref,) in rows(document, "carried", "issue")] == [
        "PAY-2", "PAY-5", "PAY-7", "PAY-8", "PAY-9", "PAY-13",
    ]  # fmt: skip


def test_the_review_holds_delivery_against_commitment():
    document = review_document(Told(snapshot(CLOSE), Unit.POINTS, PEOPLE), FRAME)
    (text,) = (block.text for block in document.sections[0].blocks if isinstance(block, Paragraph))
    # Of the nine committed, PAY-1, 3, 6 and 12 are completed.
    assert text.split("\n") == [
        "Of 20 points committed, the sprint completed 8 (40 %), added work included.",
        "4 of 9 issues committed at the start are completed (44 %).",
        "Scope grew by 11 points since the start; 8 of 31 points were done at the close.",
    ]
    assert rows(document, "delivery_table", "team", "committed", "completed", "difference") == [
        ("Backend", 8, 5, -3), ("Frontend", 7, 2, -5), ("No team", 3, 0, -3), ("QA", 2, 1, -1),
    ]  # fmt: skip
    assert [ref.key for (ref,) in rows(document, "completed", "issue")] == [
        "PAY-1",
        "PAY-3",
        "PAY-6",
        "PAY-12",
    ]


def test_carry_over_says_what_the_history_says():
    document = review_document(Told(snapshot(CLOSE), Unit.POINTS, PEOPLE), FRAME)
    why = {ref.key: text for ref, text in rows(document, "carry_over", "issue", "why")}
    assert why == {
        "PAY-2": "It is under way (In Progress). Its estimate went from 3 to 8 points.",
        "PAY-5": "No work on it has begun (To Do). It has no estimate. Nobody is assigned.",
        "PAY-7": "No work on it has begun (To Do). It moved from No team to Backend.",
        "PAY-8": "No work on it has begun (To Do). It came in after the start, on 5 Mar 2026 11:00: added to the sprint.",
        "PAY-9": "No work on it has begun (To Do). It came in after the start, on 9 Mar 2026 11:00: created in the sprint.",
        "PAY-13": "It is under way (In Progress). It was done and reopened on 9 Mar 2026 11:00. Nobody is assigned.",
    }


def test_a_sprint_that_runs_or_waits_is_reviewed_with_a_notice():
    for moment, word in ((LATER, "not closed yet"), (march(1), "has not started")):
        document = review_document(Told(snapshot(moment), Unit.POINTS, PEOPLE), FRAME)
        notices = [block.text for block in document.sections[0].blocks if isinstance(block, Notice)]
        assert any(word in text for text in notices)


def closed(number: int, board: int, teams: dict[int, tuple[int, int]]) -> TrendSprint:
    """A sprint whose teams committed and completed so many points."""
    close = datetime(2026, 1, 16, 15, tzinfo=UTC) + timedelta(days=14 * number)
    sums = {
        team: Totals(
            initial=Amount(committed * 1000, 0, 4), final=Amount(committed * 1000, 0, 4),
            completed=Amount(done * 1000, 0, 2), not_completed=Amount((committed - done) * 1000, 0, 2), issues=4,
        )
        for team, (committed, done) in teams.items()
    }  # fmt: skip
    return TrendSprint(board, f"Board {board}", 100 * board + number, f"S{number}", None, close, sums)


NAMES = {1: "Backend", 2: "Frontend"}
ONE_BOARD = Sprints(
    (
        closed(1, 1, {1: (20, 10), 2: (10, 10)}),
        closed(2, 1, {1: (20, 20), 2: (10, 10)}),
        closed(3, 1, {1: (20, 16)}),
        closed(4, 1, {1: (20, 20), 2: (10, 4)}),
    ),
    NAMES, Unit.POINTS, "Europe/Berlin",
)  # fmt: skip


def test_the_kpis_of_a_trend():
    # Completed: 20, 30, 16, 24. Committed: 30, 30, 20, 30.
    found = facts(trend_document(ONE_BOARD, FRAME))
    assert (found["sprints"], found["completed"], found["committed"], found["carried"]) == (4, 90, 110, 20)
    assert (found["velocity_mean"], found["velocity_median"]) == (22.5, 22)
    # say/do: 2/3, 1, 4/5, 4/5; left over: 1/3, 0, 1/5, 1/5
    assert found["say_do"] == 0.8
    assert round(found["carried_share"], 9) == 0.2


def test_teams_are_held_against_themselves():
    document = trend_document(ONE_BOARD, FRAME)
    assert rows(document, "teams_table", "name", "sprints", "committed", "completed", "mean") == [
        ("Backend", 4, 80, 66, 16.5), ("Frontend", 3, 30, 24, 8),
    ]  # fmt: skip
    # Frontend: 10 against 4, its middle sprint in neither half. Backend: 15 against 18.
    assert rows(document, "ranking", "place", "name", "earlier", "later", "change") == [
        (1, "Frontend", 10, 4, -6), (2, "Backend", 15, 18, 3),
    ]  # fmt: skip


def test_sprints_have_their_teams_beneath_them():
    document = trend_document(ONE_BOARD, FRAME)
    assert rows(document, "sprints", "sprint", "completed", "carried")[2] == ("S3", 16, 0.2)
    (table,) = (table for table in document.tables if table.key == "sprints")
    assert [[child.cells[0] for child in row.children] for row in table.rows] == [
        ["Backend", "Frontend"], ["Backend", "Frontend"], [], ["Backend", "Frontend"],
    ]  # fmt: skip


def test_several_boards_stand_side_by_side():
    many = replace(
        ONE_BOARD,
        sprints=tuple(closed(number, board, {1: (10, board)}) for number in (1, 2) for board in range(1, 15)),
    )
    document = trend_document(many, FRAME)
    assert [section.key for section in document.sections] == ["overview", "boards", "ranking", "sprints"]
    (chart,) = document.charts
    # Twelve panels of two traces; all fourteen in the table.
    assert len(chart.light["data"]) == 24
    assert len(chart.table.rows) == 14
    assert "Board 14 completed most, 28 points in 2 sprints." in chart.reading


def test_a_trend_of_nothing_says_so():
    document = trend_document(Sprints((), {}, Unit.POINTS, "UTC"), FRAME)
    (notice,) = document.sections[0].blocks
    assert isinstance(notice, Notice)
    assert rows(document, "sprints", "sprint") == []


def test_a_trend_that_nobody_estimated_has_no_velocity():
    none = Totals(final=Amount(0, 0, 3), not_completed=Amount(0, 0, 3), issues=3, unestimated=3, untimed=3)
    sprint = replace(closed(1, 1, {}), teams={1: none})
    found = facts(trend_document(Sprints((sprint,), NAMES, Unit.POINTS, "UTC"), FRAME))
    assert found["velocity_mean"] is None
    assert found["completed"] is None


def test_panels_of_one_board_have_each_sprint_in_the_same_place():
    (chart,) = [chart for chart in trend_document(ONE_BOARD, FRAME).charts if chart.key == "teams_chart"]
    bars = [trace for trace in chart.light["data"] if trace["type"] == "bar"]
    # Backend completed most; Frontend had nothing in the third sprint.
    assert [trace["y"] for trace in bars] == [[10, 20, 16, 20], [10, 10, None, 4]]
    assert bars[1]["text"][3].startswith("Frontend · S4")
