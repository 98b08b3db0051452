"""Links that show a report without an account: what whoever has one gets, and how they end and look from outside."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text

from sprintreports.identity import grants, passwords
from sprintreports.identity.permissions import Permission, Role
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import db, http, limits
from sprintreports.kit.errors import Forbidden
from sprintreports.observability import logs
from sprintreports.reports import making
from sprintreports.reports.library import shares
from sprintreports.ui import shared_routes
from tests.applications import rest_app
from tests.integration.planning_support import HERE, Api, person
from tests.integration.queue_site import queue_site
from tests.reports_samples import document

PASSWORD = "four plain old words"  # of a link in a test
SAME = {"Origin": HERE, "Sec-Fetch-Site": "same-origin"}


@dataclass(frozen=True, slots=True)
class Ground:
    """A report of a manager's, and what its links were shown with."""

    client: httpx.AsyncClient
    api: Api
    path: str
    viewers: list[Viewer]

    async def link(self, **body: Any) -> str:
        """The address of a new link, as a path."""
        made = await self.api("POST", f"{self.path}/shares", {"name": "Client"} | body, status=201)
        return str(httpx.URL(made["url"]).path)

    async def give(self, url: str, password: str, **headers: str) -> httpx.Response:
        return await self.client.post(url, data={"password": password}, headers=SAME | headers)


@pytest_asyncio.fixture
async def ground(pg_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Ground]:
    monkeypatch.setenv("SPRINTREPORTS_PUBLIC_URL", HERE)
    await limits.dispose()
    seen: list[Viewer] = []

    async def made(_session: object, viewer: Viewer, *_: Any, **__: Any) -> Any:
        viewer.require(Permission.REPORTS_READ)
        seen.append(viewer)
        return document()

    monkeypatch.setattr(making, "document", made)
    async with db.transaction() as session:
        site = await queue_site(session)
    async with http.client(base_url=HERE, transport=httpx.ASGITransport(rest_app(shared_routes))) as client:
        api = await person(client, Role.MANAGER)
        spec = {"kind": "baseline", "of": {"state": "sprint", "sprint_id": site.sprints[3]}}
        report = await api("POST", "/reports", {"name": "R", "spec": spec}, status=201)
        yield Ground(client, api, f"/reports/{report['id']}", seen)


async def test_a_link_shows_the_report_to_anybody_until_it_is_revoked(ground: Ground) -> None:
    url = await ground.link(days=7)
    assert re.fullmatch(r"/shared/srl_[\w-]{43}", url)
    answer = await ground.client.get(url)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert document().subtitle in answer.text
    (viewer,) = ground.viewers
    assert not viewer.can(Permission.REPORTS_WRITE)  # its maker is a manager
    with pytest.raises(Forbidden):
        viewer.require(Permission.QUEUES_WRITE)
    (listed,) = await ground.api("GET", f"{ground.path}/shares")
    assert (listed["state"], listed["opens"], listed["with_password"]) == ("active", 1, False)
    assert "srl_" not in str(listed)
    await ground.api("DELETE", f"{ground.path}/shares/{listed['id']}", status=204)
    assert (await ground.client.get(url)).status_code == 404
    async with db.transaction() as session:
        told = await session.execute(
            text(
                "SELECT action, concat(before, after) FROM audit_entry WHERE action LIKE 'share_link.%' ORDER BY id"
            )
        )
        entries = [tuple(row) for row in told]
        assert [action for action, _ in entries] == ["share_link.made", "share_link.revoked"]
        assert not any(url[-40:] in said for _, said in entries)
        kept = await session.scalar(text("SELECT share_link::text FROM share_link"))
        assert url[-43:] not in str(kept)


async def test_a_shared_page_talks_to_nobody_and_is_kept_nowhere(ground: Ground) -> None:
    for url in (await ground.link(), await ground.link(password=PASSWORD), "/shared/srl_no"):
        headers = (await ground.client.get(url)).headers
        assert headers["cache-control"] == "no-store"
        assert "noindex" in headers["x-robots-tag"]
        assert headers["x-content-type-options"] == "nosniff"
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "set-cookie" not in headers
        assert headers["referrer-policy"] in {"no-referrer", "same-origin"}
    shown = (await ground.client.get(await ground.link())).headers
    assert shown["referrer-policy"] == "no-referrer"
    assert "connect-src 'none'" in shown["content-security-policy"]
    assert "sandbox" in shown["content-security-policy"]
    assert "allow-same-origin" not in shown["content-security-policy"]


async def test_a_password_is_asked_for_and_tries_are_slowed_down(ground: Ground) -> None:
    url = await ground.link(password=PASSWORD)
    form = await ground.client.get(url)
    assert form.status_code == 200
    assert 'type="password"' in form.text
    assert document().subtitle not in form.text
    assert not ground.viewers
    wrong = await ground.give(url, "not this one")
    assert wrong.status_code == 401
    assert "not the password" in wrong.text
    assert document().subtitle in (await ground.give(url, PASSWORD)).text
    answers = [(await ground.give(url, f"guess {n}")) for n in range(8)]
    assert {answer.status_code for answer in answers} == {401, 429}
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert (
        await ground.give(url, PASSWORD)
    ).status_code == 429  # as long as it is slowed down, nobody learns whether it fits
    (listed,) = await ground.api("GET", f"{ground.path}/shares")
    assert (listed["with_password"], listed["opens"]) == (True, 1)
    async with db.transaction() as session:
        kept = str(await session.scalar(text("SELECT password_hash FROM share_link")))
    assert kept.startswith("$argon2id$")


async def test_a_password_is_taken_from_this_page_alone(ground: Ground) -> None:
    url = await ground.link(password=PASSWORD)
    foreign = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    answer = await ground.client.post(
        url, data={"password": PASSWORD}, headers=foreign, follow_redirects=False
    )
    assert answer.status_code == 303
    assert not ground.viewers


@pytest.mark.parametrize(
    "ending", ["expired", "revoked", "deactivated", "password", "report gone", "never was", "odd"]
)
async def test_what_shows_nothing_looks_the_same(ground: Ground, ending: str) -> None:
    url = await ground.link()
    statements = {
        "expired": "UPDATE share_link SET expires_at = now()",
        "revoked": "UPDATE share_link SET revoked_at = now()",
        "deactivated": "UPDATE user_account SET is_active = false",
        "password": "UPDATE user_account SET credentials_version = credentials_version + 1",
        "report gone": "UPDATE report SET deleted_at = now()",
    }
    if ending in statements:
        async with db.transaction() as session:
            await session.execute(text(statements[ending]))
    else:
        url = {"never was": "/shared/srl_" + "a" * 43, "odd": "/shared/%00x"}[ending]
    answer, never = await ground.client.get(url), await ground.client.get("/shared/srl_" + "b" * 43)
    assert (answer.status_code, answer.text) == (404, never.text)
    kept = {"date", "content-length"}
    assert {k: v for k, v in answer.headers.items() if k not in kept} == {
        k: v for k, v in never.headers.items() if k not in kept
    }
    assert not ground.viewers


async def test_a_link_ends_with_its_makers_right(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    url = await ground.link()

    async def refused(*_: Any, **__: Any) -> Any:
        raise Forbidden

    monkeypatch.setattr(making, "document", refused)
    assert (await ground.client.get(url)).status_code == 404


async def test_a_flood_is_slowed_down_by_link_and_by_address(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = await ground.link()
    monkeypatch.setattr(shares, "PER_MINUTE", 2)
    codes = [(await ground.client.get(url)).status_code for _ in range(4)]
    assert codes[0] == 200
    assert codes[-1] == 429
    monkeypatch.setattr(shared_routes, "PER_ADDRESS", 3)
    codes = [(await ground.client.get("/shared/srl_no")).status_code for _ in range(6)]
    assert codes[-1] == 429


async def test_who_makes_sees_and_revokes_links(ground: Ground) -> None:
    reader, other = await person(ground.client, Role.USER), await person(ground.client, Role.ADMIN)
    await other(
        "POST", f"{ground.path}/shares", {"name": "X"}, status=404
    )  # a personal report of somebody else's
    await ground.api("PATCH", ground.path, {"shared": True})
    await reader("POST", f"{ground.path}/shares", {"name": "Mine"}, status=403)
    theirs = await other("POST", f"{ground.path}/shares", {"name": "Theirs"}, status=201)
    await ground.link()
    assert len(await other("GET", f"{ground.path}/shares")) == 2
    assert await reader("GET", f"{ground.path}/shares") == []
    assert [one["name"] for one in await ground.api("GET", f"{ground.path}/shares?sort=name")] == [
        "Client",
        "Theirs",
    ]
    await ground.api("DELETE", f"{ground.path}/shares/{theirs['id']}", status=204)
    states = await ground.api("GET", f"{ground.path}/shares?fields=name,state&sort=name")
    assert [one["state"] for one in states] == ["active", "revoked"]
    url = await ground.link()
    await ground.api("DELETE", ground.path, status=204)
    assert (await ground.client.get(url)).status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": ""}, "name"),
        ({"days": 0}, "days"),
        ({"days": 367}, "days"),
        ({"password": "short"}, "password"),
        ({"x": 1}, "x"),
    ],
)
async def test_what_cannot_be_a_link_is_named(ground: Ground, body: dict[str, Any], field: str) -> None:
    assert await ground.api.refused("POST", f"{ground.path}/shares", {"name": "N"} | body) == {field}


def test_a_token_stands_in_no_log() -> None:
    token = "srl_" + "Ab-_" * 10 + "abc"
    assert token not in logs.redact(f"GET /shared/{token} 200")


async def test_a_link_shows_nothing_once_its_maker_may_not_publish(ground: Ground) -> None:
    url = await ground.link()
    assert (await ground.client.get(url)).status_code == 200
    async with db.transaction() as session:
        maker = await session.scalar(text("SELECT user_id FROM share_link"))
        await grants.give(session, Viewer.system(), user_id=maker, everywhere=Role.USER, limited=[])
    async with db.transaction() as session:
        assert await session.scalar(text("SELECT expires_at > now() AND revoked_at IS NULL FROM share_link"))
    assert (await ground.client.get(url)).status_code == 404


async def test_a_link_that_ends_while_somebody_waits_for_their_turn_shows_nothing(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what a link makes us do is done twice at once at most, with no turn of the sign-in's passwords kept."""
    url, most, running, free = await ground.link(password=PASSWORD), 0, 0, list[bool]()
    made, both, go_on = making.document, asyncio.Event(), asyncio.Event()

    async def slow(*given: Any, **more: Any) -> Any:
        nonlocal most, running
        running += 1
        most = max(most, running)
        if running == 2:
            both.set()
        free.append(not passwords.turn().locked())
        await go_on.wait()
        running -= 1
        return await made(*given, **more)

    monkeypatch.setattr(making, "document", slow)
    asked = [asyncio.create_task(ground.give(url, PASSWORD)) for _ in range(4)]
    await asyncio.wait_for(both.wait(), 30)
    await asyncio.sleep(0.5)
    async with db.transaction() as session:
        await session.execute(text("UPDATE share_link SET revoked_at = now()"))
    go_on.set()
    answers = sorted([(await one).status_code for one in asked])
    assert (most, answers, free) == (2, [200, 200, 404, 404], [True, True])
