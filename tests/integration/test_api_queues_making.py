"""Queues that take their time, over a real server: nobody is held up, who hangs up ends the work, and nothing is kept twice."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from threading import Event
from typing import Any

import httpx
import pytest
import pytest_asyncio

from sprintreports.identity.permissions import Role
from sprintreports.kit import db, http
from sprintreports.planning.queue import algorithms
from sprintreports.planning.queue.deal import Deal
from sprintreports.planning.queues import making
from tests.integration.planning_support import Api, person
from tests.integration.queue_site import QueueSite, queue_site
from tests.integration.webhook_support import served

NAME = "patient"
PATIENCE = 20.0


@dataclass(slots=True)
class Patient:
    """An algorithm of a plugin that deals nothing until it may, or is not wanted any more."""

    begun: Event = field(default_factory=Event)
    may: Event = field(default_factory=Event)
    given_up: Event = field(default_factory=Event)

    def deal(self, table: Deal, cancelled: Event) -> None:
        del table
        self.begun.set()
        while not self.may.wait(0.01):
            if cancelled.is_set():
                self.given_up.set()
                return


@pytest.fixture
def patient() -> Iterator[Patient]:
    found = Patient()
    algorithms.register(NAME, found.deal)
    yield found
    found.may.set()
    algorithms.forget(NAME)


@pytest_asyncio.fixture
async def site(pg_url: str) -> QueueSite:
    async with db.transaction() as session:
        return await queue_site(session)


@pytest_asyncio.fixture
async def client(site: QueueSite) -> AsyncIterator[httpx.AsyncClient]:
    async with served() as base, http.client(base_url=base, timeout=PATIENCE) as found:
        yield found


async def begun(api: Api, site: QueueSite, **options: Any) -> str:
    body = {"name": "Plan", "options": options}
    made = await api("POST", f"/sprints/{site.sprints[3]}/queues", body, status=201)
    return f"/queues/{made['id']}"


async def happens(event: Event) -> None:
    assert await asyncio.to_thread(event.wait, PATIENCE)


async def test_others_are_answered_meanwhile_and_an_edit_wins(
    client: httpx.AsyncClient, site: QueueSite, patient: Patient
) -> None:
    api = await person(client, Role.MANAGER)
    here = await begun(api, site, algorithm=NAME)
    making_it = asyncio.create_task(api.answer("POST", f"{here}/versions"))
    await happens(patient.begun)
    assert (await api("GET", here))["versions"] == 0
    change = {"kind": "exclude", "jira_issue_id": 10}
    await api("POST", f"{here}/edits", {"seen": 0, "changes": [change]})
    assert not making_it.done()
    patient.may.set()
    answer = await making_it
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "CONFLICT")
    assert "edited while" in answer.json()["error"]["message"]
    assert await api("GET", f"{here}/versions") == []
    assert (await api("POST", f"{here}/versions", status=201))["head"] == 1


async def test_who_hangs_up_ends_the_work(
    client: httpx.AsyncClient, site: QueueSite, patient: Patient
) -> None:
    api = await person(client, Role.MANAGER)
    here = await begun(api, site, algorithm=NAME)
    for method, path in (("POST", "versions"), ("GET", "preview")):
        asking = asyncio.create_task(api.answer(method, f"{here}/{path}"))
        await happens(patient.begun)
        asking.cancel()
        await happens(patient.given_up)
        patient.begun.clear()
        patient.given_up.clear()
    assert await api("GET", f"{here}/versions") == []


async def test_what_takes_too_long_is_given_up_with_a_sentence(
    client: httpx.AsyncClient, site: QueueSite, patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "ROOM", 0.0)
    api = await person(client, Role.MANAGER)
    here = await begun(api, site, algorithm=NAME, seconds=0.05)
    for method, path in (("POST", "versions"), ("GET", "preview")):
        answer = await api.answer(method, f"{here}/{path}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "UNAVAILABLE")
        assert "could not be made in time" in answer.json()["error"]["message"]
        await happens(patient.given_up)
        patient.given_up.clear()


async def test_a_version_that_is_asked_for_twice_is_kept_once(
    client: httpx.AsyncClient, site: QueueSite, patient: Patient
) -> None:
    api = await person(client, Role.MANAGER)
    here = await begun(api, site)
    key = {"Idempotency-Key": "first-try"}
    once = await api.answer("POST", f"{here}/versions", headers=key)
    twice = await api.answer("POST", f"{here}/versions", headers=key)
    assert (once.status_code, twice.status_code) == (201, 201)
    assert (once.content, twice.headers["Idempotent-Replayed"]) == (twice.content, "true")
    assert len(await api("GET", f"{here}/versions")) == 1
    # Two at once: each makes it, and the one that comes second finds the first one's answer.
    slow = await begun(api, site, algorithm=NAME)
    both = [
        asyncio.create_task(api.answer("POST", f"{slow}/versions", headers={"Idempotency-Key": "at-once"}))
        for _ in range(2)
    ]
    await happens(patient.begun)
    patient.may.set()
    statuses = sorted([answer.status_code for answer in await asyncio.gather(*both)])
    assert statuses in ([201, 201], [201, 409])
    assert len(await api("GET", f"{slow}/versions")) == 1
