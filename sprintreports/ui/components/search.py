"""The search over everything: a button in the bar, ⌘K or Ctrl-K anywhere, arrow keys through the hits (boot.js)."""

from typing import Any

import reflex as rx

from sprintreports.ui.components.basics import chip, link
from sprintreports.ui.search_state import Search

_ID = "search-all"


def search_button() -> rx.Component:
    return rx.el.button(
        rx.icon("search", size=16),
        rx.el.span("Search", class_name="search-word"),
        rx.el.kbd("⌘K", class_name="search-key mac"),
        rx.el.kbd("Ctrl K", class_name="search-key other"),
        type="button",
        class_name="search-button",
        custom_attrs={
            "popoverTarget": _ID,
            "aria-label": "Search boards, sprints and issues",
            "aria-keyshortcuts": "Meta+K Control+K",
        },
    )


def search_panel() -> rx.Component:
    return rx.el.div(
        rx.el.input(
            type="search",
            name="find",
            placeholder="Board, sprint, or issue key",
            on_change=Search.find.debounce(150),
            auto_complete="off",
            max_length=100,
            custom_attrs={"aria-label": "Board, sprint, or issue key"},
        ),
        rx.el.div(
            rx.foreach(Search.hits, _hit),
            rx.cond(Search.message != "", rx.el.p(Search.message, class_name="quiet")),
            class_name="search-hits",
            role="status",
            custom_attrs={"data-words": Search.words},
        ),
        rx.el.p("Arrow keys move, Enter opens, Esc closes.", class_name="fine search-help"),
        id=_ID,
        class_name="search-panel",
        role="search",
        custom_attrs={"popover": "auto"},
    )


def _hit(hit: Any) -> rx.Component:
    return link(
        rx.el.span(
            rx.el.span(hit.title, class_name="search-title"),
            rx.el.span(hit.sub, class_name="fine"),
            class_name="grow",
        ),
        chip(hit.kind),
        to=hit.link,
        class_name="search-hit",
    )
