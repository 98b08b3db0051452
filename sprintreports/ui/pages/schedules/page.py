"""The ledger of schedules, the panel with one of them, and the form."""

from typing import Any

import reflex as rx

from sprintreports.ui.components.basics import by_status, chip, empty, link, loading, skeleton
from sprintreports.ui.components.live import every
from sprintreports.ui.components.tables import head, pager, search_box
from sprintreports.ui.layout import frame, page_head
from sprintreports.ui.pages.schedules.form import editor, new_button
from sprintreports.ui.pages.schedules.panel import panel
from sprintreports.ui.pages.schedules.rows import SCHEDULES
from sprintreports.ui.pages.schedules.state import Schedules
from sprintreports.ui.planning.parts import complaint, scrolling

_HEADS = (("name", "Schedule", ""), ("next_at", "When", ""))


def page() -> rx.Component:
    return frame(
        page_head(
            "Schedules",
            "What is sent and kept by itself. Each runs as the person whose it is, with what they may do at that time.",
            link("Deliveries", to="/deliveries", class_name="button"),
            new_button(),
        ),
        by_status(
            Schedules,
            ready=_ready(),
            blank=_blank(),
            waiting=loading(skeleton(height="40px", width="320px"), skeleton(height="260px")),
        ),
        editor(),
        page=SCHEDULES,
    )


def _ready() -> rx.Component:
    return rx.el.div(
        rx.cond(Schedules.moving, every(seconds=3, on_tick=Schedules.tick)),
        rx.cond(Schedules.opened == "", complaint(Schedules.complaint)),
        _filters(),
        rx.cond(Schedules.lines.length() > 0, _ledger(), _nothing()),
        panel(),
        class_name="stack",
    )


def _filters() -> rx.Component:
    return rx.el.div(
        search_box("Search schedules", value=Schedules.search, on_search=Schedules.find),
        rx.el.select(
            rx.el.option("Running and paused", value=""),
            rx.el.option("Running", value="running"),
            rx.el.option("Paused", value="paused"),
            name="state",
            value=Schedules.state,
            on_change=Schedules.pick_state,
            custom_attrs={"aria-label": "State"},
        ),
        rx.cond(
            Schedules.sees_all,
            rx.el.span("Everybody's schedules.", class_name="quiet"),
            rx.el.span("Your own schedules.", class_name="quiet"),
        ),
        class_name="row report-filters",
    )


def _ledger() -> rx.Component:
    return rx.el.section(
        scrolling(
            rx.el.table(
                rx.el.caption("Schedules", class_name="hidden-text"),
                _heads(),
                rx.el.tbody(rx.foreach(Schedules.lines, _line)),
                class_name="library",
            ),
            label="Schedules",
        ),
        pager(Schedules.pager),
        class_name="panel",
        id="schedules",
    )


def _heads() -> rx.Component:
    sortable = head(_HEADS, sort=Schedules.sort, descending=Schedules.descending, links=Schedules.sort_links)
    row = sortable.children[0]
    row.children += [rx.el.th("To", scope="col"), rx.el.th("Last run", scope="col")]
    return sortable


def _line(one: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.th(
            link(one.name, to=one.link, prevent_scroll_reset=True),
            rx.el.div(one.what, class_name="fine"),
            rx.cond(one.own, rx.fragment(), rx.el.div("As " + one.owner, class_name="fine")),
            scope="row",
        ),
        rx.el.td(
            one.when,
            rx.cond(one.next != "", rx.el.div("Next: " + one.next, class_name="fine")),
            rx.cond(
                one.paused != "",
                rx.fragment(
                    rx.el.div(chip("Paused", "warn")), rx.el.div(one.paused, class_name="fine wrap-anywhere")
                ),
            ),
            class_name="t",
        ),
        rx.el.td(rx.cond(one.where != "", one.where, "—"), class_name="t wrap-anywhere"),
        rx.el.td(
            chip(one.outcome, one.tone),
            rx.cond(one.ran != "", rx.el.div(one.ran, class_name="fine")),
            rx.cond(one.told != "", rx.el.div(one.told, class_name="fine wrap-anywhere")),
            class_name="t",
        ),
        key=one.id,
    )


def _nothing() -> rx.Component:
    return rx.cond(
        Schedules.filtered,
        empty(
            "No schedule is like this",
            rx.el.p("Take a filter away to see more."),
            link("Show all schedules", to=SCHEDULES, class_name="button"),
            icon="search-x",
        ),
        _blank(),
    )


def _blank() -> rx.Component:
    return empty(
        "Nothing is done by itself yet",
        rx.el.p(
            "Have a report sent each Monday, a review at each close, or a baseline taken before the end."
        ),
        new_button("Make the first schedule"),
        icon="calendar-clock",
    )
