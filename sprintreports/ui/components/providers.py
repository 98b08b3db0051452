"""Signing in through the company: the buttons on the sign-in page, and on the profile what is linked to one's account."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from sprintreports.identity import proof
from sprintreports.identity.permissions import Permission
from sprintreports.identity.sso import links, providers
from sprintreports.ui import telling
from sprintreports.ui.components.basics import notice, server_link
from sprintreports.ui.dates import day
from sprintreports.ui.links import address, identifier, local_path
from sprintreports.ui.session import acts, loads, public, visit


@dataclass
class ProviderButton:
    """A provider on the sign-in page."""

    name: str
    href: str


@dataclass
class LinkedLine:
    """An account of a provider that opens one's own; or, with `href`, a provider that could be linked."""

    id: str
    provider: str
    told: str = ""
    href: str = ""


class ProviderButtons(rx.State):
    """For visitors: the providers that are switched on."""

    buttons: list[ProviderButton] = []

    @rx.event
    @public
    async def load(self) -> None:
        onward = local_path(self.router.url.query_parameters.get("next"))
        self.buttons = [
            ProviderButton(one.name, start_address(one.slug, next=None if onward == "/" else onward))
            for one in await providers.buttons(visit().session)
        ]


class LinkedProviders(rx.State):
    """One's own; changing them needs that one has shown lately who one is."""

    linked: list[LinkedLine] = []
    linkable: list[LinkedLine] = []
    proved: bool = False
    complaint: str = ""

    @rx.event
    @loads(Permission.SPRINTS_READ)
    async def load(self) -> None:
        self.complaint = ""
        await self._read()

    @rx.event
    @acts(Permission.SPRINTS_READ)
    async def unlink(self, provider_id: str) -> Any:
        here = visit()
        self.complaint = ""
        _demand_proof()
        await links.end(here.session, here.viewer, identifier(provider_id) or 0)
        await self._read()
        return telling.good("It no longer opens your account.")

    async def _read(self) -> None:
        here = visit()
        self.proved = here.opened is not None and here.opened.proved_lately(here.now)
        self.linked = [
            LinkedLine(str(one.provider_id), one.provider, _told(one, here.zone))
            for one in await links.listing(here.session, here.viewer)
        ]
        self.linkable = [
            LinkedLine(str(one.provider_id), one.provider, href=start_address(one.slug, purpose="link"))
            for one in await links.linkable(here.session, here.viewer)
        ]


def start_address(slug: str, **query: str | None) -> str:
    return address(f"/session/sso/{slug}/start", query)


def provider_buttons() -> rx.Component:
    """A way in for each provider that is switched on: full navigation, for the answer sets cookies."""
    return rx.cond(
        ProviderButtons.buttons.length() > 0,
        rx.el.nav(
            rx.foreach(
                ProviderButtons.buttons,
                lambda one: server_link("Sign in with ", one.name, href=one.href, class_name="button wide"),
            ),
            class_name="stack tight",
            custom_attrs={"aria-label": "Sign in with your company's account"},
        ),
    )


def linked_providers() -> rx.Component:
    """The profile's section; nothing where no provider is set up."""
    return rx.cond(
        (LinkedProviders.linked.length() > 0) | (LinkedProviders.linkable.length() > 0),
        rx.el.section(
            rx.el.h2("Sign-in through your company"),
            rx.el.p(
                "Accounts of providers that open your account here. ",
                rx.cond(LinkedProviders.proved, "", "To change them, show above that it is you."),
            ),
            rx.cond(LinkedProviders.complaint != "", notice(LinkedProviders.complaint, tone="bad")),
            rx.el.ul(
                rx.foreach(LinkedProviders.linked, _linked),
                rx.foreach(LinkedProviders.linkable, _linkable),
                class_name="stack tight",
            ),
            class_name="stack",
        ),
    )


def _linked(line: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(rx.el.strong(line.provider), " ", line.told, class_name="grow"),
        rx.cond(
            LinkedProviders.proved,
            rx.el.button(
                "Unlink", type="button", class_name="button small", on_click=LinkedProviders.unlink(line.id)
            ),
        ),
        class_name="row",
    )


def _linkable(line: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(rx.el.strong(line.provider), " is not linked.", class_name="grow"),
        rx.cond(LinkedProviders.proved, server_link("Link", href=line.href, class_name="button small")),
        class_name="row",
    )


def _told(one: links.Linked, zone: Any) -> str:
    used = f"last used {day(one.last_used_at, zone)}" if one.last_used_at else "never used"
    return f"{one.email or 'without an address'}, linked {day(one.created_at, zone)}, {used}."


def _demand_proof() -> None:
    here = visit()
    if here.opened is None or not here.opened.proved_lately(here.now):
        raise proof.ProofNeeded
