"""The sprint page's filters (they live in the address), its figures as text, its charts as dicts."""

from typing import Any

import reflex as rx

from sprintreports.identity.permissions import Permission
from sprintreports.kit.errors import NotFound
from sprintreports.metrics.values import SprintState
from sprintreports.planning.guidelines import GuidelineBasis
from sprintreports.ui.components.figures import Chart, Kpi, changed_tiles
from sprintreports.ui.components.tables import Pager, pager_of, sort_links
from sprintreports.ui.definitions import NAMES
from sprintreports.ui.frame_state import around, tell
from sprintreports.ui.links import address, identifier, number
from sprintreports.ui.news import was
from sprintreports.ui.pages.sprint import parts, rows
from sprintreports.ui.pages.sprint.parts import Choice
from sprintreports.ui.pages.sprint.rows import ChangeLine, IssueLine
from sprintreports.ui.reporting import states
from sprintreports.ui.session import acts, loads, refreshes, visit
from sprintreports.ui.status import EMPTY, READY, PageState

UNITS = (("points", "Points"), ("hours", "Hours"), ("count", "Issues"))
GUIDELINES = (
    (GuidelineBasis.WORKING_DAYS.value, "Working days"),
    (GuidelineBasis.CAPACITY.value, "Team capacity"),
)
PATH = "/sprint"


class Sprint(PageState, rx.State):
    """Everything on the page, as text. Loaded again whenever the address changes."""

    name: str = ""
    goal: str = ""
    period: str = ""
    state_label: str = ""
    state_tone: str = ""
    is_closed: bool = False
    reconciliation_link: str = ""
    report_link: str = ""
    unit: str = "points"
    unit_links: dict[str, str] = {}
    notes: list[str] = []
    done: str = ""
    is_planned: bool = False
    kpis: dict[str, Kpi] = {}
    was: dict[str, str] = {}

    has_course: bool = False
    course_missing: str = ""
    guideline: str = GuidelineBasis.WORKING_DAYS.value
    guideline_links: dict[str, str] = {}
    guideline_note: str = ""
    burndown: Chart = Chart()
    burnup: Chart = Chart()
    forecast: Chart = Chart()
    forecast_hits: str = ""
    forecast_missing: str = ""
    breakdown: Chart = Chart()
    dimension: str = "team"
    dimension_links: dict[str, str] = {}

    changes: list[ChangeLine] = []
    changes_reading: str = ""
    no_changes: str = ""
    changes_pager: Pager = Pager()

    issues: list[IssueLine] = []
    issues_reading: str = ""
    no_issues: str = ""
    issues_pager: Pager = Pager()
    issues_page: int = 1
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
    async def load(self) -> Any:
        self._put(was={})
        await self._load()
        return self._to_the_last_page()

    @rx.event
    @refreshes(Permission.SPRINTS_READ)
    async def refresh(self) -> None:
        """The numbers changed while the page was open."""
        before = self.get_value("kpis")
        await self._load()
        changes = changed_tiles(before, self.get_value("kpis"), NAMES)
        self._put(was=was(changes))
        await tell(self, changes)

    async def _load(self) -> None:
        found = await around(self)
        parameters = self._parameters()
        asked = parameters.get("sprint")
        sprint_id = identifier(asked) if asked else found.sprint_id
        if sprint_id is None:
            if asked:
                raise NotFound("There is no such sprint, or you may not see it. Pick another one above.")
            await self._show_nothing(any_board=bool(found.boards))
            return
        choice = await parts.choose(
            found,
            sprint_id=sprint_id,
            board_id=identifier(parameters.get("board")),
            unit=parameters.get("unit"),
            dimension=parameters.get("by"),
        )
        state = await self._show_head(choice, parameters)
        await self._show_charts(choice, parameters)
        await self._show_changes(choice, parameters)
        await self._show_issues(choice, parameters, planned=state is SprintState.FUTURE)
        self._settle(READY)

    def _to_the_last_page(self) -> Any:
        """Where the address asks for a page past the last, the last one is shown, and the address is made to say so."""
        asked = identifier(self._parameters().get("page")) or 1
        if self.status != READY or asked <= self.issues_page:
            return None
        last = self.issues_page if self.issues_page > 1 else None
        return rx.redirect(address(PATH, self._parameters(), page=last), replace=True)

    @rx.event
    @acts(Permission.SPRINTS_READ)
    async def find(self, text: str) -> Any:
        """Search: a new address, so that what was found can be linked."""
        return rx.redirect(
            address(PATH, self._parameters(), search=text.strip()[:200], page=None), replace=True
        )

    async def _show_nothing(self, *, any_board: bool) -> None:
        can_connect = visit().viewer.can(Permission.SETTINGS_WRITE)
        self.blank_link = self.blank_action = ""
        if any_board:
            self.blank_title = "This board has no sprints"
            self.blank_text = (
                "A kanban board never has any. On a scrum board, create one in Jira and sync again; "
                "or pick another board above."
            )
        elif can_connect:
            self.blank_title = "No board to show yet"
            self.blank_text = "Connect a Jira, choose its boards and sync them. It takes a few minutes."
            self.blank_link, self.blank_action = "/setup", "Connect Jira"
        else:
            self.blank_title = "No board to show yet"
            self.blank_text = "Ask an admin to connect Jira, or to give you access to a board."
        self._settle(EMPTY)

    async def _show_head(self, choice: Choice, parameters: dict[str, str]) -> SprintState:
        head = await parts.head(choice)
        label, tone = rows.STATES[head.state]
        self._put(
            name=head.name,
            goal=head.goal,
            period=head.period,
            state_label=label,
            state_tone=tone,
            is_closed=head.state is SprintState.CLOSED,
            reconciliation_link=address("/reconciliation", board=choice.board_id, sprint=choice.sprint_id),
            report_link=states.about_sprint(
                choice.sprint_id, choice.board_id, closed=head.state is SprintState.CLOSED
            ),
            is_planned=head.state is SprintState.FUTURE,
            done=head.done,
            no_changes=head.no_changes,
            kpis=head.kpis,
            notes=head.notes,
            changes_reading=head.changes_reading,
            unit=choice.unit.value,
            dimension=choice.dimension.value,
            unit_links={value: address(PATH, parameters, unit=value) for value, _ in UNITS},
            dimension_links={value: address(PATH, parameters, by=value) for value, _ in rows.DIMENSIONS},
        )
        return head.state

    async def _show_charts(self, choice: Choice, parameters: dict[str, str]) -> None:
        asked = GuidelineBasis.WORKING_DAYS
        if parameters.get("guideline") == GuidelineBasis.CAPACITY and visit().viewer.can(
            Permission.CAPACITY_READ
        ):
            asked = GuidelineBasis.CAPACITY
        course = await parts.course(choice, guideline=asked)
        forecast = await parts.forecast(choice)
        self._put(
            guideline=asked.value,
            guideline_links={value: address(PATH, parameters, guideline=value) for value, _ in GUIDELINES},
            guideline_note=course.guideline if asked is GuidelineBasis.CAPACITY else "",
            course_missing=course.missing,
            has_course=not course.missing,
            burndown=course.burndown,
            burnup=course.burnup,
            forecast=forecast.chart,
            forecast_hits=forecast.hits,
            forecast_missing=forecast.missing,
            breakdown=await parts.breakdown(choice),
        )

    async def _show_changes(self, choice: Choice, parameters: dict[str, str]) -> None:
        asked = identifier(parameters.get("changes"))
        page = await parts.changes(choice, asked and min(asked, 10_000))
        self._put(
            changes=page.items,
            changes_pager=pager_of(page, path=PATH, parameters=parameters, name="changes", noun="changes"),
        )

    async def _show_issues(self, choice: Choice, parameters: dict[str, str], *, planned: bool) -> None:
        search = parameters.get("search", "")[:200]
        sort = parameters.get("sort", "key") if parameters.get("sort") in rows.SORTS else "key"
        descending = parameters.get("order") == "desc"
        number_ = number(parameters.get("page"), default=1, lowest=1, highest=100_000)
        page = await parts.issues(
            choice, search=search, sort=sort, descending=descending, page=number_, planned=planned
        )
        self._put(
            search=search,
            sort=sort,
            descending=descending,
            issues=page.items,
            issues_page=page.page,
            issues_reading=rows.issues_reading(page, search=search, unit=choice.unit),
            no_issues=rows.no_issues(search=search),
            issues_pager=pager_of(page, path=PATH, parameters=parameters, name="page", noun="issues"),
            sort_links=sort_links(
                rows.SORTS, path=PATH, parameters=parameters, sort=sort, descending=descending
            ),
        )
