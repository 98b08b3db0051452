"""A version as it was kept, to look at: a table of the teams, then each team's order with its legend."""

from typing import Any

import reflex as rx

from sprintreports.planning.queue.values import Scheduling
from sprintreports.planning.queues.exports.words import LEGEND, SCHEDULING
from sprintreports.ui.components.basics import chip, outside
from sprintreports.ui.pages.planner.versions_state import VersionsPanel
from sprintreports.ui.planning import plans
from sprintreports.ui.planning.parts import heads, scrolling

_TEAM_HEADS = (
    ("Team", ""), ("Issues", "n"), ("Stakeholders", "n"), ("Load", "n"), ("Capacity", "n"), ("Used", "n"),
    ("Fairness", "n"), ("Longest wait", "n"), ("Below", "n"), ("Share of issues", "n"),
)  # fmt: skip
_ISSUE_HEADS = (
    ("Issue", ""), ("Position", "n"), ("In all", "n"), ("Stakeholder", ""), ("Assignee", ""), ("Type", ""), ("Priority", ""),
    ("Scheduling", ""), ("Load", "n"), ("Running", "n"), ("Expected", ""), ("Why", ""),
)  # fmt: skip


def looked() -> rx.Component:
    """The predecessor's document: a table of the teams, then each team's order with its legend."""
    return rx.el.div(
        rx.el.div(
            rx.el.button("← All versions", type="button", class_name="button", on_click=VersionsPanel.leave),
            rx.cond(
                VersionsPanel.may,
                rx.el.button(
                    "Begin a new queue from it",
                    type="button",
                    class_name="button",
                    on_click=VersionsPanel.begin_from(VersionsPanel.looked),
                ),
            ),
            class_name="row",
        ),
        rx.el.section(
            rx.el.header(
                rx.el.div(
                    rx.el.h2(VersionsPanel.looked_title),
                    rx.el.p(VersionsPanel.looked_told, class_name="reading"),
                    rx.cond(
                        VersionsPanel.looked_note != "",
                        rx.el.p("Note: ", VersionsPanel.looked_note, class_name="reading"),
                    ),
                    class_name="grow",
                ),
                class_name="panel-head",
            ),
            scrolling(
                rx.el.table(
                    rx.el.caption("Teams of this version", class_name="hidden-text"),
                    heads(*_TEAM_HEADS),
                    rx.el.tbody(rx.foreach(VersionsPanel.teams, _team)),
                ),
                label="Teams of this version",
            ),
            class_name="panel",
            id="version-teams",
        ),
        _order(),
        class_name="stack",
    )


def _team(line: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.th(
            rx.el.button(
                line.name,
                type="button",
                class_name="look",
                on_click=VersionsPanel.pick_team(line.id),
                custom_attrs={"aria-current": rx.cond(line.chosen, "true", "false")},
            ),
            scope="row",
        ),
        rx.el.td(line.issues, class_name="n"),
        rx.el.td(line.stakeholders, class_name="n"),
        rx.el.td(line.load, class_name="n"),
        rx.el.td(line.capacity, class_name="n"),
        rx.el.td(line.used, class_name="n"),
        rx.el.td(line.fairness, class_name="n"),
        rx.el.td(line.wait, class_name="n"),
        rx.el.td(line.below, class_name="n"),
        rx.el.td(line.share, class_name="n"),
        key=line.id,
    )


def _order() -> rx.Component:
    return rx.cond(
        VersionsPanel.team != "",
        rx.el.section(
            rx.el.header(
                rx.el.div(
                    rx.el.h2(
                        rx.cond(VersionsPanel.rounds, "Rounds of ", "Order of "), VersionsPanel.team_name
                    ),
                    rx.cond(
                        VersionsPanel.rounds,
                        rx.el.p(
                            "In each round every stakeholder with something that fits has one turn.",
                            class_name="reading",
                        ),
                    ),
                    class_name="grow",
                ),
                class_name="panel-head",
            ),
            _legend(),
            rx.cond(
                VersionsPanel.groups.length() > 0,
                scrolling(
                    rx.el.table(
                        rx.el.caption("Issues of ", VersionsPanel.team_name, class_name="hidden-text"),
                        heads(*_ISSUE_HEADS),
                        rx.foreach(VersionsPanel.groups, _group),
                        class_name="rounds",
                    ),
                    label="Issues of " + VersionsPanel.team_name,
                ),
                rx.el.p("This team has no issues in this version.", class_name="panel-body quiet"),
            ),
            _pages(),
            class_name="panel",
            id="version-order",
        ),
    )


def _legend() -> rx.Component:
    return rx.el.ul(
        *[
            rx.el.li(
                chip(SCHEDULING[kind], plans.TONES[kind]), rx.el.span(LEGEND[kind], class_name="fine"), class_name="row"
            )
            for kind in Scheduling
        ],
        class_name="panel-body legend",
        custom_attrs={"aria-label": "How issues can be scheduled"},
    )  # fmt: skip


def _group(group: Any) -> rx.Component:
    return rx.el.tbody(
        rx.el.tr(
            rx.el.th(
                group.title,
                rx.cond(group.note != "", rx.el.span(" ", group.note, class_name="fine")),
                scope="rowgroup",
                col_span=len(_ISSUE_HEADS),
            ),
            class_name="round",
        ),
        rx.foreach(group.lines, _issue),
        key=group.title,
    )


def _issue(line: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.th(
            rx.cond(line.url != "", outside(line.key, href=line.url), line.key),
            rx.el.div(line.summary, class_name="fine wrap"),
            scope="row",
        ),
        rx.el.td(line.position, class_name="n"),
        rx.el.td(line.place, class_name="n"),
        rx.el.td(line.stakeholder),
        rx.el.td(line.assignee),
        rx.el.td(line.type),
        rx.el.td(line.priority),
        rx.el.td(chip(line.scheduling, line.tone)),
        rx.el.td(line.load, class_name="n"),
        rx.el.td(line.running, class_name="n"),
        rx.el.td(line.when, class_name="when"),
        rx.el.td(line.why, class_name="t"),
        key=line.key,
    )


def _pages() -> rx.Component:
    return rx.cond(
        VersionsPanel.page_text != "",
        rx.el.nav(
            rx.el.span(VersionsPanel.page_text),
            rx.el.span(
                rx.cond(VersionsPanel.earlier > 0, _turn("Previous", VersionsPanel.earlier)),
                rx.cond(VersionsPanel.later > 0, _turn("Next", VersionsPanel.later)),
                class_name="row",
            ),
            class_name="pager",
            custom_attrs={"aria-label": "Pages"},
        ),
    )


def _turn(text: str, page: Any) -> rx.Component:
    return rx.el.button(text, type="button", class_name="button small", on_click=VersionsPanel.turn(page))
