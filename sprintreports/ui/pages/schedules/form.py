"""The form of a schedule: what it does, when, and where to. Fields that do not matter are not there."""

from typing import Any

import reflex as rx

from sprintreports.ui.components.basics import link, notice
from sprintreports.ui.pages.schedules import entering
from sprintreports.ui.pages.schedules.editing import ScheduleEditor
from sprintreports.ui.pages.schedules.form_parts import by_clock, entry, field, fixed, listed, select
from sprintreports.ui.pages.schedules.form_to import recipients
from sprintreports.ui.pages.schedules.form_when import when
from sprintreports.ui.pages.schedules.rows import WHICH
from sprintreports.ui.planning.parts import complaint, side_panel
from sprintreports.ui.reporting.states import KINDS

_DOES = (
    (entering.SEND, "Send a report"),
    (entering.FREEZE, "Take a baseline"),
    (entering.BOTH, "Send a report and take a baseline"),
)


def new_button(text: str = "New schedule") -> rx.Component:
    return rx.el.button(text, type="button", class_name="button primary", on_click=ScheduleEditor.begin)


def editor() -> rx.Component:
    return side_panel(
        ScheduleEditor.title,
        "It runs as you, with what you may do at that time.",
        complaint(ScheduleEditor.complaint),
        # Closed, it is not there: opened again, it holds what it begins with.
        rx.cond(ScheduleEditor.is_open, _form()),
        is_open=ScheduleEditor.is_open,
        on_close=ScheduleEditor.end,
        label="Set a schedule up",
    )


def _form() -> rx.Component:
    sends = ScheduleEditor.does != entering.FREEZE
    return rx.el.form(
        field("Name", "s-name", "name", entry("s-name", "name", default_value=ScheduleEditor.name, required=True, max_length=120)),
        rx.cond(ScheduleEditor.may_freeze, _does()),
        rx.cond(sends, _what()),
        rx.cond(_needs_board(), _board()),
        rx.cond(by_clock() & _of_sprint(), _which()),
        when(),
        rx.cond(sends, recipients()),
        rx.el.div(
            rx.el.button("Keep", type="submit", class_name="button primary"),
            rx.el.button("Cancel", type="button", class_name="button", on_click=ScheduleEditor.end),
            class_name="row",
        ),
        on_submit=ScheduleEditor.keep,
        class_name="stack",
        id="schedule",
    )  # fmt: skip


def _of_sprint() -> Any:
    """Whether one sprint of the board has to be found: it is for baselines, and for all kinds but a trend."""
    told = (ScheduleEditor.what != entering.LIBRARY) & (ScheduleEditor.what != "trend")
    return (ScheduleEditor.does == entering.FREEZE) | told


def _needs_board() -> Any:
    return (ScheduleEditor.does != entering.SEND) | (ScheduleEditor.what != entering.LIBRARY) | ~by_clock()


def _does() -> rx.Component:
    control = select(
        "s-does", "does", fixed(_DOES), value=ScheduleEditor.does, on_change=ScheduleEditor.pick_does
    )
    return field("What it does", "s-does", "does", control)


def _what() -> rx.Component:
    kinds = [
        *((kind.value, words[0]) for kind, words in KINDS.items()),
        (entering.LIBRARY, "A report of the library"),
    ]
    control = select(
        "s-what", "what", fixed(kinds), value=ScheduleEditor.what, on_change=ScheduleEditor.pick_what
    )
    told = rx.match(
        ScheduleEditor.what,
        ("comparison", "The sprint's start with the sprint as it is then."),
        ("trend", "The last twelve sprints that were closed."),
        ("review", "Commitment against delivery, of the sprint that is found then."),
        (entering.LIBRARY, ""),
        "The sprint as it is then.",
    )
    return rx.fragment(
        field("Report", "s-what", "what", control, told),
        rx.cond(ScheduleEditor.what == entering.LIBRARY, _report(), _template()),
    )


def _report() -> rx.Component:
    return rx.cond(
        ScheduleEditor.reports.length() > 0,
        field(
            "Which report",
            "s-report",
            "content.report_id",
            select(
                "s-report",
                "report",
                listed(ScheduleEditor.reports),
                field="content.report_id",
                value=ScheduleEditor.report,
                on_change=ScheduleEditor.pick_report,
            ),
            rx.cond(
                ScheduleEditor.more_reports,
                "The first hundred by name. Of another one, choose “Schedule it” on its own page.",
                "",
            ),
        ),
        notice(
            rx.el.p("There is no report in the library yet. ", link("Make one", to="/reports"), " first.")
        ),
    )


def _template() -> rx.Component:
    return field(
        "Template",
        "s-template",
        "content.template",
        select(
            "s-template",
            "template",
            [rx.el.option("Usual order", value=""), *listed(ScheduleEditor.templates)],
            field="content.template",
            default_value=ScheduleEditor.template,
            key=ScheduleEditor.what,
        ),
    )


def _board() -> rx.Component:
    return rx.cond(
        ScheduleEditor.boards.length() > 0,
        field(
            "Board",
            "s-board",
            "board_id",
            select(
                "s-board",
                "board",
                listed(ScheduleEditor.boards),
                field="board_id",
                value=ScheduleEditor.board,
                on_change=ScheduleEditor.pick_board,
            ),
        ),
        notice("There is no board yet. Connect a Jira and choose its boards, or ask an admin."),
    )


def _which() -> rx.Component:
    options = [(which.value, text[:1].upper() + text[1:]) for which, text in WHICH.items()]
    control = select("s-which", "which", fixed(options), default_value=ScheduleEditor.which)
    return field("Which sprint", "s-which", "which", control)
