"""Small parts that the pages of teams and of capacity share."""

from collections.abc import Sequence
from typing import Any

import reflex as rx

from sprintreports.ui.components.basics import Child, link, notice
from sprintreports.ui.components.live import drawer
from sprintreports.ui.frame_state import Frame


def field(label: str, identity: str, control: rx.Component, help_text: Child = "") -> rx.Component:
    return rx.el.div(
        rx.el.label(label, html_for=identity),
        control,
        *([rx.el.span(help_text, class_name="help")] if not isinstance(help_text, str) or help_text else []),
        class_name="field",
    )


def text_input(identity: str, name: str, value: Any = "", **props: Any) -> rx.Component:
    """A field that starts with a value and is the visitor's from then on."""
    return rx.el.input(
        **{
            "id": identity,
            "name": name,
            "type": "text",
            "default_value": value,
            "key": value,
            "max_length": 200,
        }
        | props
    )


def choice(identity: str, name: str, options: Sequence[tuple[str, str]], value: Any) -> rx.Component:
    """A select of fixed options that starts with a value."""
    return rx.el.select(
        *[rx.el.option(text, value=one) for one, text in options],
        id=identity,
        name=name,
        default_value=value,
        key=value,
    )


def from_list(identity: str, name: str, options: Any, value: Any, *, none: str = "") -> rx.Component:
    """A select of the state's options; none: what the empty one says."""
    return rx.el.select(
        *([rx.el.option(none, value="")] if none else []),
        rx.foreach(options, lambda one: rx.el.option(one.label, value=one.value)),
        id=identity,
        name=name,
        default_value=value,
        key=value,
    )


def complaint(of: Any) -> rx.Component:
    return rx.cond(of != "", notice(of, tone="bad"))


def side_panel(
    title: Any, reading: Any, *children: Child, is_open: Any, on_close: Any, label: Any = None
) -> rx.Component:
    """A panel at the right with its title and its way out."""
    return drawer(
        rx.el.div(
            rx.el.header(
                rx.el.div(rx.el.h2(title), rx.el.p(reading, class_name="reading")),
                rx.el.button(
                    rx.icon("x", size=18),
                    type="button",
                    class_name="icon-button",
                    on_click=on_close,
                    custom_attrs={"aria-label": "Close"},
                ),
                class_name="drawer-head",
            ),
            *children,
            class_name="drawer-body",
        ),
        open=is_open,
        label=title if label is None else label,
        on_close=on_close,
    )


def asked_first(
    identity: Any, button: str, question: Child, told: Child, *, yes: str, on_yes: Any, label: Any = None
) -> rx.Component:
    """A button for what cannot be undone, and the question before it. label: the button's name where it needs one of its own."""
    return rx.fragment(
        rx.el.button(
            button,
            type="button",
            class_name="button small danger",
            custom_attrs={"popoverTarget": identity} | ({} if label is None else {"aria-label": label}),
        ),
        rx.el.div(
            rx.el.h3(question),
            rx.el.p(told),
            rx.el.p(
                rx.el.button(
                    yes,
                    type="button",
                    class_name="button danger",
                    on_click=on_yes,
                    custom_attrs={"popoverTarget": identity, "popoverTargetAction": "hide"},
                )
            ),
            id=identity,
            class_name="pop right",
            custom_attrs={"popover": "auto"},
        ),
    )


def queues_link() -> rx.Component:
    """From a page of the picked sprint to the sprint's queues."""
    return link("Queues of this sprint", to=Frame.nav["/queues"], class_name="button")


def scrolling(*children: Child, label: Any, **props: Any) -> rx.Component:
    """A table's surroundings: it scrolls within itself, by keyboard too."""
    return rx.el.div(
        *children,
        class_name="table-wrap",
        tab_index=0,
        role="region",
        custom_attrs={"aria-label": label},
        **props,
    )


def heads(*columns: tuple[Child, str]) -> rx.Component:
    """The heads of a table: text and CSS class."""
    return rx.el.thead(rx.el.tr(*[rx.el.th(text, scope="col", class_name=kind) for text, kind in columns]))
