"""The ledger of schedules: its search, its page and the one that is opened live in the address."""

from collections.abc import Iterable
from typing import Any

import reflex as rx

from sprintreports.identity.permissions import Permission
from sprintreports.jira.reads import board_sprints, sprints
from sprintreports.jira.reads.choices import Choices
from sprintreports.kit.errors import NotFound
from sprintreports.kit.paging import By
from sprintreports.reports.library import ledger
from sprintreports.reports.publishing import connections, deliveries
from sprintreports.reports.publishing.values import Delivery
from sprintreports.reports.schedules import store
from sprintreports.reports.schedules.values import Run, RunState, Schedule, StoredReport
from sprintreports.ui import telling
from sprintreports.ui.components.tables import Pager, pager_of, sort_links
from sprintreports.ui.frame_state import around
from sprintreports.ui.links import address, identifier
from sprintreports.ui.paged import asked_page, page_at
from sprintreports.ui.pages.schedules import rows
from sprintreports.ui.pages.schedules.editing import ScheduleEditor
from sprintreports.ui.pages.schedules.rows import SCHEDULES, Names, RunLine, ScheduleLine
from sprintreports.ui.reporting import sending
from sprintreports.ui.session import acts, loads, visit
from sprintreports.ui.status import EMPTY, READY, PageState

COLUMNS = ("name", "next_at")
_PAUSED = {"paused": True, "running": False}
_OF_ONE = frozenset({"schedule", "runs", "new", "report"})  # parameters that are no filters
_MOST_CONNECTIONS, _RUNS = 200, 10


class Schedules(PageState, rx.State):
    """Everything on the page, as text. opened: the id of the schedule that the panel shows."""

    lines: list[ScheduleLine] = []
    search: str = ""
    state: str = ""
    filtered: bool = False
    sees_all: bool = False
    moving: bool = False
    sort: str = "name"
    descending: bool = False
    sort_links: dict[str, str] = {}
    pager: Pager = Pager()
    complaint: str = ""

    opened: str = ""
    one: ScheduleLine = ScheduleLine()
    runs: list[RunLine] = []
    runs_pager: Pager = Pager()
    may_steer: bool = False

    @rx.event
    @loads(Permission.REPORTS_READ)
    async def load(self) -> None:
        parameters = self._parameters()
        self._put(complaint="")
        await self._read(await around(self))
        editor = await self.get_state(ScheduleEditor)
        await editor._as_asked(parameters)  # noqa: SLF001  # what begins without _ is a handler

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def tick(self) -> None:
        """A run waits or what it sent is on its way: look where it has come to."""
        await self._read(await around(self))

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def find(self, search: str) -> Any:
        return rx.redirect(self._with(search=search.strip()[:200]))

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def pick_state(self, state: str) -> Any:
        return rx.redirect(self._with(state=state if state in _PAUSED else None))

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def close(self) -> Any:
        self._put(opened="", complaint="")
        return rx.redirect(address(SCHEDULES, self._parameters(), schedule=None, runs=None))

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def run_now(self) -> Any:
        here = visit()
        self.complaint = ""
        await store.run_now(here.session, here.viewer, identifier(self.opened) or 0, now=here.now)
        await self._read(await around(self))
        return telling.good("It is in line.")

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def pause(self) -> Any:
        here = visit()
        self.complaint = ""
        await store.pause(here.session, here.viewer, identifier(self.opened) or 0, now=here.now)
        await self._read(await around(self))
        return telling.good("It is paused.")

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def resume(self) -> Any:
        here = visit()
        self.complaint = ""
        await store.resume(here.session, here.viewer, identifier(self.opened) or 0, now=here.now)
        await self._read(await around(self))
        return telling.good("It goes on from now. What was missed is not run.")

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def delete(self) -> Any:
        here = visit()
        self.complaint = ""
        await store.delete(here.session, here.viewer, identifier(self.opened) or 0, now=here.now)
        self._put(opened="")
        gone = rx.redirect(address(SCHEDULES, self._parameters(), schedule=None, runs=None))
        return [telling.good("Deleted. What it made stays."), gone]

    def _with(self, **changes: object) -> str:
        return address(SCHEDULES, self._parameters(), **changes, page=None, schedule=None, runs=None)

    async def _read(self, around_it: Choices) -> None:
        here = visit()
        parameters = self._parameters()
        search, state = parameters.get("search", "")[:200], parameters.get("state", "")
        by = parameters.get("sort", "")
        sort, descending = (by, parameters.get("order") == "desc") if by in COLUMNS else ("name", False)

        async def read(at: int) -> Any:
            return await store.listing(
                here.session, here.viewer, search=search, paused=_PAUSED.get(state), sort=(By(sort, descending),), page=at
            )  # fmt: skip

        page = await page_at(read, asked_page(parameters))
        opened, runs = await self._opened(parameters)
        names = await self._names([*page.items, *opened], around_it)
        ids = {each for one in [*page.items, *opened] for each in one.last_deliveries}
        ids |= {each for run in runs for each in run.delivery_ids}
        sent = {one.id: one for one in await deliveries.several(here.session, here.viewer, ids)}
        without = {name: value for name, value in parameters.items() if name not in _OF_ONE}
        filtered = bool(search or state in _PAUSED)
        self._put(
            lines=[self._line(one, names, sent) for one in page.items],
            search=search,
            state=state if state in _PAUSED else "",
            filtered=filtered,
            sees_all=here.viewer.can(Permission.SETTINGS_READ),
            moving=_moving([*page.items, *opened], runs, sent.values()),
            sort=sort,
            descending=descending,
            sort_links=sort_links(COLUMNS, path=SCHEDULES, parameters=without, sort=sort, descending=descending),
            pager=pager_of(page, path=SCHEDULES, parameters=without, name="page", noun="schedules"),
        )  # fmt: skip
        for one in opened:
            await self._show(one, runs, names, sent)
        self._settle(READY if page.items or filtered or self.complaint or opened else EMPTY)

    async def _opened(self, parameters: dict[str, str]) -> tuple[list[Schedule], list[Run]]:
        """The one that the address names, if there is one that the visitor may see, with a page of its runs."""
        here = visit()
        if not parameters.get("schedule"):
            self._put(opened="")
            return [], []
        known = identifier(parameters["schedule"]) or 0
        try:
            found = await store.one(here.session, here.viewer, known)
        except NotFound as error:
            # A notice may lead to a schedule that was deleted: the ledger is still of use.
            self._put(opened="", complaint=error.message)
            return [], []

        async def read(at: int) -> Any:
            return await store.runs(here.session, here.viewer, known, page=at, per_page=_RUNS)

        page = await page_at(read, asked_page(parameters, "runs"))
        self._put(runs_pager=pager_of(page, path=SCHEDULES, parameters=parameters, name="runs", noun="runs"))
        return [found], page.items

    async def _names(self, found: list[Schedule], around_it: Choices) -> Names:
        here = visit()
        contents = [one.wanted.content for one in found]
        asked = [one.report_id for one in contents if isinstance(one, StoredReport)]
        known = await connections.listing(here.session, here.viewer, per_page=_MOST_CONNECTIONS)
        return Names(
            boards={one.id: one.name for one in around_it.boards},
            reports=await ledger.names(here.session, here.viewer, asked) if asked else {},
            connections={one.id: one.name for one in known.items},
        )

    async def _show(self, found: Schedule, runs: list[Run], names: Names, sent: dict[int, Delivery]) -> None:
        here = visit()
        board, about = found.wanted.board_id, {run.sprint_id for run in runs if run.sprint_id}
        called, of_board = dict[int, str](), dict[int, Any]()
        if board in names.boards and about:
            called = await sprints.names(here.session, here.viewer, board, about)
            of_board = {one.sprint_id: one for one in await board_sprints.of_boards(here.session, [board])}
        self._put(
            opened=str(found.id),
            one=self._line(found, names, sent),
            runs=[
                rows.run_line(run, found.wanted, called, sent, here.zone, of_board=of_board) for run in runs
            ],
            may_steer=found.owner_id == here.viewer.user_id or here.viewer.can(Permission.SETTINGS_WRITE),
        )

    def _line(self, found: Schedule, names: Names, sent: dict[int, Delivery]) -> ScheduleLine:
        here = visit()
        own = found.owner_id == here.viewer.user_id
        filters = {name: value for name, value in self._parameters().items() if name not in _OF_ONE}
        return rows.line(found, names, sent, here.zone, own=own, parameters=filters)


def _moving(found: Iterable[Schedule], runs: Iterable[Run], sent: Iterable[Delivery]) -> bool:
    """Whether something will look otherwise soon."""
    waits = RunState.WAITING in {one.last_state for one in found} | {run.state for run in runs}
    return waits or any(sending.under_way(one) for one in sent)
