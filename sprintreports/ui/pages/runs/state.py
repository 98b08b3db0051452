"""The sync runs as text, newest first."""

from dataclasses import dataclass

import reflex as rx

from sprintreports.identity.permissions import Permission
from sprintreports.jira import sync
from sprintreports.jira.reads import runs
from sprintreports.ui.components.tables import Pager, pager_of
from sprintreports.ui.connecting.runs import RunLine, run_line
from sprintreports.ui.links import address, identifier
from sprintreports.ui.paged import asked_page, page_at
from sprintreports.ui.session import acts, loads, visit
from sprintreports.ui.status import EMPTY, READY, PageState

PATH = "/runs"
_PER_PAGE = 20


@dataclass
class NamedRun:
    """A run with its site."""

    site: str
    link: str
    run: RunLine


class Runs(PageState, rx.State):
    """The runs of all sites, or of the one that the address names."""

    lines: list[NamedRun] = []
    pager: Pager = Pager()
    any_live: bool = False

    @rx.event
    @loads(Permission.SETTINGS_READ)
    async def load(self) -> None:
        await self._read()

    @rx.event
    @acts(Permission.SETTINGS_READ)
    async def tick(self) -> None:
        await self._read()

    @rx.event
    @acts(Permission.SETTINGS_WRITE)
    async def cancel(self, run_id: str) -> None:
        here = visit()
        await sync.cancel(here.session, here.viewer, identifier(run_id) or 0, now=here.now)
        await self._read()

    async def _read(self) -> None:
        here = visit()
        parameters = self._parameters()
        site_id = identifier(parameters.get("site"))
        page = await page_at(
            lambda at: runs.page(here.session, here.viewer, site_id=site_id, page=at, per_page=_PER_PAGE),
            asked_page(parameters),
        )
        self.lines = [
            NamedRun(
                row.site_name, address("/site", site=row.site_id), run_line(row, now=here.now, zone=here.zone)
            )
            for row in page.items
        ]
        self.any_live = any(line.run.live for line in self.lines)
        self.pager = pager_of(page, path=PATH, parameters=parameters, name="page", noun="runs")
        self._settle(READY if page.total else EMPTY)
