"""Idempotency-Key: a POST that is sent twice is done once, for whoever sent it, for a day."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi.routing import APIRoute
from sqlalchemy import text

from sprintreports.api.app import ROUTERS
from sprintreports.api.door import Needs, rule_of
from sprintreports.api.repeating import EXCLUDED
from sprintreports.identity import housekeeping, repeats
from sprintreports.identity.permissions import Role
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import clock, db
from tests.integration import clients_support as support
from tests.integration.clients_support import bearer, person

USERS = "/api/v1/users"
KEYS = "/api/v1/api-keys"
BODY = {"email": "new@example.org", "password": "tall green yak 7", "role": "viewer"}
KEY = {"Idempotency-Key": "0b9c6a52-7a0e-4c5a-9a61-3f0f6d1d2c11"}


@pytest_asyncio.fixture
async def api(pg_url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with support.serving() as client:
        client.headers.update(await bearer(await person(Role.ADMIN)))
        yield client


async def _count(query: str, **values: Any) -> Any:
    async with db.transaction() as session:
        return await session.scalar(text(query), values)


async def test_the_same_again_is_answered_alike_and_done_once(api: httpx.AsyncClient) -> None:
    first = await api.post(USERS, json=BODY, headers=KEY)
    entries = await _count("SELECT count(*) FROM audit_entry")
    again = await api.post(USERS, json=BODY, headers=KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["idempotent-replayed"] == "true"
    assert again.headers["x-request-id"] != first.headers["x-request-id"]
    assert "ratelimit-remaining" in again.headers
    assert "idempotent-replayed" not in first.headers
    assert await _count("SELECT count(*) FROM user_account WHERE email = :email", email=BODY["email"]) == 1
    assert await _count("SELECT count(*) FROM audit_entry") == entries
    assert (await api.post(USERS, json=BODY)).status_code == 409, "without the key it is a new request"


@pytest.mark.parametrize(
    ("path", "body"), [(USERS, {**BODY, "name": "Other"}), ("/api/v1/invitations", BODY), (f"{USERS}?", BODY)]
)
async def test_another_request_with_the_same_key_is_refused(
    api: httpx.AsyncClient, path: str, body: dict[str, str]
) -> None:
    await api.post(USERS, json=BODY, headers=KEY)
    answer = await api.post(path, json=body, headers=KEY)
    if path.endswith("?"):
        assert answer.headers["idempotent-replayed"] == "true", "an empty query is none"
    else:
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")


async def test_of_many_at_once_one_is_done_and_the_others_wait(api: httpx.AsyncClient) -> None:
    sent = await asyncio.gather(*(api.post(USERS, json=BODY, headers=KEY) for _ in range(6)))
    assert {answer.status_code for answer in sent} <= {201, 409}
    fresh = [one for one in sent if one.status_code == 201 and "idempotent-replayed" not in one.headers]
    assert len(fresh) == 1
    assert all(one.json()["error"]["code"] == "REQUEST_RUNNING" for one in sent if one.status_code == 409)
    assert (await api.post(USERS, json=BODY, headers=KEY)).content == fresh[0].content


async def test_while_the_first_runs_the_second_is_told_so(api: httpx.AsyncClient) -> None:
    user_id = await person(Role.SUPER_ADMIN)
    headers = {**await bearer(user_id), **KEY}
    async with db.transaction() as session:
        viewer = _viewer_of(user_id)
        await repeats.claim(session, viewer, key=KEY["Idempotency-Key"], request=b"x", now=clock.now())
        running = await api.post(USERS, json=BODY, headers=headers)
    assert (running.status_code, running.json()["error"]["code"]) == (409, "REQUEST_RUNNING")
    assert (await api.post(USERS, json=BODY, headers=headers)).status_code == 201, (
        "that one was never finished"
    )


async def test_a_key_is_its_senders_own(api: httpx.AsyncClient) -> None:
    await api.post(USERS, json=BODY, headers=KEY)
    other = {**await bearer(await person(Role.SUPER_ADMIN)), **KEY}
    answer = await api.post(USERS, json={**BODY, "email": "second@example.org"}, headers=other)
    assert (answer.status_code, "idempotent-replayed" in answer.headers) == (201, False)
    viewer = {**await bearer(await person(Role.VIEWER)), **KEY}
    assert (await api.post(USERS, json=BODY, headers=viewer)).status_code == 403


async def test_a_secret_is_shown_again_to_its_maker_alone_and_is_stored_sealed(
    api: httpx.AsyncClient,
) -> None:
    sent = {"name": "Export", "scopes": ["sprints:read"]}
    first = await api.post(KEYS, json=sent, headers=KEY)
    again = await api.post(KEYS, json=sent, headers=KEY)
    secret = first.json()["data"]["key"]
    assert again.json()["data"]["key"] == secret
    assert len((await api.get(KEYS)).json()["data"]) == 1
    async with db.transaction() as session:
        row = (await session.execute(text("SELECT * FROM repeated_request"))).mappings().one()
    stored = b"|".join(value if isinstance(value, bytes) else str(value).encode() for value in row.values())
    assert secret.encode() not in stored
    assert KEY["Idempotency-Key"].encode() not in stored
    assert b"Export" not in stored


async def test_a_refusal_is_not_kept(api: httpx.AsyncClient) -> None:
    bad = await api.post(USERS, json={**BODY, "password": "short"}, headers=KEY)
    assert bad.status_code == 422
    assert (await api.post(USERS, json=BODY, headers=KEY)).status_code == 201


async def test_after_a_day_the_key_is_free_again(api: httpx.AsyncClient) -> None:
    sent = {"name": "Export", "scopes": ["sprints:read"]}
    first = await api.post(KEYS, json=sent, headers=KEY)
    old = text("UPDATE repeated_request SET created_at = :at")
    async with db.transaction() as session:
        await session.execute(old, {"at": clock.now() - timedelta(hours=24, seconds=1)})
    second = await api.post(KEYS, json={**sent, "name": "Other"}, headers=KEY)
    assert second.status_code == 201
    assert second.json()["data"]["id"] != first.json()["data"]["id"]
    async with db.transaction() as session:
        await housekeeping.purge(session, now=clock.now())
        assert await session.scalar(text("SELECT count(*) FROM repeated_request")) == 1
        await housekeeping.purge(session, now=clock.now() + timedelta(hours=25))
        assert await session.scalar(text("SELECT count(*) FROM repeated_request")) == 0


@pytest.mark.parametrize("key", ["", "two words", "x" * 256, "tab\there"])
async def test_a_key_that_is_none_is_named(api: httpx.AsyncClient, key: str) -> None:
    answer = await api.post(USERS, json=BODY, headers={"Idempotency-Key": key})
    assert answer.status_code == 422
    assert answer.json()["error"]["details"][0]["field"] == "Idempotency-Key"


async def test_an_answer_without_a_body_is_repeated_too(api: httpx.AsyncClient) -> None:
    path = f"{USERS}/{await person(Role.VIEWER)}/sign-out"
    assert (await api.post(path, headers=KEY)).status_code == 204
    again = await api.post(path, headers=KEY)
    assert (again.status_code, again.content, again.headers["idempotent-replayed"]) == (204, b"", "true")


def test_every_post_can_be_repeated_but_those_that_are_named() -> None:
    posts = {
        route.path: isinstance(rule_of(route), Needs)
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute) and "POST" in (route.methods or ())
    }
    assert {path for path, signed_in in posts.items() if not signed_in} == set(EXCLUDED)
    assert len(posts) > len(EXCLUDED) + 20


def _viewer_of(user_id: int) -> Viewer:
    return replace(Viewer.system(), user_id=user_id)
