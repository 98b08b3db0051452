"""The deliveries, and the panel with one of them as it came."""

from typing import Any

import reflex as rx

from sprintreports.ui.components.basics import chip, link
from sprintreports.ui.components.live import drawer
from sprintreports.ui.components.tables import pager
from sprintreports.ui.frame_state import Frame
from sprintreports.ui.pages.webhooks.rows import OUTCOMES
from sprintreports.ui.pages.webhooks.state import Delivery, Webhooks


def deliveries() -> rx.Component:
    return rx.el.section(
        rx.el.header(
            rx.el.div(
                rx.el.h2("Deliveries"),
                rx.el.p("Kept for 14 days. Counted over the last 24 hours:", class_name="reading"),
                class_name="grow",
            ),
            _filters(),
            class_name="panel-head",
        ),
        rx.el.div(
            rx.el.dl(
                rx.foreach(
                    Webhooks.figures,
                    lambda one: rx.el.div(rx.el.dt(one.name), rx.el.dd(link(one.value, to=one.link))),
                ),
                class_name="facts",
            ),
            class_name="panel-body",
        ),
        rx.cond(
            Webhooks.lines.length() > 0,
            rx.fragment(_table(), pager(Webhooks.pager)),
            rx.el.p(Webhooks.nothing, class_name="panel-body quiet"),
        ),
        class_name="panel",
        id="deliveries",
    )


def _filters() -> rx.Component:
    def select(name: str, label: str, value: Any, on_change: Any, *options: Any) -> rx.Component:
        return rx.el.select(
            *options,
            name=name,
            value=value,
            on_change=on_change,
            custom_attrs={"aria-label": label},
        )

    return rx.el.div(
        select(
            "outcome",
            "Outcome",
            Webhooks.outcome,
            Webhooks.pick_outcome,
            rx.el.option("All outcomes", value=""),
            *[rx.el.option(label, value=outcome.value) for outcome, (label, _) in OUTCOMES.items()],
        ),
        select(
            "event",
            "Event",
            Webhooks.event,
            Webhooks.pick_event,
            rx.el.option("All events", value=""),
            rx.foreach(Webhooks.event_options, lambda one: rx.el.option(one, value=one)),
        ),
        class_name="filters",
    )


def _table() -> rx.Component:
    return rx.el.div(
        rx.el.table(
            rx.el.caption("Deliveries, newest first", class_name="hidden-text"),
            rx.el.thead(
                rx.el.tr(
                    rx.el.th("Came", rx.el.span(" (", Frame.zone, ")", class_name="fine"), scope="col"),
                    rx.el.th("What it speaks of", scope="col"),
                    rx.el.th("Outcome", scope="col"),
                    rx.el.th("Tries", scope="col", class_name="n"),
                    rx.el.th("Took", scope="col", class_name="n"),
                    rx.el.th(rx.el.span("Action", class_name="hidden-text"), scope="col"),
                )
            ),
            rx.el.tbody(rx.foreach(Webhooks.lines, _line)),
        ),
        class_name="table-wrap",
        tab_index=0,
        role="region",
        custom_attrs={"aria-label": "Deliveries"},
    )


def _line(row: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.td(row.when, class_name="quiet num"),
        rx.el.td(
            rx.el.button(row.subject, type="button", class_name="look", on_click=Delivery.show(row.id),
                         custom_attrs={"aria-label": "Show the delivery of " + row.subject + ", " + row.when}),
            rx.el.div(row.event, class_name="fine"),
            class_name="t",
        ),
        rx.el.td(
            chip(row.outcome, row.tone),
            rx.cond(row.note != "", rx.el.div(row.note, class_name="fine")),
            class_name="t",
        ),
        rx.el.td(row.tries, class_name="n"),
        rx.el.td(row.took, class_name="n"),
        rx.el.td(
            rx.cond(
                row.retry & Webhooks.may_change,
                rx.el.button("Try again", type="button", class_name="button small", on_click=Webhooks.retry(row.id),
                             custom_attrs={"aria-label": "Try the delivery of " + row.subject + " again"}),
            )
        ),
    )  # fmt: skip


def panel() -> rx.Component:
    return drawer(
        rx.el.div(
            rx.el.header(
                rx.el.div(
                    rx.el.h2(Delivery.line.subject),
                    rx.el.p(rx.el.code(Delivery.line.event), " ", chip(Delivery.line.outcome, Delivery.line.tone)),
                    class_name="grow",
                ),
                rx.el.button(
                    rx.icon("x", size=18),
                    type="button",
                    class_name="icon-button",
                    on_click=Delivery.close,
                    custom_attrs={"aria-label": "Close"},
                ),
                class_name="drawer-head",
            ),
            rx.cond(Delivery.line.note != "", rx.el.p(Delivery.line.note)),
            rx.el.p(Delivery.details, class_name="fine wrap-anywhere"),
            rx.el.pre(
                Delivery.body,
                class_name="payload",
                tab_index=0,
                role="region",
                custom_attrs={"aria-label": "The body as it came"},
            ),
            rx.cond(Delivery.cut != "", rx.el.p(Delivery.cut, class_name="fine")),
            class_name="drawer-body",
        ),
        open=Delivery.is_open,
        label="Delivery of " + Delivery.line.subject,
        on_close=Delivery.close,
    )  # fmt: skip
