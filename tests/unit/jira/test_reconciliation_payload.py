"""Jira's sprint report is read whatever an older server leaves out, and what is none is refused with a sentence."""

from datetime import UTC, datetime
from typing import Any

import pytest

from sprintreports.jira.reconciliation import NotASprintReport
from sprintreports.jira.reconciliation.payload import decode
from sprintreports.metrics.jira_lines import Aspect
from sprintreports.metrics.reconciliation import checks_of
from sprintreports.metrics.values import Bucket, Unit
from tests.unit.jira.sprint_reports import encoded, payload, row

ISSUES = (
    {"key": "ONE-1", "outcome": "completed", "initial": 3, "current": 5},
    {"key": "ONE-2", "outcome": "completed", "initial": 0, "current": 0.5},
    {"key": "ONE-3", "outcome": "not_completed", "initial": None, "current": None},
    {"key": "ONE-4", "outcome": "removed", "initial": 8, "current": 8},
    {"key": "ONE-5", "outcome": "completed_outside", "initial": 1, "current": 1},
)
SAYS = {
    "completed_initial": 3, "completed": 5.5, "not_completed_initial": None, "not_completed": None,
    "removed_initial": 8, "removed": 8, "completed_outside_initial": 1, "completed_outside": 1,
}  # fmt: skip


def test_a_report_is_read_and_adds_up():
    report = decode(encoded(payload(7, ISSUES, SAYS, added=["ONE-4", "ONE-9"])))
    assert (report.sprint, report.unit, report.field) == (7, Unit.POINTS, "customfield_10016")
    assert [(line.key, line.bucket, line.added, line.initial, line.final) for line in report.lines] == [
        ("ONE-1", Bucket.COMPLETED, False, 3000, 5000),
        ("ONE-2", Bucket.COMPLETED, False, 0, 500),
        ("ONE-3", Bucket.NOT_COMPLETED, False, None, None),
        ("ONE-5", Bucket.OUTSIDE, False, 1000, 1000),
        ("ONE-4", Bucket.REMOVED, True, 8000, 8000),
    ]
    assert report.said[Bucket.NOT_COMPLETED, Aspect.FINAL] is None
    checks = checks_of([], report)
    assert all(check.adds_up for check in checks)
    assert (checks[-1].rows, checks[-1].said) == (3000, 3000)


def test_a_wrong_sum_does_not_add_up():
    report = decode(encoded(payload(7, ISSUES, SAYS | {"completed": 6.0})))
    assert [(check.bucket, check.aspect) for check in checks_of([], report) if not check.adds_up] == [
        (Bucket.COMPLETED, Aspect.FINAL)
    ]


def test_an_issue_that_is_listed_twice_counts_once():
    """As Usergrid's first sprint does: its 8 rows are 7 issues."""
    twice = [*ISSUES, ISSUES[0], ISSUES[3] | {"key": "ONE-2"}]
    report = decode(encoded(payload(7, twice, SAYS)))
    assert len(report.lines) == len(ISSUES)
    assert report.repeated == ("ONE-1", "ONE-2")


def test_ids_hidden_rows_and_times():
    full = payload(7, (), SAYS)
    full["contents"]["completedIssues"] = [
        row(
            {"key": "A-1", "initial": 28800, "current": None},
            field="timeoriginalestimate",
            id=12,
            hidden=True,
        ),
        row({"key": "A-2", "initial": 1, "current": 2}, field="timeoriginalestimate", id="13"),
    ]
    full["sprint"] |= {
        "isoActivatedDate": "2025-03-03T09:00:00.000Z", "isoStartDate": "2025-03-03T08:00:00+0000",
        "isoCompleteDate": "None", "completeDate": "14/Mar/25 5:00 PM",
    }  # fmt: skip
    report = decode(encoded(full))
    assert report.unit is Unit.HOURS
    assert [(line.issue, line.hidden, line.initial, line.final) for line in report.lines] == [
        (12, True, 28800, None),
        (13, False, 1, 2),
    ]
    assert report.started == datetime(2025, 3, 3, 9, tzinfo=UTC)
    assert report.closed is None


def test_what_older_servers_send():
    report = decode(
        encoded(
            {
                "contents": {
                    "completedIssues": [{"key": "A-1", "id": 1}],
                    "incompletedIssues": [
                        {"key": "A-2", "id": 2, "estimateStatistic": {"statFieldId": "issueCount_"}}
                    ],
                    "incompletedIssuesEstimateSum": {"value": 4.0},
                    "issueKeysAddedDuringSprint": ["A-2"],
                    "allIssuesEstimateSum": {"value": 99.0},
                },
                "sprint": {"id": 7},
            }
        )
    )
    assert report.unit is Unit.COUNT
    assert [(line.key, line.bucket, line.added) for line in report.lines] == [
        ("A-1", Bucket.COMPLETED, False),
        ("A-2", Bucket.NOT_COMPLETED, True),
    ]
    assert report.said == {}


def changed(**contents: Any) -> bytes:
    full = payload(7, ISSUES, SAYS)
    full["contents"] |= contents
    return encoded(full)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "not complete JSON"),
        (b"<!DOCTYPE html><html>", "not complete JSON"),
        (b"\xff\xfe", "not complete JSON"),
        (b'{"contents": {"a": ' + b"[" * 100_000, "not complete JSON"),
        (b"[]", "another shape"),
        (b"{}", "another shape"),
        (b'{"contents": [], "sprint": {"id": 7}}', "another shape"),
        (b'{"contents": {}, "sprint": {"id": 7}}', "lists no issues"),
        (b'{"contents": {"completedIssues": []}, "sprint": {}}', "another shape"),
        (encoded(payload(7, ISSUES, SAYS, state="ACTIVE")), "before the sprint was closed"),
        (changed(completedIssues=[{"id": 1}]), "list completedIssues"),
        (changed(puntedIssues={"a": 1}), "list puntedIssues"),
        (changed(issueKeysAddedDuringSprint="ONE-1"), "issueKeysAddedDuringSprint"),
        (changed(completedIssuesEstimateSum={"value": "many"}), "sum completedIssuesEstimateSum"),
        (changed(completedIssuesEstimateSum={"value": 1e300}), "cannot be true"),
    ],
    ids=range(15),
)
def test_what_is_no_sprint_report_is_refused_with_a_sentence(body: bytes, sentence: str):
    with pytest.raises(NotASprintReport) as refused:
        decode(body)
    (detail,) = refused.value.details
    assert sentence in detail.message
    assert "sprintreport?rapidViewId=" in detail.message
    assert refused.value.status == 422
