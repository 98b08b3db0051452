"""The registered programs and everybody's keys."""

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import reflex as rx

from sprintreports.identity.clients import keys, registry
from sprintreports.identity.clients.keys import Key
from sprintreports.identity.clients.registry import Client
from sprintreports.identity.permissions import Permission, Role, may_grant
from sprintreports.identity.scopes import text_of
from sprintreports.ui import telling
from sprintreports.ui.components.tables import Pager, pager_of
from sprintreports.ui.dates import day, instant
from sprintreports.ui.frame_state import Option, around
from sprintreports.ui.links import identifier
from sprintreports.ui.paged import asked_page, page_at
from sprintreports.ui.scope_words import WORDS
from sprintreports.ui.session import acts, loads, visit
from sprintreports.ui.status import READY, PageState

PATH = "/api-clients"
_PER_PAGE = 50


@dataclass
class ClientLine:
    """One program in the list."""

    id: str = ""
    name: str = ""
    client_id: str = ""
    kind: str = ""
    role: str = ""
    scopes: str = ""
    addresses: str = ""
    used: str = ""
    secret_at: str = ""  # where a new secret is made; empty: it has none
    changeable: bool = True  # a service with a role above the viewer's is not


@dataclass
class OwnedKey:
    """One key of somebody's."""

    id: str = ""
    owner: str = ""
    name: str = ""
    prefix: str = ""
    scopes: str = ""
    until: str = ""
    used: str = ""
    state: str = ""
    active: bool = False


class ApiClients(PageState, rx.State):
    """`asking`: the program that is about to be ended for good; `proved`: whether one showed lately that it is oneself."""

    complaint: str = ""
    clients: list[ClientLine] = []
    keys: list[OwnedKey] = []
    pager: Pager = Pager()
    scopes: list[Option] = [Option(scope.value, f"{WORDS[scope]} ({scope})") for scope in Permission]
    roles: list[Option] = []
    may_change: bool = False
    proved: bool = False
    asking: str = ""

    @rx.event
    @loads(Permission.SETTINGS_READ)
    async def load(self) -> None:
        await around(self)
        here = visit()
        self._put(proved=here.opened is not None and here.opened.proved_lately(here.now))
        await self._read()

    @rx.event
    @acts(Permission.SETTINGS_WRITE)
    async def made(self) -> None:
        """There is a new program, or secret. The form stays, whatever the time: it shows the secret, once."""
        await self._read()

    @rx.event
    @acts(Permission.SETTINGS_WRITE)
    async def ask(self, client_id: str) -> None:
        self.asking = client_id

    @rx.event
    @acts(Permission.SETTINGS_WRITE)
    async def end(self, client_id: str) -> Any:
        here = visit()
        self.complaint, self.asking = "", ""
        await registry.end(here.session, here.viewer, identifier(client_id) or 0, now=here.now)
        await self._read()
        return telling.good("Ended. Its tokens open nothing any more.")

    @rx.event
    @acts(Permission.USERS_WRITE)
    async def revoke(self, key_id: str) -> Any:
        here = visit()
        self.complaint = ""
        await keys.revoke(here.session, here.viewer, identifier(key_id) or 0, now=here.now)
        await self._read()
        return telling.good("Revoked. It opens nothing any more.")

    async def _read(self) -> None:
        here = visit()
        asked = self._parameters()
        found = await registry.listing(here.session, here.viewer, per_page=100)
        everybodys = await page_at(
            lambda at: keys.listing(
                here.session,
                here.viewer,
                everybodys=here.viewer.can(Permission.USERS_WRITE),
                page=at,
                per_page=_PER_PAGE,
                now=here.now,
            ),
            asked_page(asked),
        )
        self._put(
            clients=[_client_line(client, here.viewer.role, here.zone) for client in found.items],
            keys=[_owned_key(key, here.zone) for key in everybodys.items],
            pager=pager_of(everybodys, path=PATH, parameters=asked, name="page", noun="keys"),
            roles=[
                Option(role.value, role.label)
                for role in Role
                if may_grant(here.viewer.role, current=None, new=role)
            ],
            may_change=here.viewer.can(Permission.SETTINGS_WRITE),
        )
        self._settle(READY)


def _client_line(client: Client, asker: Role, zone: ZoneInfo) -> ClientLine:
    return ClientLine(
        id=str(client.id),
        name=client.name,
        client_id=client.client_id,
        kind="Keeps a secret" if client.confidential else "Public",
        role=f"Acts for itself as {client.role.label.lower()}"
        if client.role
        else "Acts for people who allow it",
        scopes=text_of(client.scopes),
        addresses=" ".join(client.redirect_uris),
        used=instant(client.last_used_at, zone) if client.last_used_at else "Never",
        secret_at=f"/api/v1/oauth-clients/{client.id}/secret" if client.confidential else "",
        changeable=client.role is None or may_grant(asker, current=client.role, new=client.role),
    )


def _owned_key(key: Key, zone: ZoneInfo) -> OwnedKey:
    return OwnedKey(
        id=str(key.id),
        owner=key.owner,
        name=key.name,
        prefix=f"{key.prefix}…",
        scopes=text_of(key.scopes),
        until=day(key.expires_at, zone),
        used=instant(key.last_used_at, zone) if key.last_used_at else "Never",
        state=key.state.capitalize(),
        active=key.state == "active",
    )
