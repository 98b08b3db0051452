"""What the tests of API clients share: an API with the consent page, people, clients, and the two ends of PKCE."""

from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from sprintreports.identity import sessions, tokens, users
from sprintreports.identity.clients import registry
from sprintreports.identity.permissions import Permission, Role
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import clock, db, http
from sprintreports.ui import authorize_routes
from tests.applications import rest_app

HERE = "http://localhost:8000"
TOKEN = "/api/v1/auth/token"
ME = "/api/v1/users/me"
PASSWORD = "tall green yak 7"
BACK = "https://board.example.org/done"
VERIFIER = "a-verifier-of-more-than-forty-three-characters.~_"
READ = frozenset({Permission.SPRINTS_READ})


@asynccontextmanager
async def serving() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(rest_app(authorize_routes))
    async with http.client(base_url=HERE, transport=transport) as client:
        yield client


async def person(role: Role = Role.MANAGER, email: str = "") -> int:
    async with db.transaction() as session:
        made = await users.create(
            session, Viewer.system(), email=email or f"{role}@example.org", password=PASSWORD, role=role
        )
        return made.id


async def bearer(user_id: int) -> dict[str, str]:
    async with db.transaction() as session:
        pair = await tokens.issue(session, user_id=user_id, user_agent="", address="", now=clock.now())
        return {"Authorization": f"Bearer {pair.access_token}"}


async def cookie(user_id: int) -> dict[str, str]:
    async with db.transaction() as session:
        made = await sessions.create(session, user_id=user_id, user_agent="", address="", now=clock.now())
        return {"Cookie": f"{sessions.cookie_name()}={made.token}"}


async def registered(**changes: Any) -> registry.Registered:
    values: dict[str, Any] = {
        "name": "Status board",
        "scopes": READ | {Permission.USERS_READ},
        "confidential": True,
        "redirect_uris": [BACK],
        "role": None,
    }
    async with db.transaction() as session:
        return await registry.register(session, Viewer.system(), **values | changes, now=clock.now())


async def service(**changes: Any) -> registry.Registered:
    return await registered(**{"redirect_uris": [], "role": Role.USER} | changes)


def challenge(verifier: str = VERIFIER) -> str:
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")


def question(client_id: str, **changes: str | None) -> dict[str, str]:
    values: dict[str, str | None] = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": BACK,
        "scope": "sprints:read",
        "state": "st&te 1",
        "code_challenge": challenge(),
        "code_challenge_method": "S256",
    }
    return {name: value for name, value in (values | changes).items() if value is not None}


@dataclass(frozen=True)
class Landed:
    """Where the browser was sent to, and with what."""

    address: str
    fields: dict[str, str]


def landed(answer: httpx.Response) -> Landed:
    assert answer.status_code == 303, answer.text
    parts = urlsplit(answer.headers["location"])
    return Landed(parts._replace(query="").geturl(), dict(parse_qsl(parts.query)))


async def allow(
    api: httpx.AsyncClient, user_id: int, asked: dict[str, str], decision: str = "allow"
) -> Landed:
    headers = {**await cookie(user_id), "Origin": HERE}
    return landed(await api.post("/authorize", data={**asked, "decision": decision}, headers=headers))


def exchange(name: str, given: str, **changes: str) -> dict[str, str]:
    return {
        "grant_type": "authorization_code",
        "client_id": name,
        "code": given,
        "redirect_uri": BACK,
        "code_verifier": VERIFIER,
    } | changes


async def works(api: httpx.AsyncClient, access_token: str, path: str = "/api/v1/sprints") -> bool:
    answer = await api.get(path, headers={"Authorization": f"Bearer {access_token}"})
    assert answer.status_code in {200, 401}, answer.text
    return answer.status_code == 200
