"""A report on a page."""

from typing import Any

import reflex as rx

from sprintreports.ui.components.basics import by_status, chip, link, loading, skeleton
from sprintreports.ui.components.live import titled
from sprintreports.ui.layout import frame
from sprintreports.ui.pages.report.exporting import export_button, export_panel
from sprintreports.ui.pages.report.publishing import publish_button, publish_panel
from sprintreports.ui.pages.report.sharing import ReportShares, share_panel
from sprintreports.ui.pages.report.state import ReportPage
from sprintreports.ui.planning.parts import asked_first, complaint, field, side_panel, text_input
from sprintreports.ui.reporting import parts


def page() -> rx.Component:
    return frame(
        by_status(
            ReportPage,
            ready=_ready(),
            blank=rx.fragment(),
            waiting=loading(
                skeleton(height="60px", width="420px"), skeleton(height="104px"), skeleton(height="390px")
            ),
        ),
        page="/reports",
    )


def _ready() -> rx.Component:
    return rx.el.div(
        titled(ReportPage.title),
        _head(),
        # In its form it stands where one looks.
        rx.cond(~ReportPage.editing, complaint(ReportPage.complaint)),
        parts.document(ReportPage.groups),
        rx.el.section(
            rx.el.h2("What the numbers rest on"),
            rx.el.ul(rx.foreach(ReportPage.basis, rx.el.li), class_name="basis stack tight"),
            class_name="stack tight",
        ),
        _keeping(),
        share_panel(),
        export_panel(),
        publish_panel(),
        class_name="stack wide-gap",
    )


def _head() -> rx.Component:
    return rx.el.header(
        rx.el.div(
            rx.el.div(rx.el.h1(ReportPage.title), chip(ReportPage.kind), class_name="row"),
            rx.el.p(ReportPage.subtitle, class_name="sub"),
            rx.cond(
                ReportPage.report != "",
                _shelf(),
                rx.el.p("This report is not in the library yet.", class_name="sub"),
            ),
        ),
        rx.el.div(_template(), export_button(), publish_button(), *_actions(), class_name="row"),
        class_name="page-head",
    )


def _shelf() -> rx.Component:
    return rx.el.p(
        link("Reports", to="/reports"),
        " › ",
        ReportPage.name,
        ", ",
        rx.cond(ReportPage.shared, "shared by ", "of "),
        ReportPage.owner,
        rx.foreach(ReportPage.tags, lambda tag: rx.fragment(" ", chip(tag))),
        class_name="sub",
    )


def _template() -> rx.Component:
    return rx.el.div(
        rx.el.select(
            rx.el.option("Usual order", value=""),
            rx.foreach(ReportPage.templates, lambda one: rx.el.option(one.label, value=one.value)),
            name="template",
            class_name="template",
            value=ReportPage.template,
            on_change=ReportPage.pick_template,
            custom_attrs={"aria-label": "Template"},
        ),
        link("Edit templates", to=ReportPage.templates_link, class_name="fine"),
        class_name="row",
    )


def _actions() -> tuple[rx.Component, ...]:
    return (
        rx.cond(
            ReportPage.against_now != "",
            link("Compare with now", to=ReportPage.against_now, class_name="button"),
        ),
        rx.cond(
            ReportPage.report != "",
            rx.fragment(
                rx.cond(
                    ReportPage.may_link,
                    rx.el.button("Share", type="button", class_name="button", on_click=ReportShares.show),
                ),
                link("Schedule it", to="/schedules?new=yes&report=" + ReportPage.report, class_name="button"),
                rx.cond(
                    ReportPage.may_change,
                    rx.fragment(
                        rx.el.button("Edit", type="button", class_name="button", on_click=ReportPage.edit),
                        asked_first(
                            "delete-report",
                            "Delete",
                            "Delete this report?",
                            "It leaves the library and its links end. Baselines stay.",
                            yes="Delete the report",
                            on_yes=ReportPage.delete,
                        ),
                    ),
                ),
            ),
            rx.el.button(
                "Keep in the library", type="button", class_name="button primary", on_click=ReportPage.edit
            ),
        ),
    )


def _keeping() -> rx.Component:
    return side_panel(
        rx.cond(ReportPage.report != "", "Edit the report", "Keep in the library"),
        "It keeps what it is about and how it is laid out. Baselines keep numbers.",
        complaint(ReportPage.complaint),
        rx.el.form(
            field(
                "Name",
                "report-name",
                text_input("report-name", "name", ReportPage.name, required=True, max_length=120),
            ),
            field(
                "Tags",
                "report-tags",
                text_input("report-tags", "tags", ReportPage.tags_text, max_length=420),
                "Several with commas between them, such as: review, client.",
            ),
            rx.cond(ReportPage.may_share | ReportPage.shared, shared_tick(ReportPage.shared)),
            rx.el.div(
                rx.el.button("Keep", type="submit", class_name="button primary"),
                rx.el.button("Cancel", type="button", class_name="button", on_click=ReportPage.end_editing),
                class_name="row",
            ),
            on_submit=ReportPage.keep,
            class_name="stack tight",
        ),
        is_open=ReportPage.editing,
        on_close=ReportPage.end_editing,
        label="Keep the report",
    )


def shared_tick(value: Any) -> rx.Component:
    return rx.el.label(
        rx.el.input(type="checkbox", name="shared", default_checked=value, key=value.to(str)),
        rx.el.span(
            rx.el.strong("For all"),
            rx.el.span(
                "Whoever may see its boards finds it in the library. Else it is yours alone.",
                class_name="fine",
            ),
            class_name="words",
        ),
        class_name="choice flush",
    )
