"""The library's ledger: filters live in the address, rows come as text."""

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import reflex as rx

from sprintreports.identity.permissions import Permission
from sprintreports.kit.paging import By
from sprintreports.reports.document.blocks import DocumentKind
from sprintreports.reports.library import ledger
from sprintreports.reports.library.ledger import Filters
from sprintreports.reports.library.reports import ReportInfo
from sprintreports.ui.components.tables import Pager, pager_of, sort_links
from sprintreports.ui.dates import instant
from sprintreports.ui.frame_state import Option, around
from sprintreports.ui.links import address, identifier
from sprintreports.ui.paged import asked_page, page_at
from sprintreports.ui.reporting import states
from sprintreports.ui.reporting.states import LIBRARY, VIEW
from sprintreports.ui.session import acts, loads, visit
from sprintreports.ui.status import EMPTY, READY, PageState

COLUMNS = ("name", "kind", "owner", "updated_at")
_FILTERS = ("search", "kind", "tag", "of_board", "whose")
_SHARED = {"all": True, "mine": False}
_MOST_TAGS = 40


@dataclass
class ReportLine:
    """A report of the ledger as text."""

    id: str = ""
    name: str = ""
    link: str = ""
    kind: str = ""
    boards: str = ""
    owner: str = ""
    shared: str = ""
    changed: str = ""


@dataclass
class TagLink:
    """A tag to filter by, or to take the filter away."""

    tag: str = ""
    link: str = ""
    chosen: bool = False


def line(info: ReportInfo, zone: ZoneInfo) -> ReportLine:
    return ReportLine(
        str(info.id),
        info.name,
        address(VIEW, id=info.id),
        states.kind_name(info.kind),
        ", ".join(info.boards),
        info.owner,
        "For all" if info.shared else "Personal",
        instant(info.updated_at, zone),
    )


class Reports(PageState, rx.State):
    """Everything on the page, as text."""

    lines: list[ReportLine] = []
    tags_of: dict[str, list[str]] = {}
    tags: list[TagLink] = []
    boards: list[Option] = []
    search: str = ""
    kind: str = ""
    of_board: str = ""
    whose: str = ""
    filtered: bool = False
    sort: str = "updated_at"
    descending: bool = True
    sort_links: dict[str, str] = {}
    pager: Pager = Pager()

    @rx.event
    @loads(Permission.REPORTS_READ)
    async def load(self) -> None:
        here = visit()
        found = await around(self)
        parameters = self._parameters()
        filters = _filters(parameters)
        by = parameters.get("sort", "")
        sort, descending = (by, parameters.get("order") == "desc") if by in COLUMNS else ("updated_at", True)

        async def read(at: int) -> Any:
            return await ledger.listing(
                here.session, here.viewer, filters, sort=(By(sort, descending),), page=at
            )

        page = await page_at(read, asked_page(parameters))
        given = {name: parameters.get(name, "") for name in _FILTERS if parameters.get(name)}
        self._put(
            lines=[line(one, here.zone) for one in page.items],
            tags_of={str(one.id): list(one.tags) for one in page.items},
            tags=await self._tags(parameters),
            boards=[Option(str(one.id), one.name) for one in found.boards],
            search=filters.search,
            kind=filters.kind.value if filters.kind else "",
            of_board=str(filters.board_id or ""),
            whose=parameters.get("whose", "") if parameters.get("whose") in _SHARED else "",
            filtered=bool(given),
            sort=sort,
            descending=descending,
            sort_links=sort_links(
                COLUMNS, path=LIBRARY, parameters=parameters, sort=sort, descending=descending
            ),
            pager=pager_of(page, path=LIBRARY, parameters=parameters, name="page", noun="reports"),
        )
        self._settle(READY if page.items or given else EMPTY)

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def find(self, search: str) -> Any:
        return rx.redirect(self._with(search=search.strip()[:200]))

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def pick_kind(self, kind: str) -> Any:
        return rx.redirect(self._with(kind=kind if kind in set(DocumentKind) else None))

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def pick_board(self, board: str) -> Any:
        return rx.redirect(self._with(of_board=identifier(board)))

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def pick_whose(self, whose: str) -> Any:
        return rx.redirect(self._with(whose=whose if whose in _SHARED else None))

    def _with(self, **changes: object) -> str:
        return address(LIBRARY, self._parameters(), **changes, page=None)

    async def _tags(self, parameters: dict[str, str]) -> list[TagLink]:
        here = visit()
        chosen = parameters.get("tag", "").strip().casefold()
        found = await ledger.tags(here.session, here.viewer)
        return [
            TagLink(
                one.tag,
                address(LIBRARY, parameters, tag=None if one.tag == chosen else one.tag, page=None),
                one.tag == chosen,
            )
            for one in found[:_MOST_TAGS]
        ]


def _filters(parameters: dict[str, str]) -> Filters:
    kind = parameters.get("kind", "")
    return Filters(
        search=parameters.get("search", "")[:200],
        kind=DocumentKind(kind) if kind in set(DocumentKind) else None,
        board_id=identifier(parameters.get("of_board")),
        tag=parameters.get("tag", "")[:100],
        shared=_SHARED.get(parameters.get("whose", "")),
    )
