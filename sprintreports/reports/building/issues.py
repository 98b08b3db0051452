"""Issues as rows: those in scope, and those that a report knows without counting them."""

from __future__ import annotations

from collections.abc import Iterable

from sprintreports.charts.words import number
from sprintreports.metrics.values import Bucket
from sprintreports.reports.building.told import NO_STAKEHOLDER, OWNER, REPORTER, Told, status_of
from sprintreports.reports.comparing.compare import key_order
from sprintreports.reports.comparing.values import Stakeholder
from sprintreports.reports.document.blocks import Column, Kind, Mark, Row, Section, Table, Value
from sprintreports.reports.snapshot import SnapshotIssue

_BUCKETS = {
    Bucket.COMPLETED: "Completed",
    Bucket.NOT_COMPLETED: "Not completed",
    Bucket.REMOVED: "Removed",
    Bucket.OUTSIDE: "Completed outside the sprint",
}
LEFT_OUT = "Left out"


def columns(told: Told, *, behind: bool = False) -> tuple[Column, ...]:
    """Of a table of issues. Estimates only where they say something. behind: the row before them names their stakeholder."""
    estimates = (
        ()
        if told.counted
        else (
            Column("initial", "Initial estimate", Kind.NUMBER, told.unit),
            Column("estimate", "Estimate", Kind.NUMBER, told.unit),
        )
    )
    return (
        Column("issue", "Issue", Kind.ISSUE),
        Column("summary", "Summary", wide=True),
        Column("type", "Type"),
        Column("status", "Status", Kind.STATUS),
        Column("priority", "Priority"),
        Column("team", "Team"),
        Column("assignee", "Assignee"),
        Column("named_by", "Named by") if behind else Column("stakeholder", "Stakeholder"),
        *estimates,
        Column("outcome", "Outcome"),
    )


def row(issue: SnapshotIssue, told: Told, *, behind: bool = False) -> Row:
    """The issue under those columns."""
    outcome = issue.outcome
    estimates: tuple[Value, ...] = ()
    if not told.counted:
        initial, final = (outcome.initial, outcome.final) if outcome else (None, None)
        estimates = told.estimate(initial), told.estimate(final)
    return Row(
        (
            told.ref(issue.key),
            issue.summary,
            issue.type,
            status_of(issue),
            issue.priority,
            told.team(issue.discipline),
            told.person(issue.assignee),
            named_by(issue)
            if behind
            else told.stakeholder(Stakeholder(issue.stakeholder, issue.stakeholder_is_owner)),
            *estimates,
            outcome_words(issue),
        ),
        _mark(issue),
    )


def rows(issues: Iterable[SnapshotIssue], told: Told, *, behind: bool = False) -> tuple[Row, ...]:
    """All of them by key, PAY-9 before PAY-10."""
    return tuple(
        row(issue, told, behind=behind)
        for issue in sorted(issues, key=lambda one: (key_order(one.key), one.issue))
    )


def named_by(issue: SnapshotIssue) -> str:
    """Which field names the issue's stakeholder."""
    if issue.stakeholder is None:
        return NO_STAKEHOLDER
    return OWNER if issue.stakeholder_is_owner else REPORTER


def outcome_words(issue: SnapshotIssue) -> str:
    """What became of the issue: "Completed, added to the sprint", "Removed from the sprint"."""
    if issue.outcome is None:
        return f"{LEFT_OUT}: {issue.excluded}"
    name, reason = _BUCKETS[issue.outcome.bucket], issue.outcome.reason
    if issue.outcome.bucket is Bucket.REMOVED and reason:
        return f"{reason[:1].upper()}{reason[1:]}"
    return f"{name}, {reason}" if reason else name


def not_counted(told: Told) -> Section:
    """What the report knows and does not count in the scope: removed, completed outside, left out. Nothing vanishes."""
    counted = {issue.issue for issue in told.scope}
    others = [issue for issue in told.snapshot.issues if issue.issue not in counted]
    count = len(others)
    reading = (
        ""
        if not count
        else f"{'This issue is' if count == 1 else f'These {number(count)} issues are'} not in the scope, and the outcome says why."
    )
    table = Table(
        "not_counted",
        "Issues outside the scope",
        columns(told),
        rows(others, told),
        "Every issue of the sprint is in its scope.",
        reading,
    )
    return Section("not_counted", "Issues outside the scope", (table,))


def _mark(issue: SnapshotIssue) -> Mark:
    outcome = issue.outcome
    if outcome is None:
        return Mark.NONE
    if outcome.bucket is Bucket.REMOVED:
        return Mark.REMOVED
    return Mark.ADDED if outcome.added else Mark.NONE
