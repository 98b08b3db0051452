"""The list of report templates."""

from typing import Any

import reflex as rx

from sprintreports.ui.components.basics import by_status, empty, link, loading, skeleton
from sprintreports.ui.components.tables import action_head, head, pager, search_box
from sprintreports.ui.layout import frame, page_head
from sprintreports.ui.links import address
from sprintreports.ui.pages.report_templates.state import ReportTemplates
from sprintreports.ui.planning.parts import asked_first, heads, scrolling
from sprintreports.ui.reporting.states import KINDS, LIBRARY, TEMPLATE, TEMPLATES

_HEADS = (
    ("name", "Template", ""), ("kind", "Kind of report", ""), ("owner", "Owner", ""), ("updated_at", "Last change", ""),
)  # fmt: skip


def page() -> rx.Component:
    return frame(
        page_head(
            "Report templates",
            "What a report shows, in which order and with which words in between. Reports keep the version that they were given.",
            link("Reports", to=LIBRARY, class_name="button"),
            _new(),
        ),
        by_status(
            ReportTemplates,
            ready=_ready(),
            blank=rx.fragment(),
            waiting=loading(skeleton(height="40px", width="320px"), skeleton(height="260px")),
        ),
        page="/reports",
    )


def _new() -> rx.Component:
    """Begins a template: for which kind of report is asked first, as everything else follows from it."""
    return rx.fragment(
        rx.el.button(
            "New template",
            type="button",
            class_name="button primary",
            custom_attrs={"popoverTarget": "new-template"},
        ),
        rx.el.div(
            rx.el.h2("For which kind of report?"),
            rx.el.ul(
                *[
                    rx.el.li(
                        link(words[0], to=address(TEMPLATE, kind=kind.value)),
                        rx.el.p(words[1], class_name="fine"),
                    )
                    for kind, words in KINDS.items()
                ],
                class_name="stack tight",
            ),
            id="new-template",
            class_name="pop right",
            custom_attrs={"popover": "auto"},
        ),
    )


def _ready() -> rx.Component:
    return rx.el.div(
        _filters(),
        rx.cond(
            ReportTemplates.lines.length() > 0,
            _own(),
            rx.cond(
                ~ReportTemplates.filtered,
                rx.el.p(
                    "There is no template of your own or for all yet. Copy one of these, or begin a new one.",
                    class_name="quiet",
                ),
            ),
        ),
        rx.cond(ReportTemplates.given.length() > 0, _given()),
        rx.cond((ReportTemplates.lines.length() == 0) & (ReportTemplates.given.length() == 0), _nothing()),
        class_name="stack",
    )


def _filters() -> rx.Component:
    return rx.el.div(
        search_box("Search templates", value=ReportTemplates.search, on_search=ReportTemplates.find),
        rx.el.select(
            rx.el.option("Every kind", value=""),
            *[rx.el.option(words[0], value=kind.value) for kind, words in KINDS.items()],
            name="kind",
            value=ReportTemplates.kind,
            on_change=ReportTemplates.pick_kind,
            custom_attrs={"aria-label": "Kind of report"},
        ),
        class_name="row report-filters",
    )


def _own() -> rx.Component:
    sortable = head(
        _HEADS,
        sort=ReportTemplates.sort,
        descending=ReportTemplates.descending,
        links=ReportTemplates.sort_links,
    )
    sortable.children[0].children += [rx.el.th("Version", scope="col", class_name="n"), action_head()]
    return rx.el.section(
        rx.el.header(rx.el.h2("Your own and those for all"), class_name="panel-head"),
        scrolling(
            rx.el.table(
                rx.el.caption("Your own templates and those for all", class_name="hidden-text"),
                sortable,
                rx.el.tbody(rx.foreach(ReportTemplates.lines, _line)),
                class_name="library",
            ),
            label="Your own templates and those for all",
        ),
        pager(ReportTemplates.pager),
        class_name="panel",
        id="templates",
    )


def _line(one: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.th(link(one.name, to=one.link), scope="row"),
        rx.el.td(one.kind),
        rx.el.td(one.owner, rx.el.div(one.shared, class_name="fine")),
        rx.el.td(one.changed, class_name="num"),
        rx.el.td(one.version, class_name="n"),
        rx.el.td(
            rx.el.div(
                _copy(one),
                rx.cond(
                    one.may_change,
                    asked_first(
                        "delete-template-" + one.id,
                        "Delete",
                        "Delete this template?",
                        rx.fragment(
                            "“", one.name, "” goes off the list for everybody. Reports that use it stay as they are."
                        ),
                        yes="Delete the template",
                        on_yes=ReportTemplates.delete(one.id),
                        label="Delete " + one.name,
                    ),
                ),
                class_name="row",
            )
        ),
        key=one.id,
    )  # fmt: skip


def _given() -> rx.Component:
    return rx.el.section(
        rx.el.header(
            rx.el.div(
                rx.el.h2("With Sprint Reports"),
                rx.el.p(
                    "They cannot be changed, and get better with each release. Copy one to make it your own.",
                    class_name="reading",
                ),
                class_name="grow",
            ),
            class_name="panel-head",
        ),
        scrolling(
            rx.el.table(
                rx.el.caption("Templates that come with Sprint Reports", class_name="hidden-text"),
                heads(
                    ("Template", ""),
                    ("Kind of report", ""),
                    ("What it is good for", ""),
                    (rx.el.span("Action", class_name="hidden-text"), ""),
                ),
                rx.el.tbody(rx.foreach(ReportTemplates.given, _given_line)),
                class_name="library",
            ),
            label="Templates that come with Sprint Reports",
        ),
        class_name="panel",
        id="given-templates",
    )


def _given_line(one: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.th(link(one.name, to=one.link), scope="row"),
        rx.el.td(one.kind),
        rx.el.td(one.told, class_name="t"),
        rx.el.td(_copy(one)),
        key=one.id,
    )


def _copy(one: Any) -> rx.Component:
    return link(
        "Copy",
        to=one.copy,
        class_name="button small",
        custom_attrs={"aria-label": "Copy " + one.name + " (" + one.kind + ")"},
    )


def _nothing() -> rx.Component:
    return empty(
        "No template is like this",
        rx.el.p("Take a filter away to see more."),
        link("Show all templates", to=TEMPLATES, class_name="button"),
        icon="search-x",
    )
