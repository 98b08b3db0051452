"""What the parts of a schedule's form share: fields that say what is wrong with them, and choices."""

from typing import Any

import reflex as rx

from sprintreports.ui.components.basics import Child
from sprintreports.ui.pages.schedules import entering
from sprintreports.ui.pages.schedules.editing import ScheduleEditor


def by_clock() -> Any:
    return (ScheduleEditor.on == entering.WEEKLY) | (ScheduleEditor.on == entering.CRON)


def field(label: str, identity: str, name: str, control: rx.Component, help_text: Child = "") -> rx.Component:
    """A field with its help, and what is wrong with it. name: as the domain calls it."""
    return rx.el.div(
        rx.el.label(label, html_for=identity),
        control,
        *([rx.el.span(help_text, class_name="help")] if not isinstance(help_text, str) or help_text else []),
        wrong(ScheduleEditor.problems[name], f"{identity}-wrong"),
        class_name="field",
    )


def wrong(sentence: Any, identity: Any) -> rx.Component:
    return rx.cond(sentence, rx.el.span(sentence, class_name="wrong", role="alert", id=identity))


def entry(identity: str, name: str, *, field: str = "", **props: Any) -> rx.Component:
    return rx.el.input(
        **{
            "id": identity,
            "name": name,
            "type": "text",
            "auto_complete": "off",
            "custom_attrs": _marked(identity, field or name),
        }
        | props
    )


def _marked(identity: str, field: str) -> dict[str, Any]:
    """What tells a screen reader that a field is wrong, and why."""
    told = ScheduleEditor.problems[field]
    return {
        "aria-invalid": rx.cond(told, "true", "false"),
        "aria-describedby": rx.cond(told, f"{identity}-wrong", rx.Var("undefined")),
    }


def select(identity: str, name: str, options: Any, *, field: str = "", **props: Any) -> rx.Component:
    return rx.el.select(
        *options, id=identity, name=name, custom_attrs=_marked(identity, field or name), **props
    )


def listed(options: Any) -> list[rx.Component]:
    return [rx.foreach(options, lambda one: rx.el.option(one.label, value=one.value))]


def fixed(options: Any) -> list[rx.Component]:
    return [rx.el.option(text, value=value) for value, text in options]
