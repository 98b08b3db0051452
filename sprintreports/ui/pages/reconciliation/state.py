"""Which comparison the address asks for, the board's or one sprint's, as text; and what starts one."""

import reflex as rx

from sprintreports.identity.permissions import Permission
from sprintreports.jira import reconciliation
from sprintreports.jira.reads import boards, reconciliations
from sprintreports.jira.reads.reconciliations import Standing
from sprintreports.metrics.values import Unit
from sprintreports.ui.components.figures import Kpi
from sprintreports.ui.frame_state import Frame
from sprintreports.ui.links import address, identifier
from sprintreports.ui.pages.reconciliation import rows
from sprintreports.ui.pages.reconciliation.rows import PATH, IssueLine, StandingLine, SumLine
from sprintreports.ui.session import acts, loads, visit
from sprintreports.ui.status import EMPTY, READY, PageState


class Reconciling(PageState, rx.State):
    """Everything on the page, as text. Loaded again whenever the address changes."""

    title: str = ""
    subtitle: str = ""
    of_sprint: bool = False
    may_compare: bool = False
    complaint: str = ""

    kpis: dict[str, Kpi] = {}
    standings: list[StandingLine] = []
    missing: int = 0
    running: bool = False

    compared: bool = False
    label: str = ""
    tone: str = ""
    verdict: str = ""
    cautions: list[str] = []
    issues: list[IssueLine] = []
    sums: list[SumLine] = []
    board_link: str = ""
    sprint_link: str = ""
    report_url: str = ""
    upload_to: str = ""

    blank_text: str = ""

    @rx.event
    @loads(Permission.SPRINTS_READ)
    async def load(self) -> None:
        self.complaint = ""
        await self._read()

    @rx.event
    @acts(Permission.SPRINTS_READ)
    async def tick(self) -> None:
        await self._read()

    @rx.event
    @acts(Permission.SETTINGS_WRITE)
    async def compare_now(self) -> None:
        """Ask Jira for the sprint's report."""
        here = visit()
        self.complaint = ""
        place = await reconciliations.place(
            here.session, here.viewer, sprint_id=self._sprint(), board_id=await self._board()
        )
        await reconciliation.fetch(here.session, here.viewer, place, now=here.now)
        await self._read()

    @rx.event
    @acts(Permission.SETTINGS_WRITE)
    async def compare_all(self) -> None:
        """Queue the job that asks for all that are missing."""
        here = visit()
        self.complaint = ""
        board = await boards.one(here.session, here.viewer, await self._board() or 0)
        await reconciliation.request(
            here.session, here.viewer, site_id=board.site_id, jira_board_id=board.jira_board_id
        )
        await self._read()

    @rx.event
    @acts(Permission.SETTINGS_WRITE)
    async def stop_comparing(self) -> None:
        here = visit()
        board = await boards.one(here.session, here.viewer, await self._board() or 0)
        await reconciliation.stop(
            here.session, here.viewer, site_id=board.site_id, jira_board_id=board.jira_board_id
        )
        await self._read()

    def _sprint(self) -> int:
        return identifier(self._parameters().get("sprint")) or 0

    async def _board(self) -> int | None:
        frame = await self.get_state(Frame)
        return identifier(self._parameters().get("board")) or identifier(frame.board)

    async def _read(self) -> None:
        self.may_compare = visit().viewer.can(Permission.SETTINGS_WRITE)
        self.of_sprint = "sprint" in self._parameters()
        board_id = await self._board()
        if self.of_sprint:
            await self._read_sprint(board_id)
        elif board_id is None:
            self.title, self.subtitle = "Reconciliation", ""
            self.blank_text = "There is no board yet. Connect a Jira, choose its boards and sync them."
            self._settle(EMPTY)
        else:
            await self._read_board(board_id)

    async def _read_board(self, board_id: int) -> None:
        here = visit()
        found = await reconciliations.board(here.session, here.viewer, board_id=board_id)
        self.title = "Reconciliation"
        self.subtitle = f"The closed sprints of {found.board_name} beside Jira's own sprint reports."
        self.kpis = rows.tiles(found)
        self.standings = [
            rows.standing_line(sprint, board=board_id, zone=here.zone) for sprint in found.sprints
        ]
        self.missing, self.running = found.count(Standing.NOT_COMPARED), found.running
        self.blank_text = f"{found.board_name} has closed no sprint yet, so there is nothing to compare."
        self._settle(READY if found.sprints else EMPTY)

    async def _read_sprint(self, board_id: int | None) -> None:
        here = visit()
        found = await reconciliations.sprint(
            here.session, here.viewer, sprint_id=self._sprint(), board_id=board_id, now=here.now
        )
        comparison = found.comparison
        unit = Unit.COUNT if comparison is None else comparison.unit
        standing = Standing.NOT_COMPARED
        if comparison is not None:
            standing = Standing.EQUAL if comparison.equal else Standing.DIFFERS
        self.title, self.compared = found.sprint_name, comparison is not None
        self.subtitle = rows.source_text(found, here.zone)
        self.label, self.tone = rows.STANDINGS[standing]
        self.verdict, self.cautions = rows.verdict(found), rows.cautions(found)
        self.issues = [rows.issue_line(issue, unit, here.zone) for issue in found.issues]
        self.sums = [rows.sum_line(check, unit) for check in (comparison.checks if comparison else ())]
        self.board_link = address(PATH, board=found.board_id)
        self.sprint_link = address("/sprint", board=found.board_id, sprint=found.sprint_id)
        self.report_url = found.report_url
        self.upload_to = address(f"/api/v1/sprints/{found.sprint_id}/reconciliation", board=found.board_id)
        self._settle(READY)
