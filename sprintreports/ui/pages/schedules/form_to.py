"""Where a schedule's report goes: rows of a connection with what its service asks for."""

from typing import Any

import reflex as rx

from sprintreports.reports.publishing.values import Service
from sprintreports.reports.schedules.rights import MOST_RECIPIENTS
from sprintreports.ui.components.basics import link, notice
from sprintreports.ui.frame_state import Frame
from sprintreports.ui.pages.schedules.editing import ScheduleEditor
from sprintreports.ui.pages.schedules.form_parts import listed, wrong
from sprintreports.ui.reporting import sending


def recipients() -> rx.Component:
    return rx.cond(
        ScheduleEditor.connections.length() > 0,
        rx.el.section(
            rx.el.h3("Where to"),
            rx.cond(
                ScheduleEditor.may_write,
                rx.fragment(),
                rx.el.p("Your role lets you have it mailed to yourself.", class_name="fine"),
            ),
            rx.foreach(ScheduleEditor.to, _recipient),
            wrong(ScheduleEditor.problems["recipients"], "s-to-wrong"),
            rx.cond(
                ScheduleEditor.to.length() < MOST_RECIPIENTS,
                rx.el.div(
                    rx.el.button(
                        "Add a recipient", type="button", class_name="button small", on_click=ScheduleEditor.add
                    )
                ),
            ),
            class_name="stack tight",
        ),
        _no_connection(),
    )  # fmt: skip


def _no_connection() -> rx.Component:
    return rx.cond(
        Frame.is_admin,
        notice(
            rx.el.p("No connection is set up yet. ", link("Set one up", to=sending.CONNECTIONS), " first."),
            tone="warn",
        ),
        rx.cond(
            ScheduleEditor.may_write,
            notice("No connection is set up yet. Ask an admin for one.", tone="warn"),
            notice("There is no mail server to send by yet. Ask an admin for one.", tone="warn"),
        ),
    )


def _recipient(one: Any) -> rx.Component:
    prefix = "r" + one.key + "-"
    return rx.el.fieldset(
        rx.el.legend("Recipient", class_name="hidden-text"),
        rx.el.div(
            rx.el.select(
                *listed(ScheduleEditor.connections),
                name=prefix + "connection",
                value=one.connection,
                on_change=lambda value: ScheduleEditor.pick_connection(one.key, value),
                custom_attrs={"aria-label": "Connection"},
            ),
            rx.el.button(
                rx.icon("x", size=16),
                type="button",
                class_name="icon-button",
                on_click=ScheduleEditor.drop(one.key),
                custom_attrs={"aria-label": "Take this recipient away"},
            ),
            class_name="recipient-head",
        ),
        # Each connection has fields of its own, filled in anew.
        rx.el.div(_fields(one, prefix), key=one.key + "-" + one.connection, class_name="stack tight"),
        wrong(one.problem, prefix + "wrong"),
        class_name="recipient stack tight",
        key=one.key,
    )


def _fields(one: Any, prefix: Any) -> rx.Component:
    return rx.match(
        one.kind,
        (
            Service.CONFLUENCE.value,
            rx.fragment(
                _text("Space", prefix + "space", one.space, "Its key, such as TEAM."),
                _text("Under the page", prefix + "parent", one.parent, "The page's number. Empty: at the top of the space."),
                _files(one, prefix),
            ),
        ),
        (
            Service.SLACK.value,
            rx.cond(one.of_bot, _text("Channel", prefix + "channel", one.channel, "Such as #delivery."), _posts()),
        ),
        (Service.EMAIL.value, rx.fragment(_addresses(one, prefix), _files(one, prefix))),
        _posts(),
    )  # fmt: skip


def _text(label: str, name: Any, value: Any, told: str) -> rx.Component:
    return rx.el.div(
        rx.el.label(label, html_for=name),
        rx.el.input(
            id=name, name=name, type="text", default_value=value, max_length=255, auto_complete="off"
        ),
        rx.el.span(told, class_name="help"),
        class_name="field",
    )


def _addresses(one: Any, prefix: Any) -> rx.Component:
    return rx.cond(
        ScheduleEditor.may_write,
        rx.el.div(
            rx.el.label("To", html_for=prefix + "to"),
            rx.el.textarea(id=prefix + "to", name=prefix + "to", rows="2", spell_check=False, default_value=one.mail),
            rx.el.span("One address a line.", class_name="help"),
            class_name="field",
        ),
        rx.el.p("To " + ScheduleEditor.own + ".", class_name="wrap-anywhere"),
    )  # fmt: skip


def _posts() -> rx.Component:
    return rx.el.p("The message goes into the channel that the address belongs to.", class_name="fine")


def _files(one: Any, prefix: Any) -> rx.Component:
    ticked = {"pdf": one.pdf, "xlsx": one.xlsx}
    return rx.el.div(
        rx.el.span("Attach:", class_name="label"),
        *[
            rx.el.label(
                rx.el.input(
                    type="checkbox", name=prefix + f"file-{each.value}", default_checked=ticked[each.value]
                ),
                f" {label}",
            )
            for each, label in sending.FILES.items()
        ],
        class_name="row",
        role="group",
        custom_attrs={"aria-label": "Attached files"},
    )
