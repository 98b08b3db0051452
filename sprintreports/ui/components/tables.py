"""Sortable heads, pagers and the search box: all of them change the address, nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import reflex as rx

from sprintreports.kit.paging import Page
from sprintreports.ui.components.basics import link
from sprintreports.ui.links import address
from sprintreports.ui.numbers import whole


@dataclass
class Pager:
    """Which rows are shown, and where the neighbouring pages are; an empty address means there is none."""

    text: str = ""
    previous: str = ""
    next: str = ""


def pager_of(page: Page[Any], *, path: str, parameters: dict[str, str], name: str, noun: str) -> Pager:
    """The pager of a page of a list, whose number lives in the address as `name` (`ui/paged.py` keeps it within the list)."""
    first = page.offset + 1
    last = page.offset + len(page.items)
    text = f"{whole(first)}–{whole(last)} of {whole(page.total)} {noun}" if page.items else f"No {noun} here"
    if page.pages == 1:
        return Pager(text=f"{whole(page.total)} {noun}")
    before = address(path, parameters, **{name: page.page - 1}) if page.page > 1 else ""
    after = address(path, parameters, **{name: page.page + 1}) if page.page < page.pages else ""
    return Pager(text, before, after)


def pager(value: Any) -> rx.Component:
    return rx.cond(
        (value.previous != "") | (value.next != ""),
        rx.el.nav(
            rx.el.span(value.text),
            rx.el.span(
                rx.cond(value.previous != "", _step("Previous", value.previous)),
                rx.cond(value.next != "", _step("Next", value.next)),
                class_name="row",
            ),
            class_name="pager",
            custom_attrs={"aria-label": "Pages"},
        ),
    )


def _step(text: str, to: Any) -> rx.Component:
    return link(text, to=to, class_name="button small", prevent_scroll_reset=True)


def head(columns: Sequence[tuple[str, str, str]], *, sort: Any, descending: Any, links: Any) -> rx.Component:
    """Column heads that sort by following a link. `columns`: name in the address, text, CSS class."""
    return rx.el.thead(
        rx.el.tr(
            *[
                rx.el.th(
                    link(text, to=links[name], prevent_scroll_reset=True),
                    scope="col",
                    class_name=kind,
                    custom_attrs={
                        "aria-sort": rx.cond(
                            sort == name, rx.cond(descending, "descending", "ascending"), "none"
                        )
                    },
                )
                for name, text, kind in columns
            ]
        )
    )


def action_head() -> rx.Component:
    """The head of a column of buttons."""
    return rx.el.th(rx.el.span("Action", class_name="hidden-text"), scope="col")


def search_box(label: str, *, value: Any, on_search: Any) -> rx.Component:
    return rx.el.input(
        type="search",
        name="search",
        placeholder=label,
        default_value=value,
        key=value,
        on_change=on_search.debounce(350),
        max_length=200,
        custom_attrs={"aria-label": label},
        style={"maxWidth": "260px"},
    )


def sort_links(
    columns: Sequence[str], *, path: str, parameters: dict[str, str], sort: str, descending: bool
) -> dict[str, str]:
    """Where each column head leads: the same column again turns the order round."""
    return {
        name: address(
            path, parameters, sort=name, order="desc" if name == sort and not descending else None, page=None
        )
        for name in columns
    }
