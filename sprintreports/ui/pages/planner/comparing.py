"""Two scenarios side by side: figures, fairness, and in words what is in only one of them or moved."""

from typing import Any

import reflex as rx

from sprintreports.ui.components.basics import by_status, empty, loading, outside, skeleton
from sprintreports.ui.pages.planner.comparing_state import ComparePanel
from sprintreports.ui.planning.parts import complaint, field, scrolling


def panel() -> rx.Component:
    return by_status(
        ComparePanel,
        ready=_ready(),
        blank=empty(
            "Nothing to compare yet",
            rx.el.p(
                "Two plans are held against each other as they were kept. Keep a version of this queue and of another one of the "
                "sprint, or two versions of this one, then look here again."
            ),
            icon="columns-2",
        ),
        waiting=loading(skeleton(height="60px"), skeleton(height="240px")),
    )


def _ready() -> rx.Component:
    return rx.el.div(
        complaint(ComparePanel.complaint),
        rx.el.section(
            rx.el.div(
                rx.el.div(
                    field(
                        "First",
                        "compare-first",
                        _plans("compare-first", ComparePanel.first, ComparePanel.choose_first),
                    ),
                    field(
                        "Second",
                        "compare-second",
                        _plans("compare-second", ComparePanel.second, ComparePanel.choose_second),
                    ),
                    class_name="form-grid",
                ),
                rx.el.p(ComparePanel.reading, role="status"),
                class_name="panel-body stack",
            ),
            scrolling(_figures(ComparePanel.figures, "Figures of both plans"), label="Figures of both plans"),
            class_name="panel",
            id="compared",
        ),
        rx.foreach(ComparePanel.teams, _team),
        rx.cond(ComparePanel.alike != "", rx.el.p(ComparePanel.alike, class_name="quiet")),
        class_name="stack",
    )


def _plans(identity: str, value: Any, on_change: Any) -> rx.Component:
    return rx.el.select(
        rx.foreach(ComparePanel.options, lambda one: rx.el.option(one.label, value=one.value)),
        id=identity,
        value=value,
        on_change=on_change,
    )


def _figures(lines: Any, caption: Any) -> rx.Component:
    return rx.el.table(
        rx.el.caption(caption, class_name="hidden-text"),
        rx.el.thead(
            rx.el.tr(
                rx.el.th("Figure", scope="col"),
                rx.el.th("First: ", ComparePanel.first_name, scope="col"),
                rx.el.th("Second: ", ComparePanel.second_name, scope="col"),
            )
        ),
        rx.el.tbody(
            rx.foreach(
                lines,
                lambda one: rx.el.tr(
                    rx.el.th(one.name, scope="row"), rx.el.td(one.first), rx.el.td(one.second)
                ),
            )
        ),
        class_name="pair",
    )


def _team(team: Any) -> rx.Component:
    return rx.el.section(
        rx.el.header(
            rx.el.div(rx.el.h2(team.name), rx.el.p(team.told, class_name="reading"), class_name="grow"),
            class_name="panel-head",
        ),
        scrolling(_figures(team.figures, "Figures of " + team.name), label="Figures of " + team.name),
        rx.foreach(team.kinds, lambda kind: _kind(kind, team)),
        class_name="panel",
        key=team.name,
    )


def _kind(kind: Any, team: Any) -> rx.Component:
    return rx.fragment(
        rx.el.h3(kind.title, class_name="panel-body kind"),
        scrolling(
            rx.el.table(
                rx.el.caption(kind.title, " of ", team.name, class_name="hidden-text"),
                rx.el.thead(
                    rx.el.tr(
                        rx.el.th("Issue", scope="col"),
                        rx.el.th("In the first", scope="col"),
                        rx.el.th("In the second", scope="col"),
                    )
                ),
                rx.el.tbody(rx.foreach(kind.lines, _difference)),
                class_name="pair",
            ),
            label=kind.title + ", " + team.name,
        ),
        rx.cond(kind.more != "", rx.el.p(kind.more, class_name="panel-body fine")),
    )


def _difference(line: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.th(
            rx.cond(line.url != "", outside(line.key, href=line.url), line.key),
            rx.el.div(line.summary, class_name="fine wrap"),
            scope="row",
        ),
        rx.el.td(line.first, class_name="t"),
        rx.el.td(line.second, class_name="t"),
        key=line.key,
    )
