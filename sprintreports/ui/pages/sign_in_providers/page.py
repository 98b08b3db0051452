"""Sign-in through the company: providers to set up, test and switch on, and how one may sign in at all."""

from typing import Any

import reflex as rx

from sprintreports.ui.components.basics import (
    by_status,
    chip,
    empty,
    loading,
    notice,
    server_link,
    skeleton,
)
from sprintreports.ui.components.webhook import copyable
from sprintreports.ui.layout import frame, page_head
from sprintreports.ui.pages.sign_in_providers.form import ProviderForm, provider_form
from sprintreports.ui.pages.sign_in_providers.state import PATH, POLICY_ROLES, SignInProviders


def page() -> rx.Component:
    return frame(
        page_head("Sign-in", "Through your company's identity provider, with passwords, or both.", _add()),
        by_status(
            SignInProviders, ready=_ready(), blank=rx.fragment(), waiting=loading(skeleton(height="320px"))
        ),
        page=PATH,
    )


def _add() -> rx.Component:
    return rx.cond(
        SignInProviders.may_change,
        rx.el.button(
            rx.icon("plus", size=16),
            "Add a provider",
            type="button",
            class_name="button primary",
            on_click=ProviderForm.begin,
        ),
    )


def _ready() -> rx.Component:
    return rx.el.div(
        rx.cond(SignInProviders.complaint != "", notice(SignInProviders.complaint, tone="bad")),
        rx.cond(SignInProviders.tested.tone != "", _tested()),
        rx.cond(
            SignInProviders.lines.length() > 0,
            rx.el.section(
                rx.foreach(SignInProviders.lines, _provider),
                class_name="grid-2",
                id="providers",
                custom_attrs={"aria-label": "Identity providers"},
            ),
            empty(
                "No provider is set up",
                rx.el.p(
                    "People sign in with passwords. Add a provider to let them use your company's accounts."
                ),
                icon="key-round",
            ),
        ),
        rx.cond(SignInProviders.may_change, rx.fragment(_policy(), provider_form())),
        class_name="stack",
    )


def _tested() -> rx.Component:
    tested = SignInProviders.tested
    return rx.el.section(
        rx.el.h2("What the test has brought"),
        rx.match(
            tested.tone,
            ("good", notice(rx.el.p(tested.sentence), tone="good")),
            ("bad", notice(rx.el.p(tested.sentence), tone="bad")),
            notice(rx.el.p(tested.sentence), tone="warn"),
        ),
        rx.cond(tested.facts.length() > 0, _claims("What it means here", tested.facts)),
        rx.cond(
            tested.claims.length() > 0,
            rx.el.details(
                rx.el.summary("Everything that arrived"), _claims("Everything that arrived", tested.claims)
            ),
        ),
        class_name="panel padded stack",
        id="tested",
    )


def _claims(name: str, claims: Any) -> rx.Component:
    return rx.el.div(
        rx.el.table(
            rx.el.caption(name, class_name="hidden-text"),
            rx.el.tbody(
                rx.foreach(
                    claims,
                    lambda one: rx.el.tr(
                        rx.el.th(one.name, scope="row"),
                        rx.el.td(one.value, style={"overflowWrap": "anywhere", "whiteSpace": "normal"}),
                    ),
                )
            ),
        ),
        class_name="table-wrap",
    )


def _provider(line: Any) -> rx.Component:
    return rx.el.article(
        rx.el.header(
            rx.el.div(rx.el.h2(line.name), rx.el.p(line.kind, class_name="reading"), class_name="grow"),
            rx.cond(line.enabled, chip("On", "good"), chip("Off")),
            class_name="panel-head",
        ),
        rx.el.div(
            rx.el.p(line.who),
            rx.cond(line.warning != "", notice(rx.el.p(line.warning), tone="warn")),
            rx.el.p("Address to enter at the provider:", class_name="label"),
            copyable(name="the redirect address", value=line.back),
            rx.cond(
                line.metadata != "",
                rx.fragment(
                    rx.el.p("Our metadata:", class_name="label"),
                    copyable(name="the address of our metadata", value=line.metadata),
                ),
            ),
            rx.cond(SignInProviders.may_change, _steering(line)),
            class_name="panel-body stack tight",
        ),
        class_name="panel",
        key=line.id,
    )


def _steering(line: Any) -> rx.Component:
    def button(text: str, event: Any) -> rx.Component:
        return rx.el.button(text, type="button", class_name="button", on_click=event)

    return rx.cond(
        SignInProviders.asking == line.id,
        rx.el.div(
            rx.el.p("Its links to people and the roles by its groups end at once."),
            rx.el.div(
                rx.el.button(
                    "Delete it for good",
                    type="button",
                    class_name="button danger",
                    on_click=SignInProviders.remove(line.id),
                ),
                button("Keep it", SignInProviders.ask("")),
                class_name="row",
            ),
            class_name="stack tight",
        ),
        rx.el.div(
            server_link("Test", href=line.test, class_name="button"),
            rx.cond(
                line.enabled,
                button("Switch off", SignInProviders.switch(line.id, False)),
                button("Switch on", SignInProviders.switch(line.id, True)),
            ),
            rx.cond(
                line.changeable,
                rx.fragment(
                    button("Edit", ProviderForm.edit(line.id)),
                    button("Delete …", SignInProviders.ask(line.id)),
                ),
                rx.el.p(
                    "A super admin signs in with it: only a super admin changes or deletes it.",
                    class_name="fine",
                ),
            ),
            class_name="row",
        ),
    )


def _policy() -> rx.Component:
    return rx.el.section(
        rx.el.h2("Passwords and second factor"),
        rx.el.form(
            rx.el.label(
                rx.el.input(
                    type="checkbox",
                    name="passwords",
                    value="yes",
                    default_checked=SignInProviders.passwords,
                    key=SignInProviders.passwords.to_string(),
                ),
                "People may sign in with a password",
                class_name="row",
            ),
            rx.el.p(
                "Switched off, only providers let people in. Should they fail, “sprintreports break-glass” on the server "
                "makes a link for a super admin.",
                class_name="help",
            ),
            rx.el.fieldset(
                rx.el.legend("Who signs in with a password needs a second factor as"),
                *[
                    rx.el.label(
                        rx.el.input(
                            type="checkbox",
                            name=f"factor-{value}",
                            value="yes",
                            default_checked=SignInProviders.second_factor[value],
                            key=SignInProviders.second_factor[value].to_string(),
                        ),
                        label,
                        class_name="row",
                    )
                    for value, label in POLICY_ROLES
                ],
                class_name="row",
            ),
            rx.el.div(rx.el.button("Keep", type="submit", class_name="button"), class_name="row"),
            on_submit=SignInProviders.keep_policy,
            class_name="stack tight",
        ),
        class_name="panel padded stack",
        id="policy",
    )
