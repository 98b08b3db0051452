"""One sprint on one board, from the figures down to the issues."""

import reflex as rx

from sprintreports.ui.components.basics import (
    by_status,
    chip,
    empty,
    link,
    loading,
    notice,
    segments,
    skeleton,
)
from sprintreports.ui.components.figures import chart_card, kpi, kpis
from sprintreports.ui.components.live import titled
from sprintreports.ui.components.picker import board_and_sprint
from sprintreports.ui.frame_state import Frame
from sprintreports.ui.layout import frame
from sprintreports.ui.pages.sprint import drill
from sprintreports.ui.pages.sprint.lists import breakdowns, issues, scope_changes
from sprintreports.ui.pages.sprint.state import GUIDELINES, UNITS, Sprint
from sprintreports.ui.planning.parts import queues_link
from sprintreports.ui.reporting.freezing import freeze_panel, sprint_buttons


def page() -> rx.Component:
    return frame(
        by_status(Sprint, ready=_ready(), blank=_blank(), waiting=_waiting()),
        page="/sprint",
        refresh=Sprint.refresh,
        picker=board_and_sprint(),
    )


def _ready() -> rx.Component:
    return rx.el.div(
        titled(Sprint.name),
        _head(),
        rx.cond(Sprint.notes.length() > 0, notice(rx.foreach(Sprint.notes, rx.el.p), tone="warn")),
        kpis(
            kpi("commitment", Sprint.kpis["commitment"], before=Sprint.was["commitment"]),
            kpi("added", Sprint.kpis["added"], before=Sprint.was["added"]),
            kpi("removed", Sprint.kpis["removed"], before=Sprint.was["removed"]),
            kpi("reestimated", Sprint.kpis["reestimated"], before=Sprint.was["reestimated"]),
            kpi("completed", Sprint.kpis["completed"], before=Sprint.was["completed"]),
            rx.cond(
                Sprint.is_closed,
                kpi("carry_over", Sprint.kpis["remaining"], before=Sprint.was["remaining"]),
                kpi(
                    "remaining",
                    Sprint.kpis["remaining"],
                    before=Sprint.was["remaining"],
                    name=rx.cond(Sprint.is_planned, "Planned", "Remaining"),
                ),
            ),
            kpi("say_do", Sprint.kpis["say_do"], before=Sprint.was["say_do"]),
        ),
        rx.cond(
            Sprint.has_course,
            rx.fragment(
                rx.el.div(
                    chart_card("burndown", Sprint.burndown, controls=_guideline()),
                    chart_card("burnup", Sprint.burnup),
                    class_name="grid-2",
                ),
                _forecast(),
            ),
            notice(Sprint.course_missing, tone="info"),
        ),
        rx.el.div(scope_changes(), breakdowns(), class_name="grid-2"),
        issues(),
        drill.panel(),
        rx.cond(Frame.keeps_reports, freeze_panel()),
        class_name="stack wide-gap",
    )


def _head() -> rx.Component:
    return rx.el.header(
        rx.el.div(
            rx.el.div(rx.el.h1(Sprint.name), chip(Sprint.state_label, Sprint.state_tone), class_name="row"),
            rx.el.p(Sprint.period, class_name="sub"),
            rx.cond(Sprint.done != "", rx.el.p(Sprint.done, class_name="sub")),
            rx.cond(
                Sprint.goal != "",
                rx.el.p(rx.el.span("Goal: ", class_name="quiet"), Sprint.goal, class_name="sub"),
            ),
        ),
        rx.el.div(
            rx.cond(
                Sprint.is_closed,
                link("Beside Jira's own report", to=Sprint.reconciliation_link, class_name="button"),
            ),
            rx.cond(
                ~Sprint.is_planned,
                link(
                    rx.cond(Sprint.is_closed, "Review", "Report"), to=Sprint.report_link, class_name="button"
                ),
            ),
            sprint_buttons(),
            queues_link(),
            segments(UNITS, chosen=Sprint.unit, links=Sprint.unit_links, label="Unit"),
            class_name="row",
        ),
        class_name="page-head",
    )


def _guideline() -> rx.Component:
    """What the guideline goes by: the choice, and where teams are asked for, which ones it found."""
    return rx.el.div(
        rx.el.span("Guideline", class_name="quiet"),
        segments(
            GUIDELINES,
            chosen=Sprint.guideline,
            links=Sprint.guideline_links,
            label="What the guideline goes by",
        ),
        rx.cond(Sprint.guideline_note != "", rx.el.p(Sprint.guideline_note, class_name="sub")),
        class_name="row",
    )


def _forecast() -> rx.Component:
    """What was told of the end, with how often that was right; else why nothing could be told."""
    return rx.cond(
        Sprint.forecast_missing == "",
        chart_card(
            "forecast",
            Sprint.forecast,
            controls=rx.cond(Sprint.forecast_hits != "", rx.el.p(Sprint.forecast_hits, class_name="fine")),
        ),
        notice(Sprint.forecast_missing, tone="info"),
    )


def _blank() -> rx.Component:
    return empty(
        Sprint.blank_title,
        rx.el.p(Sprint.blank_text),
        rx.cond(
            Sprint.blank_link != "",
            link(Sprint.blank_action, to=Sprint.blank_link, class_name="button primary"),
        ),
        icon="calendar-off",
    )


def _waiting() -> rx.Component:
    return loading(
        skeleton(height="40px", width="320px"),
        skeleton(height="104px"),
        rx.el.div(skeleton(height="380px"), skeleton(height="380px"), class_name="grid-2"),
        skeleton(height="300px"),
    )
