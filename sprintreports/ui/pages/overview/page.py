"""All active sprints at a glance, those that need a look first."""

from typing import Any

import reflex as rx

from sprintreports.ui.components.basics import by_status, chip, empty, facts, link, loading, skeleton
from sprintreports.ui.components.figures import meter, why
from sprintreports.ui.components.live import was
from sprintreports.ui.layout import frame, page_head
from sprintreports.ui.pages.overview.rows import HEIGHT, WIDTH
from sprintreports.ui.pages.overview.state import Overview


def page() -> rx.Component:
    return frame(
        page_head("Active sprints", Overview.summary, rx.el.span("Health", class_name="fine"), why("health")),
        by_status(Overview, ready=_cards(), blank=_blank(), waiting=_waiting()),
        page="/",
        refresh=Overview.refresh,
    )


def _cards() -> rx.Component:
    return rx.el.section(
        rx.foreach(Overview.cards, _card), class_name="grid-3", custom_attrs={"aria-label": "Active sprints"}
    )


def _card(card: Any) -> rx.Component:
    return rx.el.article(
        rx.el.header(
            rx.el.div(
                rx.el.h2(link(card.name, to=card.link)),
                rx.el.p(card.board, " · ", card.dates, class_name="fine"),
                class_name="grow",
            ),
            chip(card.health, card.tone),
            class_name="panel-head",
        ),
        rx.el.div(
            rx.el.p(card.why, class_name="reading"),
            _spark(card),
            meter(card.share, label="Share of the scope done in " + card.name),
            facts(
                ("Done", rx.fragment(card.done, was(text=Overview.was[card.link]))),
                ("Remaining", card.remaining),
                ("Scope change", card.scope),
                ("Working days left", card.left),
            ),
            rx.cond(card.rests != "", _rests(card)),
            rx.cond(card.others.length() > 0, _elsewhere(card)),
            rx.cond(
                card.goal != "",
                rx.el.p(rx.el.span("Goal: ", class_name="quiet"), card.goal, class_name="fine goal"),
            ),
            class_name="panel-body stack",
        ),
        class_name="panel sprint-card",
    )


def _rests(card: Any) -> rx.Component:
    return rx.el.p(
        card.rests,
        rx.cond(card.doubt != "", rx.fragment(", ", link(card.doubt, to=card.doubt_link))),
        class_name="fine kpi-rests",
    )


def _elsewhere(card: Any) -> rx.Component:
    return rx.el.p(
        rx.el.span("Also shown, by its own rules, on: ", class_name="quiet"),
        rx.foreach(card.others, lambda other: link(other.name, to=other.link, class_name="also")),
        class_name="fine",
    )


def _spark(card: Any) -> rx.Component:
    def path(name: str, d: Any) -> rx.Component:
        return rx.el.svg.path(d=d, class_name=name)

    return rx.cond(
        card.line != "",
        rx.el.svg(
            path("area", card.area),
            path("ideal", card.ideal),
            path("line", card.line),
            view_box=f"0 0 {WIDTH} {HEIGHT}",
            preserve_aspect_ratio="none",
            class_name="spark",
            role="img",
            custom_attrs={"aria-label": card.spoken},
        ),
        rx.el.p("The burndown begins tomorrow.", class_name="fine spark-missing"),
    )


def _blank() -> rx.Component:
    return empty(
        Overview.blank_title,
        rx.el.p(Overview.blank_text),
        rx.cond(
            Overview.blank_link != "",
            link(Overview.blank_action, to=Overview.blank_link, class_name="button primary"),
        ),
        icon="layout-dashboard",
    )


def _waiting() -> rx.Component:
    return loading(rx.el.div(*[skeleton(height="300px") for _ in range(3)], class_name="grid-3"))
