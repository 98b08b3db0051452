"""What a report is about, in addresses and in selects: "baseline-12" is a frozen state, "sprint-5" a sprint as it is now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sprintreports.kit.errors import FieldProblem, Invalid, NotFound
from sprintreports.reports.document.blocks import DocumentKind
from sprintreports.reports.spec import BaselineSpec, ComparisonSpec, Frozen, Live, ReviewSpec, Spec, State
from sprintreports.ui.links import address, identifier

LIBRARY, VIEW, BASELINES = "/reports", "/report", "/baselines"
TEMPLATES, TEMPLATE = "/report-templates", "/report-template"
KINDS = {
    DocumentKind.BASELINE: ("State of a sprint", "One state: figures, distributions, issues by stakeholder, teams and capacity."),
    DocumentKind.COMPARISON: ("Comparison", "Two states: what was added, removed and changed, and what moved the numbers."),
    DocumentKind.TREND: ("Trend", "Several sprints side by side, with what changed most."),
    DocumentKind.REVIEW: ("Sprint review", "A sprint at its close: commitment against delivery, and why."),
}  # fmt: skip
_NO_STATE = "There is no such state to show. Choose a baseline or a sprint."


def kind_name(kind: DocumentKind) -> str:
    return KINDS[kind][0]


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address wants to see: a stored report, or a spec that is not kept."""

    report_id: int | None = None
    spec: Spec | None = None


def asked_by(parameters: Mapping[str, str]) -> Asked:
    """Raises NotFound where an address names neither."""
    if report_id := identifier(parameters.get("id")):
        return Asked(report_id=report_id)
    if "before" in parameters and "after" in parameters:
        return Asked(spec=ComparisonSpec(state_of(parameters["before"]), state_of(parameters["after"])))
    if "of" in parameters:
        return Asked(spec=BaselineSpec(state_of(parameters["of"])))
    if sprint := identifier(parameters.get("review")):
        return Asked(spec=ReviewSpec(sprint, identifier(parameters.get("board"))))
    raise NotFound("There is no such report. Choose one from the list of reports.")


def state_of(text: str, *, board_id: int | None = None, moment: datetime | None = None) -> State:
    """A state from its text; board_id and moment: where the text says none. Raises NotFound."""
    named, _, then = text.partition("@")
    kind, _, rest = named.partition("-")
    number, _, board = rest.partition("-board-")
    value = identifier(number)
    if value is not None and kind == "baseline":
        return Frozen(value)
    if value is not None and kind == "sprint":
        return Live(value, identifier(board) or board_id, _instant(then) if then else moment)
    raise NotFound(_NO_STATE)


def about_sprint(sprint_id: int, board_id: int, *, closed: bool) -> str:
    """Where the report on a sprint is: its review once it is closed, else its state as it is."""
    if closed:
        return address(VIEW, review=sprint_id, board=board_id)
    return address(VIEW, of=text_of(Live(sprint_id, board_id)))


def text_of(state: State) -> str:
    """A state as `state_of` reads it."""
    if isinstance(state, Frozen):
        return f"baseline-{state.baseline_id}"
    board = f"-board-{state.board_id}" if state.board_id else ""
    then = f"@{state.moment.astimezone(UTC).isoformat()}" if state.moment else ""
    return f"sprint-{state.sprint_id}{board}{then}"


def _instant(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise NotFound(_NO_STATE) from None
    if found.tzinfo is None:
        raise NotFound(_NO_STATE)
    return found


def of_baseline(baseline_id: int) -> str:
    """Where the report of a baseline is."""
    return address(VIEW, of=text_of(Frozen(baseline_id)))


def compared(before: State, after: State) -> str:
    """Where two states are compared."""
    return address(VIEW, before=text_of(before), after=text_of(after))


def moment_of(text: str, zone: ZoneInfo, *, now: datetime) -> datetime | None:
    """A moment as a field for date and time gives it, in the visitor's zone; None for an empty one. Raises Invalid."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise _no_moment("This is no moment. Write it as 2026-03-24T18:00.") from None
    moment = found.replace(tzinfo=zone) if found.tzinfo is None else found
    if moment > now:
        raise _no_moment("This moment is still to come. Choose one that has passed, or leave it out.")
    return moment


def _no_moment(sentence: str) -> Invalid:
    return Invalid(sentence, details=(FieldProblem("moment", sentence),))
