"""From a sprint report to what the page shows: pure, so that it is tested without a browser or a database."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sprintreports.jira.reads.burndowns import ScopeChangeRow
from sprintreports.jira.reads.names import NO_TEAM, NOBODY
from sprintreports.jira.reads.sprint_issues import SprintIssueRow
from sprintreports.jira.reads.sprints import SprintRow
from sprintreports.kit.paging import Page
from sprintreports.metrics.burndown import Burndown
from sprintreports.metrics.predictability import churn
from sprintreports.metrics.scope import EventKind
from sprintreports.metrics.sprint_report import Dimension, SprintReport
from sprintreports.metrics.values import Bucket, Estimate, SprintState, Unit
from sprintreports.ui.dates import day, moment_of_day, period
from sprintreports.ui.numbers import (
    UNIT_NAMES,
    counted,
    none_estimated,
    percent,
    plain,
    short_unit,
    signed,
    with_unit,
)

DIMENSIONS = tuple((dimension.value, dimension.value.capitalize()) for dimension in Dimension)
# The columns that the issue table can be sorted by: their names in the address, and what `sprint_issues` calls them.
SORTS = {
    name: name for name in ("key", "summary", "status", "type", "team", "assignee", "initial", "final")
} | {"outcome": "bucket"}
STATES = {
    SprintState.ACTIVE: ("Active", "good"),
    SprintState.CLOSED: ("Closed", ""),
    SprintState.FUTURE: ("Not started", "info"),
    SprintState.UNKNOWN: ("State not known", "warn"),
}
OUTCOMES = {
    Bucket.COMPLETED: ("Completed", "good"),
    Bucket.NOT_COMPLETED: ("Not completed", ""),
    Bucket.REMOVED: ("Removed", "warn"),
    Bucket.OUTSIDE: ("Done outside", "info"),
}


@dataclass
class ChangeLine:
    """One scope change as text."""

    when: str
    key: str
    url: str
    summary: str
    what: str
    change: str
    tone: str


@dataclass
class IssueLine:
    """One issue as text."""

    key: str
    url: str
    summary: str
    status: str
    type: str
    team: str
    assignee: str
    initial: str
    final: str
    outcome: str
    tone: str


def notes(report: SprintReport, unit: Unit, *, note: str | None) -> list[str]:
    """What the numbers do not include or rest on, so that nothing vanishes unseen."""
    totals = report.totals
    found = [note] if note else []
    missing = totals.unestimated_in(unit)
    if none_estimated(totals, unit):
        found.append(f"Nobody estimated this sprint in {UNIT_NAMES[unit]}. Choose another unit above.")
    elif missing:
        kind = "time estimate" if unit is Unit.HOURS else "story points"
        verb = "have" if missing != 1 else "has"
        found.append(
            f"{counted(missing, 'issue')} in scope {verb} no {kind} and count{'s' * (missing == 1)} as 0 in the sums."
        )
    for reason, number in sorted(report.excluded.items()):
        found.append(f"{counted(number, 'issue')} of the sprint left out: {reason}.")
    return found


def change_line(row: ScopeChangeRow, unit: Unit, zone: ZoneInfo) -> ChangeLine:
    """One scope change: what came in, went out or was estimated anew."""
    before, after = _estimate(row.before, unit), _estimate(row.after, unit)
    difference = (after or 0.0) - (before or 0.0)
    if row.kind is EventKind.REESTIMATED:
        what = _reestimated(row, unit)
    elif row.kind is EventKind.TRANSFERRED:
        what = row.reason.capitalize()
    else:
        what = (row.reason or ("Added" if row.after is not None else "Removed")).capitalize()
    unestimated = before is None and after is None
    tone = "" if unestimated or difference == 0 else "up" if difference > 0 else "down"
    change = "not estimated" if unestimated else f"{signed(difference)} {short_unit(difference, unit)}"
    return ChangeLine(moment_of_day(row.at, zone), row.issue_key, row.url, row.summary, what, change, tone)


def _reestimated(row: ScopeChangeRow, unit: Unit) -> str:
    """In the unit that was estimated, which need not be the one that is shown."""
    for one in (unit, Unit.POINTS, Unit.HOURS):
        before, after = _estimate(row.before, one), _estimate(row.after, one)
        if one is not Unit.COUNT and before != after:
            word = "" if one is unit else f" {UNIT_NAMES[one]}"
            return f"Re-estimated from {_known(before)} to {_known(after)}{word}"
    return "Re-estimated"


def issue_line(row: SprintIssueRow, unit: Unit, *, planned: bool = False) -> IssueLine:
    """One issue of the table. Estimates that nobody gave are dashes. planned: the sprint has not started."""
    outcome, tone = OUTCOMES[row.bucket] if row.bucket else ("Left out", "")
    if planned and row.bucket is Bucket.NOT_COMPLETED:
        outcome = "Planned"
    return IssueLine(
        key=row.key,
        url=row.url,
        summary=row.summary,
        status=row.status,
        type=row.type,
        team=row.team or NO_TEAM,
        assignee=row.assignee or NOBODY,
        initial=plain(_estimate(row.initial, unit)),
        final=plain(_estimate(row.final, unit)),
        outcome="Added, " + outcome.lower() if row.added and not planned else outcome,
        tone=tone,
    )


def changes_reading(report: SprintReport, unit: Unit) -> str:
    """How far the scope has moved, in a sentence."""
    totals = report.totals
    if report.window.start is None:
        return "Changes count from the start of the sprint on."
    moved = totals.final.value(unit) - totals.initial.value(unit)
    ratio = churn(totals, unit=unit)
    rest = (
        f" Churn {'was' if report.window.closed else 'is'} {percent(ratio)} of the commitment."
        if ratio is not None
        else ""
    )
    if not moved:
        return f"The scope {'ended' if report.window.closed else 'is'} as it was at the start.{rest}"
    when = "between start and close" if report.window.closed else "since the start"
    return f"The scope {'grew' if moved > 0 else 'shrank'} by {with_unit(abs(moved), unit)} {when}.{rest}"


def no_changes(report: SprintReport) -> str:
    """What stands in place of the list of changes when it is empty."""
    if report.window.start is None:
        return "The sprint has not started."
    return f"The scope {'did not move' if report.window.closed else 'has not moved since the start'}."


def done_text(statuses: Sequence[str], *, chosen: bool = False) -> str:
    """Which statuses count as done on this board, and why; empty where its columns are not known."""
    if not statuses:
        return ""
    listed = f"{', '.join(statuses[:-1])} and {statuses[-1]}" if len(statuses) > 1 else statuses[0]
    why = "chosen in its settings" if chosen else "its right-most column"
    return f"Done on this board: {listed} ({why})."


def period_text(row: SprintRow, *, board_name: str, report: SprintReport, zone: ZoneInfo) -> str:
    """Board, dates, and the zone that days are counted in where it is not the viewer's."""
    parts = [board_name, period(row.start, row.end, zone)]
    if report.window.closed:
        parts.append(f"closed {day(report.window.end, zone)}")
    if report.zone != zone.key:
        parts.append(f"days are counted in {report.zone}")
    return " · ".join(parts)


def issues_reading(page: Page[Any], *, search: str, unit: Unit) -> str:
    """How many issues there are, and what the two estimates are in."""
    found = (
        f"{counted(page.total, 'issue')} with “{search}”"
        if search
        else f"{counted(page.total, 'issue')} in the report"
    )
    return f"{found}. Estimates in {UNIT_NAMES[unit]}."


def no_issues(*, search: str) -> str:
    return (
        f"No issue has “{search}” in its key, summary, status, team or assignee. Search for something else."
        if search
        else "No issues."
    )


def course_missing(course: Burndown, report: SprintReport, unit: Unit) -> str:
    """Why there is no burndown, and what to do; empty when there is one."""
    if course.start is not None and none_estimated(report.totals, unit):
        return f"No issue of this sprint is estimated in {UNIT_NAMES[unit]}, so there is no burndown in {UNIT_NAMES[unit]}. Choose another unit above."
    if course.start is None:
        return "This sprint has not started, so there is no burndown yet. It begins when the sprint is started in Jira."
    return ""


def _estimate(estimate: Estimate | None, unit: Unit) -> float | None:
    if estimate is None or estimate.missing(unit):
        return None
    if unit is Unit.POINTS:
        return (estimate.points or 0) / 1000
    return (estimate.seconds or 0) / 3600 if unit is Unit.HOURS else 1.0


def _known(value: float | None) -> str:
    return "no estimate" if value is None else plain(value)
