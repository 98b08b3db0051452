"""Sign-in: one native form, so that the session cookie never meets a script."""

import reflex as rx

from sprintreports.ui.components.basics import notice
from sprintreports.ui.components.live import post_form, resent
from sprintreports.ui.layout import gate
from sprintreports.ui.pages.sign_in.state import SignIn


def page() -> rx.Component:
    return gate(
        rx.el.h1("Sign in"),
        rx.cond(
            SignIn.message != "",
            rx.cond(
                SignIn.tone == "bad", notice(SignIn.message, tone="bad"), notice(SignIn.message, tone="info")
            ),
        ),
        post_form(
            rx.el.div(
                _field(
                    "E-mail address or user name",
                    "login",
                    kind="text",
                    autocomplete="username",
                    autofocus=True,
                ),
                _field("Password", "password", kind="password", autocomplete="current-password"),
                rx.el.input(type="hidden", name="next", value=SignIn.next, read_only=True),
                resent(field="login", then="password"),
                rx.el.button("Sign in", type="submit", class_name="button primary wide"),
                class_name="panel stack",
            ),
            action="/session/sign-in",
        ),
        rx.el.p("No account, or no password? An admin of your company makes both.", class_name="fine"),
    )


def _field(label: str, name: str, *, kind: str, autocomplete: str, autofocus: bool = False) -> rx.Component:
    return rx.el.div(
        rx.el.label(label, html_for=name),
        rx.el.input(
            id=name,
            name=name,
            type=kind,
            auto_complete=autocomplete,
            auto_focus=autofocus,
            required=True,
            max_length=1000,
        ),
        class_name="field",
    )
