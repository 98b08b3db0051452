"""A board's closed sprints beside Jira's own reports, and one of them issue by issue."""

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
from sprintreports.ui.components.figures import kpis
from sprintreports.ui.components.live import every
from sprintreports.ui.components.picker import board_only
from sprintreports.ui.components.upload import json_upload
from sprintreports.ui.layout import frame, page_head
from sprintreports.ui.pages.reconciliation.state import Reconciling

_TILES = (
    ("share", "Sprints equal to Jira"),
    ("equal", "Equal"),
    ("differing", "Differ"),
    ("missing", "Not compared"),
)


def page() -> rx.Component:
    return frame(
        by_status(
            Reconciling,
            ready=rx.cond(Reconciling.of_sprint, _sprint(), _board()),
            blank=empty("Nothing to compare yet", rx.el.p(Reconciling.blank_text), icon="scale"),
            waiting=loading(skeleton(height="104px"), skeleton(height="380px")),
        ),
        page="/reconciliation",
        refresh=Reconciling.refresh,
        picker=board_only(),
    )


def _complaint() -> rx.Component:
    return rx.cond(Reconciling.complaint != "", notice(Reconciling.complaint, tone="bad"))


def _board() -> rx.Component:
    return rx.el.div(
        page_head(Reconciling.title, Reconciling.subtitle, _board_actions()),
        _complaint(),
        rx.cond(Reconciling.running, every(seconds=2, on_tick=Reconciling.tick)),
        kpis(*[_tile(name, Reconciling.kpis[key]) for key, name in _TILES]),
        _standings(),
        class_name="stack",
    )


def _tile(name: str, figure: Any) -> rx.Component:
    return rx.el.div(
        rx.el.div(name, class_name="kpi-label"),
        rx.el.div(figure.value, class_name="kpi-value"),
        rx.el.div(figure.note, class_name="kpi-note " + figure.tone),
        class_name="kpi",
        role="group",
        custom_attrs={"aria-label": name},
    )


def _board_actions() -> rx.Component:
    ask = rx.el.button(
        "Compare all that are missing", type="button", class_name="button", on_click=Reconciling.compare_all
    )
    stop = rx.el.div(
        rx.el.span(
            rx.cond(Reconciling.held != "", Reconciling.held, "Asking Jira for its reports"),
            class_name="quiet",
            role="status",
        ),
        rx.el.button("Stop", type="button", class_name="button", on_click=Reconciling.stop_comparing),
        class_name="row",
    )
    return rx.cond(
        Reconciling.may_compare,
        rx.cond(Reconciling.running, stop, rx.cond(Reconciling.missing > 0, ask)),
    )


def _standings() -> rx.Component:
    heads = (
        ("Sprint", ""),
        ("Closed", ""),
        ("Result", ""),
        ("Issues", "n"),
        ("Differ", "n"),
        ("Jira's report", ""),
    )
    return rx.el.section(
        rx.el.header(rx.el.h2("Closed sprints"), class_name="panel-head"),
        _table("Closed sprints, the last closed first", heads, Reconciling.standings, _standing),
        class_name="panel",
    )  # fmt: skip


def _standing(row: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.th(link(row.name, to=row.link), scope="row"),
        rx.el.td(row.closed, class_name="k quiet"),
        rx.el.td(chip(row.label, row.tone)),
        rx.el.td(row.issues, class_name="n"),
        rx.el.td(row.differing, class_name="n"),
        rx.el.td(
            row.source, rx.cond(row.problem != "", rx.el.p(row.problem, class_name="fine")), class_name="t"
        ),
    )


def _sprint() -> rx.Component:
    return rx.el.div(
        rx.el.header(
            rx.el.div(
                rx.el.p(
                    link("All closed sprints of the board", to=Reconciling.board_link), class_name="fine"
                ),
                rx.el.div(
                    rx.el.h1(Reconciling.title), chip(Reconciling.label, Reconciling.tone), class_name="row"
                ),
                rx.el.p(Reconciling.subtitle, class_name="sub"),
            ),
            rx.el.div(
                link("Sprint", to=Reconciling.sprint_link, class_name="button"),
                outside("Jira's report", href=Reconciling.report_url, class_name="button"),
                rx.cond(
                    Reconciling.may_compare,
                    rx.el.button(
                        "Compare now",
                        type="button",
                        class_name="button primary",
                        on_click=Reconciling.compare_now,
                    ),
                ),
                class_name="row",
            ),
            class_name="page-head",
        ),
        _complaint(),
        rx.cond(
            Reconciling.cautions.length() > 0, notice(rx.foreach(Reconciling.cautions, rx.el.p), tone="warn")
        ),
        rx.cond(
            Reconciling.compared,
            rx.fragment(_issues(), _sums()),
            empty("Not compared yet", rx.el.p(Reconciling.not_compared), icon="scale"),
        ),
        rx.cond(Reconciling.may_compare, _upload()),
        class_name="stack",
    )


def _issues() -> rx.Component:
    heads = (("Issue", ""), ("Ours", ""), ("Jira's", ""), ("Result", ""), ("Why they differ", ""))
    return rx.el.section(
        rx.el.header(
            rx.el.div(
                rx.el.h2("Issues"), rx.el.p(Reconciling.verdict, class_name="reading"), class_name="grow"
            ),
            class_name="panel-head",
        ),
        _table("Issues on both sides, those that differ first", heads, Reconciling.issues, _issue),
        class_name="panel",
    )


def _issue(row: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.td(
            outside(row.key, href=row.url, class_name="key"),
            rx.el.div(row.summary, class_name="fine"),
            class_name="t",
        ),
        rx.el.td(row.ours),
        rx.el.td(row.jiras),
        rx.el.td(chip(row.label, row.tone)),
        rx.el.td(
            rx.foreach(row.differences, lambda one: rx.el.p(rx.el.strong(one.what), " ", one.why)),
            class_name="t",
        ),
    )


def _sums() -> rx.Component:
    heads = (("Sum", ""), ("Ours", "n"), ("Jira's issues", "n"), ("As Jira prints it", "n"), ("Result", ""))
    return rx.cond(
        Reconciling.sums.length() > 0,
        rx.el.section(
            rx.el.header(
                rx.el.div(
                    rx.el.h2("Sums"),
                    rx.el.p(
                        "Jira prints no commitment: it is completed + not completed + removed − added, by the estimates "
                        "at the start.",
                        class_name="reading",
                    ),
                    class_name="grow",
                ),
                class_name="panel-head",
            ),
            _table("Sums on both sides", heads, Reconciling.sums, _sum),
            class_name="panel",
        ),
    )


def _sum(row: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.th(row.name, scope="row"),
        rx.el.td(row.ours, class_name="n"),
        rx.el.td(row.lines, class_name="n"),
        rx.el.td(row.printed, class_name="n"),
        rx.el.td(chip(row.label, row.tone)),
    )


def _upload() -> rx.Component:
    return rx.el.section(
        rx.el.h2("Upload Jira's report"),
        rx.el.p(
            "Where Jira does not give its report to the account that syncs, sign in to Jira yourself, open ",
            rx.el.code(
                "/rest/greenhopper/1.0/rapid/charts/sprintreport?rapidViewId=…&sprintId=…",
                style={"overflowWrap": "anywhere"},
            ),
            ", save what it shows, and choose that file here. It works without a connection to Jira, too.",
        ),
        json_upload(to=Reconciling.upload_to, label="Sprint report as JSON", on_done=Reconciling.load),
        class_name="panel padded stack tight",
    )


def _table(caption: str, heads: Any, rows: Any, line: Any) -> rx.Component:
    """A table that scrolls in a region of its own, which the keyboard reaches."""
    table = rx.el.table(
        rx.el.caption(caption, class_name="hidden-text"),
        rx.el.thead(rx.el.tr(*[rx.el.th(text, scope="col", class_name=kind) for text, kind in heads])),
        rx.el.tbody(rx.foreach(rows, line)),
    )
    return rx.el.div(
        table, class_name="table-wrap", tab_index=0, role="region", custom_attrs={"aria-label": caption}
    )
