"""One schedule: what it does, what may be done about it, and what became of it."""

from typing import Any

import reflex as rx

from sprintreports.ui.components.basics import chip, link
from sprintreports.ui.components.tables import pager
from sprintreports.ui.pages.schedules.editing import ScheduleEditor
from sprintreports.ui.pages.schedules.state import Schedules
from sprintreports.ui.planning.parts import asked_first, complaint, side_panel


def panel() -> rx.Component:
    one = Schedules.one
    return side_panel(
        one.name,
        one.what + ".",
        complaint(Schedules.complaint),
        rx.cond(
            one.paused != "",
            rx.el.div(
                rx.el.div(chip("Paused", "warn")),
                rx.el.p(one.paused, class_name="wrap-anywhere"),
                class_name="stack tight",
                role="status",
            ),
        ),
        rx.el.dl(
            _fact("When", one.when),
            rx.cond(one.next != "", _fact("Next run", one.next)),
            rx.cond(one.where != "", _fact("To", one.where)),
            _fact("Runs as", one.owner),
            _fact("Last change", one.changed),
            class_name="stack tight",
        ),
        rx.cond(one.report != "", rx.el.p(link("The report", to=one.report))),
        rx.cond(Schedules.may_steer, _actions()),
        _history(),
        # The form is a panel of its own, and comes in place of this one.
        is_open=(Schedules.opened != "") & ~ScheduleEditor.is_open,
        on_close=Schedules.close,
        label="Schedule " + one.name,
    )


def _fact(name: str, value: Any) -> rx.Component:
    return rx.el.div(rx.el.dt(name, class_name="fine"), rx.el.dd(value, class_name="wrap-anywhere"))


def _actions() -> rx.Component:
    own = Schedules.one.own
    return rx.el.div(
        rx.cond(
            own,
            rx.fragment(
                _button("Run now", Schedules.run_now, "button primary"),
                _button("Change", ScheduleEditor.edit(Schedules.opened)),
            ),
        ),
        rx.cond(
            Schedules.one.paused != "",
            rx.cond(own, _button("Resume", Schedules.resume)),
            _button("Pause", Schedules.pause),
        ),
        asked_first(
            "delete-schedule",
            "Delete",
            "Delete this schedule?",
            "It runs no more. Baselines and deliveries that it made stay.",
            yes="Delete the schedule",
            on_yes=Schedules.delete,
        ),
        class_name="row",
    )


def _button(text: str, event: Any, style: str = "button") -> rx.Component:
    return rx.el.button(text, type="button", class_name=style, on_click=event)


def _history() -> rx.Component:
    return rx.el.section(
        rx.el.h3("Runs"),
        rx.cond(
            Schedules.runs.length() > 0,
            rx.fragment(
                rx.el.ol(rx.foreach(Schedules.runs, _run), class_name="stack plain", id="runs"),
                pager(Schedules.runs_pager),
            ),
            rx.el.p("It has not run yet.", class_name="quiet"),
        ),
        class_name="stack tight",
    )


def _run(one: Any) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            chip(one.outcome, one.tone),
            rx.el.span(one.when, class_name="num"),
            rx.cond(one.sprint != "", rx.el.span(one.sprint, class_name="fine")),
            class_name="row",
        ),
        rx.cond(one.told != "", rx.el.p(one.told, class_name="wrap-anywhere")),
        rx.cond(one.links.length() > 0, rx.el.ul(rx.foreach(one.links, _made), class_name="row plain")),
        key=one.id,
    )


def _made(one: Any) -> rx.Component:
    return rx.el.li(
        link(one.text, to=one.url), rx.cond(one.state != "", rx.fragment(" ", chip(one.state, one.tone)))
    )
