"""The data quality page's choices (they live in the address), its checks and findings as text."""

from typing import Any

import reflex as rx

from sprintreports.identity.permissions import Permission
from sprintreports.jira.quality.check import CheckName
from sprintreports.jira.reads import quality
from sprintreports.ui.components.tables import Pager, pager_of
from sprintreports.ui.frame_state import around
from sprintreports.ui.links import address, identifier
from sprintreports.ui.paged import asked_page, last_at_most
from sprintreports.ui.pages.quality import rows
from sprintreports.ui.pages.quality.rows import PATH, CheckRow, FindingRow, QuietRow
from sprintreports.ui.session import acts, loads, refreshes, visit
from sprintreports.ui.status import EMPTY, READY, PageState

_PER_PAGE = 25


class QualityPage(PageState, rx.State):
    """Everything on the page, as text. Loaded again whenever the address changes."""

    subtitle: str = ""
    sprint: str = ""
    reading: str = ""
    praise: str = ""
    notes: list[str] = []
    checks: list[CheckRow] = []
    quiet: list[QuietRow] = []
    quiet_title: str = ""

    is_list: bool = False
    of_issues: bool = True
    check: CheckRow = CheckRow()
    findings: list[FindingRow] = []
    nothing: str = ""
    findings_pager: Pager = Pager()
    back: str = PATH

    blank_text: str = ""
    blank_link: str = ""
    blank_action: str = ""

    @rx.event
    @loads(Permission.SPRINTS_READ)
    async def load(self) -> None:
        await self._load()

    @rx.event
    @refreshes(Permission.SPRINTS_READ)
    async def refresh(self) -> None:
        """The numbers changed while the page was open."""
        await self._load()

    async def _load(self) -> None:
        found = await around(self)
        parameters = self._parameters()
        board_id = identifier(parameters.get("board")) or (found.board and found.board.id)
        if board_id is None:
            self._show_no_board()
            return
        sprint_id = identifier(parameters.get("sprint"))
        name = parameters.get("check")
        self._put(sprint=str(sprint_id or ""), is_list=name in set(CheckName))
        if self.is_list:
            await self._show_findings(CheckName(name), board_id, sprint_id, parameters)
        else:
            await self._show_checks(board_id, sprint_id, parameters)
        self._settle(READY)

    @rx.event
    @acts(Permission.SPRINTS_READ)
    async def pick_sprint(self, sprint: str) -> Any:
        """One sprint, or (empty) those of late."""
        return rx.redirect(address(PATH, self._parameters(), sprint=sprint, page=None))

    async def _show_checks(self, board_id: int, sprint_id: int | None, parameters: dict[str, str]) -> None:
        here = visit()
        found = await quality.summary(
            here.session, here.viewer, board_id=board_id, sprint_id=sprint_id, now=here.now
        )
        self._put(
            subtitle=f"What makes the numbers of {found.board_name} doubtful, and what helps.",
            reading=rows.reading(found),
            praise="" if found.found else rows.praise(found),
            notes=rows.notes(found),
            checks=rows.check_rows(found, {**parameters, "board": str(board_id)}),
            quiet=rows.quiet_rows(found),
            quiet_title=rows.quiet_title(found),
        )

    async def _show_findings(
        self, check: CheckName, board_id: int, sprint_id: int | None, parameters: dict[str, str]
    ) -> None:
        here = visit()
        found = await last_at_most(
            lambda at: quality.findings(
                here.session, here.viewer, board_id=board_id, check=check, sprint_id=sprint_id, now=here.now,
                page=at, per_page=_PER_PAGE,
            ),
            asked_page(parameters),
            of=lambda findings: findings.page,
        )  # fmt: skip
        noun = rows.NOUNS[found.line.check.subject] + "s"
        self._put(
            subtitle=f"On {found.board_name}",
            check=rows.check_row(found.line, parameters),
            of_issues=found.line.check.subject == "issue",
            findings=[rows.finding_row(row, board=str(board_id)) for row in found.page.items],
            nothing=rows.nothing_found(found),
            findings_pager=pager_of(found.page, path=PATH, parameters=parameters, name="page", noun=noun),
            back=address(PATH, parameters, check=None, page=None),
        )

    def _show_no_board(self) -> None:
        can_connect = visit().viewer.can(Permission.SETTINGS_WRITE)
        self._put(
            subtitle="",
            blank_text="Connect a Jira, choose its boards and sync them."
            if can_connect
            else "Ask an admin to connect Jira, or to give you access to a board.",
            blank_link="/setup" if can_connect else "",
            blank_action="Connect Jira" if can_connect else "",
        )
        self._settle(EMPTY)
