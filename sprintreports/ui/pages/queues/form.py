"""The form of a new queue, in a panel at the right."""

from typing import Any

import reflex as rx

from sprintreports.ui.pages.queues.beginning import AS_BOARD, WITH, WITHOUT, NewQueue
from sprintreports.ui.planning import figures
from sprintreports.ui.planning.parts import choice, complaint, field, side_panel, text_input

_UNITS = (("", "Each team in its own unit"), *figures.UNITS)
_SUBTASKS = (
    (AS_BOARD, "As the board counts"),
    (WITH, "Plan sub-tasks, not their parents"),
    (WITHOUT, "Plan parents, not their sub-tasks"),
)


def new_queue_button(text: str = "New queue") -> rx.Component:
    return rx.el.button(text, type="button", class_name="button primary", on_click=NewQueue.begin)


def new_queue() -> rx.Component:
    return side_panel(
        "New queue",
        "It is made at once, and kept as its first version. Nothing is written to Jira.",
        complaint(NewQueue.complaint),
        rx.el.form(
            field(
                "Name",
                "new-name",
                text_input("new-name", "name", NewQueue.name, required=True, max_length=120),
            ),
            rx.cond(NewQueue.queues.length() > 0, _source()),
            _algorithms(),
            field(
                "Sub-tasks",
                "new-subtasks",
                choice("new-subtasks", "subtasks", _SUBTASKS, NewQueue.subtasks),
            ),
            field(
                "Issues of the backlog",
                "new-backlog",
                text_input("new-backlog", "backlog", NewQueue.backlog, input_mode="numeric", max_length=6),
                "How many of the board's backlog may join the sprint's own, the first in order. 0: none.",
            ),
            field("Unit of the capacity", "new-unit", choice("new-unit", "unit", _UNITS, NewQueue.unit)),
            field(
                "Buffer in %",
                "new-buffer",
                text_input("new-buffer", "buffer", NewQueue.buffer, input_mode="numeric", max_length=3),
                "So much of each team's capacity stays free for what nobody knows yet.",
            ),
            _tick(
                "carry",
                NewQueue.carry,
                "Carry-over first",
                "What a closed sprint did not finish goes before the rest.",
            ),
            _tick(
                "rest",
                NewQueue.rest,
                "Plan what is left",
                "Of an active sprint: from now to its end, not the whole.",
            ),
            rx.el.div(
                rx.el.button("Generate", type="submit", class_name="button primary"),
                rx.el.button("Cancel", type="button", class_name="button", on_click=NewQueue.end),
                class_name="row",
            ),
            on_submit=NewQueue.create,
            class_name="stack tight",
            id="new-queue",
        ),
        is_open=NewQueue.is_open,
        on_close=NewQueue.end,
    )


def _source() -> rx.Component:
    return field(
        "Begin from",
        "new-source",
        rx.el.select(
            rx.el.option("Nothing: a fresh queue", value=""),
            rx.foreach(NewQueue.queues, lambda one: rx.el.option(one.label, value=one.value)),
            id="new-source",
            name="source",
            value=NewQueue.source,
            on_change=NewQueue.start_from,
        ),
        rx.cond(
            NewQueue.told != "",
            NewQueue.told,
            "The rules of another queue of this sprint, to change from there.",
        ),
    )


def _algorithms() -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend("How the issues are put in order"),
        rx.foreach(
            NewQueue.algorithms,
            lambda one: rx.el.label(
                rx.el.input(
                    type="radio",
                    name="algorithm",
                    value=one.value,
                    default_checked=NewQueue.algorithm == one.value,
                    key=NewQueue.algorithm + one.value,
                ),
                rx.el.span(
                    rx.el.strong(one.name), rx.el.span(one.words, class_name="fine"), class_name="words"
                ),
                class_name="choice flush",
            ),
        ),
    )


def _tick(name: str, value: Any, title: str, words: str) -> rx.Component:
    return rx.el.label(
        rx.el.input(type="checkbox", name=name, default_checked=value, key=NewQueue.source),
        rx.el.span(rx.el.strong(title), rx.el.span(words, class_name="fine"), class_name="words"),
        class_name="choice flush",
    )
