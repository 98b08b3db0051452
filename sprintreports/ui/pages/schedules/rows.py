"""Schedules and their runs as text: what, when, where to, and what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from sprintreports.jira.reads.board_sprints import BoardSprint
from sprintreports.reports.document.blocks import DocumentKind
from sprintreports.reports.publishing.values import Delivery, DeliveryState
from sprintreports.reports.schedules import words
from sprintreports.reports.schedules.triggers import BeforeEnd, Clock, Closed, Started
from sprintreports.reports.schedules.values import (
    Run,
    RunState,
    Schedule,
    SprintReport,
    StoredReport,
    Wanted,
    Which,
)
from sprintreports.reports.spec import Live
from sprintreports.ui.dates import instant
from sprintreports.ui.links import address
from sprintreports.ui.numbers import counted
from sprintreports.ui.reporting import sending, states

SCHEDULES = "/schedules"
NO_FILTERS: Mapping[str, str] = {}
NO_BOARD, NO_REPORT = "a board that you do not see", "a report that you do not see"
STATES = {
    RunState.WAITING: ("In line", "info"),
    RunState.DONE: ("Done", "good"),
    RunState.NOTHING: ("Nothing to report", ""),
    RunState.FAILED: ("Failed", "bad"),
}
WHICH = {
    Which.RUNNING: "the sprint that runs",
    Which.STARTED: "the sprint that started last",
    Which.CLOSED: "the sprint that was closed last",
}
REPORTS = {
    DocumentKind.BASELINE: "the state of",
    DocumentKind.COMPARISON: "what has changed since the start of",
    DocumentKind.REVIEW: "the review of",
    DocumentKind.TREND: "a trend of",
}
_TO_LOOK_AT = frozenset({DeliveryState.CLASH, DeliveryState.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Names:
    """What things are called that schedules speak of, of those that the visitor sees."""

    boards: Mapping[int, str]
    reports: Mapping[int, str]
    connections: Mapping[int, str]


@dataclass
class ScheduleLine:
    """A schedule of the ledger as text. own: the visitor's; paused: why, with a reason."""

    id: str = ""
    name: str = ""
    link: str = ""
    what: str = ""
    where: str = ""
    when: str = ""
    next: str = ""
    paused: str = ""
    owner: str = ""
    own: bool = False
    outcome: str = ""
    tone: str = ""
    told: str = ""
    ran: str = ""
    board: str = ""
    report: str = ""
    changed: str = ""


@dataclass
class Link:
    """Something that a run made, and where it is. tone: of its lozenge; empty for a plain link."""

    text: str = ""
    url: str = ""
    state: str = ""
    tone: str = ""


@dataclass
class RunLine:
    """A run as text."""

    id: str = ""
    when: str = ""
    sprint: str = ""
    outcome: str = ""
    tone: str = ""
    told: str = ""
    links: list[Link] = field(default_factory=list)


def line(
    found: Schedule,
    names: Names,
    sent: Mapping[int, Delivery],
    zone: ZoneInfo,
    *,
    own: bool,
    parameters: Mapping[str, str] = NO_FILTERS,
) -> ScheduleLine:
    """`sent`: deliveries by their ids, those of the last run among them; `parameters`: of the address, whose filters stay."""
    wanted = found.wanted
    outcome, tone, told = "Never ran", "", ""
    if found.last_state is not None:
        put = [sent[one] for one in found.last_deliveries if one in sent]
        outcome, tone, told = came_to(found.last_state, found.last_sentence or "", put)
    stored = wanted.content.report_id if isinstance(wanted.content, StoredReport) else 0
    return ScheduleLine(
        id=str(found.id),
        name=wanted.name,
        link=address(SCHEDULES, parameters, schedule=found.id),
        what=what(wanted, names),
        where=where(wanted, names),
        when=_sentence(words.when(wanted.trigger, wanted.zone)),
        next="" if found.next_at is None or found.paused_at else f"{instant(found.next_at, zone)} ({zone.key})",
        paused=found.paused_reason if found.paused_at else "",
        owner=found.owner,
        own=own,
        outcome=outcome,
        tone=tone,
        told=told,
        ran="" if found.last_at is None else instant(found.last_at, zone),
        board=names.boards.get(wanted.board_id, NO_BOARD) if wanted.board_id else "",
        report=address(states.VIEW, id=stored) if stored in names.reports else "",
        changed=instant(found.updated_at, zone),
    )  # fmt: skip


def what(wanted: Wanted, names: Names) -> str:
    """ "Sends the review of the sprint that was closed last on Payments, and takes a baseline"."""
    on = f" on {names.boards.get(wanted.board_id, NO_BOARD)}" if wanted.board_id else ""
    which = _which(wanted, on)
    if not wanted.recipients:
        return f"Takes a baseline of {which}"
    more = ", and takes a baseline" if wanted.baseline else ""
    if isinstance(wanted.content, StoredReport):
        name = names.reports.get(wanted.content.report_id)
        called = f"the report “{name}”" if name is not None else NO_REPORT
        if wanted.baseline:
            return f"Sends {called}{more} of {which}"
        return f"Sends {called}" + (f", by the sprints{on}" if wanted.board_id else "")
    about = f"the sprints{on}" if wanted.content.report is DocumentKind.TREND else which
    return f"Sends {REPORTS[wanted.content.report]} {about}{more}"


def where(wanted: Wanted, names: Names) -> str:
    """ "Wiki: Space TEAM; Mail: a@x.test, with PDF"."""
    told = list[str]()
    for one in wanted.recipients:
        name = names.connections.get(one.connection_id, "A connection that was deleted")
        place, files = sending.place(one.target), sending.enclosed(one.target)
        parts = [name, f": {place}" if place else "", f", with {files}" if files else ""]
        told.append("".join(parts))
    return "; ".join(told)


def came_to(state: RunState, sentence: str, sent: Sequence[Delivery]) -> tuple[str, str, str]:
    """The lozenge's text and tone, and the sentence beside it: a run is done well once all that it sent has arrived."""
    label, tone = STATES[state]
    if state is not RunState.DONE or not sent:
        return label, tone, sentence
    if failed := [one for one in sent if one.state is DeliveryState.FAILED]:
        many = "It" if len(sent) == 1 else f"{len(failed)} of {len(sent)}"
        return "Not delivered", "bad", f"{sentence} {many} failed: {failed[0].sentence}".strip()
    if odd := [one for one in sent if one.state in _TO_LOOK_AT]:
        return "Somebody has to look", "warn", f"{sentence} {odd[0].sentence}".strip()
    if any(sending.under_way(one) for one in sent):
        return "On its way", "info", sentence
    return label, tone, f"{sentence} {'It' if len(sent) == 1 else 'All of them'} arrived.".strip()


def run_line(
    run: Run,
    wanted: Wanted,
    sprints: Mapping[int, str],
    sent: Mapping[int, Delivery],
    zone: ZoneInfo,
    *,
    of_board: Mapping[int, BoardSprint],
) -> RunLine:
    """`sprints`: their names by their ids, `of_board`: the sprints of the schedule's board."""
    put = [sent[one] for one in run.delivery_ids if one in sent]
    outcome, tone, told = came_to(run.state, run.sentence, put)
    links = [_delivery(one) for one in put]
    lost = len(run.delivery_ids) - len(put)
    if run.state is not RunState.WAITING and lost:
        told = f"{told} {counted(lost, 'delivery is', 'deliveries are')} no longer listed.".strip()
    if run.baseline_id is not None:
        links.append(Link("The baseline", states.of_baseline(run.baseline_id)))
    if run.state is RunState.DONE and (to := _report(run, wanted, of_board)):
        links.append(Link("The report as it is now", to))
    return RunLine(
        id=str(run.id),
        when=instant(run.due_at, zone),
        sprint=sprints.get(run.sprint_id, "A sprint that you do not see") if run.sprint_id else "",
        outcome=outcome,
        tone=tone,
        told=told,
        links=links,
    )


def _delivery(found: Delivery) -> Link:
    label, tone = sending.STATES[found.state]
    return Link(found.connection, sending.where(found), label, tone)


def _report(run: Run, wanted: Wanted, of_board: Mapping[int, BoardSprint]) -> str:
    """Where the report of a run is read; empty where it sent none, or there is no address for it."""
    if not wanted.recipients:
        return ""
    if isinstance(wanted.content, StoredReport):
        return address(states.VIEW, id=wanted.content.report_id)
    sprint = of_board.get(run.sprint_id or 0)
    if sprint is None:
        return ""
    now = Live(sprint.sprint_id, sprint.board_id)
    match wanted.content.report:
        case DocumentKind.BASELINE:
            return address(states.VIEW, of=states.text_of(now))
        case DocumentKind.COMPARISON:
            return states.compared(Live(sprint.sprint_id, sprint.board_id, sprint.started), now)
        case DocumentKind.REVIEW:
            return address(states.VIEW, review=sprint.sprint_id, board=sprint.board_id)
        case DocumentKind.TREND:
            return ""


def _which(wanted: Wanted, on: str) -> str:
    """The sprint that it is about; on: on which board."""
    match wanted.trigger:
        case Clock():
            which = wanted.content.which if isinstance(wanted.content, SprintReport) else Which.RUNNING
            return f"{WHICH[which]}{on}"
        case Started():
            return f"the sprint{on} that starts"
        case Closed():
            return f"the sprint{on} that is closed"
        case BeforeEnd():
            return f"the sprint{on} that is about to end"
        case _:
            return f"{WHICH[Which.RUNNING]}{on}"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
