"""One's notices as text, the newest first."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

import reflex as rx

from sprintreports.identity.notices import reading
from sprintreports.identity.notices.reading import Told
from sprintreports.identity.permissions import Permission
from sprintreports.ui.components.tables import Pager, pager_of
from sprintreports.ui.dates import instant, iso
from sprintreports.ui.frame_state import around, tell_unread
from sprintreports.ui.links import address, identifier
from sprintreports.ui.paged import asked_page, page_at
from sprintreports.ui.session import acts, loads, visit
from sprintreports.ui.status import EMPTY, READY, PageState

PATH = "/notices"
SHOWN = (("all", "All"), ("unread", "Unread"))
_PER_PAGE = 20


@dataclass
class NoticeLine:
    """One notice."""

    id: str
    title: str
    text: str
    page: str
    action: str
    made: str
    made_exact: str
    unread: bool


class Notices(PageState, rx.State):
    """One's own notices: nobody reads those of others."""

    lines: list[NoticeLine] = []
    pager: Pager = Pager()
    shown: str = "all"
    shown_links: dict[str, str] = {
        "all": PATH,
        "unread": address(PATH, show="unread"),
    }
    any_unread: bool = False

    @rx.event
    @loads(Permission.SPRINTS_READ)
    async def load(self) -> None:
        await around(self)
        await self._show()

    @rx.event
    @acts(Permission.SPRINTS_READ)
    async def read(self, notice_id: str) -> None:
        here = visit()
        await reading.read(here.session, here.viewer, identifier(notice_id) or 0, now=here.now)
        await self._show()

    @rx.event
    @acts(Permission.SPRINTS_READ)
    async def read_all(self) -> None:
        here = visit()
        await reading.read_all(here.session, here.viewer, now=here.now)
        await self._show()

    async def _show(self) -> None:
        here = visit()
        parameters = self._parameters()
        only_unread = parameters.get("show") == "unread"
        page = await page_at(
            lambda at: reading.listing(
                here.session, here.viewer, only_unread=only_unread, page=at, per_page=_PER_PAGE
            ),
            asked_page(parameters),
        )
        waiting = await tell_unread(self)
        self._put(
            lines=[_line(told, here.zone) for told in page.items],
            pager=pager_of(page, path=PATH, parameters=parameters, name="page", noun="notices"),
            shown="unread" if only_unread else "all",
            any_unread=waiting > 0,
        )
        self._settle(READY if page.total or only_unread else EMPTY)


def _line(told: Told, zone: ZoneInfo) -> NoticeLine:
    said = told.words
    return NoticeLine(
        id=str(told.id),
        title=said.title,
        text=said.text,
        page=said.page,
        action=said.action,
        made=iso(told.made_at),
        made_exact=f"{instant(told.made_at, zone)} ({zone.key})",
        unread=told.read_at is None,
    )
