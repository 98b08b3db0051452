"""The ledger of baselines."""

from typing import Any

import reflex as rx

from sprintreports.ui.components.basics import by_status, empty, link, loading, notice, server_link, skeleton
from sprintreports.ui.components.tables import action_head, head, pager, search_box
from sprintreports.ui.layout import frame, page_head
from sprintreports.ui.pages.baselines.rules import rules_button, rules_panel
from sprintreports.ui.pages.baselines.state import REASONS, Baselines
from sprintreports.ui.planning.parts import scrolling
from sprintreports.ui.reporting.freezing import freeze_button, freeze_panel

_HEADS = (
    ("sprint_name", "Sprint", ""), ("moment", "State at", ""), ("reason", "Taken", ""), ("created_at", "Kept", ""),
)  # fmt: skip


def page() -> rx.Component:
    return frame(
        page_head(
            "Baselines",
            "States of sprints that were kept. They stay as they are, whatever is changed or deleted in Jira.",
            rx.cond(Baselines.may, rx.fragment(rules_button(), freeze_button("Freeze a sprint", "primary"))),
        ),
        by_status(
            Baselines,
            ready=_ready(),
            blank=_blank(),
            waiting=loading(skeleton(height="40px", width="320px"), skeleton(height="260px")),
        ),
        rx.cond(Baselines.may, rx.fragment(freeze_panel(), rules_panel())),
        page="/baselines",
    )


def _ready() -> rx.Component:
    return rx.el.div(
        _filters(),
        rx.cond(
            Baselines.chosen != "",
            notice(rx.el.p("Comparing ", rx.el.strong(Baselines.chosen_name), ": choose the other one.")),
        ),
        rx.cond(Baselines.lines.length() > 0, _ledger(), _nothing()),
        rx.cond(
            Baselines.may,
            rx.el.p(
                link(
                    rx.cond(Baselines.deleted, "Show those that are kept", "Show deleted ones"),
                    to=Baselines.deleted_link,
                ),
                class_name="fine",
            ),
        ),
        class_name="stack",
    )


def _filters() -> rx.Component:
    return rx.el.div(
        search_box("Search baselines", value=Baselines.search, on_search=Baselines.find),
        rx.el.select(
            rx.el.option("Taken at any time", value=""),
            *[rx.el.option(text, value=reason.value) for reason, text in REASONS.items()],
            name="reason",
            value=Baselines.reason,
            on_change=Baselines.pick_reason,
            custom_attrs={"aria-label": "Taken"},
        ),
        rx.el.select(
            rx.el.option("Every board", value=""),
            rx.foreach(Baselines.boards, lambda one: rx.el.option(one.label, value=one.value)),
            name="board",
            value=Baselines.of_board,
            on_change=Baselines.pick_board,
            custom_attrs={"aria-label": "Board"},
        ),
        class_name="row report-filters",
    )


def _ledger() -> rx.Component:
    return rx.el.section(
        scrolling(
            rx.el.table(
                rx.el.caption("Baselines", class_name="hidden-text"),
                _heads(),
                rx.el.tbody(rx.foreach(Baselines.lines, _line)),
                class_name="library",
            ),
            label="Baselines",
        ),
        pager(Baselines.pager),
        class_name="panel",
        id="baselines",
    )


def _heads() -> rx.Component:
    sortable = head(_HEADS, sort=Baselines.sort, descending=Baselines.descending, links=Baselines.sort_links)
    row = sortable.children[0]
    row.children += [
        rx.el.th("Scope", scope="col", class_name="n"),
        rx.el.th("Completed", scope="col", class_name="n"),
        rx.el.th("Hash", scope="col"),
        action_head(),
    ]
    return sortable


def _line(one: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.th(link(one.name, to=one.link), rx.el.div(one.board, class_name="fine"), scope="row"),
        rx.el.td(one.moment, class_name="num"),
        rx.el.td(one.reason, rx.cond(one.note != "", rx.el.div(one.note, class_name="fine")), class_name="said"),
        rx.el.td(one.frozen, rx.el.div(one.author, class_name="fine")),
        rx.el.td(one.scope, class_name="n"),
        rx.el.td(one.completed, class_name="n"),
        rx.el.td(rx.el.code(one.digest), rx.el.div(server_link("Raw", href=one.raw, custom_attrs={"aria-label": "Raw snapshot of " + one.name + ", " + one.moment}), class_name="fine")),
        rx.el.td(rx.cond(Baselines.deleted, _taking_back(one), _actions(one))),
        key=one.id,
    )  # fmt: skip


def _actions(one: Any) -> rx.Component:
    called = one.name + ", " + one.moment
    return rx.el.div(
        rx.el.button(
            rx.cond(Baselines.chosen == one.id, "Chosen", "Compare"),
            type="button",
            class_name="button small",
            on_click=Baselines.choose(one.id),
            custom_attrs={"aria-label": "Compare " + called, "aria-pressed": rx.cond(Baselines.chosen == one.id, "true", "false")},
        ),
        link("With now", to=one.now, class_name="button small", custom_attrs={"aria-label": "Compare " + called + " with now"}),
        rx.cond(
            Baselines.may & ~one.used,
            rx.el.button(
                "Delete",
                type="button",
                class_name="button small",
                on_click=Baselines.delete(one.id),
                custom_attrs={"aria-label": "Delete " + called},
            ),
        ),
        class_name="row",
    )  # fmt: skip


def _taking_back(one: Any) -> rx.Component:
    return rx.el.button(
        "Take back",
        type="button",
        class_name="button small",
        on_click=Baselines.restore(one.id),
        custom_attrs={"aria-label": "Take back " + one.name + ", " + one.moment},
    )


def _nothing() -> rx.Component:
    return empty(
        "No baseline is like this",
        rx.el.p("Take a filter away to see more."),
        link("Show all baselines", to="/baselines", class_name="button"),
        icon="search-x",
    )


def _blank() -> rx.Component:
    return empty(
        "No baseline yet",
        rx.cond(
            Baselines.may,
            rx.fragment(
                rx.el.p(
                    "Keep a sprint as it is now, or as it was at a past moment. By the rules, they are taken by themselves."
                ),
                freeze_button("Freeze the first one", "primary"),
            ),
            rx.el.p("A manager of a board can keep its sprints as they are, by hand or by rule."),
        ),
        icon="archive",
    )
