"""A new report: which kind, of which states, laid out how, and what it is called."""

from typing import Any

import reflex as rx

from sprintreports.identity.permissions import Permission
from sprintreports.jira.reads import choices
from sprintreports.kit.errors import FieldProblem, Invalid
from sprintreports.metrics.values import SprintState
from sprintreports.reports.baselines import ledger
from sprintreports.reports.document.blocks import DocumentKind
from sprintreports.reports.library import reports
from sprintreports.reports.library.reports import Wanted
from sprintreports.reports.library.specs import LONGEST_TREND
from sprintreports.reports.spec import BaselineSpec, ComparisonSpec, Live, ReviewSpec, Spec, TrendSpec
from sprintreports.ui.dates import instant
from sprintreports.ui.frame_state import Frame, Option
from sprintreports.ui.links import address, identifier, number
from sprintreports.ui.planning.entering import word
from sprintreports.ui.reporting import choosing, states
from sprintreports.ui.reporting.states import VIEW
from sprintreports.ui.session import acts, visit

_MOST_BASELINES = 100
USUAL_LAST = 12


class NewReport(rx.State):
    """The form of a new report, for one board at a time; a trend may take several boards."""

    is_open: bool = False
    complaint: str = ""
    kind: str = ""
    boards: list[Option] = []
    board: str = ""
    of_states: list[Option] = []
    closed: list[Option] = []
    templates: list[Option] = []
    may_share: bool = False

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def begin(self) -> None:
        here = visit()
        self.reset()
        await self._for_board(identifier((await self.get_state(Frame)).board))
        await self._for_kind(DocumentKind.BASELINE)
        self.may_share = here.viewer.can(Permission.REPORTS_WRITE)
        self.is_open = True

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def end(self) -> None:
        self.reset()

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def pick_kind(self, kind: str) -> None:
        self.complaint = ""
        if kind in set(DocumentKind):
            await self._for_kind(DocumentKind(kind))

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def pick_board(self, board: str) -> None:
        self.complaint = ""
        await self._for_board(identifier(board))

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def create(self, form: dict[str, Any]) -> Any:
        """Put the report into the library and go there."""
        here = visit()
        self.complaint = ""
        wanted = Wanted(
            name=word(form, "name"),
            spec=self._spec(form),
            tags=tuple(word(form, "tags").split(",")),
            template=choosing.choice_of(word(form, "template")),
            shared="shared" in form,
        )
        made = await reports.create(here.session, here.viewer, wanted, now=here.now)
        self.reset()
        return rx.redirect(address(VIEW, id=made.id))

    def _spec(self, form: dict[str, Any]) -> Spec:
        here = visit()
        board = identifier(self.board)
        match DocumentKind(self.kind):
            case DocumentKind.BASELINE:
                moment = states.moment_of(word(form, "moment"), here.zone, now=here.now)
                state = states.state_of(_needed(form, "of"), board_id=board, moment=moment)
                if moment is not None and not isinstance(state, Live):
                    raise _problem(
                        "moment", "A baseline has its own moment. Leave the moment out, or choose a sprint."
                    )
                return BaselineSpec(state)
            case DocumentKind.COMPARISON:
                before, after = (
                    states.state_of(_needed(form, name), board_id=board) for name in ("before", "after")
                )
                return ComparisonSpec(before, after)
            case DocumentKind.TREND:
                several = [one for one in self.boards if f"board-{one.value}" in form]
                boards = tuple(int(one.value) for one in several) or ((board,) if board else ())
                last = number(word(form, "last"), default=USUAL_LAST, lowest=1, highest=LONGEST_TREND)
                return TrendSpec(boards=boards, last=last)
            case DocumentKind.REVIEW:
                return ReviewSpec(identifier(_needed(form, "sprint")) or 0, board)

    async def _for_kind(self, kind: DocumentKind) -> None:
        here = visit()
        self.kind = kind.value
        self.templates = await choosing.options(here.session, here.viewer, kind)

    async def _for_board(self, board_id: int | None) -> None:
        """The states to choose from: the board's sprints as they are now, and its baselines."""
        here = visit()
        found = await choices.read(here.session, here.viewer, board_id=board_id)
        self.boards = [Option(str(one.id), one.name) for one in found.boards]
        if found.board is None:
            self.board, self.of_states, self.closed = "", [], []
            return
        self.board = str(found.board.id)
        kept = await ledger.listing(
            here.session, here.viewer, board_id=found.board.id, per_page=_MOST_BASELINES
        )
        self.of_states = [
            Option(states.text_of(Live(one.id)), f"{one.name}, as it is now") for one in found.sprints
        ] + [
            Option(f"baseline-{one.id}", f"Baseline: {one.sprint_name}, {instant(one.moment, here.zone)}")
            for one in kept.items
        ]
        self.closed = [
            Option(str(one.id), one.name) for one in found.sprints if one.state is SprintState.CLOSED
        ]


def _needed(form: dict[str, Any], name: str) -> str:
    value = word(form, name)
    if not value:
        raise _problem(name, "Choose what the report is about.")
    return value


def _problem(field: str, sentence: str) -> Invalid:
    return Invalid(sentence, details=(FieldProblem(field, sentence),))
