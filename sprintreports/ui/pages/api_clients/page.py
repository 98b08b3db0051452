"""Programs that use the REST API: those that were registered, and everybody's keys."""

from typing import Any

import reflex as rx

from sprintreports.ui.components.basics import by_status, chip, facts, loading, notice, server_link, skeleton
from sprintreports.ui.components.secrets import labelled, prove_first, scope_boxes, secret_form
from sprintreports.ui.components.tables import action_head, pager
from sprintreports.ui.layout import frame, page_head
from sprintreports.ui.pages.api_clients.state import PATH, ApiClients

_KEY_HEADS = ("Owner", "Key", "May", "Good until", "Last used", "State")


def page() -> rx.Component:
    return frame(
        page_head("API clients", "Programs that use the REST API, and what each of them may do."),
        by_status(ApiClients, ready=_ready(), blank=rx.fragment(), waiting=loading(skeleton(height="320px"))),
        page=PATH,
    )


def _ready() -> rx.Component:
    return rx.el.div(
        rx.cond(ApiClients.complaint != "", notice(ApiClients.complaint, tone="bad")),
        rx.cond(
            ApiClients.clients.length() > 0,
            rx.el.section(
                rx.foreach(ApiClients.clients, _client),
                class_name="grid-2",
                custom_attrs={"aria-label": "Registered programs"},
            ),
            rx.el.section(
                rx.el.p("No program is registered. People can still use keys of their own."),
                class_name="panel padded quiet",
            ),
        ),
        rx.cond(ApiClients.may_change, _registration()),
        _keys(),
        class_name="stack",
    )


def _client(line: Any) -> rx.Component:
    return rx.el.article(
        rx.el.header(
            rx.el.div(
                rx.el.h2(line.name),
                rx.el.p(rx.el.code(line.client_id), class_name="fine"),
                class_name="grow",
            ),
            chip(line.kind),
            class_name="panel-head",
        ),
        rx.el.div(
            facts(("Role", line.role), ("May", line.scopes), ("Last used", line.used)),
            rx.cond(
                line.addresses != "",
                rx.el.p("Sends people back to ", rx.el.code(line.addresses), class_name="fine"),
            ),
            rx.cond(ApiClients.may_change & line.changeable.to(bool), _steering(line)),
            class_name="panel-body stack",
        ),
        class_name="panel",
        key=line.id,
    )


def _steering(line: Any) -> rx.Component:
    return rx.el.div(
        rx.cond(
            ApiClients.proved & (line.secret_at != ""),
            secret_form(
                to=line.secret_at,
                label="Make a new secret",
                shown="client_secret",
                sentence="This is the new secret; the one before has ended. Copy it now: it is never shown again.",
                on_done=ApiClients.made,
            ),
        ),
        rx.cond(
            ApiClients.asking == line.id,
            rx.el.div(
                rx.el.p("This ends all its tokens at once and cannot be undone."),
                rx.el.button(
                    "End it for good",
                    type="button",
                    class_name="button danger",
                    on_click=ApiClients.end(line.id),
                ),
                rx.el.button("Keep it", type="button", class_name="button", on_click=ApiClients.ask("")),
                class_name="row",
            ),
            rx.el.div(
                rx.el.button("End …", type="button", class_name="button", on_click=ApiClients.ask(line.id)),
                class_name="row",
            ),
        ),
        class_name="stack tight",
    )


def _registration() -> rx.Component:
    return rx.el.section(
        rx.el.h2("Register a program"),
        rx.el.p(
            "By OAuth 2.0 it asks people for access at an address of ours, or acts for itself with a role of its own. "
            "What it can ask for: ",
            server_link("REST interface", href="/api/v1/docs"),
            ".",
            class_name="reading",
        ),
        rx.cond(ApiClients.proved, _form(), prove_first()),
        class_name="panel padded stack",
    )


def _form() -> rx.Component:
    return secret_form(
        rx.el.div(
            labelled(
                "Name",
                "client-name",
                rx.el.input(
                    id="client-name",
                    name="name",
                    type="text",
                    required=True,
                    max_length=100,
                    auto_complete="off",
                ),
                "People see it when it asks them for access.",
            ),
            labelled(
                "Can it keep a secret?",
                "client-confidential",
                rx.el.select(
                    rx.el.option("Yes: it runs on a server", value="yes"),
                    rx.el.option("No: it runs on people's devices", value="no"),
                    id="client-confidential",
                    name="confidential",
                    custom_attrs={"data-as": "flag"},
                ),
            ),
            labelled(
                "A role of its own",
                "client-role",
                rx.el.select(
                    rx.el.option("None: it acts for people", value=""),
                    rx.foreach(ApiClients.roles, lambda one: rx.el.option(one.label, value=one.value)),
                    id="client-role",
                    name="role",
                    custom_attrs={"data-as": "optional"},
                ),
            ),
            labelled(
                "Addresses that people are sent back to",
                "client-addresses",
                rx.el.textarea(
                    id="client-addresses",
                    name="redirect_uris",
                    rows="3",
                    custom_attrs={"data-as": "lines"},
                ),
                "One a line, compared letter by letter. Empty when it acts for itself alone.",
            ),
            class_name="form-grid",
        ),
        scope_boxes(ApiClients.scopes, legend="The most that it may do"),
        to="/api/v1/oauth-clients",
        label="Register",
        shown="client_id client_secret",
        sentence="It is registered. Copy its name and its secret now: the secret is never shown again.",
        on_done=ApiClients.made,
    )


def _keys() -> rx.Component:
    return rx.el.section(
        rx.el.header(
            rx.el.div(
                rx.el.h2("API keys"),
                rx.el.p("Each acts for its owner. People make them in their profile.", class_name="reading"),
                class_name="grow",
            ),
            class_name="panel-head",
        ),
        rx.cond(
            ApiClients.keys.length() > 0,
            rx.el.div(
                rx.el.table(
                    rx.el.caption("API keys", class_name="hidden-text"),
                    rx.el.thead(
                        rx.el.tr(*[rx.el.th(text, scope="col") for text in _KEY_HEADS], action_head())
                    ),
                    rx.el.tbody(rx.foreach(ApiClients.keys, _key)),
                ),
                class_name="table-wrap",
                tab_index=0,
                role="region",
                custom_attrs={"aria-label": "API keys"},
            ),
            rx.el.p("There are no keys.", class_name="panel-body quiet"),
        ),
        pager(ApiClients.pager),
        class_name="panel",
    )


def _key(line: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.td(line.owner, class_name="t"),
        rx.el.td(line.name, rx.el.div(rx.el.code(line.prefix), class_name="fine")),
        rx.el.td(line.scopes),
        rx.el.td(line.until),
        rx.el.td(line.used, class_name="quiet"),
        rx.el.td(line.state),
        rx.el.td(
            rx.cond(
                line.active,
                rx.el.button(
                    "Revoke",
                    type="button",
                    class_name="button small",
                    on_click=ApiClients.revoke(line.id),
                    custom_attrs={"aria-label": f"Revoke {line.name} of {line.owner}"},
                ),
            )
        ),
        key=line.id,
    )
