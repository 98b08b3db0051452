"""What makes the numbers doubtful, worst first, and the issues behind each doubt."""

from typing import Any

import reflex as rx

from sprintreports.ui.components.basics import (
    by_status,
    chip,
    empty,
    link,
    loading,
    notice,
    outside,
    skeleton,
)
from sprintreports.ui.components.picker import board_only
from sprintreports.ui.components.tables import pager
from sprintreports.ui.frame_state import Frame
from sprintreports.ui.layout import frame, page_head
from sprintreports.ui.pages.quality.state import QualityPage


def page() -> rx.Component:
    return frame(
        page_head(
            rx.cond(QualityPage.is_list, QualityPage.check.title, "Data quality"),
            QualityPage.subtitle,
            _which_sprints(),
        ),
        by_status(QualityPage, ready=_ready(), blank=_blank(), waiting=_waiting()),
        page="/quality",
        refresh=QualityPage.refresh,
        picker=board_only(),
    )


def _which_sprints() -> rx.Component:
    """Those of late, or one."""
    return rx.el.label(
        rx.el.span("Sprints", class_name="quiet"),
        rx.el.select(
            rx.el.option("Open and last 6 closed", value=""),
            rx.foreach(Frame.sprints, lambda option: rx.el.option(option.label, value=option.value)),
            name="sprint",
            value=QualityPage.sprint,
            on_change=QualityPage.pick_sprint,
            style={"maxWidth": "240px"},
        ),
        class_name="row",
    )


def _ready() -> rx.Component:
    return rx.cond(QualityPage.is_list, _findings(), _checks())


def _checks() -> rx.Component:
    return rx.el.div(
        rx.cond(QualityPage.notes.length() > 0, notice(rx.foreach(QualityPage.notes, rx.el.p), tone="warn")),
        rx.cond(
            QualityPage.checks.length() > 0,
            rx.fragment(
                rx.el.p(QualityPage.reading, class_name="reading"),
                rx.el.ul(
                    rx.foreach(QualityPage.checks, _check),
                    class_name="grid-2 doubts",
                    custom_attrs={"aria-label": "What was found, worst first"},
                ),
            ),
            empty("Nothing to doubt", rx.el.p(QualityPage.praise), icon="party-popper"),
        ),
        rx.cond(QualityPage.quiet.length() > 0, _quiet()),
        class_name="stack",
    )


def _check(row: Any) -> rx.Component:
    return rx.el.li(
        rx.el.header(
            rx.el.div(rx.el.h2(row.title), rx.el.p(row.touches, class_name="reading"), class_name="grow"),
            rx.el.div(chip(row.count), chip(row.effect, row.tone), class_name="row"),
            class_name="panel-head",
        ),
        rx.el.div(
            rx.el.p(row.why),
            rx.el.p(rx.el.strong("In Jira: "), row.advice),
            rx.el.p(link(row.show, to=row.link, class_name="button small")),
            class_name="panel-body stack tight",
        ),
        class_name="panel",
    )


def _quiet() -> rx.Component:
    return rx.el.details(
        rx.el.summary(QualityPage.quiet_title, class_name="panel-body"),
        rx.el.ul(rx.foreach(QualityPage.quiet, _quiet_line), class_name="panel-body stack tight"),
        class_name="panel quiet-checks",
    )


def _quiet_line(row: Any) -> rx.Component:
    return rx.el.li(
        rx.cond(row.note == "", chip("Fine", "good"), chip("Not asked")),
        " ",
        row.title,
        rx.cond(row.note != "", rx.el.span(" ", row.note, class_name="quiet")),
    )


def _findings() -> rx.Component:
    return rx.el.div(
        rx.el.p(link("← All checks", to=QualityPage.back)),
        notice(
            rx.el.p(rx.el.strong(QualityPage.check.touches), ". ", QualityPage.check.why),
            rx.el.p(rx.el.strong("In Jira: "), QualityPage.check.advice),
            tone="info",
        ),
        rx.cond(
            QualityPage.findings.length() > 0,
            rx.el.section(
                rx.el.header(rx.el.h2(QualityPage.check.count), class_name="panel-head"),
                rx.el.div(
                    rx.el.table(
                        rx.el.caption(QualityPage.check.title, class_name="hidden-text"),
                        rx.cond(
                            QualityPage.of_issues,
                            rx.fragment(
                                _head("Issue", "What we see", "Sprint", "Team"),
                                rx.el.tbody(rx.foreach(QualityPage.findings, _issue)),
                            ),
                            rx.fragment(
                                _head("Sprint", "What we see"),
                                rx.el.tbody(rx.foreach(QualityPage.findings, _sprint)),
                            ),
                        ),
                    ),
                    class_name="table-wrap",
                ),
                pager(QualityPage.findings_pager),
                class_name="panel",
            ),
            empty("Nothing here", rx.el.p(QualityPage.nothing), icon="circle-check"),
        ),
        class_name="stack",
    )


def _head(*names: str) -> rx.Component:
    return rx.el.thead(rx.el.tr(*[rx.el.th(name, scope="col") for name in names]))


def _issue(row: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.td(
            outside(row.name, href=row.url, class_name="key"),
            rx.el.div(row.summary, class_name="fine"),
            class_name="t",
        ),
        rx.el.td(row.detail, class_name="t"),
        rx.el.td(link(row.sprint, to=row.sprint_link)),
        rx.el.td(row.team),
    )


def _sprint(row: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.td(outside(row.name, href=row.url, class_name="key"), class_name="t"),
        rx.el.td(row.detail, class_name="t"),
    )


def _blank() -> rx.Component:
    return empty(
        "No board to show yet",
        rx.el.p(QualityPage.blank_text),
        rx.cond(
            QualityPage.blank_link != "",
            link(QualityPage.blank_action, to=QualityPage.blank_link, class_name="button primary"),
        ),
        icon="list-checks",
    )


def _waiting() -> rx.Component:
    return loading(
        skeleton(height="24px", width="420px"),
        rx.el.div(skeleton(height="190px"), skeleton(height="190px"), class_name="grid-2"),
    )
