"""The template on real data: a sprint, or a report of the library, laid out by what is on the page and not kept yet."""

import msgspec
import reflex as rx

from sprintreports.identity.permissions import Permission
from sprintreports.jira.reads import access, choices
from sprintreports.jira.reads.choices import SprintChoice
from sprintreports.kit.errors import FieldProblem, Invalid
from sprintreports.metrics.values import SprintState
from sprintreports.reports.document.blocks import DocumentKind
from sprintreports.reports.library import documents, ledger, reports
from sprintreports.reports.library.ledger import Filters
from sprintreports.reports.library.specs import LONGEST_TREND
from sprintreports.reports.spec import BaselineSpec, ComparisonSpec, Live, ReviewSpec, Spec, TrendSpec
from sprintreports.ui.frame_state import Frame, Option
from sprintreports.ui.links import identifier
from sprintreports.ui.pages.report_template import rows
from sprintreports.ui.pages.report_template.state import ReportTemplate
from sprintreports.ui.reporting import shown
from sprintreports.ui.reporting.shown import Group
from sprintreports.ui.session import acts, visit
from sprintreports.ui.showing import Sparing
from sprintreports.ui.status import READY

_MOST_REPORTS = 50
_LAST = min(12, LONGEST_TREND)
_ALL = "board"
_SPRINT, _REPORT = "sprint-", "report-"


class TemplatePreview(Sparing, rx.State):
    """What the report would look like. subject: what it is made of; of: the kind that the subjects are for."""

    of: str = ""
    boards: list[Option] = []
    board: str = ""
    sprints: list[Option] = []
    reports: list[Option] = []
    subject: str = ""
    title: str = ""
    subtitle: str = ""
    groups: list[Group] = []
    complaint: str = ""
    _seen: tuple[str, bytes] = ("", b"")

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def load(self) -> None:
        """With the page: of what was chosen before, else of the sprint that the frame has picked."""
        page = await self.get_state(ReportTemplate)
        self._clear()
        if page.status != READY:
            self.reset()
            return
        frame = await self.get_state(Frame)
        again = self.of == page.kind
        await self._offer(DocumentKind(page.kind), self.board if again else frame.board)
        wanted = (self.subject if again else "", f"{_SPRINT}{frame.sprint}")
        await self._choose(next((one for one in wanted if self._offers(one)), self._first()))

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def pick_board(self, board: str) -> None:
        self._clear()
        page = await self.get_state(ReportTemplate)
        if page.status == READY:
            await self._offer(DocumentKind(page.kind), board)
            await self._choose(self._first())

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def pick(self, subject: str) -> None:
        self._clear()
        if self._offers(subject):
            await self._choose(subject)

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def again(self) -> None:
        """After a change of the template."""
        self.complaint = ""
        await self._look()

    def _clear(self) -> None:
        self._seen = ("", b"")
        self._put(complaint="", title="", subtitle="", groups=[])

    def _offers(self, subject: str) -> bool:
        return any(one.value == subject for one in (*self.sprints, *self.reports))

    def _first(self) -> str:
        return next((one.value for one in (*self.sprints, *self.reports)), "")

    async def _offer(self, kind: DocumentKind, board: str) -> None:
        """What a report of this kind can be made of."""
        here = visit()
        found = await choices.read(here.session, here.viewer, board_id=identifier(board))
        kept = await ledger.listing(here.session, here.viewer, Filters(kind=kind), per_page=_MOST_REPORTS)
        self._put(
            of=kind.value,
            boards=[Option(str(one.id), one.name) for one in found.boards],
            board=str(found.board.id) if found.board else "",
            sprints=_subjects(kind, found.sprints) if found.board else [],
            reports=[Option(f"{_REPORT}{one.id}", one.name) for one in kept.items],
        )

    async def _choose(self, subject: str) -> None:
        self._put(subject=subject)
        await self._look()

    async def _look(self) -> None:
        """Make the report anew where what it shows, or how, has changed."""
        page = await self.get_state(ReportTemplate)
        if not self.subject or page.status != READY:
            return
        here = visit()
        kind = DocumentKind(page.kind)
        pieces, title = rows.right_alone(page.get_value("pieces")), "" if page.title_problem else page.title
        layout = rows.layout_of(pieces, title, kind)
        seen = self.subject, msgspec.json.encode(layout)
        if seen == self._seen:
            return
        made = await documents.of_spec(
            here.session, here.viewer, await self._spec(kind), layout=layout, zone=here.zone.key, now=here.now
        )
        self._seen = seen
        self._put(title=made.title, subtitle=made.subtitle, groups=shown.groups(made))
        self._all_put()

    async def _spec(self, kind: DocumentKind) -> Spec:
        """What the preview is of. Raises Invalid, Forbidden, NotFound."""
        here = visit()
        if self.subject.startswith(_REPORT):
            kept = identifier(self.subject.removeprefix(_REPORT)) or 0
            return (await reports.one(here.session, here.viewer, kept)).spec
        board, sprint = identifier(self.board), identifier(self.subject.removeprefix(_SPRINT)) or 0
        match kind:
            case DocumentKind.BASELINE:
                return BaselineSpec(Live(sprint, board))
            case DocumentKind.REVIEW:
                return ReviewSpec(sprint, board)
            case DocumentKind.TREND:
                return TrendSpec(boards=(board,) if board else (), last=_LAST)
            case DocumentKind.COMPARISON:
                return await _since_start(sprint, board)


async def _since_start(sprint: int, board: int | None) -> ComparisonSpec:
    """The sprint's start against the sprint as it is now. Raises Invalid for one that has not started."""
    here = visit()
    place = await access.place(here.session, here.viewer, sprint_id=sprint, board_id=board)
    started = place.dates.window(here.now).start
    if started is None or started >= here.now:
        sentence = "This sprint has not started, so there is no start to compare it with. Choose another one."
        raise Invalid(sentence, details=(FieldProblem("subject", sentence),))
    return ComparisonSpec(Live(sprint, place.board_id, started), Live(sprint, place.board_id))


def _subjects(kind: DocumentKind, sprints: tuple[SprintChoice, ...]) -> list[Option]:
    """A board's sprints that a report of this kind can be about."""
    match kind:
        case DocumentKind.TREND:
            return [Option(_ALL, f"The last {_LAST} sprints of this board")]
        case DocumentKind.BASELINE:
            return [Option(f"{_SPRINT}{one.id}", one.name) for one in sprints]
        case DocumentKind.COMPARISON:
            began = [one for one in sprints if one.state is not SprintState.FUTURE]
            return [Option(f"{_SPRINT}{one.id}", f"{one.name}, its start against now") for one in began]
        case DocumentKind.REVIEW:
            began = [one for one in sprints if one.state is not SprintState.FUTURE]
            return [Option(f"{_SPRINT}{one.id}", one.name) for one in began]
