"""What one was told, and where one acts on it."""

from typing import Any

import reflex as rx

from sprintreports.ui.components.basics import by_status, chip, empty, link, loading, segments, skeleton
from sprintreports.ui.components.live import ago
from sprintreports.ui.components.tables import pager
from sprintreports.ui.layout import frame, page_head
from sprintreports.ui.pages.notices.state import SHOWN, Notices


def page() -> rx.Component:
    return frame(
        page_head(
            "Notices",
            rx.fragment(
                "What you were told, for 90 days. ",
                link("Choose what you are told", to="/profile?tab=notices"),
            ),
            segments(SHOWN, chosen=Notices.shown, links=Notices.shown_links, label="Which notices"),
            rx.cond(
                Notices.any_unread,
                rx.el.button(
                    "Mark all as read", type="button", class_name="button", on_click=Notices.read_all
                ),
            ),
        ),
        by_status(Notices, ready=_list(), blank=_blank(), waiting=loading(skeleton(height="260px"))),
        page="/notices",
    )


def _list() -> rx.Component:
    return rx.el.section(
        rx.cond(
            Notices.lines.length() > 0,
            rx.el.ul(rx.foreach(Notices.lines, _line), class_name="told", id="notices"),
            rx.el.p("Nothing is unread.", class_name="panel-body"),
        ),
        pager(Notices.pager),
        class_name="panel",
        custom_attrs={"aria-label": "Notices"},
    )


def _line(line: Any) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.p(
                rx.el.strong(line.title),
                rx.cond(line.unread, chip("Unread", "info")),
                class_name="row",
            ),
            rx.el.p(line.text, class_name="reading"),
            rx.el.p(ago(iso=line.made, prefix="", exact=line.made_exact), class_name="fine"),
            class_name="grow stack tight",
        ),
        rx.el.div(
            link(line.action, to=line.page, class_name="button small"),
            rx.cond(
                line.unread,
                rx.el.button(
                    "Mark as read",
                    rx.el.span(": ", line.title, class_name="hidden-text"),
                    type="button",
                    class_name="button small",
                    on_click=Notices.read(line.id),
                ),
            ),
            class_name="row",
        ),
        custom_attrs={"data-unread": rx.cond(line.unread, "true", "false")},
    )


def _blank() -> rx.Component:
    return empty(
        "You have no notices",
        rx.el.p(
            "You are told here when something concerns your account, such as a sign-in from a new device, and what you "
            "look after."
        ),
        link("Choose what you are told", to="/profile?tab=notices", class_name="button"),
        icon="bell",
    )
