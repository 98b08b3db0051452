"""The ledger of deliveries, and the panel with one of them."""

from typing import Any

import reflex as rx

from sprintreports.ui.components.basics import by_status, chip, empty, link, loading, outside, skeleton
from sprintreports.ui.components.live import every
from sprintreports.ui.components.tables import pager
from sprintreports.ui.frame_state import Frame
from sprintreports.ui.layout import frame, page_head
from sprintreports.ui.pages.deliveries.state import Deliveries
from sprintreports.ui.planning.parts import complaint, scrolling, side_panel
from sprintreports.ui.reporting.sending import DELIVERIES, STATES

_HEADS = ("Report", "State", "To", "Asked for")


def page() -> rx.Component:
    return frame(
        page_head(
            "Deliveries",
            "Reports that were sent to Confluence, Slack, Microsoft Teams or by mail, and where each has come to. Kept for 180 days.",
            rx.cond(Frame.is_admin, link("Connections", to="/connections", class_name="button")),
        ),
        by_status(
            Deliveries,
            ready=_ready(),
            blank=_blank(),
            waiting=loading(skeleton(height="40px", width="320px"), skeleton(height="260px")),
        ),
        page=DELIVERIES,
    )


def _ready() -> rx.Component:
    return rx.el.div(
        rx.cond(Deliveries.moving, every(seconds=3, on_tick=Deliveries.tick)),
        rx.cond(Deliveries.opened == "", complaint(Deliveries.complaint)),
        _filters(),
        rx.cond(Deliveries.lines.length() > 0, _ledger(), _nothing()),
        _panel(),
        class_name="stack",
    )


def _filters() -> rx.Component:
    return rx.el.div(
        rx.el.select(
            rx.el.option("Every state", value=""),
            *[rx.el.option(words[0], value=state.value) for state, words in STATES.items()],
            name="state",
            value=Deliveries.state,
            on_change=Deliveries.pick_state,
            custom_attrs={"aria-label": "State"},
        ),
        rx.el.select(
            rx.el.option("Every connection", value=""),
            rx.foreach(Deliveries.connections, lambda one: rx.el.option(one.label, value=one.value)),
            name="connection",
            value=Deliveries.connection,
            on_change=Deliveries.pick_connection,
            custom_attrs={"aria-label": "Connection"},
        ),
        rx.cond(
            Deliveries.sees_all,
            rx.el.span("Everybody's deliveries.", class_name="quiet"),
            rx.el.span("Your own deliveries.", class_name="quiet"),
        ),
        class_name="row report-filters",
    )


def _ledger() -> rx.Component:
    return rx.el.section(
        scrolling(
            rx.el.table(
                rx.el.caption("Deliveries, newest first", class_name="hidden-text"),
                rx.el.thead(rx.el.tr(*[rx.el.th(text, scope="col") for text in _HEADS])),
                rx.el.tbody(rx.foreach(Deliveries.lines, _line)),
                class_name="library",
            ),
            label="Deliveries",
        ),
        pager(Deliveries.pager),
        class_name="panel",
        id="deliveries",
    )


def _line(one: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.th(link(one.title, to=one.link, prevent_scroll_reset=True), scope="row"),
        rx.el.td(
            chip(one.state, one.tone),
            rx.cond(one.sentence != "", rx.el.div(one.sentence, class_name="fine")),
            class_name="t",
        ),
        rx.el.td(
            one.connection,
            rx.el.div(one.service, rx.cond(one.place != "", ": " + one.place, ""), class_name="fine wrap-anywhere"),
            class_name="t",
        ),
        rx.el.td(one.when, rx.el.div(one.by, class_name="fine"), class_name="num"),
        key=one.id,
    )  # fmt: skip


def _panel() -> rx.Component:
    one = Deliveries.one
    return side_panel(
        one.title,
        one.service + ", asked for by " + one.by,
        complaint(Deliveries.complaint),
        rx.el.div(
            rx.el.div(chip(one.state, one.tone)),
            rx.cond(one.sentence != "", rx.el.p(one.sentence)),
            rx.cond(one.next != "", rx.el.p(one.next, class_name="fine")),
            class_name="stack tight",
            role="status",
        ),
        rx.el.dl(
            _fact("Connection", one.connection),
            rx.cond(one.place != "", _fact("To", one.place)),
            rx.cond(one.files != "", _fact("Attached", one.files)),
            _fact("Asked for", one.when),
            class_name="stack tight",
        ),
        rx.el.div(
            rx.cond(one.url != "", outside("See it there", href=one.url, class_name="button")),
            rx.cond(one.report != "", link("The report", to=one.report, class_name="button")),
            class_name="row",
        ),
        rx.foreach(Deliveries.ways, _way),
        rx.el.section(
            rx.el.h3("Tries"),
            rx.cond(
                Deliveries.tries.length() > 0,
                rx.el.ol(rx.foreach(Deliveries.tries, _try), class_name="stack plain"),
                rx.el.p("None yet: it is in line.", class_name="quiet"),
            ),
            class_name="stack tight",
        ),
        is_open=Deliveries.opened != "",
        on_close=Deliveries.close,
        label="Delivery of " + one.title,
    )


def _fact(name: str, value: Any) -> rx.Component:
    return rx.el.div(rx.el.dt(name, class_name="fine"), rx.el.dd(value, class_name="wrap-anywhere"))


def _way(one: Any) -> rx.Component:
    return rx.el.div(
        rx.el.button(
            one.label, type="button", class_name="button", on_click=Deliveries.again(one.choice)
        ),
        rx.el.p(one.told, class_name="fine"),
        class_name="stack tight",
        key=one.label,
    )  # fmt: skip


def _try(one: Any) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            chip(one.outcome, one.tone),
            rx.el.span(one.when, class_name="num"),
            rx.cond(one.took != "", rx.el.span("took " + one.took, class_name="fine")),
            class_name="row",
        ),
        rx.cond(one.sentence != "", rx.el.p(one.sentence, class_name="wrap-anywhere")),
        key=one.number,
    )


def _nothing() -> rx.Component:
    return empty(
        "No delivery is like this",
        rx.el.p("Take a filter away to see more."),
        link("Show all deliveries", to=DELIVERIES, class_name="button"),
        icon="search-x",
    )


def _blank() -> rx.Component:
    return empty(
        "Nothing has been sent yet",
        rx.el.p("Open a report and choose “Publish”: it goes to Confluence, Slack, Microsoft Teams or by mail."),
        link("Reports", to="/reports", class_name="button primary"),
        icon="send",
    )  # fmt: skip
