"""One sprint queue: its board, what moved since it was planned, and its versions."""

from typing import Any

import reflex as rx

from sprintreports.ui.components.basics import by_status, empty, link, loading, notice, skeleton
from sprintreports.ui.components.live import titled
from sprintreports.ui.layout import frame, page_head
from sprintreports.ui.pages.planner import panels
from sprintreports.ui.pages.planner.state import PlannerPage
from sprintreports.ui.planning.board import planner_board, read_board
from sprintreports.ui.planning.parts import complaint, field


def page() -> rx.Component:
    return frame(
        page_head(
            rx.cond(PlannerPage.name != "", PlannerPage.name, "Planner"),
            PlannerPage.subtitle,
            rx.cond(
                PlannerPage.back != "", link("All queues of the sprint", to=PlannerPage.back, class_name="button")
            ),
        ),
        panels.tabs(),
        panels.beside(
            by_status(
                PlannerPage,
                ready=_ready(),
                blank=_blank(),
                waiting=loading(skeleton(height="90px"), skeleton(height="420px")),
            )
        ),
        page="/queues",
        refresh=PlannerPage.refresh,
    )  # fmt: skip


def _ready() -> rx.Component:
    return rx.el.div(
        titled(PlannerPage.name),
        complaint(PlannerPage.complaint),
        _others(),
        _moved_on(),
        _moves(),
        _board(),
        rx.cond(PlannerPage.may, _keeping()),
        rx.cond(PlannerPage.notes.length() > 0, _notes()),
        class_name="stack",
    )


def _board() -> rx.Component:
    shown = {
        "queue": PlannerPage.queue,
        "head": PlannerPage.head,
        "final": PlannerPage.final,
        "may": PlannerPage.may,
        "heard": PlannerPage.heard,
        "told": PlannerPage.told,
        "totals": PlannerPage.totals,
        "rules": PlannerPage.rules,
        "algorithms": PlannerPage.algorithms,
        "weights": PlannerPage.weights,
        "lists": PlannerPage.lists,
        "answers": PlannerPage.answers,
        "on_want": PlannerPage.want,
        "on_catch_up": PlannerPage.catch_up,
    }
    return rx.cond(PlannerPage.may, planner_board(**shown, on_send=PlannerPage.send), read_board(**shown))


def _others() -> rx.Component:
    return rx.cond(
        PlannerPage.people.length() > 0,
        rx.el.p(
            "Also here: ",
            rx.foreach(PlannerPage.people, lambda name: rx.el.span(name, class_name="also")),
            ". You see each other's changes at once.",
            class_name="fine",
            role="status",
            id="presence",
        ),
    )


def _moved_on() -> rx.Component:
    return rx.cond(
        ~PlannerPage.fresh,
        notice(
            rx.el.p(
                "Jira or the capacity has moved on since ",
                rx.cond(PlannerPage.behind != "", PlannerPage.behind, "this was planned"),
                ". Planning again keeps what was in wherever that still goes.",
            ),
            rx.cond(
                PlannerPage.may,
                rx.el.div(
                    rx.el.button(
                        "Plan again", type="button", class_name="button primary small", on_click=PlannerPage.plan_again
                    )
                ),
            ),
            tone="warn",
        ),
    )  # fmt: skip


def _moves() -> rx.Component:
    return rx.cond(
        PlannerPage.moves.length() > 0,
        rx.el.details(
            rx.el.summary("What moved when it was planned again: ", PlannerPage.moves.length()),
            rx.el.ul(rx.foreach(PlannerPage.moves, rx.el.li), class_name="plain-list panel-body"),
            class_name="panel plan-rules",
            open=True,
            id="moves",
        ),
    )


def _keeping() -> rx.Component:
    return rx.el.section(
        rx.el.header(
            rx.el.div(
                rx.el.h2("Keep a version"),
                rx.el.p(
                    "A version is what you see now, for good: with your name, a note and every reason. "
                    "A draft becomes the sprint's plan from its last version.",
                    class_name="reading",
                ),
                class_name="grow",
            ),
            class_name="panel-head",
        ),
        rx.el.form(
            field(
                "What changed, for those who look back",
                "keep-note",
                rx.el.input(
                    id="keep-note",
                    name="note",
                    type="text",
                    max_length=2000,
                    placeholder="such as: agreed with all teams",
                    key=PlannerPage.versions.to(str),
                ),
            ),
            rx.el.div(
                rx.el.button("Keep a version", type="submit", class_name="button primary"),
                rx.el.span(
                    rx.cond(
                        PlannerPage.versions > 0,
                        "The last one is version " + PlannerPage.versions.to(str) + ".",
                        "None is kept yet.",
                    ),
                    class_name="fine",
                ),
                class_name="row",
            ),
            on_submit=PlannerPage.keep,
            class_name="panel-body stack tight",
        ),
        class_name="panel",
        id="keeping",
    )


def _notes() -> rx.Component:
    return rx.el.details(
        rx.el.summary("What to know about these figures"),
        rx.el.ul(rx.foreach(PlannerPage.notes, _line), class_name="plain-list panel-body"),
        class_name="panel plan-rules",
    )


def _line(text: Any) -> rx.Component:
    return rx.el.li(text)


def _blank() -> rx.Component:
    return empty(
        "No queue is chosen",
        rx.el.p("Choose a queue from the list of a sprint, or begin one there."),
        link("To the queues", to="/queues", class_name="button primary"),
        icon="list-ordered",
    )
