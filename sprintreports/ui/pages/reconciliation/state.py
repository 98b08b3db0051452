"""Which comparison the address asks for, the board's or one sprint's, as text; and what starts one."""

import reflex as rx

from sprintreports.identity.permissions import Permission
from sprintreports.jira import reconciliation
from sprintreports.jira.reads import boards, reconciliations, steering
from sprintreports.jira.reads.reconciliations import Standing
from sprintreports.metrics.values import Unit
from sprintreports.ui.components.figures import Kpi
from sprintreports.ui.frame_state import Frame, around
from sprintreports.ui.links import address, identifier
from sprintreports.ui.pages.reconciliation import rows
from sprintreports.ui.pages.reconciliation.rows import PATH, IssueLine, StandingLine, SumLine
from sprintreports.ui.session import acts, loads, refreshes, visit
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
    held: str = ""

    compared: bool = False
    label: str = ""
    tone: str = ""
    verdict: str = ""
    not_compared: str = ""
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
        self._put(complaint="")
        await around(self)
        await self._read()

    @rx.event
    @refreshes(Permission.SPRINTS_READ)
    async def refresh(self) -> None:
        """The numbers changed while the page was open."""
        await around(self)
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
        self._put(
            may_compare=visit().viewer.can(Permission.SETTINGS_WRITE),
            of_sprint="sprint" in self._parameters(),
        )
        board_id = await self._board()
        if self.of_sprint:
            await self._read_sprint(board_id)
        elif board_id is None:
            self._put(
                title="Reconciliation",
                subtitle="",
                blank_text="There is no board yet. Connect a Jira, choose its boards and sync them."
                if self.may_compare
                else "There is no board for you yet. Ask an admin to connect Jira, or to give you access to a board.",
            )
            self._settle(EMPTY)
        else:
            await self._read_board(board_id)

    async def _read_board(self, board_id: int) -> None:
        here = visit()
        found = await reconciliations.board(here.session, here.viewer, board_id=board_id)
        self._put(
            title="Reconciliation",
            subtitle=f"The closed sprints of {found.board_name} beside Jira's own sprint reports.",
            kpis=rows.tiles(found),
            standings=[
                rows.standing_line(sprint, board=board_id, zone=here.zone) for sprint in found.sprints
            ],
            missing=found.count(Standing.NOT_COMPARED),
            running=found.running,
            held=await self._held(board_id) if found.running and self.may_compare else "",
            blank_text=f"{found.board_name} has closed no sprint yet, so there is nothing to compare. "
            "A kanban board never closes one: pick a scrum board above.",
        )
        self._settle(READY if found.sprints else EMPTY)

    async def _held(self, board_id: int) -> str:
        """Why the job asks nothing now; empty when it may."""
        here = visit()
        board = await boards.one(here.session, here.viewer, board_id)
        return rows.held(
            await steering.one(here.session, here.viewer, board.site_id), now=here.now, zone=here.zone
        )

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
        label, tone = rows.STANDINGS[standing]
        self._put(
            title=found.sprint_name,
            compared=comparison is not None,
            subtitle=rows.source_text(found, here.zone),
            label=label,
            tone=tone,
            verdict=rows.verdict(found),
            not_compared=rows.not_compared(may_compare=self.may_compare),
            cautions=rows.cautions(found),
            issues=[rows.issue_line(issue, unit, here.zone) for issue in found.issues],
            sums=[rows.sum_line(check, unit) for check in (comparison.checks if comparison else ())],
            board_link=address(PATH, board=found.board_id),
            sprint_link=address("/sprint", board=found.board_id, sprint=found.sprint_id),
            report_url=found.report_url,
            upload_to=address(f"/api/v1/sprints/{found.sprint_id}/reconciliation", board=found.board_id),
        )
        self._settle(READY)
