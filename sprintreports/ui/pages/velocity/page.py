"""What a board completes in a sprint, and how reliably."""

from typing import Any

import reflex as rx

from sprintreports.ui.components.basics import by_status, empty, link, loading, notice, segments, skeleton
from sprintreports.ui.components.figures import chart_card, kpi, kpis
from sprintreports.ui.components.live import titled
from sprintreports.ui.components.picker import board_only
from sprintreports.ui.layout import frame, page_head
from sprintreports.ui.pages.velocity.state import FEWEST, MOST, UNITS, VelocityPage


def page() -> rx.Component:
    return frame(
        page_head(
            "Velocity",
            VelocityPage.subtitle,
            _how_many(),
            segments(UNITS, chosen=VelocityPage.unit, links=VelocityPage.unit_links, label="Unit"),
        ),
        by_status(VelocityPage, ready=_ready(), blank=_blank(), waiting=_waiting()),
        page="/velocity",
        refresh=VelocityPage.refresh,
        picker=board_only(),
    )


def _how_many() -> rx.Component:
    return rx.el.label(
        rx.el.span("Last", class_name="quiet"),
        rx.el.select(
            *[rx.el.option(str(number), value=str(number)) for number in range(FEWEST, MOST + 1)],
            name="last",
            value=VelocityPage.last,
            on_change=VelocityPage.pick_last,
            style={"width": "72px"},
        ),
        rx.el.span("sprints", class_name="quiet"),
        class_name="row",
    )


def _ready() -> rx.Component:
    return rx.el.div(
        titled(VelocityPage.name),
        rx.cond(VelocityPage.caution != "", notice(VelocityPage.caution, tone="warn")),
        kpis(
            *[
                kpi(key, VelocityPage.kpis[key], before=VelocityPage.was[key])
                for key in ("velocity", "median", "spread", "limits", "say_do", "churn")
            ]
        ),
        chart_card("velocity", VelocityPage.chart, title="Committed and completed"),
        _sprints(),
        class_name="stack",
    )


def _sprints() -> rx.Component:
    heads = ("Committed", "Completed", "Say/do", "Churn")
    return rx.el.section(
        rx.el.header(rx.el.h2("Sprints"), class_name="panel-head"),
        rx.el.div(
            rx.el.table(
                rx.el.caption("Closed sprints, newest first", class_name="hidden-text"),
                rx.el.thead(
                    rx.el.tr(
                        rx.el.th("Sprint", scope="col"),
                        rx.el.th("Closed", scope="col"),
                        *[rx.el.th(text, scope="col", class_name="n") for text in heads],
                        rx.el.th("Rests on", scope="col"),
                    )
                ),
                rx.el.tbody(rx.foreach(VelocityPage.lines, _line)),
            ),
            class_name="table-wrap",
        ),
        class_name="panel",
    )


def _line(row: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.th(link(row.name, to=row.link), scope="row"),
        rx.el.td(row.closed, class_name="k quiet"),
        rx.el.td(row.committed, class_name="n"),
        rx.el.td(row.completed, class_name="n"),
        rx.el.td(row.say_do, class_name="n"),
        rx.el.td(row.churn, class_name="n"),
        rx.el.td(row.note, class_name="k quiet"),
    )


def _blank() -> rx.Component:
    return empty(
        VelocityPage.blank_title,
        rx.el.p(VelocityPage.blank_text),
        rx.cond(
            VelocityPage.blank_link != "",
            link(VelocityPage.blank_action, to=VelocityPage.blank_link, class_name="button primary"),
        ),
        icon="chart-no-axes-column",
    )


def _waiting() -> rx.Component:
    return loading(skeleton(height="104px"), skeleton(height="390px"), skeleton(height="260px"))
