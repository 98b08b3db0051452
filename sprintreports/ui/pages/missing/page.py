"""An address that leads nowhere: what to do next."""

import reflex as rx

from sprintreports.ui.layout import gate


def page() -> rx.Component:
    return gate(
        rx.el.h1("There is no such page"),
        rx.el.p("The address may be mistyped, or the page may have moved."),
        rx.el.p(rx.el.a("Go to the overview of active sprints", href="/")),
    )
