"""Answers that REST keeps: two questions to the database when nothing changed, and never one that is too old."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio

from sprintreports.api import door
from sprintreports.identity import tokens, users
from sprintreports.identity.permissions import Role
from sprintreports.identity.viewer import Viewer
from sprintreports.jira.context import SiteContext
from sprintreports.kit import clock, db, http
from tests.applications import rest_app
from tests.integration.counting import asked
from tests.integration.jira_site import NOW, fill, make_site, rows
from tests.integration.test_reads import sample
from tests.unit.jira.samples import issue

CLOSED, ACTIVE = 1, 3


@pytest_asyncio.fixture
async def site(pg_url: str, monkeypatch: pytest.MonkeyPatch) -> SiteContext:
    monkeypatch.setattr(db, "_REST_SECONDS", 1_000.0)  # on a slow machine a resting connection is asked first
    async with db.transaction() as session:
        made = await make_site(session)
        await fill(session, made, sample())
    return made


@pytest_asyncio.fixture
async def api(site: SiteContext) -> AsyncIterator[httpx.AsyncClient]:
    async with db.transaction() as session:
        user = await users.create(
            session, Viewer.system(), email="a@example.org", password="tall green yak 7", role=Role.VIEWER
        )
        pair = await tokens.issue(session, user_id=user.id, user_agent="", address="", now=clock.now())
    transport = httpx.ASGITransport(rest_app())
    async with http.client(base_url="http://reports.test/api/v1", transport=transport) as client:
        client.headers["Authorization"] = f"Bearer {pair.access_token}"
        yield client


def at(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    monkeypatch.setattr(door.clock, "now", lambda: now)


def seen_as(monkeypatch: pytest.MonkeyPatch, **scope: frozenset[int] | None) -> None:
    """From here on whoever asks sees these boards or teams alone."""
    found = door._viewer

    async def cut(*given: Any, **options: Any) -> tuple[Viewer, int | None]:
        viewer, per_minute = await found(*given, **options)
        return replace(viewer, **scope), per_minute

    monkeypatch.setattr(door, "_viewer", cut)


async def change(statement: str, *values: Any) -> None:
    async with db.transaction() as session:
        assert await rows(session, f"{statement} RETURNING *", *values)


async def number_of(jira_sprint_id: int) -> int:
    async with db.transaction() as session:
        return (await rows(session, "SELECT id FROM sprint WHERE jira_sprint_id = %s", jira_sprint_id))[0][0]


async def body(api: httpx.AsyncClient, path: str) -> bytes:
    answer = await api.get(path)
    assert answer.status_code == 200, answer.text
    return answer.content


async def state() -> str | None:
    async with db.transaction() as session:
        return await db.seen(session)


async def test_an_answer_asked_for_again_takes_two_queries(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
):
    at(monkeypatch, clock.now())
    closed, active = await number_of(CLOSED), await number_of(ACTIVE)
    board = (await api.get("/boards")).json()["data"][0]["id"]
    for path in (
        f"/sprints/{closed}/report",
        f"/sprints/{closed}/burndown",
        f"/sprints/{active}/report?unit=hours",
        f"/sprints/{active}/burndown",
    ):
        with asked() as first:
            answer = await body(api, path)
        with asked() as again:
            assert await body(api, path) == answer
        assert len(first) > len(again) == 2, path
        assert "token_family" in again[0]
        assert "board_sprint" in again[1]
    for path in ("/sprints", "/sprints?state=closed&per_page=1", f"/boards/{board}/velocity"):
        for _ in range(20):  # the server's own housekeeping may write in between
            before, answer = await state(), await body(api, path)
            with asked() as again:
                assert await body(api, path) == answer
            if before == await state():
                break
        assert len(again) == 2, path


async def test_kept_answers_follow_the_facts(api: httpx.AsyncClient, site: SiteContext):
    number = await number_of(CLOSED)
    paths = [f"/sprints/{number}/report", f"/sprints/{number}/burndown", "/sprints"]
    before = [await body(api, path) for path in paths]
    assert [await body(api, path) for path in paths] == before
    async with db.transaction() as session:
        await fill(session, site, [issue(2, status="2", sprints=[1, 3], points=80, team="Backend")])
    after = [await body(api, path) for path in paths]
    assert all(new != old for new, old in zip(after, before, strict=True))


async def test_kept_answers_follow_names(api: httpx.AsyncClient):
    number = await number_of(CLOSED)
    report, burndown = f"/sprints/{number}/report", f"/sprints/{number}/burndown"
    before = [await body(api, report), await body(api, burndown)]
    await change("UPDATE discipline SET name = 'Renamed team' WHERE name = 'Backend'")
    await change("UPDATE issue SET summary = 'Renamed issue'")
    await change("UPDATE site SET last_synced_at = last_synced_at + interval '1 minute'")
    assert "Renamed" not in str(before)
    assert b"Renamed team" in await body(api, report)
    assert b"Renamed issue" in await body(api, burndown)
    await change("UPDATE sprint SET name = 'Renamed sprint' WHERE id = %s", number)
    assert b"Renamed sprint" in await body(api, report), (
        "without a sync: the name is in the row that is asked"
    )
    assert b"Renamed sprint" in await body(api, "/sprints")


async def test_a_viewer_of_another_scope_is_never_given_what_was_kept(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
):
    number = await number_of(CLOSED)
    board = (await api.get("/boards")).json()["data"][0]["id"]
    report = f"/sprints/{number}/report"
    paths = [report, f"/sprints/{number}/burndown", "/sprints", f"/boards/{board}/velocity"]
    whole = [await body(api, path) for path in paths]
    async with db.transaction() as session:
        team = (await rows(session, "SELECT id FROM discipline WHERE name = 'Backend'"))[0][0]
    with monkeypatch.context() as scope:
        seen_as(scope, team_ids=frozenset({team}))
        assert [part["id"] for part in (await api.get(report)).json()["data"]["teams"]] == [team]
        for path, answer in zip(paths, whole, strict=True):
            assert await body(api, path) != answer, path
    with monkeypatch.context() as scope:
        seen_as(scope, board_ids=frozenset[int]())
        for path in (report, f"/sprints/{number}/burndown", f"/boards/{board}/velocity"):
            assert (await api.get(path)).status_code == 404
        assert (await api.get("/sprints")).json()["meta"]["total"] == 0
    assert [await body(api, path) for path in paths] == whole


async def test_a_running_sprint_is_answered_as_of_ten_seconds_at_most_ago(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
):
    number = await number_of(ACTIVE)
    begun = NOW.replace(second=20, microsecond=0) + timedelta(days=1)

    async def end(seconds: float) -> datetime:
        at(monkeypatch, begun + timedelta(seconds=seconds))
        window = (await api.get(f"/sprints/{number}/report")).json()["data"]["window"]
        burndown = (await api.get(f"/sprints/{number}/burndown")).json()["data"]
        assert burndown["end"] == window["end"]
        return datetime.fromisoformat(window["end"])

    async with db.transaction() as session:
        pair = await tokens.issue(session, user_id=1, user_agent="", address="", now=begun)
    api.headers["Authorization"] = f"Bearer {pair.access_token}"
    assert await end(0) == await end(4.5) == await end(9.9) == begun
    assert await end(10) == begun + timedelta(seconds=10)
    computed = begun + timedelta(seconds=13)
    async with db.transaction() as session:
        await rows(session, "UPDATE sprint_fact SET rebuilt_at = %s RETURNING site_id", computed)
    assert await end(14) == computed, "events up to then are in the facts"
    assert await end(21) == begun + timedelta(seconds=20)


async def test_answers_are_kept_for_their_address(api: httpx.AsyncClient):
    number = await number_of(CLOSED)
    path = f"/sprints/{number}/report"
    for query in ("", "?unit=hours", "?unit=count", ""):
        answer = (await api.get(path + query)).json()
        assert answer["links"]["self"] == f"/api/v1{path}{query}"
        assert answer["data"]["unit"] == (query.partition("=")[2] or "points")


async def test_an_ended_token_is_refused_before_anything_kept(api: httpx.AsyncClient):
    number = await number_of(CLOSED)
    await body(api, f"/sprints/{number}/report")
    async with db.transaction() as session:
        await tokens.revoke_all(session, user_id=1, now=clock.now())
    assert (await api.get(f"/sprints/{number}/report")).status_code == 401


async def test_what_is_not_computed_yet_is_not_kept(api: httpx.AsyncClient):
    number = await number_of(CLOSED)
    async with db.transaction() as session:
        await rows(session, "DELETE FROM sprint_fact RETURNING site_id")
    first = await body(api, f"/sprints/{number}/report")
    with asked() as again:
        assert await body(api, f"/sprints/{number}/report") == first
    assert len(again) > 2
