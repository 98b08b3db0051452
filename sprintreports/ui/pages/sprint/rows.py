"""From a sprint report to what the page shows: pure, so that it is tested without a browser or a database."""

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sprintreports.jira.reads.burndowns import ScopeChangeRow
from sprintreports.jira.reads.sprint_issues import SprintIssueRow
from sprintreports.jira.reads.sprints import SprintRow
from sprintreports.kit.paging import Page
from sprintreports.metrics.burndown import Burndown
from sprintreports.metrics.predictability import churn, say_do
from sprintreports.metrics.scope import EventKind
from sprintreports.metrics.sprint_report import Dimension, SprintReport
from sprintreports.metrics.totals import Totals
from sprintreports.metrics.values import Bucket, Estimate, SprintState, Unit
from sprintreports.ui.components.figures import Kpi
from sprintreports.ui.dates import day, moment_of_day, period
from sprintreports.ui.numbers import (
    UNIT_NAMES,
    UNIT_SHORT,
    UNKNOWN,
    counted,
    percent,
    plain,
    signed,
    with_unit,
)

DIMENSIONS = tuple((dimension.value, dimension.value.capitalize()) for dimension in Dimension)
# The columns that the issue table can be sorted by, as they are named in the address.
SORTS = ("key", "summary", "status", "type", "team", "assignee", "initial", "final", "outcome")
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


def tiles(report: SprintReport, unit: Unit) -> dict[str, Kpi]:
    """The figures on top. A sprint that has not started has no commitment, and so no say/do."""
    totals = report.totals
    if report.state is SprintState.FUTURE or report.window.start is None:
        return _planned_tiles(totals, unit)
    initial = totals.initial.value(unit)
    remaining = totals.not_completed.value(unit)
    kept = say_do(totals, unit=unit)
    return {
        "commitment": _tile(initial, unit, counted(totals.initial.count, "issue") + " at the start"),
        "added": _tile(totals.added.value(unit), unit, counted(totals.added.count, "issue"), sign=True),
        "removed": _tile(
            -totals.removed.value(unit), unit, counted(totals.removed.count, "issue"), sign=True
        ),
        "reestimated": _tile(totals.reestimated.value(unit), unit, _moved(totals, unit), sign=True),
        "completed": _tile(totals.completed.value(unit), unit, _of_scope(totals, unit)),
        "remaining": _tile(remaining, unit, counted(totals.not_completed.count, "issue") + " not done"),
        "say_do": _kept(kept, closed=report.window.closed),
    }


def notes(report: SprintReport, unit: Unit, *, note: str | None) -> list[str]:
    """What the numbers do not include or rest on, so that nothing vanishes unseen."""
    totals = report.totals
    found = [note] if note else []
    missing = totals.unestimated_in(unit)
    if missing:
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
        what = f"Re-estimated from {_known(before)} to {_known(after)}"
    elif row.kind is EventKind.TRANSFERRED:
        what = row.reason.capitalize()
    else:
        what = (row.reason or ("Added" if row.after is not None else "Removed")).capitalize()
    unestimated = before is None and after is None
    tone = "" if unestimated or difference == 0 else "up" if difference > 0 else "down"
    change = "not estimated" if unestimated else f"{signed(difference)} {UNIT_SHORT[unit]}"
    return ChangeLine(moment_of_day(row.at, zone), row.issue_key, row.url, row.summary, what, change, tone)


def issue_line(row: SprintIssueRow, unit: Unit) -> IssueLine:
    """One issue of the table. Estimates that nobody gave are dashes."""
    outcome, tone = OUTCOMES[row.bucket] if row.bucket else ("Left out", "")
    return IssueLine(
        key=row.key,
        url=row.url,
        summary=row.summary,
        status=row.status,
        type=row.type,
        team=row.team or UNKNOWN,
        assignee=row.assignee or "Nobody",
        initial=plain(_estimate(row.initial, unit)),
        final=plain(_estimate(row.final, unit)),
        outcome="Added, " + outcome.lower() if row.added else outcome,
        tone=tone,
    )


def changes_reading(report: SprintReport, unit: Unit) -> str:
    """How far the scope has moved, in a sentence."""
    totals = report.totals
    moved = totals.final.value(unit) - totals.initial.value(unit)
    ratio = churn(totals, unit=unit)
    direction = "grew" if moved > 0 else "shrank" if moved < 0 else "is what it was"
    amount = f" by {with_unit(abs(moved), unit)}" if moved else ""
    rest = f" Churn is {percent(ratio)} of the commitment." if ratio is not None else ""
    return f"The scope {direction}{amount} since the start.{rest}"


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
        f"No issue has “{search}” in its key or summary. Search for something else."
        if search
        else "No issues."
    )


def course_missing(course: Burndown) -> str:
    """Why there is no burndown, and what to do; empty when there is one."""
    if course.start is None:
        return "This sprint has not started, so there is no burndown yet. It begins when the sprint is started in Jira."
    return ""


def _planned_tiles(totals: Totals, unit: Unit) -> dict[str, Kpi]:
    before = Kpi(note="The sprint has not started.")
    planned = _tile(
        totals.not_completed.value(unit),
        unit,
        counted(totals.not_completed.count, "issue") + " planned so far",
    )
    names = ("commitment", "added", "removed", "reestimated", "completed", "say_do")
    return {**dict.fromkeys(names, before), "remaining": planned}


def _tile(value: float, unit: Unit, note: str, *, sign: bool = False) -> Kpi:
    return Kpi(signed(value) if sign else plain(value), UNIT_SHORT[unit], note)


def _moved(totals: Totals, unit: Unit) -> str:
    final = totals.final.value(unit)
    return f"scope is {with_unit(final, unit)} now"


def _of_scope(totals: Totals, unit: Unit) -> str:
    scope = totals.final.value(unit)
    return (
        f"{percent(totals.completed.value(unit) / scope)} of the scope" if scope > 0 else "nothing in scope"
    )


def _kept(kept: float | None, *, closed: bool) -> Kpi:
    if kept is None:
        return Kpi(note="No commitment to measure against.")
    if not closed:
        return Kpi(percent(kept), "", "so far; the sprint is still open")
    tone = "good" if kept >= 0.85 else "warn" if kept >= 0.6 else "bad"
    return Kpi(percent(kept), "", {"good": "kept", "warn": "partly kept", "bad": "far below"}[tone], tone)


def _estimate(estimate: Estimate | None, unit: Unit) -> float | None:
    if estimate is None or estimate.missing(unit):
        return None
    if unit is Unit.POINTS:
        return (estimate.points or 0) / 1000
    return (estimate.seconds or 0) / 3600 if unit is Unit.HOURS else 1.0


def _known(value: float | None) -> str:
    return "no estimate" if value is None else plain(value)
