"""The template that the address names, and what is done to it before it is kept: all of that is in the tab alone."""

from typing import Any

import msgspec
import reflex as rx

from sprintreports.identity import names
from sprintreports.identity.permissions import Permission
from sprintreports.kit.errors import Invalid, NotFound
from sprintreports.reports.document.blocks import DocumentKind
from sprintreports.reports.library import templates
from sprintreports.reports.library.reports import TemplateChoice
from sprintreports.reports.library.templates import LONGEST_TITLE, MOST_PIECES, NO_TEMPLATE, TemplateInfo
from sprintreports.reports.templates.contents import Placeholder, placeholders
from sprintreports.reports.templates.layout import Layout
from sprintreports.ui import telling
from sprintreports.ui.components.tables import Pager, pager_of
from sprintreports.ui.frame_state import Option, around
from sprintreports.ui.links import address, identifier
from sprintreports.ui.numbers import counted
from sprintreports.ui.paged import asked_page, page_at
from sprintreports.ui.pages.report_template import finding, rows, versions
from sprintreports.ui.pages.report_template.rows import PieceRow
from sprintreports.ui.pages.report_template.versions import VersionLine
from sprintreports.ui.planning.entering import word
from sprintreports.ui.reporting import choosing, states
from sprintreports.ui.reporting.states import TEMPLATE, TEMPLATES
from sprintreports.ui.session import acts, loads, visit
from sprintreports.ui.status import READY, PageState

_VERSIONS_SHOWN = 10
_UP, _DOWN = "up", "down"


class ReportTemplate(PageState, rx.State):
    """Everything but the preview, as text. template: the id of one that is kept; copy_link: where one's own begins from it.

    may_edit: there are controls; older: another version than the newest is looked at; based_on: the newest one that was seen.
    opened: another one for each time that it was read; order, fresh, said: what was moved, added and is told of it.
    """

    template: str = ""
    kind: str = ""
    kind_name: str = ""
    name: str = ""
    told: str = ""
    title: str = ""
    title_problem: str = ""
    pieces: list[PieceRow] = []
    shared: bool = False
    may_edit: bool = False
    may_change: bool = False
    may_share: bool = False
    copy_link: str = ""
    version: str = ""
    older: bool = False
    based_on: str = ""
    history: list[VersionLine] = []
    pager: Pager = Pager()
    subjects: list[Option] = []
    figures: list[Option] = []
    left_out: str = ""
    changed: bool = False
    wrong: str = ""
    opened: str = ""
    order: str = ""
    fresh: str = ""
    said: str = ""
    complaint: str = ""
    _kept: bytes = b""

    @rx.event
    @loads(Permission.REPORTS_READ)
    async def load(self) -> None:
        await self._open()

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def move(self, piece: str, way: str) -> None:
        """One place up or down."""
        self._edit(rows.moved(self._rows(), piece, {_UP: -1, _DOWN: 1}.get(way, 0)))
        self.said = rows.place_told(self._rows(), piece)

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def show(self, piece: str, shown: bool) -> None:
        """A section is part of the report, or left out."""
        wanted = [row for row in self._rows() if row.id == piece and not row.own]
        if wanted:
            self._edit(rows.put(self._rows(), piece, shown=bool(shown)))

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def tick(self, piece: str, key: str, shown: bool) -> None:
        """Something in a section is shown, or left out."""
        self._edit(rows.ticked(self._rows(), piece, key, shown=bool(shown)))

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def retitle(self, piece: str, title: str) -> None:
        self._edit(rows.retitled(self._rows(), piece, title))

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def title_report(self, title: str) -> None:
        self.title = " ".join(title.split())[:LONGEST_TITLE]
        self._edit(self._rows())

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def write(self, piece: str, text: str) -> None:
        self._edit(rows.written(self._rows(), piece, text))

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def insert(self, piece: str, placeholder: str) -> None:
        """A placeholder of the menu, at the end of a text."""
        known = {one.name: one.text for one in placeholders(self._of())}
        if placeholder in known:
            self._edit(rows.appended(self._rows(), piece, known[placeholder]))

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def add_text(self, place: str) -> None:
        """An empty text, first or last."""
        self.complaint = ""
        if rows.in_use(self._rows()) >= MOST_PIECES:
            raise Invalid(
                f"A template has at most {MOST_PIECES} parts. Leave one out before you add another."
            )
        pieces, self.fresh = rows.with_text(self._rows(), first=place == "first")
        self._edit(pieces)

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def take_out(self, piece: str) -> None:
        self._edit(rows.without(self._rows(), piece))

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def keep(self, form: dict[str, Any]) -> Any:
        """Keep the template: a new one, or the next version of one that there is; its name and who sees it as well."""
        here = visit()
        self.complaint = ""
        layout, name, shared = self._right(), word(form, "name"), "shared" in form
        if not self.template:
            made = await templates.create(
                here.session, here.viewer, name=name, kind=self._of(), layout=layout, note=word(form, "note"),
                shared=shared, now=here.now,
            )  # fmt: skip
            return rx.redirect(address(TEMPLATE, id=made.id))
        same = _written(layout) == self._kept
        if same and (name, shared) == (self.name, self.shared):
            return telling.good("Nothing has changed since this version was kept.")
        info = await templates.change(
            here.session, here.viewer, identifier(self.template) or 0, name=name, shared=shared,
            layout=None if same else layout, note=word(form, "note"), based_on=identifier(self.based_on), now=here.now,
        )  # fmt: skip
        await self._load()
        return telling.good(f"Version {info.versions} is kept." if not same else "The template is kept.")

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def keep_apart(self) -> Any:
        """Keep what is on the page as another template of one's own."""
        here = visit()
        self.complaint = ""
        made = await templates.create(
            here.session, here.viewer, name=finding.copied(self.name), kind=self._of(), layout=self._right(), now=here.now
        )  # fmt: skip
        return rx.redirect(address(TEMPLATE, id=made.id))

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def take_back(self, number: str) -> Any:
        """An older version becomes the newest; those between stay."""
        here = visit()
        self.complaint = ""
        info = await templates.one(here.session, here.viewer, identifier(self.template) or 0)
        choice = TemplateChoice(template_id=info.id, number=finding.number_of(number, info))
        layout = await templates.chosen(here.session, here.viewer, choice)
        await templates.change(
            here.session, here.viewer, info.id, layout=layout, note=f"As version {choice.number}.",
            based_on=identifier(self.based_on), now=here.now,
        )  # fmt: skip
        told = telling.good(f"Version {choice.number} is the newest one again.")
        if self.older:
            return [rx.redirect(address(TEMPLATE, id=info.id)), told]
        await self._open()
        return told

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def delete(self) -> Any:
        here = visit()
        self.complaint = ""
        await templates.delete(here.session, here.viewer, identifier(self.template) or 0, now=here.now)
        return rx.redirect(TEMPLATES)

    def _rows(self) -> list[PieceRow]:
        """The rows themselves: what Reflex hands out watches each of them."""
        return self.get_value("pieces")

    def _of(self) -> DocumentKind:
        if self.kind not in set(DocumentKind):
            raise NotFound(NO_TEMPLATE)
        return DocumentKind(self.kind)

    def _edit(self, pieces: list[PieceRow]) -> None:
        """Show the rows with what is wrong in them, and whether they differ from what is kept."""
        kind = self._of()
        marked, title_problem = rows.checked(pieces, self.title, kind)
        wrong = rows.wrong(marked, title_problem)
        self._put(
            pieces=marked,
            title_problem=title_problem,
            wrong=f"{counted(wrong, 'text')} cannot be used like this: see below." if wrong else "",
            order=" ".join(row.id for row in marked),
            left_out=", ".join(row.name for row in marked if not row.shown),
            changed=_written(rows.layout_of(marked, self.title, kind)) != self._kept,
        )

    def _right(self) -> Layout:
        """What the page says, to be kept. Raises Invalid."""
        self._edit(self._rows())
        if self.wrong:
            raise Invalid(
                "Some text cannot be used like this: it is marked below. Put it right, then keep it."
            )
        return rows.layout_of(self._rows(), self.title, self._of())

    async def _open(self) -> None:
        """The fields of the page begin with what they say now."""
        await self._load()
        self.opened = str(int(self.opened or 0) + 1)

    async def _load(self) -> None:
        here = visit()
        await around(self)
        found = await finding.asked(self._parameters())
        info = found.info
        may_change = info is not None and templates.may_change(here.viewer, info)
        older = info is not None and found.number != info.versions
        self._kept = _written(
            rows.layout_of(rows.rows_of(found.layout, found.kind), found.layout.title, found.kind)
        )
        subjects, figures = _menu(found.kind)
        self._put(
            template=str(info.id) if info else "",
            kind=found.kind.value,
            kind_name=states.kind_name(found.kind),
            name=found.name,
            told=found.told,
            title=found.layout.title,
            shared=info is not None and info.shared,
            may_change=may_change,
            may_edit=(may_change and not older) if info else found.choice is None,
            may_share=here.viewer.can(Permission.REPORTS_WRITE),
            copy_link=address(TEMPLATE, copy=choosing.text_of(found.choice)) if found.choice else "",
            version=str(found.number or ""),
            older=older,
            based_on=str(info.versions) if info else "",
            subjects=subjects,
            figures=figures,
            fresh="",
            said="",
            complaint="",
        )  # fmt: skip
        await self._look_back(info, found.number)
        self._edit(rows.rows_of(found.layout, found.kind))
        self._settle(READY)

    async def _look_back(self, info: TemplateInfo | None, number: int) -> None:
        """The versions that there are."""
        if info is None:
            self._put(history=[], pager=Pager())
            return
        here = visit()
        parameters = self._parameters()

        async def read(at: int) -> Any:
            return await templates.versions(
                here.session, here.viewer, info.id, page=at, per_page=_VERSIONS_SHOWN
            )

        page = await page_at(read, asked_page(parameters))
        people = await names.named(here.session, {one.created_by for one in page.items})
        self._put(
            history=versions.lines(page.items, info, people, here.zone, looked=number),
            pager=pager_of(page, path=TEMPLATE, parameters=parameters, name="page", noun="versions"),
        )


def _written(layout: Layout) -> bytes:
    return msgspec.json.encode(layout)


def _menu(kind: DocumentKind) -> tuple[list[Option], list[Option]]:
    """What text can hold: what the report is about, and its figures."""

    def option(one: Placeholder) -> Option:
        return Option(one.name, f"{one.label} ({one.name})")

    every = placeholders(kind)
    return [option(one) for one in every if not one.section], [option(one) for one in every if one.section]
