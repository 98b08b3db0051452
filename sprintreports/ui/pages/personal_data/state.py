"""People whom the connected Jiras name: the search lives in the address; one at a time is asked about before erasing."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from sprintreports.identity.permissions import Permission
from sprintreports.jira.privacy import people
from sprintreports.jira.privacy.people import JiraPersonRow
from sprintreports.settings import settings
from sprintreports.ui import telling
from sprintreports.ui.components.tables import Pager, pager_of
from sprintreports.ui.links import address, identifier
from sprintreports.ui.paged import asked_page, page_at
from sprintreports.ui.session import acts, loads, visit
from sprintreports.ui.status import READY, PageState

PATH = "/personal-data"
_PER_PAGE = 25


@dataclass
class PersonLine:
    """Somebody in Jira as text."""

    id: str = ""
    name: str = ""
    site: str = ""
    account: str = ""
    state: str = ""
    erased: bool = False
    download: str = ""


class PersonalData(PageState, rx.State):
    """`chosen`: who is asked about; of nobody its id is empty."""

    lines: list[PersonLine] = []
    search: str = ""
    nothing: str = ""
    pager: Pager = Pager()
    chosen: PersonLine = PersonLine()
    audit_days: str = ""
    complaint: str = ""

    @rx.event
    @loads(Permission.USERS_WRITE)
    async def load(self) -> None:
        self._put(chosen=PersonLine(), complaint="")
        await self._read()

    @rx.event
    @acts(Permission.USERS_WRITE)
    async def find(self, words: str) -> Any:
        return rx.redirect(address(PATH, search=words[:200]), replace=True)

    @rx.event
    @acts(Permission.USERS_WRITE)
    async def choose(self, person_id: str) -> None:
        here = visit()
        self.chosen = _line(await people.one(here.session, here.viewer, identifier(person_id) or 0))
        self.complaint = ""

    @rx.event
    @acts(Permission.USERS_WRITE)
    async def let_be(self) -> None:
        self.chosen, self.complaint = PersonLine(), ""

    @rx.event
    @acts(Permission.USERS_WRITE)
    async def erase(self) -> Any:
        here = visit()
        done = await people.erase(here.session, here.viewer, identifier(self.chosen.id) or 0, now=here.now)
        self.chosen, self.complaint = PersonLine(), ""
        await self._read()
        return telling.good(f"Erased. “{done.name}” stands for the name from now on.")

    async def _read(self) -> None:
        here = visit()
        parameters = self._parameters()
        search = parameters.get("search", "")[:200]
        found = await page_at(
            lambda at: people.listing(here.session, here.viewer, search=search, page=at, per_page=_PER_PAGE),
            asked_page(parameters),
        )
        self._put(
            lines=[_line(row) for row in found.items],
            search=search,
            nothing=_nothing(search) if not found.items else "",
            pager=pager_of(found, path=PATH, parameters=parameters, name="page", noun="people"),
            audit_days=_kept(settings().audit_days),
        )
        self._settle(READY)


def _line(row: JiraPersonRow) -> PersonLine:
    state = "Erased" if row.erased else "" if row.active else "Not active in Jira"
    download = "" if row.erased else f"/api/v1/privacy/people/{row.id}/personal-data"
    return PersonLine(str(row.id), row.name, row.site, row.account_key, state, row.erased, download)


def _nothing(search: str) -> str:
    if search:
        return f"Nobody whom Jira names is called “{search}”."
    return "No Jira has been synced yet, so nobody is named here."


def _kept(days: int) -> str:
    return f"{days:,} days in the database, then in sealed files" if days else "for good"
