"""The profile's tab "security": password, second factor, and where one is signed in.

What changes how one signs in goes by plain forms, whose answers carry the cookie, or from the browser straight to REST.
"""

from typing import Any

import reflex as rx

from sprintreports.ui.components.basics import by_status, chip, loading, notice, skeleton
from sprintreports.ui.components.live import ago, post_form
from sprintreports.ui.components.providers import LinkedProviders, linked_providers
from sprintreports.ui.components.second_factor import enrol, new_codes
from sprintreports.ui.components.tables import action_head
from sprintreports.ui.profile.security_state import SecurityTab, SessionLine

LOADS: tuple[object, ...] = (SecurityTab.load, LinkedProviders.load)
_REST = "/api/v1/users/me/second-factor"


def panel() -> rx.Component:
    """The tab's content, without a frame of its own."""
    return by_status(
        SecurityTab, ready=_ready(), blank=rx.fragment(), waiting=loading(skeleton(height="320px"))
    )


def _ready() -> rx.Component:
    return rx.el.div(
        rx.cond(SecurityTab.told != "", notice(SecurityTab.told, tone="good")),
        rx.cond(SecurityTab.mistake != "", notice(SecurityTab.mistake, tone="bad")),
        rx.cond(SecurityTab.proved, rx.fragment(), _proof()),
        _second_factor(),
        linked_providers(),
        _sessions(),
        rx.cond(SecurityTab.has_password, _password()),
        class_name="stack loose",
    )


def _proof() -> rx.Component:
    form = post_form(
        rx.el.div(
            _secret("Your password", "proof-password", "password", "current-password"),
            rx.cond(SecurityTab.on, _code()),
            class_name="form-grid",
        ),
        rx.el.div(rx.el.button("It is me", type="submit", class_name="button"), class_name="row"),
        action="/session/proof",
        class_name="stack",
    )
    return rx.el.section(
        rx.el.h2("Is it you?"),
        rx.el.p(
            "To change how you sign in, show again who you are: somebody may sit at a computer that you left open. "
            "It holds for ten minutes."
        ),
        rx.cond(
            SecurityTab.has_password,
            form,
            rx.el.p("You have no password here: sign out, and sign in again through your company."),
        ),
        class_name="stack",
    )


def _second_factor() -> rx.Component:
    return rx.el.section(
        rx.el.h2("Second factor"),
        rx.el.p(
            SecurityTab.factor,
            rx.cond(SecurityTab.required, " Your role needs one.", ""),
        ),
        rx.cond(SecurityTab.complaint != "", notice(SecurityTab.complaint, tone="bad")),
        rx.cond(
            SecurityTab.proved,
            rx.el.div(
                enrol(
                    to=_REST,
                    label=rx.cond(
                        SecurityTab.on, "Set up another app in its place", "Set up an authenticator app"
                    ),
                    kept="I have kept them",
                    begins=False,
                    on_done=SecurityTab.again,
                ),
                rx.cond(SecurityTab.on, new_codes(to=f"{_REST}/recovery-codes", on_done=SecurityTab.again)),
                rx.cond(
                    SecurityTab.on & ~SecurityTab.required,
                    rx.el.div(
                        rx.el.button(
                            "Switch it off",
                            type="button",
                            class_name="button danger",
                            on_click=SecurityTab.switch_off,
                        ),
                        class_name="row",
                    ),
                ),
                class_name="stack",
            ),
        ),
        class_name="stack",
    )


def _sessions() -> rx.Component:
    table = rx.el.table(
        rx.el.thead(
            rx.el.tr(
                *[rx.el.th(text, scope="col") for text in ("Device", "Address", "Last seen", "Signed in")],
                action_head(),
            )
        ),
        rx.el.tbody(rx.foreach(SecurityTab.sessions, _session)),
    )
    others = rx.el.button(
        "Sign out all others", type="submit", name="which", value="others", class_name="button danger"
    )
    return rx.el.section(
        rx.el.h2("Where you are signed in"),
        post_form(
            rx.el.div(
                table,
                class_name="table-wrap",
                tab_index=0,
                role="group",
                custom_attrs={"aria-label": "Sessions"},
            ),
            rx.cond(SecurityTab.proved & ~SecurityTab.alone, rx.el.div(others, class_name="row")),
            action="/session/end",
            class_name="stack",
        ),
        class_name="stack",
    )


def _session(row: rx.Var[SessionLine]) -> rx.Component:
    button = rx.el.button(
        "Sign out",
        type="submit",
        name="which",
        value=row.id,
        class_name="button small",
        custom_attrs={"aria-label": "Sign out " + row.device.to(str) + ", signed in " + row.since.to(str)},
    )
    return rx.el.tr(
        rx.el.th(row.device, scope="row"),
        rx.el.td(row.address),
        rx.el.td(ago(iso=row.seen, prefix="", exact=row.seen_exact), class_name="num"),
        rx.el.td(row.since, class_name="num"),
        rx.el.td(rx.cond(row.here, chip("This browser"), rx.cond(SecurityTab.proved, button))),
    )


def _password() -> rx.Component:
    return rx.el.section(
        rx.el.h2("Password"),
        post_form(
            rx.el.div(
                _secret("Your password now", "current", "current", "current-password"),
                _secret("The new one", "new", "new", "new-password", help_text="At least 12 characters. A few words in a row are easy to remember and hard to guess."),
                _secret("The new one again", "again", "again", "new-password"),
                class_name="form-grid",
            ),
            rx.el.p("Everything else that is signed in, browsers and programs, is signed out.", class_name="fine"),
            rx.el.div(rx.el.button("Change the password", type="submit", class_name="button"), class_name="row"),
            action="/session/password",
            class_name="stack",
        ),
        class_name="stack",
    )  # fmt: skip


def _secret(label: str, key: str, name: str, autocomplete: str, *, help_text: str = "") -> rx.Component:
    return rx.el.div(
        rx.el.label(label, html_for=key),
        _input(key, name, kind="password", auto_complete=autocomplete),
        *([rx.el.span(help_text, class_name="help")] if help_text else []),
        class_name="field",
    )


def _code() -> rx.Component:
    return rx.el.div(
        rx.el.label("Code of your app", html_for="proof-code"),
        _input("proof-code", "code", kind="text", auto_complete="one-time-code"),
        class_name="field",
    )


def _input(key: str, name: str, *, kind: str, **props: Any) -> rx.Component:
    return rx.el.input(id=key, name=name, type=kind, required=True, max_length=1000, **props)
