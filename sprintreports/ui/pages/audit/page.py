"""The audit log: what was done, refused or failed, with filters and files."""

from typing import Any

import reflex as rx

from sprintreports.ui.components.basics import by_status, chip, link, loading, server_link, skeleton
from sprintreports.ui.frame_state import Frame
from sprintreports.ui.layout import frame, page_head
from sprintreports.ui.pages.audit.rows import OUTCOMES, action_choices
from sprintreports.ui.pages.audit.state import Audit
from sprintreports.ui.status import READY


def page() -> rx.Component:
    return frame(
        page_head(
            "Audit log",
            "Who did what, to what, and from where. Entries are never changed.",
            rx.cond(Audit.status == READY, _files()),
        ),
        by_status(Audit, ready=_ready(), blank=rx.fragment(), waiting=loading(skeleton(height="320px"))),
        page="/audit",
    )


def _files() -> rx.Component:
    return rx.el.div(
        server_link("Download CSV", href=Audit.csv, class_name="button", custom_attrs={"download": ""}),
        server_link(
            "Download JSON", href=Audit.json_file, class_name="button", custom_attrs={"download": ""}
        ),
        class_name="row",
    )


def _ready() -> rx.Component:
    return rx.el.div(
        _filters(),
        rx.el.section(
            rx.cond(
                Audit.lines.length() > 0,
                rx.fragment(_table(), _onward()),
                rx.el.p(Audit.nothing, class_name="panel-body quiet"),
            ),
            class_name="panel",
            id="entries",
        ),
        rx.el.p(
            Audit.sealed,
            "Each seal rests on the one before it: ",
            rx.el.code("sprintreports audit verify"),
            " finds an entry that was changed, removed or inserted.",
            class_name="fine",
        ),
        class_name="stack",
    )


def _filters() -> rx.Component:
    return rx.el.form(
        _field("From", "since", kind="date"),
        _field("Until", "until", kind="date"),
        _select(
            "What", "action", [rx.el.option(one.label, value=one.value) for one in action_choices()], "Everything"
        ),
        _field("Who", "actor", hint="Name, address or number"),
        _select(
            "Outcome", "outcome", [rx.el.option(text, value=one.value) for one, (text, _) in OUTCOMES.items()],
            "All outcomes",
        ),
        _field("Kind of thing", "subject_kind", hint="site, user, board …"),
        _field("Its number", "subject_id"),
        _field("From address", "address"),
        _field("Request id", "request_id"),
        rx.el.div(
            rx.el.button("Show", type="submit", class_name="button primary"),
            link("Show everything", to="/audit", class_name="button"),
            class_name="row",
        ),
        on_submit=Audit.ask,
        class_name="panel panel-body audit-filters",
        custom_attrs={"aria-label": "Filters"},
    )  # fmt: skip


def _field(label: str, name: str, *, kind: str = "text", hint: str = "") -> rx.Component:
    return rx.el.label(
        rx.el.span(label, class_name="fine"),
        rx.el.input(
            type=kind,
            name=name,
            default_value=Audit.asked[name],
            key=Audit.asked[name],
            placeholder=hint,
            max_length=120,
        ),
        class_name="stack tight",
    )


def _select(label: str, name: str, options: list[rx.Component], everything: str) -> rx.Component:
    return rx.el.label(
        rx.el.span(label, class_name="fine"),
        rx.el.select(
            rx.el.option(everything, value=""),
            *options,
            name=name,
            default_value=Audit.asked[name],
            key=Audit.asked[name],
        ),
        class_name="stack tight",
    )


def _table() -> rx.Component:
    return rx.el.div(
        rx.el.table(
            rx.el.caption("Entries, newest first", class_name="hidden-text"),
            rx.el.thead(
                rx.el.tr(
                    rx.el.th("When", rx.el.span(" (", Frame.zone, ")", class_name="fine"), scope="col"),
                    rx.el.th("Who", scope="col"),
                    rx.el.th("What", scope="col"),
                    rx.el.th("Outcome", scope="col"),
                    rx.el.th("From", scope="col"),
                )
            ),
            rx.el.tbody(rx.foreach(Audit.lines, _line)),
        ),
        class_name="table-wrap",
        tab_index=0,
        role="region",
        custom_attrs={"aria-label": "Entries"},
    )


def _line(row: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.td(row.when, class_name="quiet num"),
        rx.el.td(row.who),
        rx.el.td(
            row.what,
            rx.cond(row.subject != "", rx.el.span(" ", rx.el.code(row.subject))),
            rx.cond(row.changes != "", rx.el.div(row.changes, class_name="fine wrap-anywhere")),
            class_name="t",
        ),
        rx.el.td(chip(row.outcome, row.tone)),
        rx.el.td(row.address, rx.el.div(rx.el.code(row.request_id), class_name="fine")),
    )


def _onward() -> rx.Component:
    return rx.cond(
        (Audit.newest != "") | (Audit.older != ""),
        rx.el.nav(
            rx.el.span(""),
            rx.el.span(
                rx.cond(Audit.newest != "", link("Newest", to=Audit.newest, class_name="button small")),
                rx.cond(Audit.older != "", link("Older", to=Audit.older, class_name="button small")),
                class_name="row",
            ),
            class_name="pager",
            custom_attrs={"aria-label": "Pages"},
        ),
    )
