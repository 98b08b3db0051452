"""Every sync run: how it went, and what to do about it."""

from typing import Any

import reflex as rx

from sprintreports.ui.components.basics import by_status, chip, empty, link, loading, skeleton
from sprintreports.ui.components.figures import meter
from sprintreports.ui.components.live import every
from sprintreports.ui.components.tables import pager
from sprintreports.ui.layout import frame, page_head
from sprintreports.ui.pages.runs.state import Runs


def page() -> rx.Component:
    return frame(
        page_head("Sync runs", "What was read from Jira, and when."),
        by_status(Runs, ready=_table(), blank=_blank(), waiting=loading(skeleton(height="260px"))),
        page="/runs",
    )


def _table() -> rx.Component:
    heads = ("Started", "Site", "Kind", "State", "Progress", "Took", "")
    return rx.el.section(
        rx.cond(Runs.any_live, every(seconds=2, on_tick=Runs.tick)),
        rx.el.div(
            rx.el.table(
                rx.el.caption("Sync runs, newest first", class_name="hidden-text"),
                rx.el.thead(
                    rx.el.tr(
                        *[
                            rx.el.th(text or rx.el.span("Action", class_name="hidden-text"), scope="col")
                            for text in heads
                        ]
                    )
                ),
                rx.el.tbody(rx.foreach(Runs.lines, _line)),
            ),
            class_name="table-wrap",
        ),
        pager(Runs.pager),
        class_name="panel",
    )


def _line(line: Any) -> rx.Component:
    run = line.run
    return rx.el.tr(
        rx.el.td(run.started, class_name="k"),
        rx.el.td(link(line.site, to=line.link)),
        rx.el.td(run.mode),
        rx.el.td(chip(run.label, run.tone)),
        rx.el.td(
            rx.el.div(run.phase, " ", rx.el.span(run.progress, class_name="quiet num")),
            rx.cond(run.live, meter(run.share, label="Progress of run " + run.id)),
            rx.cond(run.pace != "", rx.el.p(run.pace, class_name="fine")),
            rx.cond(run.error != "", rx.el.p(run.error, " ", rx.el.code(run.request_id), class_name="fine run-error")),
            rx.foreach(run.notes.to(list[str]), lambda note: rx.el.p(note, class_name="fine")),
            class_name="t",
        ),
        rx.el.td(run.took, class_name="k num"),
        rx.el.td(
            rx.cond(
                run.live,
                rx.el.button(
                    "Cancel", type="button", class_name="button small", on_click=Runs.cancel(run.id),
                    custom_attrs={"aria-label": "Cancel run " + run.id},
                ),
            )
        ),
    )  # fmt: skip


def _blank() -> rx.Component:
    return empty(
        "Nothing has been synced yet",
        rx.el.p("Runs appear here with their progress, their errors and the numbers to look those up by."),
        link("To the sites", to="/sites", class_name="button primary"),
        icon="refresh-cw",
    )
