"""Baselines over REST: who gets what, what is refused, and the very bytes."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest_asyncio
from sqlalchemy import text

from sprintreports.identity.permissions import Role
from sprintreports.kit import db, limits
from sprintreports.reports.baselines import canonical
from tests.integration.jira_site import make_site
from tests.integration.planning_support import asking, person
from tests.integration.reports_site import deliver, tales
from tests.unit.jira.samples import day


@dataclass(frozen=True, slots=True)
class Ground:
    client: httpx.AsyncClient
    sprint: int
    board: int
    team: int


@pytest_asyncio.fixture
async def ground(pg_url: str) -> AsyncIterator[Ground]:
    await limits.dispose()
    async with db.transaction() as session:
        await deliver(session, await make_site(session), tales(1), day(53))
        sprint = (await session.execute(text("SELECT id FROM sprint WHERE jira_sprint_id = 3"))).scalar_one()
        board = (await session.execute(text("SELECT id FROM board"))).scalar_one()
        team = (await session.execute(text("SELECT id FROM discipline WHERE name = 'QA'"))).scalar_one()
    async with asking() as client:
        yield Ground(client, sprint, board, team)


async def test_a_manager_freezes_and_everybody_reads_the_same_bytes(ground: Ground):
    boss, reader = await person(ground.client, Role.MANAGER), await person(ground.client, Role.VIEWER)
    body = {"sprint_id": ground.sprint, "moment": "2025-04-20T10:00:00+02:00", "note": "As it began."}
    answer = await boss.answer("POST", "/baselines", json=body)
    made = answer.json()["data"]
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/api/v1/baselines/{made['id']}"
    assert (made["moment"], made["note"], made["reason"], made["state"]) == (
        "2025-04-20T08:00:00Z", "As it began.", "manual", "active",
    )  # fmt: skip
    assert await reader("GET", f"/baselines/{made['id']}") == made
    for one in (boss, reader):
        raw = await one.answer("GET", f"/baselines/{made['id']}/raw")
        assert raw.headers["content-type"] == "application/json"
        assert hashlib.sha256(raw.content).hexdigest() == made["sha256"]
        assert len(raw.content) == made["size"]
    snapshot = raw.json()["snapshot"]
    assert (snapshot["sprint_id"], snapshot["board_id"]) == (ground.sprint, ground.board)
    assert snapshot["report"]["totals"]["issues"] == made["figures"]["issues"]
    now = await boss("POST", "/baselines", {"sprint_id": ground.sprint, "board_id": ground.board}, status=201)
    listed = await reader("GET", f"/baselines?sprint={ground.sprint}&sort=moment")
    assert [one["id"] for one in listed] == [made["id"], now["id"]]
    assert [one["id"] for one in await reader("GET", "/baselines?search=began")] == [made["id"]]
    assert await reader("GET", "/baselines?reason=close") == []


async def test_who_is_limited_to_a_team_gets_its_part(ground: Ground):
    boss = await person(ground.client, Role.MANAGER)
    limited = await person(ground.client, Role.MANAGER, teams=[ground.team])
    made = await boss("POST", "/baselines", {"sprint_id": ground.sprint}, status=201)
    assert (await limited("GET", f"/baselines/{made['id']}"))["figures"] is None
    raw = (await limited.answer("GET", f"/baselines/{made['id']}/raw")).content
    assert {one.discipline for one in canonical.snapshot_of(raw).issues} <= {ground.team}
    assert b"Backend" not in raw
    await limited("POST", "/baselines", {"sprint_id": ground.sprint}, status=403)
    await limited("DELETE", f"/baselines/{made['id']}", status=403)


async def test_deleted_and_restored(ground: Ground):
    boss, reader = await person(ground.client, Role.MANAGER), await person(ground.client, Role.USER)
    made = await boss("POST", "/baselines", {"sprint_id": ground.sprint}, status=201)
    path = f"/baselines/{made['id']}"
    await reader("DELETE", path, status=403)
    await boss("DELETE", path, status=204)
    for gone in (path, f"{path}/raw"):
        await boss("GET", gone, status=404)
    await boss("DELETE", path, status=404)
    assert [one["id"] for one in await boss("GET", "/baselines?deleted=true")] == [made["id"]]
    await reader("GET", "/baselines?deleted=true", status=403)
    await reader("POST", f"{path}/restore", status=403)
    assert await boss("POST", f"{path}/restore") == made
    assert await boss("POST", f"{path}/restore") == made


async def test_what_cannot_be_frozen_is_refused_with_the_field(ground: Ground):
    boss = await person(ground.client, Role.MANAGER)
    for body, fields in (
        ({}, {"sprint_id"}),
        ({"sprint_id": 0}, {"sprint_id"}),
        ({"sprint_id": ground.sprint, "moment": "2025-04-20T10:00:00"}, {"moment"}),
        ({"sprint_id": ground.sprint, "moment": "2999-01-01T00:00:00Z"}, {"moment"}),
        ({"sprint_id": ground.sprint, "note": "x" * 2_001}, {"note"}),
        ({"sprint_id": ground.sprint, "note": "a\0b"}, {"note"}),
        ({"sprint_id": ground.sprint, "reason": "close"}, {"reason"}),
    ):
        assert await boss.refused("POST", "/baselines", body) == fields
    await boss("POST", "/baselines", {"sprint_id": 999_999}, status=404)
    await boss("POST", "/baselines", {"sprint_id": ground.sprint, "board_id": 999_999}, status=404)
    await boss("GET", "/baselines?sort=content", status=422)


async def test_the_same_request_sent_twice_freezes_once(ground: Ground):
    boss = await person(ground.client, Role.MANAGER)
    answers = [
        await boss.answer(
            "POST", "/baselines", json={"sprint_id": ground.sprint}, headers={"Idempotency-Key": "once"}
        )
        for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    assert len(await boss("GET", "/baselines")) == 1


async def test_one_that_was_changed_in_the_database_is_refused_and_noted(ground: Ground):
    boss = await person(ground.client, Role.MANAGER)
    made = await boss("POST", "/baselines", {"sprint_id": ground.sprint}, status=201)
    async with db.transaction() as session:
        await session.execute(text("ALTER TABLE baseline DISABLE TRIGGER baseline_stays"))
        await session.execute(text("UPDATE baseline SET digest = sha256('other')"))
        await session.execute(text("ALTER TABLE baseline ENABLE TRIGGER baseline_stays"))
    error = await boss("GET", f"/baselines/{made['id']}/raw", status=500)
    assert error["message"].startswith("This baseline is not what was frozen")
    async with db.transaction() as session:
        query = text(
            "SELECT subject_kind, subject_id, actor_id > 0 FROM audit_entry WHERE action = 'baseline.broken'"
        )
        assert [tuple(row) for row in await session.execute(query)] == [("baseline", str(made["id"]), True)]


async def test_rules(ground: Ground):
    boss, reader = await person(ground.client, Role.MANAGER), await person(ground.client, Role.VIEWER)
    usual = await reader("GET", "/baseline-rules/0")
    assert (usual["at_start"], usual["at_close"], usual["every_days"], usual["own"]) == (True, True, 0, False)
    path = f"/baseline-rules/{ground.board}"
    assert (await reader("GET", path)) == usual | {"board_id": ground.board}
    await reader("PUT", path, {"every_days": 3}, status=403)
    own = await boss("PUT", path, {"every_days": 3, "keep_days": 30})
    assert (own["own"], own["every_days"], own["at_start"]) == (True, 3, False)
    assert [one["board_id"] for one in await reader("GET", "/baseline-rules")] == [0, ground.board]
    await boss("DELETE", path, status=204)
    assert (await boss("GET", path))["own"] is False
    await boss("DELETE", "/baseline-rules/0", status=422)
    await boss("PUT", "/baseline-rules/0", {"at_close": True})
    assert (await reader("GET", path))["at_start"] is False
    assert await boss.refused("PUT", path, {"every_days": 91}) == {"every_days"}
    await boss("PUT", "/baseline-rules/999999", {}, status=404)
