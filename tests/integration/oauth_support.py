"""What the tests of OAuth share: the stand-in as Atlassian, and somebody with a browser."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from sprintreports import settings as settings_module
from sprintreports.demo.oauth import CLIENT_ID, CLIENT_SECRET
from sprintreports.demo.testing import RunningDemo
from sprintreports.identity import sessions, users
from sprintreports.identity.permissions import Role
from sprintreports.identity.viewer import Viewer
from sprintreports.jira import boards
from sprintreports.kit import clock, db, http
from tests.integration.sync_support import SYSTEM
from tests.integration.webhook_support import HERE, rest

APP = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
SIGN_INS = "/api/v1/oauth/atlassian/sign-ins"


def use_as_atlassian(jira: RunningDemo, monkeypatch: pytest.MonkeyPatch, *, public_url: str = HERE) -> None:
    """As if nothing had happened before: one site, no lack of permissions, all consent."""
    monkeypatch.setenv("SPRINTREPORTS_ATLASSIAN_AUTH_URL", jira.base_url)
    monkeypatch.setenv("SPRINTREPORTS_ATLASSIAN_API_URL", jira.base_url)
    monkeypatch.setenv("SPRINTREPORTS_PUBLIC_URL", public_url)
    settings_module.reload()
    jira.atlassian(deny=False, sites=1, lifetime=3600, withhold=[], revoke=True)
    jira.faults()


@dataclass
class Browser:
    """Somebody who is signed in with us."""

    client: httpx.AsyncClient
    cookie: str

    async def begin(self, **body: Any) -> dict[str, Any]:
        answer = await self.client.post(SIGN_INS, json=APP | body)
        assert answer.status_code == 201, answer.text
        return answer.json()["data"]

    async def consent(self, authorize_url: str) -> str:
        """What Atlassian's page sends the browser back to: path and query."""
        async with http.client() as outside:
            answer = await outside.get(authorize_url)
        assert answer.status_code == 302, answer.text
        parts = urlsplit(answer.headers["Location"])
        assert f"{parts.scheme}://{parts.netloc}" == settings_module.settings().public_url
        return f"{parts.path}?{parts.query}"

    async def sign_in(self, **body: Any) -> dict[str, Any]:
        """All the way there and back; how far it has come."""
        begun = await self.begin(**body)
        answer = await self.client.get(await self.consent(begun["authorize_url"]))
        assert answer.status_code == 303, answer.text
        assert parse_qs(urlsplit(answer.headers["Location"]).query)["oauth"] == [str(begun["request_id"])]
        return (await self.client.get(f"{SIGN_INS}/{begun['request_id']}")).json()["data"]


@asynccontextmanager
async def browser(name: str = "ada", *, role: Role = Role.ADMIN) -> AsyncIterator[Browser]:
    """A browser of its own. The same name is the same person."""
    email = f"{name}@example.org"
    async with db.transaction() as session:
        known = await session.run_sync(
            lambda inner: inner.connection().exec_driver_sql(
                "SELECT id FROM user_account WHERE email = %s", (email,)
            )
        )
        row = known.one_or_none()
        user_id = row[0] if row else None
        if user_id is None:
            made = await users.create(
                session, Viewer.system(), email=email, password="tall green yak 7", role=role
            )
            user_id = made.id
        opened = await sessions.create(session, user_id=user_id, user_agent="", address="", now=clock.now())
    async with rest() as client:
        client.headers["Origin"] = settings_module.settings().public_url
        client.cookies.set(sessions.COOKIE_NAME, opened.token)
        yield Browser(client, opened.token)


async def choose_all_boards(site_id: int) -> None:
    async with db.transaction() as session:
        found = await boards.discover(session, SYSTEM, site_id, now=clock.now())
    async with db.transaction() as session:
        wanted = [one.board_id for one in found]
        await boards.choose(session, SYSTEM, site_id, board_ids=wanted, now=clock.now())


async def tally(jira: RunningDemo) -> dict[str, int]:
    return await asyncio.to_thread(jira.order, "oauth", None)
