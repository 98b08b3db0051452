"""The first run: admin, Jira, boards, fields, sync, and then the first chart."""

import reflex as rx

from sprintreports.ui.components.basics import by_status, link, loading, notice, skeleton
from sprintreports.ui.components.live import post_form, titled
from sprintreports.ui.connecting.atlassian import atlassian_panel
from sprintreports.ui.connecting.boards import boards_panel
from sprintreports.ui.connecting.connection import connection_form
from sprintreports.ui.connecting.field_parts import fields_panel
from sprintreports.ui.connecting.syncing import sync_panel
from sprintreports.ui.layout import gate
from sprintreports.ui.pages.setup.state import STEPS, Setup
from sprintreports.ui.status import READY


def page() -> rx.Component:
    return gate(
        rx.cond(Setup.status == READY, _steps()),
        rx.el.div(
            by_status(Setup, ready=_step(), blank=rx.fragment(), waiting=loading(skeleton(height="300px"))),
            class_name="panel stack",
        ),
        rx.cond(
            (Setup.step != "") & (Setup.step != "admin"),
            rx.el.p(link("Back to the Jira sites", to="/sites"), class_name="fine"),
        ),
        wide=True,
    )


def _step() -> rx.Component:
    return rx.match(
        Setup.step,
        ("admin", _admin()),
        ("connect", _connect()),
        ("boards", _boards()),
        ("fields", _fields()),
        _sync(),
    )


def _steps() -> rx.Component:
    return rx.el.ol(
        *[
            rx.el.li(
                rx.cond(Setup.links[step], link(text, to=Setup.links[step]), text),
                class_name=rx.cond(Setup.position > at, "past", ""),
                custom_attrs={"aria-current": rx.cond(Setup.position == at, "step", "false")},
            )
            for at, (step, text) in enumerate(STEPS)
        ],
        class_name="steps",
        custom_attrs={"aria-label": "Steps"},
    )


def _admin() -> rx.Component:
    return rx.fragment(
        _head("Welcome. Make the first admin", "Whoever started Sprint Reports saw a setup code in the terminal."),
        rx.cond(Setup.mistake != "", notice(Setup.mistake, tone="bad")),
        post_form(
            rx.el.div(
                _field("Setup code", "code", help_text="`sprintreports setup-code` prints a new one."),
                rx.el.div(
                    _field("Your name", "name", value=Setup.name, autocomplete="name"),
                    _field("E-mail address", "email", kind="email", value=Setup.email, autocomplete="username"),
                    class_name="form-grid",
                ),
                _field(
                    "Password", "password", kind="password", autocomplete="new-password",
                    help_text="At least 12 characters. A few words in a row are easy to remember and hard to guess.",
                ),
                rx.el.div(rx.el.button("Make the account", type="submit", class_name="button primary"), class_name="row"),
                class_name="stack",
            ),
            action="/session/first-admin",
        ),
    )  # fmt: skip


def _connect() -> rx.Component:
    return rx.fragment(
        _head(
            "Connect your Jira",
            "Use an account that may see the boards you want to report on. It needs no admin rights.",
        ),
        connection_form(then="/setup?site={site}&step=boards"),
        atlassian_panel(),
    )


def _boards() -> rx.Component:
    return rx.fragment(
        _head("Choose the boards", "You can change this at any time."),
        boards_panel(then="/setup?site={site}&step=fields", button="Go on"),
    )


def _fields() -> rx.Component:
    return rx.fragment(
        _head("Check what each field means", "Every Jira names its fields its own way."),
        fields_panel(then="/setup?site={site}&step=sync", button="Confirm and go on"),
    )


def _sync() -> rx.Component:
    first_chart = rx.el.div(
        notice("Your numbers are ready.", tone="good"),
        rx.el.div(link("Show the first chart", to="/sprint", class_name="button primary"), class_name="row"),
        class_name="stack",
    )
    return rx.fragment(
        _head("Sync", "Issues are read with their whole history. You may leave this page; the sync goes on."),
        sync_panel(finished=first_chart),
    )


def _head(title: str, text: str) -> rx.Component:
    return rx.el.div(
        titled(title), rx.el.h1(title), rx.el.p(text, class_name="quiet"), class_name="stack tight"
    )


def _field(
    label: str,
    name: str,
    *,
    kind: str = "text",
    value: rx.Var | str = "",
    autocomplete: str = "off",
    help_text: str = "",
) -> rx.Component:
    return rx.el.div(
        rx.el.label(label, html_for=name),
        rx.el.input(
            id=name, name=name, type=kind, default_value=value, key=value, auto_complete=autocomplete, required=True,
            max_length=1000,
        ),
        rx.el.span(help_text, class_name="help") if help_text else rx.fragment(),
        class_name="field",
    )  # fmt: skip
