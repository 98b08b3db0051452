"""The pages of keys and registered programs as events: what they show, that no secret is in their state, who may do what."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from sprintreports.identity import sessions
from sprintreports.identity.clients import keys, registry
from sprintreports.identity.permissions import Permission, Role
from sprintreports.kit import clock
from sprintreports.ui import session
from sprintreports.ui.pages.api_clients.state import ApiClients
from sprintreports.ui.profile.keys import KeysTab
from tests.integration.sync_support import SYSTEM
from tests.integration.test_page_events import Tab, tab
from tests.integration.test_reads import site

__all__ = ["site", "tab"]
READ = frozenset({Permission.SPRINTS_READ})


@pytest_asyncio.fixture
async def admin(tab: Tab, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Tab]:
    found = await sessions.resolve(tab.db, tab.cookie, now=clock.now())
    assert found

    async def resolve(*_: Any, **__: Any) -> sessions.Session:
        return replace(found, viewer=replace(found.viewer, role=Role.ADMIN, grants=()))

    monkeypatch.setattr(session.sessions, "resolve", resolve)
    yield tab


async def _key_of(tab: Tab) -> keys.NewKey:
    own = await sessions.resolve(tab.db, tab.cookie, now=clock.now())
    assert own
    return await keys.create(tab.db, own.viewer, name="Mine", scopes=READ, now=clock.now())


async def test_ones_own_keys_without_their_secret(tab: Tab):
    made = await _key_of(tab)
    await tab.open(KeysTab, "/profile?tab=keys")
    shown = tab.of(KeysTab)
    assert (shown.status, shown.proved, len(shown.lines)) == ("ready", True, 1)
    line = shown.lines[0]
    assert (line.name, line.prefix, line.used, line.active) == ("Mine", f"{made.key.prefix}…", "Never", True)
    assert made.secret not in str(shown.dict())
    assert [one.value for one in shown.scopes] == [
        "sprints:read",
        "capacity:read",
        "queues:read",
        "reports:read",
    ]
    await KeysTab.event_handlers["revoke"].fn(shown, line.id)
    await tab.open(KeysTab, "/profile?tab=keys")
    assert (tab.of(KeysTab).lines[0].state, tab.of(KeysTab).lines[0].active) == ("Revoked", False)


async def test_nobody_revokes_a_key_that_is_not_theirs(tab: Tab):
    other = replace(SYSTEM, user_id=(await _other(tab)))
    made = await keys.create(tab.db, other, name="Theirs", scopes=READ, now=clock.now())
    await tab.open(KeysTab, "/profile?tab=keys")
    shown = tab.of(KeysTab)
    await KeysTab.event_handlers["revoke"].fn(shown, str(made.key.id))
    assert shown.complaint == "There is no such key."
    assert (await keys.one(tab.db, other, made.key.id, now=clock.now())).state == "active"


async def _other(tab: Tab) -> int:
    from sprintreports.identity import users

    made = await users.create(
        tab.db, SYSTEM, email="o@x.test", password="tall green yak 7", role=Role.SUPER_ADMIN
    )
    return made.id


async def test_an_admin_sees_programs_and_everybodys_keys_and_ends_them(admin: Tab):
    made = await _key_of(admin)
    client = await registry.register(
        admin.db, SYSTEM, name="CI", scopes=READ, confidential=True, redirect_uris=[], role=Role.VIEWER,
        now=clock.now(),
    )  # fmt: skip
    await admin.open(ApiClients, "/api-clients")
    page = admin.of(ApiClients)
    assert (page.status, page.may_change) == ("ready", True)
    assert [line.name for line in page.clients] == ["CI"]
    assert page.clients[0].role == "Acts for itself as viewer"
    assert page.clients[0].secret_at == f"/api/v1/oauth-clients/{client.client.id}/secret"
    assert [line.name for line in page.keys] == ["Mine"]
    assert "super_admin" not in [role.value for role in page.roles]
    for secret in (client.secret, made.secret):
        assert secret not in str(page.dict())
    await ApiClients.event_handlers["ask"].fn(page, page.clients[0].id)
    assert page.asking == page.clients[0].id
    await ApiClients.event_handlers["end"].fn(page, page.clients[0].id)
    await ApiClients.event_handlers["revoke"].fn(page, page.keys[0].id)
    assert (page.clients, page.keys[0].state) == ([], "Revoked")


async def test_a_viewer_sees_none_of_it(tab: Tab):
    await tab.open(ApiClients, "/api-clients")
    page = tab.of(ApiClients)
    assert (page.status, page.clients) == ("failed", [])
    await ApiClients.event_handlers["end"].fn(page, "1")
    assert page.complaint.startswith("Your role (Viewer) does not allow this.")
