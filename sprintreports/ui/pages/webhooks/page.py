"""Webhooks of one Jira: whether they arrive, what to enter there, and every delivery."""

import reflex as rx

from sprintreports.ui.components.basics import by_status, empty, link, loading, notice, skeleton
from sprintreports.ui.components.live import every, titled
from sprintreports.ui.components.webhook import copyable, renewal
from sprintreports.ui.layout import frame, page_head
from sprintreports.ui.pages.webhooks.lists import deliveries, panel
from sprintreports.ui.pages.webhooks.state import Webhooks


def page() -> rx.Component:
    return frame(
        page_head(
            "Webhooks",
            "Jira tells of each change as it happens, so that numbers are fresh within seconds.",
            _which_site(),
        ),
        by_status(Webhooks, ready=_ready(), blank=_blank(), waiting=loading(skeleton(height="320px"))),
        page="/webhooks",
    )


def _which_site() -> rx.Component:
    return rx.cond(
        Webhooks.sites.length() > 1,
        rx.el.label(
            rx.el.span("Site", class_name="quiet"),
            rx.el.select(
                rx.foreach(Webhooks.sites, lambda one: rx.el.option(one.label, value=one.value)),
                name="site",
                value=Webhooks.site,
                on_change=Webhooks.pick_site,
                style={"maxWidth": "240px"},
            ),
            class_name="row",
        ),
    )


def _ready() -> rx.Component:
    return rx.el.div(
        titled("Webhooks of " + Webhooks.name),
        rx.cond(
            Webhooks.active | Webhooks.registered | Webhooks.any_waiting,
            every(seconds=3, on_tick=Webhooks.tick),
        ),
        _standing(),
        rx.cond(Webhooks.active | Webhooks.may_change, _setup()),
        deliveries(),
        panel(),
        class_name="stack",
    )


def _standing() -> rx.Component:
    return rx.match(
        Webhooks.tone,
        ("good", notice(rx.el.p(Webhooks.standing), tone="good")),
        ("warn", notice(rx.el.p(Webhooks.standing), tone="warn")),
        notice(rx.el.p(Webhooks.standing), tone="info"),
    )


def _setup() -> rx.Component:
    return rx.el.section(
        rx.el.header(
            rx.el.div(
                rx.el.h2("What to enter in Jira"),
                rx.el.p("For ", link(Webhooks.name, to=Webhooks.site_link), class_name="reading"),
                class_name="grow",
            ),
            class_name="panel-head",
        ),
        rx.el.div(
            rx.cond(
                Webhooks.registered,
                notice(
                    rx.el.p(
                        "This site is connected by “Sign in with Atlassian”, and we have registered its webhook in Jira "
                        "ourselves: it is renewed in time, and nothing needs to be entered."
                    ),
                    tone="good",
                ),
            ),
            rx.cond(Webhooks.warning != "", notice(rx.el.p(Webhooks.warning), tone="warn")),
            rx.cond(
                Webhooks.may_change,
                renewal(to=Webhooks.renew_at, active=Webhooks.active, on_done=Webhooks.renewed),
            ),
            rx.cond(Webhooks.active, _values()),
            class_name="panel-body stack",
        ),
        class_name="panel",
    )


def _values() -> rx.Component:
    return rx.fragment(
        rx.el.ol(
            rx.el.li(
                rx.el.p("As a Jira admin, open this page of your Jira and create a webhook:"),
                copyable(name="the address of Jira's page", value=Webhooks.admin_page),
            ),
            rx.el.li(
                rx.el.p("Enter this address in the field “URL”, and the secret in the field “Secret”:"),
                copyable(name="the address for Jira", value=Webhooks.url),
                rx.el.p(
                    "The secret is not shown again. When it is lost, make a new one above.", class_name="fine"
                ),
            ),
            rx.el.li(
                rx.el.p("Tick these events, leave the JQL empty, and keep “Exclude body” off:"),
                rx.el.ul(
                    rx.foreach(Webhooks.events, lambda event: rx.el.li(rx.el.code(event))),
                    class_name="row",
                    custom_attrs={"aria-label": "Events to tick"},
                ),
            ),
            class_name="steps-down stack",
        ),
        rx.cond(Webhooks.may_change, _switch_off()),
    )


def _switch_off() -> rx.Component:
    return rx.el.div(
        rx.el.button(
            "Switch webhooks off",
            type="button",
            class_name="button danger",
            custom_attrs={"popoverTarget": "webhooks-off"},
        ),
        rx.el.div(
            rx.el.h3("Switch webhooks off?"),
            rx.el.p(
                "What Jira sends is refused from now on, and changes arrive with the next sync. Delete the webhook in "
                "Jira too. To switch on again, new values are made."
            ),
            rx.el.p(
                rx.el.button(
                    "Switch off",
                    type="button",
                    on_click=Webhooks.switch_off,
                    class_name="button danger",
                    custom_attrs={"popoverTarget": "webhooks-off", "popoverTargetAction": "hide"},
                )
            ),
            id="webhooks-off",
            class_name="pop right",
            custom_attrs={"popover": "auto"},
        ),
    )


def _blank() -> rx.Component:
    return empty(
        "No Jira is connected",
        rx.el.p("Webhooks belong to a Jira. Connect one first."),
        link("Connect Jira", to="/setup", class_name="button primary"),
        icon="webhook",
    )
