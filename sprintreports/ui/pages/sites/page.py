"""The Jiras that we are connected to."""

from typing import Any

import reflex as rx

from sprintreports.ui.components.basics import (
    by_status,
    chip,
    empty,
    facts,
    link,
    loading,
    notice,
    outside,
    skeleton,
)
from sprintreports.ui.components.outgoing import outgoing_panel
from sprintreports.ui.layout import frame, page_head
from sprintreports.ui.pages.sites.state import Sites
from sprintreports.ui.status import READY


def page() -> rx.Component:
    return frame(
        page_head(
            "Jira sites",
            "Where the numbers come from. Sprint Reports only reads; it never writes to Jira issues.",
            rx.cond(Sites.status == READY, link("Connect a Jira", to="/setup", class_name="button primary")),
        ),
        rx.el.div(
            by_status(Sites, ready=_list(), blank=_blank(), waiting=loading(skeleton(height="180px"))),
            outgoing_panel(),
            class_name="stack",
        ),
        page="/sites",
    )


def _list() -> rx.Component:
    return rx.el.section(
        rx.foreach(Sites.lines, _site), class_name="grid-2", custom_attrs={"aria-label": "Sites"}
    )


def _site(line: Any) -> rx.Component:
    return rx.el.article(
        rx.el.header(
            rx.el.div(
                rx.el.h2(link(line.name, to=line.link)),
                rx.el.p(outside(line.url, href=line.url), class_name="fine"),
                class_name="grow",
            ),
            chip(line.label, line.tone),
            class_name="panel-head",
        ),
        rx.el.div(
            rx.cond(line.message != "", notice(line.message, tone="warn")),
            facts(
                ("Kind", line.kind),
                ("Synced boards", line.boards),
                ("Issues", line.issues),
                ("Last complete sync", line.synced),
            ),
            class_name="panel-body stack",
        ),
        class_name="panel sprint-card",
    )


def _blank() -> rx.Component:
    return empty(
        "No Jira is connected",
        rx.el.p(
            "Connect one with its address and an account that may see your boards. It takes a few minutes."
        ),
        link("Connect Jira", to="/setup", class_name="button primary"),
        icon="plug-zap",
    )
