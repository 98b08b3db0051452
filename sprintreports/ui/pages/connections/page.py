"""The list of connections, one of them in a panel, and the form."""

from typing import Any

import reflex as rx

from sprintreports.ui.components.basics import by_status, chip, empty, link, loading, skeleton
from sprintreports.ui.components.tables import pager
from sprintreports.ui.layout import frame, page_head
from sprintreports.ui.pages.connections.form import ConnectionEditor, editor, new_button
from sprintreports.ui.pages.connections.state import Connections
from sprintreports.ui.planning.parts import asked_first, complaint, scrolling, side_panel
from sprintreports.ui.reporting.sending import CONNECTIONS

_HEADS = ("Connection", "Service", "State", "Last delivery")


def page() -> rx.Component:
    return frame(
        page_head(
            "Connections",
            "Services that reports are sent to. A secret goes in, is stored encrypted, and never comes out.",
            link("Deliveries", to="/deliveries", class_name="button"),
            rx.cond(Connections.may_change, new_button()),
        ),
        by_status(Connections, ready=_ready(), blank=_blank(), waiting=loading(skeleton(height="260px"))),
        rx.cond(Connections.may_change, editor()),
        page=CONNECTIONS,
    )


def _ready() -> rx.Component:
    return rx.el.div(
        rx.cond(Connections.opened == "", complaint(Connections.complaint)),
        rx.cond(Connections.lines.length() > 0, _list()),
        _panel(),
        class_name="stack",
    )


def _list() -> rx.Component:
    return rx.el.section(
        scrolling(
            rx.el.table(
                rx.el.caption("Connections", class_name="hidden-text"),
                rx.el.thead(rx.el.tr(*[rx.el.th(text, scope="col") for text in _HEADS])),
                rx.el.tbody(rx.foreach(Connections.lines, _line)),
                class_name="library",
            ),
            label="Connections",
        ),
        pager(Connections.pager),
        class_name="panel",
        id="connections",
    )


def _line(one: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.th(link(one.name, to=one.link, prevent_scroll_reset=True), scope="row"),
        rx.el.td(one.kind, rx.el.div(one.place, class_name="fine wrap-anywhere"), class_name="t"),
        rx.el.td(chip(one.state, one.tone), rx.el.div(one.told, class_name="fine"), class_name="t"),
        rx.el.td(one.delivered, class_name="num"),
        key=one.id,
    )


def _panel() -> rx.Component:
    one = Connections.one
    return side_panel(
        one.name,
        one.kind,
        complaint(Connections.complaint),
        rx.el.div(
            rx.el.div(chip(one.state, one.tone)), rx.el.p(one.told), class_name="stack tight", role="status"
        ),
        rx.el.dl(
            rx.cond(one.place != "", _fact("Where", one.place)),
            rx.cond(one.account != "", _fact("Account", one.account)),
            _fact("Secret", one.secret),
            _fact("Last test", one.tested),
            _fact("Last good delivery", one.delivered),
            class_name="stack tight",
        ),
        rx.cond(Connections.may_change, _actions()),
        rx.el.p(link("What was sent by it", to=one.deliveries)),
        # The form is a panel of its own, and comes in place of this one.
        is_open=(Connections.opened != "") & ~ConnectionEditor.is_open,
        on_close=Connections.close,
        label="Connection " + one.name,
    )


def _fact(name: str, value: Any) -> rx.Component:
    return rx.el.div(rx.el.dt(name, class_name="fine"), rx.el.dd(value, class_name="wrap-anywhere"))


def _actions() -> rx.Component:
    return rx.el.div(
        rx.el.button("Test", type="button", class_name="button primary", on_click=Connections.test),
        rx.el.button(
            "Change", type="button", class_name="button", on_click=ConnectionEditor.edit(Connections.opened)
        ),
        asked_first(
            "delete-connection",
            "Delete",
            "Delete this connection?",
            "Its secret is deleted at once, and what waits for it is not sent. What was delivered stays in the list of deliveries.",
            yes="Delete the connection",
            on_yes=Connections.delete,
        ),
        class_name="row",
    )


def _blank() -> rx.Component:
    return empty(
        "No connection yet",
        rx.el.p("Set one up for Confluence, Slack, Microsoft Teams or a mail server, and reports can be sent there."),
        rx.cond(Connections.may_change, new_button("Set the first one up")),
        icon="share-2",
    )  # fmt: skip
