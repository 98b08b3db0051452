"""A one-time link leads here: choose a password, with one native form."""

import reflex as rx

from sprintreports.ui.components.basics import notice
from sprintreports.ui.components.live import post_form
from sprintreports.ui.components.once import from_fragment
from sprintreports.ui.layout import gate
from sprintreports.ui.pages.invitation.state import Invitation


def page() -> rx.Component:
    return gate(
        rx.el.h1(rx.cond(Invitation.over, "This link is used up", "Choose your password")),
        rx.cond(Invitation.message != "", notice(Invitation.message, tone="bad")),
        rx.cond(
            Invitation.over,
            rx.el.p("Have you chosen a password with it? ", rx.el.a("Sign in", href="/sign-in"), "."),
            _form(),
        ),
    )


def _form() -> rx.Component:
    return rx.fragment(
        post_form(
            rx.el.div(
                from_fragment(name="token"),
                rx.el.div(
                    rx.el.label("New password", html_for="password"),
                    rx.el.input(
                        id="password",
                        name="password",
                        type="password",
                        auto_complete="new-password",
                        auto_focus=True,
                        required=True,
                        max_length=1000,
                    ),
                    rx.el.span(
                        "At least 12 characters. A few words in a row are easy to remember and hard to guess.",
                        class_name="help",
                    ),
                    class_name="field",
                ),
                rx.el.button("Keep this password", type="submit", class_name="button primary wide"),
                class_name="panel stack",
            ),
            action="/session/invitation",
        ),
        rx.el.p("Then you sign in with it. The link works once.", class_name="fine"),
    )
