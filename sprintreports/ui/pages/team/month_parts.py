"""The month as a grid, longer absences as a form, and the import of a calendar or a CSV file."""

from typing import Any

import reflex as rx

from sprintreports.ui.components.basics import by_status, chip, link, loading, notice, skeleton
from sprintreports.ui.components.tables import pager
from sprintreports.ui.pages.team.absence_import import AbsenceImport
from sprintreports.ui.pages.team.month import PARTS, GridDay, GridRow, TeamMonth
from sprintreports.ui.planning.parts import choice, complaint, field, from_list, heads, scrolling


class MonthGrid(rx.Component):
    """A grid of days to paint into, by pointer or keys. `on_paint`: whose row, which day, which halves, what it is called."""

    library = "$/public/month.jsx"
    tag = "MonthGrid"
    days: rx.Var[list[GridDay]]
    rows: rx.Var[list[GridRow]]
    label: rx.Var[str]
    on_paint: rx.EventHandler[rx.event.passthrough_event_spec(str, str, str, str)]


class ReadGrid(rx.Component):
    """The same to look at."""

    library = "$/public/month.jsx"
    tag = "MonthGrid"
    days: rx.Var[list[GridDay]]
    rows: rx.Var[list[GridRow]]
    label: rx.Var[str]


class PiecewiseFile(rx.Component):
    """A field for a text file that is handed over in pieces: its name, a piece, its number, whether it is the last."""

    library = "$/public/pieces.jsx"
    tag = "PiecewiseFile"
    label: rx.Var[str]
    accept: rx.Var[str]
    on_piece: rx.EventHandler[rx.event.passthrough_event_spec(str, str, int, bool)]


def month_panel() -> rx.Component:
    return rx.el.div(
        by_status(TeamMonth, ready=_month(), blank=rx.fragment(), waiting=loading(skeleton(height="320px"))),
        rx.cond(AbsenceImport.may, _import()),
        class_name="stack",
    )


def _month() -> rx.Component:
    grid = {"days": TeamMonth.days, "rows": TeamMonth.lines, "label": "Days off in " + TeamMonth.title}
    return rx.el.div(
        complaint(TeamMonth.complaint),
        rx.el.section(
            rx.el.header(
                rx.el.div(
                    rx.el.h2(TeamMonth.title),
                    rx.cond(
                        TeamMonth.may,
                        rx.el.p(
                            "Click a day, or move with the arrow keys and press D for the whole day, M for the morning, "
                            "A for the afternoon, C to clear.",
                            class_name="reading",
                        ),
                    ),
                    class_name="grow",
                ),
                rx.el.div(
                    rx.cond(
                        TeamMonth.previous != "",
                        link("Month before", to=TeamMonth.previous, class_name="button small"),
                    ),
                    rx.cond(
                        TeamMonth.next != "",
                        link("Month after", to=TeamMonth.next, class_name="button small"),
                    ),
                    class_name="row",
                ),
                class_name="panel-head",
            ),
            rx.el.div(
                rx.cond(
                    TeamMonth.may,
                    MonthGrid.create(**grid, on_paint=TeamMonth.paint),
                    ReadGrid.create(**grid),
                ),
                _legend(),
                class_name="panel-body stack tight",
            ),
            pager(TeamMonth.pager),
            class_name="panel",
            id="month",
        ),
        rx.cond(TeamMonth.may & (TeamMonth.people.length() > 0), _longer()),
        class_name="stack",
    )


def _legend() -> rx.Component:
    def shown(kind: str, bits: str, text: str) -> rx.Component:
        sign = {"h": "H", "o": "T"}.get(kind, "")
        return rx.el.li(
            rx.el.span(sign, class_name="month-sign", custom_attrs={"data-kind": kind, "data-bits": bits}),
            text,
        )

    return rx.el.ul(
        shown("w", "3", "away all day"),
        shown("w", "1", "away in the morning"),
        shown("w", "2", "away in the afternoon"),
        shown("o", "0", "T: the team is off, or half of it"),
        shown("h", "0", "H: public holiday"),
        shown("n", "0", "no working day"),
        shown("x", "0", "not in the team"),
        class_name="month-legend fine",
        custom_attrs={"aria-label": "What the signs mean"},
    )


def _longer() -> rx.Component:
    parts = [(str(part.value), text) for part, text in PARTS]
    return rx.el.section(
        rx.el.header(rx.el.h2("Away for longer"), class_name="panel-head"),
        rx.el.form(
            rx.el.div(
                field("Who", "away-person", from_list("away-person", "person", TeamMonth.people, "")),
                field("First day", "away-first", rx.el.input(id="away-first", name="first", type="date", required=True)),
                field("Last day", "away-last", rx.el.input(id="away-last", name="last", type="date")),
                field("Which part", "away-part", choice("away-part", "part", parts, "3")),
                class_name="form-grid",
            ),
            rx.el.div(rx.el.button("Enter the absence", type="submit", class_name="button"), class_name="row"),
            on_submit=TeamMonth.be_away,
            class_name="panel-body stack tight",
        ),
        class_name="panel",
    )  # fmt: skip


def _import() -> rx.Component:
    return rx.el.section(
        rx.el.header(
            rx.el.div(
                rx.el.h2("Import absences"),
                rx.el.p(
                    "A calendar (.ics), or a table (.csv) of who, first day, last day and part of the day. Nothing is "
                    "stored before you have seen it; why somebody is away never is. Days before this month stay as they "
                    "are.",
                    class_name="reading",
                ),
                class_name="grow",
            ),
            class_name="panel-head",
        ),
        rx.el.div(
            PiecewiseFile.create(
                label="File",
                accept=".ics,.ical,.csv,.txt,text/calendar,text/csv",
                on_piece=AbsenceImport.take,
            ),
            complaint(AbsenceImport.complaint),
            rx.cond(AbsenceImport.looked, _preview()),
            class_name="panel-body stack",
        ),
        class_name="panel",
        id="import",
    )


def _preview() -> rx.Component:
    return rx.el.form(
        rx.el.p(AbsenceImport.reading, role="status"),
        rx.cond(
            AbsenceImport.problems.length() > 0,
            notice(rx.el.ul(rx.foreach(AbsenceImport.problems, rx.el.li), class_name="plain-list"), tone="warn"),
        ),
        rx.foreach(AbsenceImport.names, _name),
        rx.cond(
            AbsenceImport.lines.length() > 0,
            scrolling(
                rx.el.table(
                    rx.el.caption("Absences in the file", class_name="hidden-text"),
                    heads(("Who", ""), ("Away", ""), ("Is it new", "")),
                    rx.el.tbody(
                        rx.foreach(
                            AbsenceImport.lines,
                            lambda one: rx.el.tr(
                                rx.el.th(one.name, scope="row"),
                                rx.el.td(one.when),
                                rx.el.td(rx.cond(one.known, chip("There already"), chip("New", "info"))),
                            ),
                        )
                    ),
                ),
                label="Absences in the file",
            ),
        ),
        rx.el.div(
            rx.el.button("Enter these absences", type="submit", class_name="button primary"),
            rx.el.button("Leave it", type="button", class_name="button", on_click=AbsenceImport.leave),
            class_name="row",
        ),
        on_submit=AbsenceImport.apply,
        class_name="stack tight",
    )  # fmt: skip


def _name(one: Any) -> rx.Component:
    return rx.el.div(
        rx.el.label(one.who, html_for=one.field),
        rx.el.select(
            rx.el.option("Leave out", value=""),
            rx.foreach(AbsenceImport.people, lambda known: rx.el.option(known.label, value=known.value)),
            id=one.field,
            name=one.field,
        ),
        rx.el.span(one.why, class_name="help"),
        class_name="field narrow",
        key=one.field,
    )
