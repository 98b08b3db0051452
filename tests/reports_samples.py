"""A sprint told by hand, seen at two moments; and a document with every kind of block and value. What tests of reports build on.

The sprint "Payments 14" (board "Payments", Berlin, points): 9 issues and 20 points are committed at the start, Monday 2 March 2026.

| key | team | points | what happens |
|---|---|---|---|
| PAY-1 | Backend | 5 | done on the 4th |
| PAY-2 | Backend | 3 | 8 from the 5th on, in progress then |
| PAY-3 | Frontend | 2 | done on the 6th; until then called otherwise |
| PAY-4 | Frontend | 5 | removed on the 6th |
| PAY-5 | QA | none | stays as it is, nobody's |
| PAY-6 | QA | 1 | done on the 3rd, before both moments |
| PAY-7 | none, Backend from the 5th on | 3 | priority and assignee change, too |
| PAY-8 | Backend | 8 | added on the 5th |
| PAY-9 | Frontend | 3 | created in the sprint on the 9th; its stakeholder is erased |
| PAY-10 | QA | 2 | its status is in no column of the board: left out |
| PAY-11 | Frontend | 5 | done before the start: outside |
| PAY-12 | Frontend | 0 | done on the 9th |
| PAY-13 | QA | 1 | sub-task; done before the first moment, reopened on the 9th |
| PAY-14 | Backend | 2 | added on the 5th, removed on the 9th |
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from types import MappingProxyType

from sprintreports.charts.breakdown import breakdown_figure
from sprintreports.metrics.calendar import WorkCalendar
from sprintreports.metrics.scope import NOT_ON_BOARD, events_of, in_order, outcome_of
from sprintreports.metrics.sprint_report import Excluded, IssueRow, sprint_report
from sprintreports.metrics.values import Segment, SprintState, State, Unit, Window
from sprintreports.reports.document.blocks import (
    CalendarEntry,
    Chart,
    Column,
    Document,
    DocumentKind,
    Fact,
    Facts,
    IssueRef,
    Kind,
    Mark,
    Native,
    Notice,
    Paragraph,
    Row,
    Section,
    Series,
    Shape,
    Status,
    Table,
    Tone,
)
from sprintreports.reports.snapshot import (
    QualityLine,
    QueueLine,
    Snapshot,
    SnapshotCapacity,
    SnapshotIssue,
    SnapshotQueue,
)

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
PLANNED_END = datetime(2026, 3, 13, 16, 0, tzinfo=UTC)
FIRST = datetime(2026, 3, 3, 20, 0, tzinfo=UTC)
LATER = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
CLOSE = datetime(2026, 3, 13, 15, 30, tzinfo=UTC)
DEADLINE = datetime(2026, 3, 11, 17, 0, tzinfo=UTC)
WINDOW = (datetime(2026, 3, 6, 20, 0, tzinfo=UTC), datetime(2026, 3, 6, 22, 30, tzinfo=UTC))
BASE_URL = "https://payments.example.com"
TEAMS = MappingProxyType({0: "No team", 1: "Backend", 2: "Frontend", 3: "QA"})
PEOPLE = MappingProxyType(
    {
        11: "Ada Byron", 12: "Grace Murray", 13: "Alan Mathison",
        21: "Mary Shop", 22: "Karim Finance", 23: "João Legal", 24: "Erased person 24",
    }
)  # fmt: skip
#: Titles that renderers must not be fooled by.
MARKUP_TITLE = '<script>alert("x")</script> & <b>bold</b>'
FORMULA_TITLE = "=cmd|' /C calc'!A0"
RIGHT_TO_LEFT_TITLE = "\u202eتقرير\u202c المدفوعات 🧾"
LONG_TITLE = "W" * 500
_BORN = datetime(2026, 2, 20, 9, 0, tzinfo=UTC)


def march(day: int, hour: int = 10) -> datetime:
    """An hour (UTC) of a day of March 2026."""
    return datetime(2026, 3, day, hour, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Look:
    """What an issue looks like from `since` on."""

    since: datetime
    points: float | None
    status: str
    team: int
    summary: str
    priority: str
    assignee: int | None


@dataclass(frozen=True, slots=True)
class _Told:
    number: int
    type: str
    stakeholder: int | None
    owner: bool
    looks: tuple[_Look, ...]
    left: datetime | None = None
    parent: str = ""
    born_here: bool = False


_STATES = {
    "To Do": State.TODO, "In Progress": State.DOING, "Done": State.DONE, "Parked": State.UNMAPPED,
}  # fmt: skip


def _told() -> tuple[_Told, ...]:
    def look(
        since: datetime, points: float | None, status: str, team: int, summary: str = "Plain", *,
        priority: str = "Medium", assignee: int | None = None,
    ) -> _Look:  # fmt: skip
        return _Look(since, points, status, team, summary, priority, assignee)

    def settled(*looks: _Look) -> tuple[_Look, ...]:
        return looks

    return (
        _Told(1, "Story", 21, True, settled(
            look(_BORN, 5, "To Do", 1, MARKUP_TITLE, priority="High", assignee=11),
            look(march(4), 5, "Done", 1, MARKUP_TITLE, priority="High", assignee=11),
        )),
        _Told(2, "Story", 22, False, settled(
            look(_BORN, 3, "To Do", 1, FORMULA_TITLE, assignee=12),
            look(march(5), 8, "In Progress", 1, FORMULA_TITLE, assignee=12),
        )),
        _Told(3, "Bug", 21, True, settled(
            look(_BORN, 2, "In Progress", 2, "Old name", priority="High", assignee=13),
            look(march(6), 2, "Done", 2, "New name", priority="High", assignee=13),
        )),
        _Told(4, "Story", 23, False, settled(look(_BORN, 5, "To Do", 2, RIGHT_TO_LEFT_TITLE, priority="Low")), march(6)),
        _Told(5, "Task", None, False, settled(look(_BORN, None, "To Do", 3, "Nobody's"))),
        _Told(6, "Bug", 22, False, settled(
            look(_BORN, 1, "To Do", 3, "Quick one", assignee=13), look(march(3), 1, "Done", 3, "Quick one", assignee=13),
        )),
        _Told(7, "Story", 22, False, settled(
            look(_BORN, 3, "To Do", 0, LONG_TITLE, priority="Low"),
            look(march(5), 3, "To Do", 1, LONG_TITLE, priority="Highest", assignee=12),
        )),
        _Told(8, "Story", 21, True, settled(look(march(5), 8, "To Do", 1, "Refunds", priority="High", assignee=11))),
        _Told(9, "Bug", 24, False, settled(look(march(9), 3, "To Do", 2, "Rounding", assignee=13)), born_here=True),
        _Told(10, "Task", 23, False, settled(look(_BORN, 2, "Parked", 3, "Parked work"))),
        _Told(11, "Story", 23, False, settled(look(_BORN, 5, "Done", 2, "Done long ago"))),
        _Told(12, "Story", 23, True, settled(
            look(_BORN, 0, "To Do", 2, "Zero points"), look(march(9), 0, "Done", 2, "Zero points"),
        )),
        _Told(13, "Sub-task", 22, False, settled(
            look(_BORN, 1, "To Do", 3, "Part of it"), look(march(3, 18), 1, "Done", 3, "Part of it"),
            look(march(9), 1, "In Progress", 3, "Part of it"),
        ), parent="PAY-100"),
        _Told(14, "Task", 21, True, settled(look(march(5), 2, "To Do", 1, "In and out")), march(9)),
    )  # fmt: skip


def issue_id(number: int) -> int:
    """Jira's id of PAY-number."""
    return 1000 + number


def _segments(told: _Told) -> list[Segment]:
    ends = [*(look.since for look in told.looks[1:]), told.left]
    segments: list[Segment] = []
    for look, end in zip(told.looks, ends, strict=True):
        state = _STATES[look.status]
        points = None if look.points is None else int(look.points * 1000)
        segments.append(
            Segment(
                issue_id(told.number), look.team, points, None, state, look.status,
                look.since if state is State.DONE else None, told.born_here, look.since, end,
            )
        )  # fmt: skip
    return segments


def _issue(told: _Told, window: Window) -> SnapshotIssue | None:
    segments = _segments(told)
    outcome = outcome_of(segments, window=window)
    looks = [look for look in told.looks if look.since <= window.end]
    if not looks or (outcome is None and told.number != 10):
        return None
    look = looks[-1]
    return SnapshotIssue(
        issue=issue_id(told.number),
        key=f"PAY-{told.number}",
        summary=look.summary,
        type=told.type,
        status=look.status,
        state=_STATES[look.status],
        priority=look.priority,
        discipline=look.team,
        assignee=look.assignee,
        stakeholder=told.stakeholder,
        stakeholder_is_owner=told.owner,
        parent=told.parent,
        outcome=outcome,
        excluded="" if outcome is not None else NOT_ON_BOARD,
    )


def rows_of(issues: Sequence[SnapshotIssue]) -> list[IssueRow]:
    """The issues as the metrics take them."""
    return [
        IssueRow(
            issue.outcome, issue.key, issue.summary, issue.type, issue.priority, issue.status,
            issue.assignee, issue.stakeholder, issue.stakeholder_is_owner,
        )
        for issue in issues
        if issue.outcome is not None
    ]  # fmt: skip


def snapshot(moment: datetime = FIRST) -> Snapshot:
    """The told sprint at the moment, open until CLOSE: `FIRST`, `LATER` or any other."""
    closed, started = moment >= CLOSE, moment >= START
    window = Window(START if started else None, CLOSE if closed else moment, closed)
    state = SprintState.CLOSED if closed else SprintState.ACTIVE if started else SprintState.FUTURE
    told = _told()
    issues = tuple(issue for one in told if (issue := _issue(one, window)) is not None)
    events = in_order(event for one in told for event in events_of(_segments(one), window=window))
    excluded = [
        Excluded(issue.issue, issue.discipline, issue.excluded) for issue in issues if issue.outcome is None
    ]
    report = sprint_report(
        rows_of(issues), board_id=7, sprint_id=41, sprint_name="Payments 14",
        state=state, window=window, zone="Europe/Berlin", excluded=excluded,
    )  # fmt: skip
    return Snapshot(
        site_id=1, board_id=7, board_name="Payments", sprint_id=41, jira_sprint_id=140, sprint_name="Payments 14",
        goal="Refunds work", base_url=BASE_URL, unit=Unit.POINTS, start=START if started else None, planned_end=PLANNED_END,
        completed=CLOSE if closed else None, moment=moment, as_of=moment, calendar=WorkCalendar("Europe/Berlin"),
        mapping="0f" * 16, report=report, issues=issues, events=tuple(events), disciplines=TEAMS,
        capacity=(
            SnapshotCapacity("Backend", (0, 1), 18_000, 108_000, 22_000, "Median of 6 sprints"),
            SnapshotCapacity("Frontend", (2,), 9_500, 57_000, None, "No rate is known"),
        ),
        quality=(QualityLine("unestimated", "Issues without an estimate", 1, "1 issue in scope adds 0 points."),),
        queue=_queue(),
    )  # fmt: skip


def _queue() -> SnapshotQueue:
    return SnapshotQueue(
        queue_id=3, version=2, name="Plan of Monday", algorithm="round_robin", fairness=87.5,
        lines=(
            QueueLine(issue_id(1), "PAY-1", 1, "Backend", 1, 1, 1, "flexible", "First of Mary Shop."),
            QueueLine(issue_id(2), "PAY-2", 1, "Backend", 2, 3, 1, "soft deadline", "First of Karim Finance.", None, DEADLINE),
            QueueLine(issue_id(3), "PAY-3", 2, "Frontend", 1, 2, 1, "hard scheduled", "It must happen at its time.", *WINDOW),
            QueueLine(issue_id(4), "PAY-4", 2, "Frontend", None, None, None, "flexible", "It is below the cut-line."),
        ),
    )  # fmt: skip


def document() -> Document:
    """Every block, kind, mark, tone and shape once or more; titles that renderers must not be fooled by."""
    return Document(
        kind=DocumentKind.BASELINE,
        title=f"Baseline of {MARKUP_TITLE}",
        subtitle="Payments · 2 to 13 March 2026",
        made_at=LATER,
        moment=FIRST,
        zone="Europe/Berlin",
        locale="en-GB",
        sections=(_figures(), _issues(), _empty(), _drawn()),
        basis=("Board Payments, counted in story points.", "Days and times are those of Europe/Berlin."),
        calendar=(
            CalendarEntry("sprint-41@sprintreports", "Payments 14", START, PLANNED_END, "Refunds work", f"{BASE_URL}/s/41"),
            CalendarEntry("deadline-1002@sprintreports", "PAY-2: deadline", date(2026, 3, 11), None, FORMULA_TITLE),
        ),
        link="https://reports.example.com/reports/5",
    )  # fmt: skip


def _figures() -> Section:
    return Section(
        "overview",
        "Overview",
        (
            Paragraph(f"First paragraph: {MARKUP_TITLE}\nSecond paragraph: {RIGHT_TO_LEFT_TITLE}"),
            Notice("Two issues have no estimate.", Tone.WARNING),
            Notice("The sprint kept its word.", Tone.GOOD),
            Notice("The numbers are of 3 March.", Tone.NEUTRAL),
            Notice("Jira could not be reached since.", Tone.BAD),
            Facts(
                "totals",
                (
                    Fact("committed", "Committed", 1234.5, unit=Unit.POINTS),
                    Fact(
                        "scope",
                        "Scope",
                        31.0,
                        unit=Unit.POINTS,
                        change=11.0,
                        good=False,
                        detail="20 at the start.",
                    ),
                    Fact("completed", "Completed", 8.0, unit=Unit.POINTS, change=7.0, good=True),
                    Fact("share", "Completed share", 0.2581, Kind.SHARE),
                    Fact("issues", "Issues", 10, Kind.COUNT),
                    Fact("delta", "Change of scope", -3.5, Kind.CHANGE, unit=Unit.POINTS, change=0.0),
                    Fact("ends", "Planned end", PLANNED_END, Kind.INSTANT),
                    Fact("day", "Day", date(2026, 3, 3), Kind.DAY),
                    Fact("goal", "Goal", FORMULA_TITLE, Kind.TEXT),
                    Fact("unknown", "Velocity", None, unit=Unit.POINTS, detail="Not known yet."),
                ),
            ),
        ),
    )


_ISSUE_COLUMNS = (
    Column("issue", "Issue", Kind.ISSUE),
    Column("summary", "Summary", wide=True),
    Column("status", "Status", Kind.STATUS),
    Column("points", "Points", Kind.NUMBER, Unit.POINTS),
    Column("change", "Change", Kind.CHANGE, Unit.POINTS),
    Column("day", "Due", Kind.DAY),
    Column("at", "Changed", Kind.INSTANT),
)


def _row(number: int, summary: str, status: Status, points: float | None, mark: Mark = Mark.NONE) -> Row:
    ref = IssueRef(f"PAY-{number}", f"{BASE_URL}/browse/PAY-{number}")
    change = None if points is None else points - 3
    return Row((ref, summary, status, points, change, date(2026, 3, number), march(number)), mark)


def _issues() -> Section:
    rows = (
        _row(1, MARKUP_TITLE, Status("Done", Tone.GOOD), 5.0, Mark.ADDED),
        _row(2, FORMULA_TITLE, Status("In Progress", Tone.ACTIVE), 8.0, Mark.CHANGED),
        _row(4, RIGHT_TO_LEFT_TITLE, Status("To Do", Tone.NEUTRAL), 2.5, Mark.REMOVED),
        _row(5, LONG_TITLE, Status("Blocked", Tone.BAD), None),
        Row((IssueRef("PAY-99", ""), None, Status("Waiting", Tone.WARNING), 0.0, None, None, None)),
    )
    stakeholders = (
        Row(("Mary Shop", "Owner", 2, 0.5, 13.0), children=rows[:2]),
        Row(("João Legal", "Reporter", 3, 0.75, None), children=rows[2:]),
        Row(("Total", None, 5, 1.0, 15.5), Mark.TOTAL),
    )
    columns = (
        Column("name", "Stakeholder"),
        Column("role", "Field"),
        Column("issues", "Issues", Kind.COUNT),
        Column("share", "Share", Kind.SHARE),
        Column("points", "Points", Kind.NUMBER, Unit.POINTS),
    )
    return Section(
        "stakeholders",
        "Issues by stakeholder",
        (
            Table("issues", "Issues", _ISSUE_COLUMNS, rows, "There are none.", "PAY-2 has the most points."),
            Table("stakeholders", "Stakeholders", columns, stakeholders, "There are none.", child_columns=_ISSUE_COLUMNS),
        ),
    )  # fmt: skip


def _empty() -> Section:
    table = Table("none", "Removed issues", _ISSUE_COLUMNS, (), "No issue was removed.")
    return Section("removed", "Removed", (table,))


def _drawn() -> Section:
    parts = snapshot().report.breakdowns[:3]
    light, dark = (breakdown_figure(parts, unit=Unit.POINTS, dark=dark) for dark in (False, True))
    charts: list[Chart] = []
    for shape in Shape:
        times = shape in (Shape.LINES, Shape.STEPS, Shape.AREAS)
        label = Column("at", "Time", Kind.INSTANT) if times else Column("name", "Team")
        cells = [(march(3), 20.0, 1.0), (march(5), 26.0, 6.0), (march(9), 31.0, 8.0)]
        named = [("Backend", 8.0, 5.0), ("Frontend", 12.0, 2.0), (MARKUP_TITLE, 3.0, 1.0)]
        table = Table(
            f"{shape.value}_table",
            f"Drawn as {shape.value}",
            (
                label,
                Column("scope", "Scope", Kind.NUMBER, Unit.POINTS),
                Column("done", "Done", Kind.NUMBER, Unit.POINTS),
            ),
            tuple(Row(cells) for cells in (cells if times else named)),
            "There is nothing to draw.",
        )
        series = (Series("scope", "Scope", "#d96a02"), Series("done", "Done", "#0c4a2c"))
        native = Native(shape, label.key, series, stacked=shape is Shape.BARS)
        charts.append(Chart(shape.value, f"As {shape.value}", "Scope grew by 11 points.", light, dark, table, native))  # fmt: skip
    return Section("charts", "Charts", tuple(charts))
