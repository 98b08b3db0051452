"""Forms whose answer is a secret, which the browser alone gets to see, once; and the boxes to choose scopes by."""

from typing import Any

import reflex as rx

from sprintreports.ui.components.basics import link, notice


class SecretForm(rx.Component):
    """Sends its fields as JSON to the REST address `to`, and shows the fields `shown` of the answer, once.

    What is secret goes from there to the eyes: a state would keep it, be sent again on a reload, and may be stored.
    A field's `data-as` says what it is: text (as it is), optional, number, flag (yes or no), lines, or one of a list.
    A name with a point is a field of a part: `settings.host`. `method`: POST unless it is said.
    """

    library = "$/public/secrets.jsx"
    tag = "SecretForm"
    to: rx.Var[str]
    method: rx.Var[str]
    label: rx.Var[str]
    shown: rx.Var[str]
    sentence: rx.Var[str]
    on_done: rx.EventHandler[rx.event.no_args_event_spec]


secret_form = SecretForm.create


def prove_first() -> rx.Component:
    """In place of such a form, for those who have not shown lately that it is them."""
    return notice(
        rx.el.p(
            "Show first that it is you: give your password again under ",
            link("Security", to="/profile?tab=security"),
            ". That holds for ten minutes.",
        )
    )


def labelled(label: str, name: str, control: rx.Component, help_text: str = "") -> rx.Component:
    """A control with its label; the control's id is `name`."""
    return rx.el.div(
        rx.el.label(label, html_for=name),
        control,
        rx.el.span(help_text, class_name="help") if help_text else rx.fragment(),
        class_name="field",
    )


def scope_boxes(options: Any, *, legend: str) -> rx.Component:
    """A box for each scope of `options`, a list var of `Option`."""
    return rx.el.fieldset(
        rx.el.legend(legend, class_name="label"),
        rx.el.div(
            rx.foreach(
                options,
                lambda one: rx.el.label(
                    rx.el.input(
                        type="checkbox", name="scopes", value=one.value, custom_attrs={"data-as": "list"}
                    ),
                    rx.el.span(one.label, class_name="grow"),
                    class_name="row",
                ),
            ),
            class_name="form-grid",
        ),
        class_name="field",
    )
