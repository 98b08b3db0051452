"""Files of the report: asked for, made in the background while one goes on reading, fetched for a day."""

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import reflex as rx

from sprintreports.identity.permissions import Permission
from sprintreports.kit.errors import Invalid
from sprintreports.reports.export.options import Format, Options, Paper
from sprintreports.reports.exporting import asking
from sprintreports.reports.exporting.asking import About, Export, Wanted
from sprintreports.reports.exporting.states import State
from sprintreports.reports.library import reports, templates
from sprintreports.ui.components.basics import chip, server_link
from sprintreports.ui.components.figures import meter
from sprintreports.ui.components.live import every
from sprintreports.ui.dates import instant
from sprintreports.ui.links import identifier
from sprintreports.ui.numbers import plain
from sprintreports.ui.pages.report.state import ReportPage
from sprintreports.ui.planning.entering import word
from sprintreports.ui.planning.parts import choice, complaint, field, side_panel
from sprintreports.ui.reporting import choosing, states
from sprintreports.ui.session import acts, visit

_SHOWN = 10
FORMATS = (
    (Format.PDF, "PDF", "Pages to print and to send, with bookmarks."),
    (Format.HTML, "HTML", "One file that opens offline, with charts to look into."),
    (Format.XLSX, "Excel", "A sheet for each section, with charts of its own."),
    (Format.CSV, "CSV", "All tables, in a zip."),
    (Format.JSON, "JSON", "Typed values, for programs."),
    (Format.ICAL, "iCalendar", "Sprints and deadlines."),
    (Format.PNG, "PNG", "The charts as pictures, in a zip."),
    (Format.SVG, "SVG", "The charts as drawings, in a zip."),
)
_STATES = {
    State.WAITING: ("Waiting", ""),
    State.RUNNING: ("Being made", "info"),
    State.DONE: ("Ready", "good"),
    State.FAILED: ("Failed", "bad"),
}
_MB = 1_000_000


@dataclass
class FileLine:
    """A file as text. href: where it is fetched; empty while it is not there."""

    id: str = ""
    name: str = ""
    told: str = ""
    state: str = ""
    tone: str = ""
    progress: int = 0
    live: bool = False
    href: str = ""


def line(export: Export, zone: ZoneInfo) -> FileLine:
    label, tone = _STATES[export.state]
    done = export.state is State.DONE
    told = export.problem
    if done:
        told = f"{_size(export.size or 0)}, until {instant(export.expires_at, zone)}"
    name = next(name for form, name, _ in FORMATS if form is export.wanted.form)
    return FileLine(
        str(export.id),
        f"{name}: {export.title or 'this report'}",
        told,
        label,
        tone,
        export.progress,
        export.state in (State.WAITING, State.RUNNING),
        f"/api/v1/exports/{export.id}/file" if done else "",
    )


class ReportFiles(rx.State):
    """The visitor's own files, of whichever reports, the newest first."""

    is_open: bool = False
    of: str = ""
    files: list[FileLine] = []
    waiting: bool = False
    complaint: str = ""

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def show(self) -> None:
        self.complaint = ""
        await self._list()
        self.of = (await self.get_state(ReportPage)).at
        self.is_open = True

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def close(self) -> None:
        self.reset()

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def ask(self, form: dict[str, Any]) -> None:
        """Have a file made of what the page shows, laid out as it is shown."""
        here = visit()
        self.complaint = ""
        wanted = word(form, "format")
        if wanted not in set(Format):
            raise Invalid("Choose the format of the file.")
        options = Options(
            paper=Paper.LETTER if word(form, "paper") == Paper.LETTER else Paper.A4,
            landscape="landscape" in form,
        )
        asked = Wanted(await self._about(), Format(wanted), options, zone=here.zone.key)
        await asking.request(here.session, here.viewer, asked, now=here.now)
        await self._list()

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def tick(self) -> None:
        """A file is under way: look how far it is."""
        await self._list()

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def remove(self, export: str) -> None:
        here = visit()
        self.complaint = ""
        await asking.remove(here.session, here.viewer, identifier(export) or 0, now=here.now)
        await self._list()

    async def _about(self) -> About:
        here = visit()
        parameters = dict(self.router.url.query_parameters)
        asked = states.asked_by(parameters)
        if asked.report_id is not None and "template" not in parameters:
            return About(report_id=asked.report_id)
        spec = asked.spec
        if asked.report_id is not None:
            spec = (await reports.one(here.session, here.viewer, asked.report_id)).spec
        layout = await templates.chosen(
            here.session, here.viewer, choosing.choice_of(parameters.get("template", ""))
        )
        return About(spec=spec, layout=layout)

    async def _list(self) -> None:
        here = visit()
        found = await asking.listing(here.session, here.viewer, per_page=_SHOWN, now=here.now)
        files = [line(one, here.zone) for one in found.items]
        if files != self.get_value("files"):
            self.files = files
        self.waiting = any(one.live for one in files)


def export_button() -> rx.Component:
    return rx.el.button("Export", type="button", class_name="button", on_click=ReportFiles.show)


def export_panel() -> rx.Component:
    return side_panel(
        "Export this report",
        "A file holds what you may see, laid out as on the page. That you made it is noted in the audit log.",
        complaint(ReportFiles.complaint),
        rx.el.form(
            rx.el.fieldset(
                rx.el.legend("Format"),
                *[_format(form, name, told) for form, name, told in FORMATS],
            ),
            field("Paper of a PDF", "file-paper", choice("file-paper", "paper", (("A4", "A4"), ("Letter", "Letter")), "A4")),
            rx.el.label(
                rx.el.input(type="checkbox", name="landscape"),
                rx.el.span("Landscape", class_name="words"),
                class_name="choice flush",
            ),
            rx.el.div(rx.el.button("Make the file", type="submit", class_name="button primary")),
            on_submit=ReportFiles.ask,
            class_name="stack tight",
        ),
        rx.cond(ReportFiles.waiting, every(seconds=1, on_tick=ReportFiles.tick)),
        rx.cond(
            ReportFiles.files.length() > 0,
            rx.el.section(
                rx.el.h3("Your files"),
                rx.el.ul(rx.foreach(ReportFiles.files, _file), class_name="stack files", custom_attrs={"aria-live": "polite"}),
                class_name="stack tight",
            ),
        ),
        is_open=ReportFiles.is_open & (ReportFiles.of == ReportPage.at),
        on_close=ReportFiles.close,
    )  # fmt: skip


def _format(form: Format, name: str, told: str) -> rx.Component:
    control = rx.el.label(
        rx.el.input(type="radio", name="format", value=form.value, default_checked=form is Format.PDF),
        rx.el.span(rx.el.strong(name), rx.el.span(told, class_name="fine"), class_name="words"),
        class_name="choice flush",
    )
    if form in (Format.PNG, Format.SVG):
        return rx.cond(ReportPage.drawn, control)
    return rx.cond(ReportPage.dated, control) if form is Format.ICAL else control


def _file(one: Any) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.cond(one.href != "", server_link(one.name, href=one.href), rx.el.span(one.name)),
            chip(one.state, one.tone),
            rx.el.button(
                "Delete",
                type="button",
                class_name="button small",
                on_click=ReportFiles.remove(one.id),
                custom_attrs={"aria-label": "Delete " + one.name},
            ),
            class_name="row",
        ),
        rx.cond(one.live, meter(one.progress, label="Progress of " + one.name)),
        rx.cond(one.told != "", rx.el.p(one.told, class_name="fine")),
        key=one.id,
    )


def _size(number: int) -> str:
    return f"{plain(number / _MB)} MB" if number >= _MB else f"{plain(max(number / 1000, 0.1))} kB"
