"""From comparisons to what the page shows: pure."""

from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from sprintreports.jira.circuits import Cause, Gate
from sprintreports.jira.reads.reconciliations import (
    BoardCompared,
    ComparedIssue,
    SprintCompared,
    SprintStanding,
    Standing,
)
from sprintreports.jira.reads.steering import Steering
from sprintreports.metrics.jira_lines import Aspect, JiraLine, OurLine
from sprintreports.metrics.reconciliation import Difference, SumCheck
from sprintreports.metrics.values import Bucket, Unit
from sprintreports.ui.components.figures import Kpi
from sprintreports.ui.dates import day, instant
from sprintreports.ui.links import address
from sprintreports.ui.numbers import UNKNOWN, counted, percent, plain, short_unit, whole

PATH = "/reconciliation"
BUCKETS = {
    Bucket.COMPLETED: "Completed",
    Bucket.NOT_COMPLETED: "Not completed",
    Bucket.REMOVED: "Removed",
    Bucket.OUTSIDE: "Done outside",
}
STANDINGS = {
    Standing.EQUAL: ("Equal", "good"),
    Standing.DIFFERS: ("Differs", "warn"),
    Standing.NOT_COMPARED: ("Not compared", ""),
}
SOURCES = {"jira": "fetched", "upload": "uploaded"}
_ASPECTS = {
    Aspect.PRESENCE: "Listed on one side only",
    Aspect.BUCKET: "Other outcome",
    Aspect.ADDED: "Added or not",
    Aspect.INITIAL: "Other estimate at the start",
    Aspect.FINAL: "Other estimate at the close",
}


@dataclass
class StandingLine:
    """One closed sprint of the board as text."""

    name: str
    link: str
    closed: str
    label: str
    tone: str
    issues: str
    differing: str
    source: str
    problem: str


@dataclass
class DifferenceLine:
    """What of an issue differs, and why."""

    what: str
    why: str


@dataclass
class IssueLine:
    """One issue on both sides as text."""

    key: str
    url: str
    summary: str
    ours: str
    jiras: str
    label: str
    tone: str
    differences: list[DifferenceLine] = field(default_factory=list)


@dataclass
class SumLine:
    """One sum three times."""

    name: str
    ours: str
    lines: str
    printed: str
    label: str
    tone: str


def tiles(board: BoardCompared) -> dict[str, Kpi]:
    """The board's figures."""
    compared = board.count(Standing.EQUAL) + board.count(Standing.DIFFERS)
    note = f"of {counted(compared, 'compared sprint')}" if compared else "No sprint is compared yet."
    differing = board.count(Standing.DIFFERS)
    return {
        "share": Kpi(percent(board.share_equal), "", note, "" if not differing else "warn"),
        "equal": Kpi(str(board.count(Standing.EQUAL)), "", "issue by issue as Jira says"),
        "differing": Kpi(str(differing), "", "each issue with its reason"),
        "missing": Kpi(str(board.count(Standing.NOT_COMPARED)), "", "Jira's report is not here"),
    }


def standing_line(sprint: SprintStanding, *, board: int, zone: ZoneInfo) -> StandingLine:
    """One closed sprint."""
    label, tone = STANDINGS[sprint.standing]
    return StandingLine(
        name=sprint.name,
        link=address(PATH, board=board, sprint=sprint.sprint_id),
        closed=day(sprint.closed_at, zone),
        label=label,
        tone=tone,
        issues=UNKNOWN if sprint.issues is None else whole(sprint.issues),
        differing=UNKNOWN if sprint.differing is None else whole(sprint.differing),
        source=_source(sprint.source, day(sprint.received_at, zone)),
        problem=sprint.problem or "",
    )


def source_text(found: SprintCompared, zone: ZoneInfo) -> str:
    """ "Jira's report, fetched Tue 14 Oct 2025, 09:30, beside our figures of now."."""
    if found.source is None:
        return "Jira's report of this sprint is not here yet."
    return f"Jira's report, {_source(found.source, instant(found.received_at, zone))}, beside our figures of now."


def verdict(found: SprintCompared) -> str:
    """What came out, in a sentence."""
    if found.comparison is None:
        return ""
    issues = counted(len(found.comparison.lines), "issue")
    if found.comparison.equal:
        what = "outcome, added or not, and both estimates"
        if len(found.comparison.lines) == 1:
            return f"The only issue is the same on both sides: {what}."
        return f"All {issues} are the same on both sides: {what}."
    differing = found.comparison.differing
    return f"{whole(differing)} of {issues} {'differs' if differing == 1 else 'differ'}, listed first."


def not_compared(*, may_compare: bool) -> str:
    """What to do about a sprint whose report of Jira is not here."""
    if may_compare:
        return (
            "“Compare now” asks Jira for its own report of this sprint and puts it beside ours, issue by issue. "
            "Without a connection to Jira, upload the report below."
        )
    return "An admin can have Jira's own report of this sprint fetched on this page. Ask one if you doubt these numbers."


def cautions(found: SprintCompared) -> list[str]:
    """What to know about Jira's side."""
    notes = [found.problem] if found.problem else []
    if found.comparison is None:
        return notes
    if found.comparison.repeated:
        notes.append(
            f"Jira lists {', '.join(found.comparison.repeated)} more than once; each counts once here."
        )
    if not found.comparison.adds_up:
        notes.append("Jira's report contradicts itself: some of its sums are not those of its own issues.")
    return notes


def issue_line(issue: ComparedIssue, unit: Unit, zone: ZoneInfo) -> IssueLine:
    """One issue."""
    line = issue.line
    differs = bool(line.differences)
    return IssueLine(
        key=line.key,
        url=issue.url,
        summary=issue.summary,
        ours=side(line.ours, unit),
        jiras=side(line.jiras, unit),
        label="Differs" if differs else "Equal",
        tone="warn" if differs else "good",
        differences=[difference_line(found, zone) for found in line.differences],
    )


def side(line: OurLine | JiraLine | None, unit: Unit) -> str:
    """ "Completed, added, 3 pts → 5 pts"."""
    if line is None:
        return "Not listed"
    words = [BUCKETS[line.bucket], *(["added"] if line.added else [])]
    if unit is not Unit.COUNT:
        initial, final = _estimate(line.initial, unit), _estimate(line.final, unit)
        words.append(initial if initial == final else f"{initial} → {final}")
    return ", ".join(words)


def difference_line(found: Difference, zone: ZoneInfo) -> DifferenceLine:
    """One difference."""
    at = f" ({instant(found.at, zone)})" if found.at is not None else ""
    return DifferenceLine(f"{_ASPECTS[found.aspect]}{at}:", found.reason.sentence)


def sum_line(check: SumCheck, unit: Unit) -> SumLine:
    """One sum."""
    moment = "at the start" if check.aspect is Aspect.INITIAL else "at the close"
    name = "Commitment" if check.bucket is None else f"{BUCKETS[check.bucket]}, {moment}"
    equal = check.ours == check.rows
    label = "Equal" if equal and check.adds_up else "Differs" if not equal else "Does not add up"
    return SumLine(
        name=name,
        ours=_amount(check.ours, unit),
        lines=_amount(check.rows, unit),
        printed=_amount(check.said, unit) if check.told else UNKNOWN,
        label=label,
        tone="good" if label == "Equal" else "warn",
    )


def _estimate(value: int | None, unit: Unit) -> str:
    if value is None:
        return "not estimated"
    return f"{_amount(value, unit)} {short_unit(_plain_value(value, unit), unit)}"


def _amount(value: int | None, unit: Unit) -> str:
    return plain(None if value is None else _plain_value(value, unit))


def _plain_value(value: int, unit: Unit) -> float:
    return value / (3600 if unit is Unit.HOURS else 1000)


def _source(source: str | None, when: str) -> str:
    return UNKNOWN if source is None else f"{SOURCES[source]} {when}"


def held(found: Steering, *, now: datetime, zone: ZoneInfo) -> str:
    """Why Jira is asked for no report right now; empty when it is asked."""
    if found.paused_at is not None:
        return "Waiting: the sync of this site is paused"
    if found.circuit.gate(now) is Gate.GO:
        return ""
    until = found.circuit.until
    if found.circuit.cause is Cause.SIGN_IN:
        return "Waiting: Jira does not let us in. Correct the connection of the site"
    if until is not None and until > now:
        return f"Waiting: Jira is left alone until {until.astimezone(zone):%H:%M}"
    return "Waiting until the next sync has found Jira well again"
