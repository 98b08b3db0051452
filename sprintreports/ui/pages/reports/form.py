"""The form of a new report, in a panel at the right."""

from typing import Any

import reflex as rx

from sprintreports.ui.components.basics import link, notice
from sprintreports.ui.pages.reports.beginning import USUAL_LAST, NewReport
from sprintreports.ui.planning.parts import complaint, field, side_panel, text_input
from sprintreports.ui.reporting.states import KINDS, TEMPLATES


def new_report_button(text: str = "New report") -> rx.Component:
    return rx.el.button(text, type="button", class_name="button primary", on_click=NewReport.begin)


def new_report() -> rx.Component:
    return side_panel(
        "New report",
        "It goes into the library. Nothing is written to Jira.",
        complaint(NewReport.complaint),
        rx.cond(
            NewReport.board != "",
            _form(),
            notice(
                "There is no board to report on yet. Connect a Jira and choose its boards, or ask an admin."
            ),
        ),
        is_open=NewReport.is_open,
        on_close=NewReport.end,
    )


def _form() -> rx.Component:
    return rx.el.form(
        field(
            "Kind",
            "new-kind",
            _kinds(),
            rx.match(NewReport.kind, *[(k.value, w[1]) for k, w in KINDS.items()], ""),
        ),
        field("Board", "new-board", _boards()),
        rx.match(
            NewReport.kind,
            ("comparison", _comparison()),
            ("trend", _trend()),
            ("review", _review()),
            _state(),
        ),
        field(
            "Template",
            "new-template",
            rx.el.select(
                rx.el.option("Usual order", value=""),
                rx.foreach(NewReport.templates, lambda one: rx.el.option(one.label, value=one.value)),
                id="new-template",
                name="template",
            ),
            link("Edit templates", to=TEMPLATES),
        ),
        field("Name", "new-name", text_input("new-name", "name", required=True, max_length=120)),
        field(
            "Tags",
            "new-tags",
            text_input("new-tags", "tags", max_length=420),
            "Several with commas between them, such as: review, client.",
        ),
        rx.cond(NewReport.may_share, _shared()),
        rx.el.div(
            rx.el.button("Make the report", type="submit", class_name="button primary"),
            rx.el.button("Cancel", type="button", class_name="button", on_click=NewReport.end),
            class_name="row",
        ),
        on_submit=NewReport.create,
        class_name="stack tight",
        id="new-report",
    )


def _kinds() -> rx.Component:
    return rx.el.select(
        *[rx.el.option(words[0], value=kind.value) for kind, words in KINDS.items()],
        id="new-kind",
        name="kind",
        value=NewReport.kind,
        on_change=NewReport.pick_kind,
    )


def _boards() -> rx.Component:
    return rx.el.select(
        rx.foreach(NewReport.boards, lambda one: rx.el.option(one.label, value=one.value)),
        id="new-board",
        name="board",
        value=NewReport.board,
        on_change=NewReport.pick_board,
    )


def _states(identity: str, name: str) -> rx.Component:
    return rx.el.select(
        rx.foreach(NewReport.of_states, lambda one: rx.el.option(one.label, value=one.value)),
        id=identity,
        name=name,
        key=name + NewReport.board,
    )


def _state() -> rx.Component:
    return rx.fragment(
        field("State", "new-of", _states("new-of", "of")),
        field(
            "As of",
            "new-moment",
            rx.el.input(id="new-moment", name="moment", type="datetime-local"),
            "A past moment of a sprint, rebuilt from its history. Empty: as it is when the report is opened.",
        ),
    )


def _comparison() -> rx.Component:
    return rx.fragment(
        field("From", "new-before", _states("new-before", "before")),
        field("To", "new-after", _states("new-after", "after")),
    )


def _trend() -> rx.Component:
    return rx.fragment(
        field(
            "Last sprints of each board",
            "new-last",
            text_input("new-last", "last", str(USUAL_LAST), input_mode="numeric", max_length=3),
        ),
        rx.el.fieldset(
            rx.el.legend("Boards, where it is more than the one above"),
            rx.foreach(NewReport.boards, _board_tick),
        ),
    )


def _board_tick(one: Any) -> rx.Component:
    return rx.el.label(
        rx.el.input(type="checkbox", name="board-" + one.value),
        rx.el.span(one.label, class_name="words"),
        class_name="choice flush",
    )


def _review() -> rx.Component:
    return rx.cond(
        NewReport.closed.length() > 0,
        field(
            "Sprint",
            "new-sprint",
            rx.el.select(
                rx.foreach(NewReport.closed, lambda one: rx.el.option(one.label, value=one.value)),
                id="new-sprint",
                name="sprint",
                key=NewReport.board,
            ),
        ),
        notice("This board has closed no sprint yet."),
    )


def _shared() -> rx.Component:
    return rx.el.label(
        rx.el.input(type="checkbox", name="shared"),
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
