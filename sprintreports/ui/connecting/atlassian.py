"""Sign in with Atlassian: away to its page, back here, the choice of a site; and how such a connection stands."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import reflex as rx

from sprintreports.identity.permissions import Permission
from sprintreports.jira import oauth_sites
from sprintreports.jira.oauth.protocol import callback_url
from sprintreports.jira.oauth.scopes import SCOPES
from sprintreports.jira.oauth_sites import Pending, Stage
from sprintreports.jira.webhooks import dynamic
from sprintreports.jira.webhooks.dynamic import Registration
from sprintreports.ui.binding import session_cookie
from sprintreports.ui.components.basics import notice, outside
from sprintreports.ui.components.webhook import copyable
from sprintreports.ui.connecting.connection import form_text, labelled
from sprintreports.ui.dates import instant
from sprintreports.ui.links import address, identifier
from sprintreports.ui.session import acts, loads, visit
from sprintreports.ui.status import READY, PageState

_SETUP = "/setup"


@dataclass
class SiteChoice:
    """One of the sites that the account may use."""

    id: str
    name: str
    url: str


class AtlassianForm(PageState, rx.State):
    """A sign-in by OAuth 2.0. The app's secret stays in the browser until it is sent, and is never read back."""

    complaint: str = ""
    praise: str = ""
    callback: str = ""
    request: str = ""
    choices: list[SiteChoice] = []
    # Of the site that the address names, if it is connected this way.
    connected: bool = False
    client_id: str = ""
    standing: str = ""
    over: bool = False
    hook: str = ""
    hook_fine: bool = False
    hook_wanted: bool = False

    @rx.event
    @loads(Permission.SETTINGS_WRITE)
    async def load(self) -> Any:
        """What is connected, and what came of the sign-in that the browser returns from."""
        self.complaint, self.praise, self.choices, self.request = "", "", [], ""
        self.callback = callback_url()
        returned = identifier(self._parameters().get("oauth"))
        outcome = None
        if returned is not None:
            here = visit()
            outcome = self._show(await oauth_sites.pending(here.session, here.viewer, returned))
        await self._stand()
        self._settle(READY)
        return outcome

    @rx.event
    @acts(Permission.SETTINGS_WRITE)
    async def begin(self, form: dict[str, Any]) -> Any:
        """Off to Atlassian."""
        here = visit()
        site = self._site()
        self.complaint = ""
        begun = await oauth_sites.begin(
            here.session,
            here.viewer,
            client_id=form_text(form, "client_id"),
            client_secret=form_text(form, "client_secret"),
            browser=session_cookie(self),
            site_id=site or None,
            name=form_text(form, "site_name"),
            back=address("/site", site=site, tab="connection") if site else _SETUP,
            now=here.now,
        )
        return rx.redirect(begun.authorize_url)

    @rx.event
    @acts(Permission.SETTINGS_WRITE)
    async def choose(self, cloud_id: str) -> Any:
        """Connect this one of several sites."""
        here = visit()
        request = identifier(self.request) or 0
        found = await oauth_sites.choose(here.session, here.viewer, request, cloud_id=cloud_id, now=here.now)
        return self._show(found)

    @rx.event
    @acts(Permission.SETTINGS_WRITE)
    async def switch(self) -> None:
        """Let webhooks be registered, or taken back."""
        here = visit()
        await dynamic.want(here.session, here.viewer, self._site(), wanted=not self.hook_wanted)
        await self._stand()

    def _show(self, pending: Pending) -> Any:
        self.request, self.complaint = str(pending.request_id), pending.problem
        self.choices = [SiteChoice(one.cloud_id, one.name, one.url) for one in pending.choices]
        if pending.stage is not Stage.CONNECTED:
            return None
        if self._site():
            self.praise = "You are signed in with Atlassian again. The next sync uses it."
            return None
        return rx.redirect(address(_SETUP, site=pending.site_id, step="boards"), replace=True)

    async def _stand(self) -> None:
        site = self._site()
        here = visit()
        grant = await oauth_sites.grant(here.session, here.viewer, site) if site else None
        hook = await dynamic.shown(here.session, here.viewer, site) if site else None
        self.connected = grant is not None and hook is not None
        if grant is None or hook is None:
            return
        self.client_id, self.over = grant.client_id, grant.problem != ""
        self.standing = grant.problem or (
            f"Signed in with Atlassian since {instant(grant.granted_at, here.zone)}. The access is renewed by itself."
        )
        self.hook, self.hook_wanted = hook_line(hook, now=here.now, zone=here.zone), hook.wanted
        self.hook_fine = not hook.wanted or hook.problem == ""


def hook_line(hook: Registration, *, now: datetime, zone: ZoneInfo) -> str:
    """How the webhook that we register stands, as a sentence or two."""
    if not hook.wanted:
        return "Webhooks are switched off: changes arrive with the syncs."
    if hook.problem:
        return hook.problem
    if not hook.registered or hook.expires_at is None or hook.expires_at <= now:
        return "The webhook is registered in Jira after the first sync, by itself. Until then, syncs bring the changes."
    return (
        f"Jira tells of changed issues at once, in {', '.join(hook.projects)}. The webhook lasts until "
        f"{instant(hook.expires_at, zone)} and is renewed before that. Sprints and boards come with the syncs."
    )


def atlassian_panel() -> rx.Component:
    """For the first connection: folded, since most people have a token at hand sooner than an app."""
    return rx.el.details(
        rx.el.summary("Or sign in with Atlassian (OAuth 2.0), for Jira Cloud"),
        rx.el.div(_outcome(), _choices(), _form(), class_name="stack"),
        class_name="quiet-checks",
        open=(AtlassianForm.request != ""),
    )


def atlassian_site_panel() -> rx.Component:
    """For a connected site: how the sign-in stands, and a new one."""
    return rx.el.section(
        rx.el.h3("Sign in with Atlassian (OAuth 2.0)"),
        _outcome(),
        rx.cond(AtlassianForm.connected, _standing()),
        _choices(),
        rx.el.details(
            rx.el.summary(
                rx.cond(AtlassianForm.connected, "Sign in again", "Connect this site by an app of Atlassian's, without a token")
            ),
            _form(),
            class_name="quiet-checks",
            open=AtlassianForm.over,
        ),
        class_name="stack",
        custom_attrs={"aria-label": "Sign in with Atlassian"},
    )  # fmt: skip


def _outcome() -> rx.Component:
    return rx.fragment(
        rx.cond(AtlassianForm.complaint != "", notice(AtlassianForm.complaint, tone="bad")),
        rx.cond(AtlassianForm.praise != "", notice(AtlassianForm.praise, tone="good")),
    )


def _standing() -> rx.Component:
    return rx.fragment(
        rx.cond(
            AtlassianForm.over,
            notice(AtlassianForm.standing, tone="bad"),
            rx.el.p(AtlassianForm.standing),
        ),
        rx.cond(AtlassianForm.hook_fine, rx.el.p(AtlassianForm.hook), notice(AtlassianForm.hook, tone="warn")),
        rx.el.div(
            rx.el.button(
                rx.cond(AtlassianForm.hook_wanted, "Switch webhooks off", "Switch webhooks on"),
                type="button", on_click=AtlassianForm.switch, class_name="button",
            ),
            class_name="row",
        ),
    )  # fmt: skip


def _choices() -> rx.Component:
    return rx.cond(
        AtlassianForm.choices.length() > 0,
        rx.el.fieldset(
            rx.el.legend("Which site do you want to connect?"),
            rx.foreach(
                AtlassianForm.choices,
                lambda one: rx.el.div(
                    rx.el.button(
                        one.name, type="button", on_click=AtlassianForm.choose(one.id), class_name="button"
                    ),
                    rx.el.span(one.url, class_name="quiet"),
                    class_name="row",
                ),
            ),
            class_name="plain stack tight",
        ),
    )


def _form() -> rx.Component:
    return rx.el.form(
        rx.el.ol(
            rx.el.li(
                rx.el.p(
                    "Create an “OAuth 2.0 integration” in ",
                    outside("Atlassian's developer console", href=oauth_sites.CONSOLE),
                    ". As its callback URL, under Authorization, enter exactly this:",
                ),
                copyable(name="the callback URL", value=AtlassianForm.callback),
            ),
            rx.el.li(
                rx.el.p("Under Permissions, add these. The product reads; it never writes to Jira issues."),
                rx.el.ul(
                    *[
                        rx.el.li(rx.el.code(scope.name), f": {scope.reason} ({scope.api})")
                        for scope in SCOPES
                    ]
                ),
            ),
            rx.el.li(
                rx.el.p("Copy client ID and secret from its Settings to here."),
                rx.el.div(
                    labelled("Client ID", "client_id", value=AtlassianForm.client_id),
                    labelled(
                        "Client secret", "client_secret", kind="password", required=False,
                        help_text="Stored encrypted and never shown again. Empty: the stored one is used, if there is one.",
                    ),
                    class_name="form-grid",
                ),
            ),
            class_name="steps-down stack",
        ),
        rx.el.p(
            "Jira then tells of changed issues at once. Atlassian delivers these webhooks only while the person who signs in "
            "owns the app, or the app is distributed; where none arrive, the syncs bring all changes. Jira's own sprint "
            "reports, which reconciliation asks for, are not open to apps: upload them, or connect by API token.",
            class_name="fine",
        ),
        rx.el.div(
            rx.el.button("Connect with Atlassian (OAuth 2.0)", type="submit", class_name="button primary"),
            class_name="row",
        ),
        on_submit=AtlassianForm.begin,
        class_name="stack",
    )  # fmt: skip
