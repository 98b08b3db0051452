"""What every number means: the page that each popover leads to."""

import reflex as rx

from sprintreports.ui.definitions import DEFINITIONS, Definition
from sprintreports.ui.layout import frame, page_head


def page() -> rx.Component:
    return frame(
        page_head("Definitions", "The rules behind the numbers. They follow Jira's own sprint report."),
        rx.el.section(*[_entry(definition) for definition in DEFINITIONS.values()], class_name="grid-3"),
        page="/definitions",
    )


def _entry(definition: Definition) -> rx.Component:
    return rx.el.article(
        rx.el.div(
            rx.el.h2(definition.name),
            rx.el.p(definition.meaning),
            rx.el.p(definition.formula, class_name="fine"),
            class_name="panel-body stack tight",
        ),
        id=definition.key,
        class_name="panel",
    )
