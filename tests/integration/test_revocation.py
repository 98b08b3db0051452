"""What somebody holds to get in, and what takes it from them: each pair, over HTTP on loopback.

One row an event, one column a credential. Whatever is not named as ended must still open the door afterwards.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import httpx
from pyotp.totp import TOTP
from sqlalchemy import text

from sprintreports.identity import second_factor, sessions, tokens, users
from sprintreports.identity.clients import keys
from sprintreports.identity.clients.registry import Registered
from sprintreports.identity.permissions import Permission, Role
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import clock, db, http
from sprintreports.ui import account_routes, invitation_routes, live, session_routes
from tests.applications import rest_app
from tests.integration.clients_support import ME, READ, TOKEN, registered
from tests.integration.jira_site import make_site
from tests.integration.webhook_support import PATIENCE, served

PASSWORD, OTHER = "tall green yak 7", "short blue crane 9"
SPRINTS = "/api/v1/sprints"
SYSTEM = Viewer.system()
# One hash for all: argon2 takes its time.
_THE_SAME_PASSWORD = text(
    "UPDATE user_account SET hashed_password = "
    "(SELECT hashed_password FROM user_account WHERE email = 'ada@example.org') WHERE id = :id"
)
_numbers = itertools.count(1)


class Held(StrEnum):
    COOKIE = "session cookie"
    STREAM = "open stream"
    ACCESS = "access token"
    REFRESH = "refresh token"
    KEY = "API key"
    CLIENT_ACCESS = "access token of a client"
    CLIENT_REFRESH = "refresh token of a client"


ALL = frozenset(Held)
BROWSER = frozenset({Held.COOKIE, Held.STREAM})
OWN_TOKENS = frozenset({Held.ACCESS, Held.REFRESH})
CLIENTS = frozenset({Held.CLIENT_ACCESS, Held.CLIENT_REFRESH})


@dataclass
class Person:
    """A manager who is signed in in every way, and their requests."""

    web: httpx.AsyncClient
    id: int
    email: str
    client: Registered
    cookie: str
    pair: tokens.TokenPair
    of_client: tokens.TokenPair
    key: keys.NewKey
    heard: list[str] = field(default_factory=list)
    stream: "asyncio.Task[None] | None" = None

    @property
    def own_page(self) -> dict[str, str]:
        origin = str(self.web.base_url).rstrip("/")
        return {"Cookie": f"{sessions.cookie_name()}={self.cookie}", "Origin": origin}

    async def listen(self) -> None:
        """Open the stream of a tab, and go on hearing it until the server ends it."""
        opened = asyncio.Event()

        async def hear() -> None:
            async with self.web.stream("GET", live.PATH, headers=self.own_page) as answer:
                async for line in answer.aiter_lines():
                    self.heard.append(line)
                    if line.startswith("data: "):
                        opened.set()

        self.stream = asyncio.create_task(hear())
        await opened.wait()

    async def opens(self, held: Held) -> bool:
        """Whether it still gets in, as the server answers."""
        match held:
            case Held.STREAM:
                return await self._hears()
            case Held.COOKIE:
                answer = await self.web.get(ME, headers=self.own_page)
            case Held.KEY:
                answer = await self.web.get(SPRINTS, headers={"X-API-Key": self.key.secret})
            case Held.ACCESS:
                answer = await self._by(self.pair.access_token)
            case Held.CLIENT_ACCESS:
                answer = await self._by(self.of_client.access_token)
            case Held.REFRESH:
                answer = await self._renewed(self.pair.refresh_token)
            case Held.CLIENT_REFRESH:
                shown = {"client_id": self.client.client.client_id, "client_secret": self.client.secret}
                answer = await self._renewed(self.of_client.refresh_token, **shown)
        assert answer.status_code in {200, 400, 401}, answer.text
        return answer.status_code == 200

    async def ended(self) -> frozenset[Held]:
        """What no longer gets in."""
        dead = frozenset([held for held in Held if not await self.opens(held)])
        assert self.stream is not None
        self.stream.cancel()
        return dead

    async def _hears(self) -> bool:
        assert self.stream is not None
        if (await self.web.get(ME, headers=self.own_page)).status_code == 200:
            return not self.stream.done()
        await self.stream
        assert "event: over" in self.heard, "told before the stream was closed"
        return (await self.web.get(live.PATH, headers=self.own_page)).status_code != 204

    async def _by(self, token: str) -> httpx.Response:
        return await self.web.get(SPRINTS, headers={"Authorization": f"Bearer {token}"})

    async def _renewed(self, token: str, **shown: str) -> httpx.Response:
        form = {"grant_type": "refresh_token", "refresh_token": token, **shown}
        return await self.web.post(TOKEN, data=form)


@dataclass
class World:
    """The server, an admin, and a client that everybody has let in."""

    web: httpx.AsyncClient
    admin: dict[str, str]
    board: int

    async def person(self) -> Person:
        now = clock.now()
        email = f"mia{next(_numbers)}@example.org"
        client = await registered()
        async with db.transaction() as session:
            made = await users.create(
                session, SYSTEM, email=email, password=None, role=Role.MANAGER, name="Mia"
            )
            await session.execute(_THE_SAME_PASSWORD, {"id": made.id})
            seen = {"user_agent": "", "address": "192.0.2.1", "now": now}
            opened = await sessions.create(session, user_id=made.id, **seen)
            pair = await tokens.issue(session, user_id=made.id, **seen)
            by_client = await tokens.issue(
                session, user_id=made.id, client=client.client.ref, scopes=READ, **seen
            )
            viewer = Viewer(made.id, made.name, made.email, made.role)
            key = await keys.create(
                session, viewer, name="Export", scopes=frozenset({Permission.SPRINTS_READ}), now=now
            )
        mia = Person(self.web, made.id, email, client, opened.token, pair, by_client, key)
        await mia.listen()
        return mia

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        """What an admin does."""
        answer = await self.web.request(method, f"/api/v1{path}", json=body, headers=self.admin)
        assert answer.status_code in {200, 204}, f"{method} {path}: {answer.text}"
        return answer.json()["data"] if answer.content else None


@asynccontextmanager
async def world() -> AsyncIterator[World]:
    app = rest_app(session_routes, account_routes, invitation_routes, live)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(live.listening_to_numbers())
        base = await stack.enter_async_context(served(app))
        web = await stack.enter_async_context(http.client(base_url=base, connections=60))
        async with db.transaction() as session:
            await make_site(session)
            board = (await session.execute(text("SELECT min(id) FROM board"))).scalar_one()
            admin = await users.create(
                session, SYSTEM, email="ada@example.org", password=PASSWORD, role=Role.SUPER_ADMIN
            )
            pair = await tokens.issue(
                session, user_id=admin.id, user_agent="", address="192.0.2.1", now=clock.now()
            )
        yield World(web, {"Authorization": f"Bearer {pair.access_token}"}, board)


Event = Callable[[World, Person], Awaitable[object]]


async def _form(mia: Person, path: str, **fields: str) -> None:
    """What a page of ours posts, answered without a complaint."""
    answer = await mia.web.post(path, data=fields, headers=mia.own_page)
    assert answer.status_code == 303
    assert "problem" not in answer.headers["location"].replace("problem=left", "").replace("problem=set", "")


async def _grants(world: World, mia: Person, role: Role | None, *limited: dict[str, Any]) -> None:
    await world.ask("PUT", f"/users/{mia.id}/grants", {"role": role, "limited": list(limited)})


async def nothing(world: World, mia: Person) -> None:
    """For comparison: who is left alone stays in."""


async def role_lowered(world: World, mia: Person) -> None:
    await _grants(world, mia, Role.VIEWER)


async def limited_to_a_board(world: World, mia: Person) -> None:
    await _grants(world, mia, None, {"role": Role.MANAGER, "board_ids": [world.board]})


async def deactivated(world: World, mia: Person) -> None:
    await world.ask("PATCH", f"/users/{mia.id}", {"active": False})


async def deactivated_and_back(world: World, mia: Person) -> None:
    for active in (False, True):
        await world.ask("PATCH", f"/users/{mia.id}", {"active": active})


async def deleted(world: World, mia: Person) -> None:
    await world.ask("DELETE", f"/users/{mia.id}")


async def erased(world: World, mia: Person) -> None:
    await world.ask("POST", f"/users/{mia.id}/erasure")


async def address_changed(world: World, mia: Person) -> None:
    await world.ask("PATCH", f"/users/{mia.id}", {"email": f"new-{mia.email}"})


async def signed_out_by_an_admin(world: World, mia: Person) -> None:
    await world.ask("POST", f"/users/{mia.id}/sign-out")


async def password_changed(world: World, mia: Person) -> None:
    await _form(mia, "/session/password", current=PASSWORD, new=OTHER, again=OTHER)


async def password_reset(world: World, mia: Person) -> None:
    link = (await world.ask("POST", f"/users/{mia.id}/password-reset"))["link"]
    await _form(mia, "/session/invitation", token=link.partition("#")[2], password=OTHER)


async def second_factor_taken_away(world: World, mia: Person) -> None:
    viewer, now = Viewer(mia.id, "Mia", mia.email, Role.MANAGER), clock.now()
    async with db.transaction() as session:
        app = TOTP((await second_factor.begin(session, viewer, now=now)).secret)
        await second_factor.confirm(session, viewer, code=app.at(now), now=now)
    await world.ask("DELETE", f"/users/{mia.id}/second-factor")


async def signed_out(world: World, mia: Person) -> None:
    await _form(mia, "/session/sign-out")


async def sessions_ended_from_elsewhere(world: World, mia: Person) -> None:
    headers = {"Authorization": f"Bearer {mia.pair.access_token}"}
    assert (await mia.web.delete(f"{ME}/sessions", headers=headers)).status_code == 200


async def not_used_for_long(world: World, mia: Person) -> None:
    async with db.transaction() as session:
        past = text(
            "UPDATE user_session SET last_seen_at = last_seen_at - interval '2 days' WHERE user_id = :id"
        )
        await session.execute(past, {"id": mia.id})


async def token_revoked(world: World, mia: Person) -> None:
    answer = await mia.web.post("/api/v1/auth/revoke", data={"token": mia.pair.access_token})
    assert answer.status_code == 200


async def refresh_token_used_twice(world: World, mia: Person) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": mia.pair.refresh_token}
    assert [(await mia.web.post(TOKEN, data=form)).status_code for _ in range(2)] == [200, 400]


async def key_revoked(world: World, mia: Person) -> None:
    await world.ask("DELETE", f"/api-keys/{mia.key.key.id}")


async def client_ended(world: World, mia: Person) -> None:
    await world.ask("DELETE", f"/oauth-clients/{mia.client.client.id}")


ENDS: dict[Event, frozenset[Held]] = {
    nothing: frozenset(),
    role_lowered: ALL,
    limited_to_a_board: ALL,
    deactivated: ALL,
    deactivated_and_back: ALL,
    deleted: ALL,
    erased: ALL,
    address_changed: ALL,
    signed_out_by_an_admin: ALL,
    password_changed: ALL,
    password_reset: ALL,
    second_factor_taken_away: ALL,
    signed_out: BROWSER,
    sessions_ended_from_elsewhere: BROWSER,
    not_used_for_long: BROWSER,
    token_revoked: OWN_TOKENS,
    refresh_token_used_twice: OWN_TOKENS,
    key_revoked: frozenset({Held.KEY}),
    client_ended: CLIENTS,
}


async def test_each_event_ends_what_it_has_to_and_nothing_else(pg_url: str) -> None:
    async with world() as everything, asyncio.timeout(10 * PATIENCE):
        people = [await everything.person() for _ in ENDS]
        for event, mia in zip(ENDS, people, strict=True):
            await event(everything, mia)
        ended = await asyncio.gather(*(mia.ended() for mia in people))
    found = {event.__name__: dead for event, dead in zip(ENDS, ended, strict=True)}
    assert found == {event.__name__: dead for event, dead in ENDS.items()}


def test_open_streams_are_looked_at_more_than_once_a_second() -> None:
    assert live._LOOK < 1
