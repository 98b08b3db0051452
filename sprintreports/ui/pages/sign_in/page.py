"""Sign-in, step by step: native forms, so that no cookie ever meets a script."""

import reflex as rx

from sprintreports.identity.unfinished import Step
from sprintreports.ui.components.basics import notice
from sprintreports.ui.components.live import post_form, resent
from sprintreports.ui.components.once import from_fragment
from sprintreports.ui.components.providers import provider_buttons
from sprintreports.ui.components.second_factor import enrol
from sprintreports.ui.layout import gate
from sprintreports.ui.pages.sign_in.state import EMERGENCY, SignIn


def page() -> rx.Component:
    return gate(
        rx.match(
            SignIn.step,
            (Step.CODE.value, _code()),
            (Step.ENROLMENT.value, _enrolment()),
            (EMERGENCY, _emergency()),
            _password(),
        )
    )


def _password() -> rx.Component:
    return rx.fragment(
        rx.el.h1("Sign in"),
        _message(),
        rx.cond(
            SignIn.local,
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
        ),
        provider_buttons(),
        rx.el.p("No account, or no password? An admin of your company makes both.", class_name="fine"),
    )


def _code() -> rx.Component:
    return rx.fragment(
        rx.el.h1("Your second factor"),
        _message(),
        post_form(
            rx.el.div(
                _field(
                    "Code of your authenticator app",
                    "code",
                    kind="text",
                    autocomplete="one-time-code",
                    autofocus=True,
                ),
                rx.el.button("Go on", type="submit", class_name="button primary wide"),
                class_name="panel stack",
            ),
            action="/session/second-factor",
        ),
        rx.el.p("The app is lost? A recovery code does it too, once.", class_name="fine"),
        _again(),
    )


def _enrolment() -> rx.Component:
    return rx.fragment(
        rx.el.h1("Set up a second factor"),
        rx.el.p("Your role needs one. It takes a minute, once: then your password alone opens nothing."),
        _message(),
        rx.el.div(
            enrol(
                to="/session/enrolment",
                label="Begin",
                kept="I have kept them, go on",
                begins=True,
                on_done=rx.noop(),
            ),
            class_name="panel stack",
        ),
        _again(),
    )


def _emergency() -> rx.Component:
    return rx.fragment(
        rx.el.h1("Emergency sign-in"),
        rx.el.p("This link works once, within fifteen minutes, and its use is written into the audit log."),
        post_form(
            rx.el.div(
                from_fragment(name="token"),
                rx.el.button("Sign in as super admin", type="submit", class_name="button primary wide"),
                class_name="panel stack",
            ),
            action="/session/break-glass",
        ),
        _again(),
    )


def _again() -> rx.Component:
    return rx.el.p(rx.el.a("Sign in from the beginning", href="/sign-in"), class_name="fine")


def _message() -> rx.Component:
    return rx.cond(
        SignIn.message != "",
        rx.cond(
            SignIn.tone == "bad", notice(SignIn.message, tone="bad"), notice(SignIn.message, tone="info")
        ),
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
