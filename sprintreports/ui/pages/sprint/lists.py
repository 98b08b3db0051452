"""The lists of the sprint page: scope changes, breakdowns, issues."""

from typing import Any

import reflex as rx

from sprintreports.ui.components.basics import chip, outside, segments
from sprintreports.ui.components.figures import chart_card
from sprintreports.ui.components.tables import head, pager, search_box
from sprintreports.ui.frame_state import Frame
from sprintreports.ui.pages.sprint.drill import Drill
from sprintreports.ui.pages.sprint.rows import DIMENSIONS
from sprintreports.ui.pages.sprint.state import Sprint

_ISSUE_COLUMNS = (
    ("key", "Issue", ""),
    ("summary", "Summary", ""),
    ("status", "Status", ""),
    ("type", "Type", ""),
    ("team", "Team", ""),
    ("assignee", "Assignee", ""),
    ("initial", "Initial", "n"),
    ("final", "Final", "n"),
    ("outcome", "Outcome", ""),
)


def scope_changes() -> rx.Component:
    return rx.el.section(
        rx.el.header(
            rx.el.div(
                rx.el.h2("Scope changes"),
                rx.el.p(Sprint.changes_reading, class_name="reading"),
                class_name="grow",
            ),
            class_name="panel-head",
        ),
        rx.cond(
            Sprint.changes.length() > 0,
            rx.fragment(
                rx.el.div(
                    rx.el.table(
                        rx.el.caption("Scope changes", class_name="hidden-text"),
                        rx.el.thead(
                            rx.el.tr(
                                rx.el.th(
                                    "When", rx.el.span(" (", Frame.zone, ")", class_name="fine"), scope="col"
                                ),
                                rx.el.th("Issue", scope="col"),
                                rx.el.th("What happened", scope="col"),
                                rx.el.th("Change", scope="col", class_name="n"),
                            )
                        ),
                        rx.el.tbody(rx.foreach(Sprint.changes, _change)),
                    ),
                    class_name="table-wrap changes",
                ),
                pager(Sprint.changes_pager),
            ),
            rx.el.p(Sprint.no_changes, class_name="panel-body quiet"),
        ),
        class_name="panel",
    )


def _change(row: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.td(row.when, class_name="quiet num"),
        rx.el.td(
            outside(row.key, href=row.url, class_name="key"),
            rx.el.div(row.summary, class_name="fine"),
            rx.el.div(row.when, class_name="fine narrow-only"),
            class_name="t",
        ),
        rx.el.td(row.what),
        rx.el.td(row.change, class_name="n delta " + row.tone),
    )


def breakdowns() -> rx.Component:
    choice = segments(
        DIMENSIONS, chosen=Sprint.dimension, links=Sprint.dimension_links, label="Break down by"
    )
    return chart_card(
        "breakdown", Sprint.breakdown, controls=choice, on_row=Drill.show, on_point=Drill.show_bar
    )


def issues() -> rx.Component:
    return rx.el.section(
        rx.el.header(
            rx.el.div(
                rx.el.h2("Issues"), rx.el.p(Sprint.issues_reading, class_name="reading"), class_name="grow"
            ),
            search_box("Search issues", value=Sprint.search, on_search=Sprint.find),
            class_name="panel-head",
        ),
        rx.el.div(
            rx.el.table(
                rx.el.caption("Issues of the sprint", class_name="hidden-text"),
                head(_ISSUE_COLUMNS, sort=Sprint.sort, descending=Sprint.descending, links=Sprint.sort_links),
                rx.el.tbody(rx.foreach(Sprint.issues, _issue)),
            ),
            class_name="table-wrap",
        ),
        rx.cond(Sprint.issues.length() == 0, rx.el.p(Sprint.no_issues, class_name="panel-body quiet")),
        pager(Sprint.issues_pager),
        class_name="panel",
        id="issues",
    )


def _issue(row: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.td(outside(row.key, href=row.url, class_name="key"), class_name="k"),
        rx.el.td(row.summary, class_name="t"),
        rx.el.td(row.status),
        rx.el.td(row.type),
        rx.el.td(row.team),
        rx.el.td(row.assignee),
        rx.el.td(row.initial, class_name="n"),
        rx.el.td(row.final, class_name="n"),
        rx.el.td(chip(row.outcome, row.tone)),
    )
