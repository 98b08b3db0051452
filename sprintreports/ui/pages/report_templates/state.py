"""The list of templates: filters live in the address, rows come as text."""

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import reflex as rx

from sprintreports.identity.permissions import Permission
from sprintreports.kit.paging import By
from sprintreports.reports.document.blocks import DocumentKind
from sprintreports.reports.library import system_templates, templates
from sprintreports.reports.library.reports import TemplateChoice
from sprintreports.reports.library.system_templates import SystemTemplate
from sprintreports.reports.library.templates import TemplateInfo
from sprintreports.ui import telling
from sprintreports.ui.components.tables import Pager, pager_of, sort_links
from sprintreports.ui.dates import instant
from sprintreports.ui.frame_state import around
from sprintreports.ui.links import address, identifier
from sprintreports.ui.paged import asked_page, page_at
from sprintreports.ui.reporting import choosing, states
from sprintreports.ui.reporting.states import TEMPLATE, TEMPLATES
from sprintreports.ui.session import acts, loads, visit
from sprintreports.ui.status import READY, PageState

COLUMNS = ("name", "kind", "owner", "updated_at")


@dataclass
class TemplateLine:
    """A template of the list as text. copy: where one of one's own begins from it."""

    id: str = ""
    name: str = ""
    told: str = ""
    link: str = ""
    kind: str = ""
    version: str = ""
    owner: str = ""
    shared: str = ""
    changed: str = ""
    copy: str = ""
    may_change: bool = False


def line(info: TemplateInfo, zone: ZoneInfo, *, may_change: bool) -> TemplateLine:
    choice = TemplateChoice(template_id=info.id, number=info.versions)
    return TemplateLine(
        str(info.id),
        info.name,
        "",
        address(TEMPLATE, id=info.id),
        states.kind_name(info.kind),
        str(info.versions),
        info.owner,
        "For all" if info.shared else "Personal",
        instant(info.updated_at, zone),
        address(TEMPLATE, copy=choosing.text_of(choice)),
        may_change,
    )


def given_line(one: SystemTemplate) -> TemplateLine:
    return TemplateLine(
        one.key,
        one.name,
        one.description,
        address(TEMPLATE, system=one.key),
        states.kind_name(one.kind),
        copy=address(TEMPLATE, copy=choosing.text_of(TemplateChoice(system=one.key))),
    )


class ReportTemplates(PageState, rx.State):
    """Everything on the page, as text. given: what comes with the product."""

    lines: list[TemplateLine] = []
    given: list[TemplateLine] = []
    search: str = ""
    kind: str = ""
    filtered: bool = False
    sort: str = "name"
    descending: bool = False
    sort_links: dict[str, str] = {}
    pager: Pager = Pager()

    @rx.event
    @loads(Permission.REPORTS_READ)
    async def load(self) -> None:
        await self._load()

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
    async def delete(self, template: str) -> Any:
        here = visit()
        await templates.delete(here.session, here.viewer, identifier(template) or 0, now=here.now)
        await self._load()
        return telling.good("The template is off the list. Reports that use it stay as they are.")

    async def _load(self) -> None:
        here = visit()
        await around(self)
        parameters = self._parameters()
        search, kind = parameters.get("search", "")[:200], _kind(parameters.get("kind", ""))
        by = parameters.get("sort", "")
        sort, descending = (by, parameters.get("order") == "desc") if by in COLUMNS else ("name", False)

        async def read(at: int) -> Any:
            return await templates.listing(
                here.session, here.viewer, kind=kind, search=search, sort=(By(sort, descending),), page=at
            )

        page = await page_at(read, asked_page(parameters))
        self._put(
            lines=[
                line(one, here.zone, may_change=templates.may_change(here.viewer, one)) for one in page.items
            ],
            given=[given_line(one) for one in _given(search, kind)],
            search=search,
            kind=kind.value if kind else "",
            filtered=bool(search.strip() or kind),
            sort=sort,
            descending=descending,
            sort_links=sort_links(
                COLUMNS, path=TEMPLATES, parameters=parameters, sort=sort, descending=descending
            ),
            pager=pager_of(page, path=TEMPLATES, parameters=parameters, name="page", noun="templates"),
        )
        self._settle(READY)

    def _with(self, **changes: object) -> str:
        return address(TEMPLATES, self._parameters(), **changes, page=None)


def _kind(text: str) -> DocumentKind | None:
    return DocumentKind(text) if text in set(DocumentKind) else None


def _given(search: str, kind: DocumentKind | None) -> list[SystemTemplate]:
    """Those of the product that are looked for, by kind."""
    words = search.strip().lower()
    every = [one for of in DocumentKind for one in system_templates.of_kind(of)]
    return [
        one
        for one in every
        if (kind is None or one.kind is kind) and words in f"{one.name} {one.description}".lower()
    ]
