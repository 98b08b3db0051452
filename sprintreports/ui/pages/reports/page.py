"""The ledger of the library, and the form of a new report."""

from typing import Any

import reflex as rx

from sprintreports.ui.components.basics import by_status, chip, empty, link, loading, skeleton
from sprintreports.ui.components.tables import head, pager, search_box
from sprintreports.ui.layout import frame, page_head
from sprintreports.ui.pages.reports.form import new_report, new_report_button
from sprintreports.ui.pages.reports.state import Reports
from sprintreports.ui.planning.parts import scrolling
from sprintreports.ui.reporting.states import KINDS, TEMPLATES

_HEADS = (
    ("name", "Report", ""),
    ("kind", "Kind", ""),
    ("owner", "Owner", ""),
    ("updated_at", "Last change", ""),
)


def page() -> rx.Component:
    return frame(
        page_head(
            "Reports",
            "What you look at again and again, share and send: each says what it is about, and reads its numbers when it is opened.",
            link("Templates", to=TEMPLATES, class_name="button"),
            link("Baselines", to="/baselines", class_name="button"),
            new_report_button(),
        ),
        by_status(
            Reports,
            ready=_ready(),
            blank=_blank(),
            waiting=loading(skeleton(height="40px", width="320px"), skeleton(height="260px")),
        ),
        new_report(),
        page="/reports",
    )


def _ready() -> rx.Component:
    return rx.el.div(
        _filters(),
        rx.cond(Reports.tags.length() > 0, _tags()),
        rx.cond(Reports.lines.length() > 0, _ledger(), _nothing()),
        class_name="stack",
    )


def _filters() -> rx.Component:
    return rx.el.div(
        search_box("Search reports", value=Reports.search, on_search=Reports.find),
        _select(
            "Kind",
            rx.fragment(
                rx.el.option("Every kind", value=""),
                *[rx.el.option(words[0], value=kind.value) for kind, words in KINDS.items()],
            ),
            value=Reports.kind,
            on_change=Reports.pick_kind,
        ),
        _select(
            "Board",
            rx.fragment(
                rx.el.option("Every board", value=""),
                rx.foreach(Reports.boards, lambda one: rx.el.option(one.label, value=one.value)),
            ),
            value=Reports.of_board,
            on_change=Reports.pick_board,
        ),
        _select(
            "Whose",
            rx.fragment(
                rx.el.option("For all and mine", value=""),
                rx.el.option("For all", value="all"),
                rx.el.option("Mine alone", value="mine"),
            ),
            value=Reports.whose,
            on_change=Reports.pick_whose,
        ),
        class_name="row report-filters",
    )


def _select(label: str, options: rx.Component, *, value: Any, on_change: Any) -> rx.Component:
    return rx.el.select(
        options, name=label.lower(), value=value, on_change=on_change, custom_attrs={"aria-label": label}
    )


def _tags() -> rx.Component:
    return rx.el.nav(
        rx.foreach(
            Reports.tags,
            lambda one: link(
                chip(one.tag, rx.cond(one.chosen, "info", "")),
                to=one.link,
                custom_attrs={"aria-current": rx.cond(one.chosen, "true", "false")},
            ),
        ),
        class_name="tags",
        custom_attrs={"aria-label": "Tags"},
    )


def _ledger() -> rx.Component:
    return rx.el.section(
        scrolling(
            rx.el.table(
                rx.el.caption("Reports", class_name="hidden-text"),
                head(_HEADS, sort=Reports.sort, descending=Reports.descending, links=Reports.sort_links),
                rx.el.tbody(rx.foreach(Reports.lines, _line)),
                class_name="library",
            ),
            label="Reports",
        ),
        pager(Reports.pager),
        class_name="panel",
        id="reports",
    )


def _line(one: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.th(
            link(one.name, to=one.link),
            rx.cond(
                Reports.tags_of[one.id].length() > 0,
                rx.el.div(rx.foreach(Reports.tags_of[one.id], _tag), class_name="tags"),
            ),
            scope="row",
        ),
        rx.el.td(one.kind, rx.el.div(one.boards, class_name="fine")),
        rx.el.td(one.owner, rx.el.div(one.shared, class_name="fine")),
        rx.el.td(one.changed, class_name="num"),
        key=one.id,
    )


def _tag(tag: Any) -> rx.Component:
    return chip(tag)


def _nothing() -> rx.Component:
    return empty(
        "No report is like this",
        rx.el.p("Take a filter away to see more."),
        link("Show all reports", to="/reports", class_name="button"),
        icon="search-x",
    )


def _blank() -> rx.Component:
    return empty(
        "No report in the library yet",
        rx.el.p(
            "Make one of a sprint as it is now, of a baseline, of two states compared, or of several sprints."
        ),
        new_report_button("Make the first one"),
        icon="file-text",
    )
