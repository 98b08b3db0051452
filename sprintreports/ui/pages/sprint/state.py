"""The sprint page's filters (they live in the address), its figures as text, its charts as dicts."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from sprintreports.identity.permissions import Permission
from sprintreports.jira.reads import boards, burndowns, names, sprint_issues, sprint_reports, sprints
from sprintreports.jira.reads.burndowns import ScopeChangeRow
from sprintreports.kit.errors import NotFound
from sprintreports.kit.paging import Page
from sprintreports.metrics.sprint_report import Dimension, SprintReport
from sprintreports.metrics.values import SprintState, Unit
from sprintreports.ui import charting
from sprintreports.ui.components.figures import Chart, Kpi
from sprintreports.ui.components.tables import Pager, pager_of, sort_links
from sprintreports.ui.frame_state import Frame
from sprintreports.ui.links import address, identifier, number
from sprintreports.ui.numbers import unit_named
from sprintreports.ui.pages.sprint import rows
from sprintreports.ui.pages.sprint.rows import ChangeLine, IssueLine
from sprintreports.ui.session import acts, loads, visit
from sprintreports.ui.status import EMPTY, READY, PageState

UNITS = (("points", "Points"), ("hours", "Hours"), ("count", "Issues"))
PATH = "/sprint"
_PER_PAGE = 25
_CHANGES_PER_PAGE = 8


@dataclass(frozen=True, slots=True)
class _Choice:
    """What the address asks for, checked."""

    sprint_id: int
    board_id: int | None
    unit: Unit
    dimension: Dimension


class Sprint(PageState, rx.State):
    """Everything on the page, as text. Loaded again whenever the address changes."""

    name: str = ""
    goal: str = ""
    period: str = ""
    state_label: str = ""
    state_tone: str = ""
    is_closed: bool = False
    unit: str = "points"
    unit_links: dict[str, str] = {}
    notes: list[str] = []
    kpis: dict[str, Kpi] = {}

    has_course: bool = False
    course_missing: str = ""
    burndown: Chart = Chart()
    burnup: Chart = Chart()
    breakdown: Chart = Chart()
    dimension: str = "team"
    dimension_links: dict[str, str] = {}

    changes: list[ChangeLine] = []
    changes_reading: str = ""
    changes_pager: Pager = Pager()

    issues: list[IssueLine] = []
    issues_reading: str = ""
    no_issues: str = ""
    issues_pager: Pager = Pager()
    search: str = ""
    sort: str = "key"
    descending: bool = False
    sort_links: dict[str, str] = {}

    blank_title: str = ""
    blank_text: str = ""
    blank_link: str = ""
    blank_action: str = ""

    @rx.event
    @loads(Permission.SPRINTS_READ)
    async def load(self) -> None:
        frame = await self.get_state(Frame)
        parameters = self._parameters()
        asked = parameters.get("sprint") or frame.sprint
        sprint_id = identifier(asked)
        if sprint_id is None:
            if asked:
                raise NotFound("There is no such sprint, or you may not see it. Pick another one above.")
            await self._show_nothing(frame)
            return
        here = visit()
        board_id = identifier(parameters.get("board")) or identifier(frame.board)
        report = await sprint_reports.read(
            here.session, here.viewer, sprint_id=sprint_id, board_id=board_id, now=here.now
        )
        board = await boards.one(here.session, here.viewer, report.board_id)
        choice = _Choice(
            sprint_id,
            report.board_id,
            unit_named(parameters.get("unit"), default=Unit(board.unit)),
            _dimension(parameters.get("by")),
        )
        await self._show_head(choice, report, board.name, parameters)
        await self._show_course(choice)
        await self._show_changes(choice, report, parameters)
        await self._show_breakdown(choice, report)
        await self._show_issues(choice, parameters)
        self._settle(READY)

    @rx.event
    @acts(Permission.SPRINTS_READ)
    async def find(self, text: str) -> Any:
        """Search: a new address, so that what was found can be linked."""
        return rx.redirect(
            address(PATH, self._parameters(), search=text.strip()[:200], page=None), replace=True
        )

    async def _show_nothing(self, frame: Frame) -> None:
        can_connect = visit().viewer.can(Permission.SETTINGS_WRITE)
        self.blank_link = self.blank_action = ""
        if frame.boards:
            self.blank_title = "This board has no sprints"
            self.blank_text = "Start a sprint on it in Jira and sync again, or pick another board above."
        elif can_connect:
            self.blank_title = "No board to show yet"
            self.blank_text = "Connect a Jira, choose its boards and sync them. It takes a few minutes."
            self.blank_link, self.blank_action = "/setup", "Connect Jira"
        else:
            self.blank_title = "No board to show yet"
            self.blank_text = "Ask an admin to connect Jira, or to give you access to a board."
        self._settle(EMPTY)

    async def _show_head(
        self, choice: _Choice, report: SprintReport, board_name: str, parameters: dict[str, str]
    ) -> None:
        here = visit()
        row = await sprints.one(here.session, here.viewer, choice.sprint_id)
        self.name, self.goal = row.name, row.goal or ""
        self.period = rows.period_text(row, board_name=board_name, report=report, zone=here.zone)
        self.state_label, self.state_tone = rows.STATES[report.state]
        self.is_closed = report.state is SprintState.CLOSED
        self.unit, self.dimension = choice.unit.value, choice.dimension.value
        self.unit_links = {value: address(PATH, parameters, unit=value) for value, _ in UNITS}
        self.dimension_links = {value: address(PATH, parameters, by=value) for value, _ in rows.DIMENSIONS}
        self.kpis = rows.tiles(report, choice.unit)
        self.notes = rows.notes(report, choice.unit, note=row.note)

    async def _show_course(self, choice: _Choice) -> None:
        here = visit()
        course = await burndowns.read(
            here.session, here.viewer, sprint_id=choice.sprint_id, board_id=choice.board_id, now=here.now
        )
        self.course_missing = rows.course_missing(course)
        self.has_course = not self.course_missing
        if self.has_course:
            issues = {step.event.issue for step in course.steps if step.event is not None}
            named = await names.of_issues(
                here.session,
                here.viewer,
                sprint_id=choice.sprint_id,
                board_id=choice.board_id,
                issue_ids=issues,
            )
            keys = {issue: name.key for issue, name in named.items()}
            self.burndown = charting.burndown(course, unit=choice.unit, keys=keys)
            self.burnup = charting.burnup(course, unit=choice.unit, keys=keys)

    async def _show_breakdown(self, choice: _Choice, report: SprintReport) -> None:
        here = visit()
        parts = report.of(choice.dimension)
        known = await names.of_report(here.session, here.viewer, report)
        self.breakdown = charting.breakdown(parts, unit=choice.unit, names=known.labels(parts))

    async def _show_changes(self, choice: _Choice, report: SprintReport, parameters: dict[str, str]) -> None:
        here = visit()
        asked = identifier(parameters.get("changes"))
        page = await self._changes(choice, min(asked or 1, 10_000))
        if asked is None and page.pages > 1:
            page = await self._changes(choice, page.pages)  # the latest changes are the news
        self.changes = [rows.change_line(row, choice.unit, here.zone) for row in page.items]
        self.changes_reading = rows.changes_reading(report, choice.unit)
        self.changes_pager = pager_of(page, path=PATH, parameters=parameters, name="changes", noun="changes")

    async def _changes(self, choice: _Choice, page: int) -> Page[ScopeChangeRow]:
        here = visit()
        return await burndowns.scope_changes(
            here.session,
            here.viewer,
            sprint_id=choice.sprint_id,
            board_id=choice.board_id,
            now=here.now,
            page=page,
            per_page=_CHANGES_PER_PAGE,
        )

    async def _show_issues(self, choice: _Choice, parameters: dict[str, str]) -> None:
        here = visit()
        self.search = parameters.get("search", "")[:200]
        self.sort = parameters.get("sort", "key") if parameters.get("sort") in rows.SORTS else "key"
        self.descending = parameters.get("order") == "desc"
        page = await sprint_issues.page(
            here.session,
            here.viewer,
            sprint_id=choice.sprint_id,
            board_id=choice.board_id,
            search=self.search,
            sort=self.sort,
            descending=self.descending,
            page=number(parameters.get("page"), default=1, lowest=1, highest=100_000),
            per_page=_PER_PAGE,
        )
        self.issues = [rows.issue_line(row, choice.unit) for row in page.items]
        self.issues_reading = rows.issues_reading(page, search=self.search, unit=choice.unit)
        self.no_issues = rows.no_issues(search=self.search)
        self.issues_pager = pager_of(page, path=PATH, parameters=parameters, name="page", noun="issues")
        self.sort_links = sort_links(
            rows.SORTS, path=PATH, parameters=parameters, sort=self.sort, descending=self.descending
        )


def _dimension(name: str | None) -> Dimension:
    return Dimension(name) if name in set(Dimension) else Dimension.TEAM
