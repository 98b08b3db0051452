"""Team by sprint: what each team can do, holds and did, changed in place, and asked “what if”."""

from typing import Any

import reflex as rx

from sprintreports.ui.components.basics import by_status, chip, empty, link, loading, notice, skeleton
from sprintreports.ui.components.live import titled
from sprintreports.ui.components.picker import board_and_sprint
from sprintreports.ui.components.tables import pager, search_box
from sprintreports.ui.layout import frame, page_head
from sprintreports.ui.pages.capacity import editing, whatif
from sprintreports.ui.pages.capacity.editing import CapacityPanel
from sprintreports.ui.pages.capacity.heat import heat_map
from sprintreports.ui.pages.capacity.state import CapacityPage
from sprintreports.ui.pages.capacity.whatif import WhatIf
from sprintreports.ui.planning.parts import heads, queues_link, scrolling

_HEADS = (
    ("Team", ""), ("Person-days", "n"), ("Focus factor", "n"), ("Hours", "n"), ("Capacity", "n"), ("Committed", "n"),
    ("Remaining", "n"), ("Utilisation", ""),
)  # fmt: skip


def page() -> rx.Component:
    return frame(
        page_head("Capacity", CapacityPage.subtitle, queues_link(), _copy()),
        by_status(
            CapacityPage,
            ready=_ready(),
            blank=_blank(),
            waiting=loading(skeleton(height="320px"), skeleton(height="260px")),
        ),
        page="/capacity",
        picker=board_and_sprint(),
        refresh=CapacityPage.refresh,
    )


def _copy() -> rx.Component:
    return rx.cond(
        CapacityPage.copy_from != "",
        rx.el.button(
            "Copy rates from ",
            CapacityPage.copy_name,
            type="button",
            class_name="button",
            on_click=CapacityPage.copy_rates,
            title="Shares, hours, focus and rates that were set by hand for the sprint before this one; never days.",
        ),
    )


def _ready() -> rx.Component:
    return rx.el.div(
        titled(CapacityPage.name),
        rx.cond(
            CapacityPage.homeless.length() > 0,
            notice(
                rx.el.p("This belongs to no team, and is in none of the figures below:"),
                rx.el.ul(rx.foreach(CapacityPage.homeless, rx.el.li), class_name="plain-list"),
                rx.el.p(link("Say which team stands for which value", to="/teams")),
                tone="warn",
            ),
        ),
        _teams(),
        rx.cond(CapacityPage.heat.length() > 0, heat_map()),
        editing.panel(),
        whatif.panel(),
        class_name="stack",
    )


def _teams() -> rx.Component:
    return rx.el.section(
        rx.el.header(
            rx.el.div(
                rx.el.h2("Teams in this sprint"),
                rx.el.p(CapacityPage.reading, class_name="reading"),
                class_name="grow",
            ),
            rx.el.div(
                search_box("Search teams", value=CapacityPage.search, on_search=CapacityPage.find),
                class_name="filters row",
            ),
            class_name="panel-head",
        ),
        rx.cond(
            CapacityPage.lines.length() > 0,
            scrolling(
                rx.el.table(
                    rx.el.caption("Capacity of the teams, members beneath", class_name="hidden-text"),
                    heads(*_HEADS),
                    rx.foreach(CapacityPage.lines, _team),
                    class_name="capacity",
                ),
                label="Teams in this sprint",
            ),
        ),
        rx.cond(
            CapacityPage.nothing != "",
            rx.el.div(
                rx.el.p(CapacityPage.nothing, class_name="quiet"),
                rx.el.p(link("All teams", to="/teams")),
                class_name="panel-body stack tight",
            ),
        ),
        pager(CapacityPage.pager),
        class_name="panel",
        id="capacity",
    )


def _team(line: Any) -> rx.Component:
    return rx.el.tbody(
        rx.el.tr(
            rx.el.th(
                rx.el.div(
                    rx.cond(line.people.length() > 0, _opener(line)), link(line.name, to=line.link), class_name="row"
                ),
                rx.el.button(
                    "What if", type="button", class_name="link-button fine", on_click=WhatIf.begin(line.id),
                    custom_attrs={"aria-label": "What if, in " + line.name},
                ),
                rx.cond(line.note != "", rx.el.div(line.note, class_name="fine wrap")),
                scope="row",
            ),
            _figure(line.days, line.days_hand, line.id, "", "days", "person-days of " + line.name),
            _figure(line.focus, line.focus_hand, line.id, "", "focus", "focus factor of " + line.name),
            rx.el.td(line.hours, class_name="n"),
            _figure(line.amount, line.amount_hand, line.id, "", "amount", "capacity of " + line.name, _basis(line)),
            rx.el.td(
                line.committed, rx.cond(line.doubt != "", rx.el.div(line.doubt, class_name="fine wrap")), class_name="n"
            ),
            rx.el.td(line.remaining, class_name="n"),
            rx.el.td(_bar(line)),
        ),
        rx.foreach(line.people, lambda one: _person(line, one)),
        key=line.id,
    )  # fmt: skip


def _opener(line: Any) -> rx.Component:
    """Shows and hides the members beneath: style alone does it."""
    return rx.el.label(
        rx.el.input(type="checkbox", class_name="opens", custom_attrs={"aria-label": line.people_label}),
        rx.icon("chevron-right", size=15),
        class_name="opener",
    )


def _figure(
    text: Any, by_hand: Any, team: Any, person: Any, measure: str, label: Any, *more: rx.Component
) -> rx.Component:
    return rx.el.td(
        rx.el.button(
            text,
            type="button",
            class_name="look",
            on_click=CapacityPanel.show(team, person, measure),
            custom_attrs={"aria-label": text + ", " + label + ": look at it or set it by hand"},
        ),
        rx.cond(by_hand, rx.el.span(" ", chip("by hand", "info"))),
        *more,
        class_name="n",
    )


def _basis(line: Any) -> rx.Component:
    """Where the capacity comes from, on asking."""
    identity = "basis-" + line.id
    return rx.fragment(
        rx.el.button(
            rx.icon("circle-help", size=15),
            type="button",
            class_name="why",
            custom_attrs={"popoverTarget": identity, "aria-label": "What the capacity of " + line.name + " rests on"},
        ),
        rx.el.div(
            rx.el.h3("What the capacity rests on"),
            rx.foreach(line.basis, rx.el.p),
            rx.cond(
                line.by_rate,
                rx.el.p(
                    rx.el.button(
                        "The rate, and who set it", type="button", class_name="link-button",
                        on_click=CapacityPanel.show(line.id, "", "rate"),
                    )
                ),
            ),
            id=identity,
            class_name="pop",
            custom_attrs={"popover": "auto"},
        ),
    )  # fmt: skip


def _bar(line: Any) -> rx.Component:
    return rx.el.div(
        rx.el.span(line.used, class_name="num"),
        rx.el.div(
            rx.el.span(style={"width": line.bar.to(str) + "%"}),
            class_name=rx.cond(line.over, "meter over", "meter"),
            custom_attrs={"aria-hidden": "true"},
        ),
        rx.cond(line.over, chip("Too much", "bad")),
        class_name="used",
    )


def _person(line: Any, one: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.th(
            one.name, rx.cond(one.away != "", rx.el.span(" ", one.away, class_name="fine")), scope="row"
        ),
        _figure(one.days, one.days_hand, line.id, one.id, "days", "person-days of " + one.name),
        rx.el.td(class_name="n"),
        rx.el.td(one.hours, class_name="n"),
        rx.el.td(
            rx.el.span("Share ", class_name="fine"),
            _look(one.share, one.share_hand, line.id, one.id, "share", "share of " + one.name),
            rx.el.span(", hours of a day ", class_name="fine"),
            _look(
                one.hours_per_day, one.hours_hand, line.id, one.id, "hours", "hours of a day of " + one.name
            ),
            col_span=4,
        ),
        class_name="beneath",
        key=one.id,
    )


def _look(text: Any, by_hand: Any, team: Any, person: Any, measure: str, label: Any) -> rx.Component:
    return rx.fragment(
        rx.el.button(
            text,
            type="button",
            class_name="look",
            on_click=CapacityPanel.show(team, person, measure),
            custom_attrs={"aria-label": text + ", " + label + ": look at it or set it by hand"},
        ),
        rx.cond(by_hand, rx.el.span(" ", chip("by hand", "info"))),
    )


def _blank() -> rx.Component:
    return empty(
        "No sprint to plan yet",
        rx.el.p(CapacityPage.blank_text),
        rx.cond(
            CapacityPage.blank_link != "",
            link(CapacityPage.blank_action, to=CapacityPage.blank_link, class_name="button primary"),
        ),
        icon="gauge",
    )
