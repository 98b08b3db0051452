"""Webhooks that we register ourselves: on by themselves, renewed, following the boards, taken back; and what they bring."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import psycopg
import pytest

from sprintreports.demo.app_tokens import bearer
from sprintreports.demo.oauth import CLIENT_SECRET
from sprintreports.demo.testing import RunningDemo, running_demo
from sprintreports.jira import boards, sync
from sprintreports.jira.webhooks import dynamic, registry
from sprintreports.jobs import chores
from sprintreports.kit import clock, db, queue
from tests.integration.oauth_support import Browser, browser, choose_all_boards, use_as_atlassian
from tests.integration.sync_support import SYSTEM, one, rows, synced
from tests.integration.webhook_support import all_delivered, drain, letter, rest, send, served

INBOX = "/api/v1/webhooks/jira"


@pytest.fixture(scope="module")
def jira() -> Iterator[RunningDemo]:
    with running_demo(scale=0.05, seed="dynamic") as demo:
        yield demo


@pytest.fixture
async def here(jira: RunningDemo, pg_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """Where we can be reached."""
    async with served() as base:
        use_as_atlassian(jira, monkeypatch, public_url=base)
        for hook in jira.order("webhooks", None):
            _forget(jira, hook["id"])
        yield base


@pytest.fixture
async def ada(here: str) -> AsyncIterator[Browser]:
    async with browser() as someone:
        yield someone


def _forget(jira: RunningDemo, hook: int) -> None:
    httpx.delete(f"{jira.base_url}/__standin__/webhooks/{hook}", trust_env=False).raise_for_status()


async def hooks(jira: RunningDemo) -> list[dict[str, Any]]:
    return await asyncio.to_thread(jira.order, "webhooks", None)


async def connected(ada: Browser) -> int:
    """Signed in, all boards chosen, read once."""
    site_id = (await ada.sign_in())["site_id"]
    await choose_all_boards(site_id)
    outcome = await synced(site_id)
    assert outcome.error is None
    return site_id


async def do_chores() -> None:
    """What a worker does by itself within seconds."""
    queue.app.cache_clear()
    async with queue.app().open_async() as app:
        await chores.once(app)
    queue.app.cache_clear()
    await drain()


async def shown(ada: Browser, site_id: int) -> dict[str, Any]:
    return (await ada.client.get(f"/api/v1/sites/{site_id}/oauth")).json()["data"]["webhook"]


async def settle(site_id: int, *, after: timedelta = timedelta()) -> None:
    await dynamic.settle(db.transaction, site_id, now=lambda: clock.now() + after)


async def due(after: timedelta = timedelta()) -> list[int]:
    async with db.transaction() as session:
        return list(await dynamic.due(session, now=clock.now() + after))


async def test_an_edit_arrives_and_the_number_changes(
    ada: Browser, jira: RunningDemo, here: str, pg_url: str
):
    site_id = (await ada.sign_in())["site_id"]
    await do_chores()
    assert await hooks(jira) == []  # nothing has been read yet, so nobody knows which projects matter
    await choose_all_boards(site_id)
    await synced(site_id)
    with psycopg.connect(pg_url) as database:
        database.execute("UPDATE sync_run SET finished_at = now()")
    await do_chores()
    (hook,) = await hooks(jira)
    assert hook["url"] == f"{here}{INBOX}/{site_id}"
    assert set(hook["events"]) == set(registry.EVENTS)
    status = await shown(ada, site_id)
    assert (status["registered"], status["problem"]) == (True, "")
    projects = [key for (key,) in rows(pg_url, "SELECT DISTINCT project_key FROM issue ORDER BY 1")]
    assert status["projects"] == projects
    expires = datetime.fromisoformat(status["expires_at"])
    assert timedelta(days=29) < expires - datetime.now(UTC) < timedelta(days=31)  # the test's own clock

    query = "SELECT sum(points), count(*) FROM issue WHERE deleted_at IS NULL"
    before = one(pg_url, query)
    edits = await asyncio.to_thread(lambda: jira.edit(40, seed="told", kinds=["estimate"]))
    tally = await all_delivered(jira)
    assert (tally["refused"], tally["lost"]) == (0, 0)
    with psycopg.connect(pg_url) as database:
        database.execute("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'")
    await drain()
    outcomes = dict(rows(pg_url, "SELECT outcome, count(*) FROM webhook_delivery GROUP BY 1"))
    assert outcomes.get("done", 0) == sum(outcomes.values()) > 0
    assert len(edits) == 40
    assert one(pg_url, query) != before
    assert one(pg_url, "SELECT count(*) FROM sync_run") == 1  # it was the webhooks that told


async def test_only_the_apps_own_token_opens_the_inbox(ada: Browser, jira: RunningDemo, pg_url: str):
    site_id = await connected(ada)
    path = f"{INBOX}/{site_id}"
    body = letter(issue={"id": 1})
    async with rest() as outside:
        for wrong in (
            bearer("another-secret-of-another-app-0123456789"),
            bearer(CLIENT_SECRET)[:-4] + "AAAA",
            "Bearer eyJhbGciOiJub25lIn0.e30.",
            "Bearer x",
        ):
            answer = await send(outside, path, body, headers={"Authorization": wrong})
            assert answer.status_code == 401, wrong
        assert (await send(outside, path, body)).status_code == 404  # nobody made a secret for this site
        right = {"Authorization": bearer(CLIENT_SECRET)}
        assert (await send(outside, f"{INBOX}/{site_id + 1}", body, headers=right)).status_code == 404
        assert one(pg_url, "SELECT count(*) FROM webhook_delivery") == 0
        assert (await send(outside, path, body, headers=right)).status_code == 202
        await ada.client.delete(f"/api/v1/sites/{site_id}")
        assert (await send(outside, path, body, headers=right)).status_code == 404


async def test_it_is_renewed_long_before_its_end_and_comes_again_after_it(
    ada: Browser, jira: RunningDemo, pg_url: str
):
    site_id = await connected(ada)
    await settle(site_id)
    (first,) = await hooks(jira)
    assert await due() == []
    await settle(site_id)
    assert await hooks(jira) == [first]  # twice is as good as once
    # Nineteen days go by in Jira and here: nothing is due. One more: it is renewed.
    jira.order("webhooks/age", {"days": 19})
    with psycopg.connect(pg_url) as database:
        database.execute("UPDATE dynamic_webhook SET expires_at = expires_at - interval '19 days'")
    assert await due() == []
    jira.order("webhooks/age", {"days": 2})
    with psycopg.connect(pg_url) as database:
        database.execute("UPDATE dynamic_webhook SET expires_at = expires_at - interval '2 days'")
    assert await due() == [site_id]
    await settle(site_id)
    left = datetime.fromisoformat((await shown(ada, site_id))["expires_at"]) - clock.now()
    assert left > timedelta(days=29)
    assert [hook["id"] for hook in await hooks(jira)] == [first["id"]]
    # We were away for too long, and Jira forgot it.
    _forget(jira, first["id"])
    with psycopg.connect(pg_url) as database:
        database.execute("UPDATE dynamic_webhook SET checked_at = NULL")
    assert await due() == [site_id]
    await settle(site_id)
    assert len(await hooks(jira)) == 1
    assert (await shown(ada, site_id))["registered"] is True


async def test_a_renewal_that_fails_is_shown_and_tried_again(ada: Browser, jira: RunningDemo, pg_url: str):
    site_id = await connected(ada)
    jira.faults({"path_prefix": "/rest/api/3/webhook", "status": 503})
    await settle(site_id)
    status = await shown(ada, site_id)
    assert status["registered"] is False
    assert "changes arrive with the syncs instead" in status["problem"]
    assert await due() == []
    assert await due(timedelta(minutes=2)) == [site_id]
    for _ in range(12):
        await settle(site_id)
    assert await due(timedelta(hours=5)) == []
    assert await due(timedelta(hours=6, minutes=1)) == [site_id]  # never longer than that
    jira.faults()
    await settle(site_id)
    status = await shown(ada, site_id)
    assert (status["registered"], status["problem"]) == (True, "")
    assert one(pg_url, "SELECT tries, not_before FROM dynamic_webhook") == (0, None)


async def test_it_follows_the_chosen_boards(ada: Browser, jira: RunningDemo, pg_url: str):
    site_id = await connected(ada)
    await settle(site_id)
    whole = await shown(ada, site_id)
    assert len(whole["projects"]) > 1
    async with db.transaction() as session:
        found = await boards.listing(session, SYSTEM, site_id)
    smallest = min(
        found,
        key=lambda board: one(
            pg_url,
            "SELECT count(DISTINCT i.project_key) FROM board_issue x JOIN issue i USING (site_id, jira_issue_id) "
            "WHERE x.jira_board_id = %s",
            board.jira_board_id,
        ),
    )
    async with db.transaction() as session:
        await boards.choose(session, SYSTEM, site_id, board_ids=[smallest.board_id], now=clock.now())
    await synced(site_id, sync.Mode.INCREMENTAL)
    assert await due() == [site_id]
    await settle(site_id)
    narrow = await shown(ada, site_id)
    assert set(narrow["projects"]) < set(whole["projects"])
    assert len(await hooks(jira)) == 1


async def test_switched_off_and_on_and_taken_back_with_the_site(ada: Browser, jira: RunningDemo, pg_url: str):
    site_id = await connected(ada)
    await settle(site_id)
    path = f"/api/v1/sites/{site_id}/oauth/webhook"
    assert (await ada.client.delete(path)).status_code == 204
    await drain()
    assert await hooks(jira) == []
    status = await shown(ada, site_id)
    assert (status["wanted"], status["registered"], status["projects"]) == (False, False, [])
    assert await due() == []
    assert (await ada.client.put(path)).status_code == 202
    await drain()
    assert len(await hooks(jira)) == 1
    assert (await ada.client.delete(f"/api/v1/sites/{site_id}")).status_code == 204
    assert one(pg_url, "SELECT count(*) FROM oauth_grant") == 1  # needed once more
    await do_chores()
    assert await hooks(jira) == []
    assert one(pg_url, "SELECT count(*) FROM oauth_grant") == 0
    assert one(pg_url, "SELECT count(*) FROM dynamic_webhook") == 0


async def test_a_webhook_that_cannot_be_taken_back_does_not_keep_the_grant_for_ever(
    ada: Browser, jira: RunningDemo, pg_url: str
):
    site_id = await connected(ada)
    await settle(site_id)
    jira.atlassian(revoke=True)
    await ada.client.delete(f"/api/v1/sites/{site_id}")
    assert await due() == [site_id]
    await settle(site_id)
    assert one(pg_url, "SELECT count(*) FROM oauth_grant") == 0
    assert await due() == []


async def test_lost_deliveries_are_noticed_and_a_sync_catches_up(
    ada: Browser, jira: RunningDemo, pg_url: str
):
    site_id = await connected(ada)
    await settle(site_id)
    await settle(site_id)
    assert one(pg_url, "SELECT count(*) FROM sync_run") == 1
    await asyncio.to_thread(lambda: jira.edit(20, seed="lost", kinds=["priority"], delivery={"lost": 1.0}))
    assert one(pg_url, "SELECT count(*) FROM webhook_delivery") == 0
    await settle(site_id)
    assert one(pg_url, "SELECT mode, state FROM sync_run ORDER BY id DESC LIMIT 1") == (
        "incremental",
        "queued",
    )
    await settle(site_id)
    assert one(pg_url, "SELECT count(*) FROM sync_run") == 2  # known failures are not told twice


async def test_where_failures_may_not_be_asked_for_all_else_goes_on(
    ada: Browser, jira: RunningDemo, pg_url: str
):
    site_id = await connected(ada)
    await settle(site_id)
    jira.faults({"path_prefix": "/rest/api/3/webhook/failed", "status": 403})
    await settle(site_id)
    status = await shown(ada, site_id)
    assert (status["registered"], status["problem"]) == (True, "")


async def test_without_the_permission_everything_but_webhooks_works(
    ada: Browser, jira: RunningDemo, pg_url: str
):
    jira.atlassian(withhold=["manage:jira-webhook"])
    site_id = await connected(ada)
    await settle(site_id)
    status = await shown(ada, site_id)
    assert status["registered"] is False
    assert "a permission is missing" in status["problem"]
    assert "changes arrive with the syncs instead" in status["problem"]


async def test_access_that_was_taken_back_is_the_sites_problem(ada: Browser, jira: RunningDemo, pg_url: str):
    site_id = await connected(ada)
    jira.atlassian(revoke=True)
    await settle(site_id)
    status, message = one(pg_url, "SELECT status, status_message FROM site")
    assert (status, "sign in with Atlassian again" in message) == ("problem", True)
    assert await due(timedelta(days=1)) == []  # until somebody has signed in again
    assert (await ada.sign_in(client_id="", client_secret="", site_id=site_id))["stage"] == "connected"
    await settle(site_id)
    assert (await shown(ada, site_id))["registered"] is True


def test_expiries_are_read_as_specified_and_as_shown():
    moment = datetime(2019, 6, 1, 12, 42, 30, tzinfo=UTC)
    assert registry.moment("2019-06-01T12:42:30.000+0000") == moment
    assert registry.moment(int(moment.timestamp() * 1000)) == moment
    assert registry.moment(None) is None
