"""Pause, schedule and circuit breaker of a site, against the stand-in: who is asked, when, and what waits meanwhile."""

from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest

from sprintreports.demo.catalog import Dialect
from sprintreports.demo.testing import RunningDemo, running_demo
from sprintreports.identity import tokens, users
from sprintreports.identity.permissions import Role
from sprintreports.identity.viewer import Viewer
from sprintreports.jira import circuits, sites, sync
from sprintreports.jira.client import Auth, pace
from sprintreports.jira.sites import Connection
from sprintreports.jira.sync import issues
from sprintreports.jira.sync.errors import SitePaused
from sprintreports.jobs import chores, worker
from sprintreports.kit import clock, db, queue
from sprintreports.kit.errors import Forbidden, Invalid
from tests.integration.sync_support import SYSTEM, break_it, connected, connection, contents, one, synced
from tests.integration.webhook_support import hooked, letter, rest, send, sign

ADMIN = Viewer(user_id=7, name="Ada", email="ada@example.org", role=Role.ADMIN)
READER = Viewer(user_id=8, name="Vera", email="vera@example.org", role=Role.VIEWER)


@pytest.fixture(scope="module")
def cloud() -> Iterator[RunningDemo]:
    with running_demo(dialect=Dialect.CLOUD, seed=5, scale=0.1, now=1_780_000_000_000) as demo:
        yield demo


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "BACK_OFF_START", 0.0)


async def drain() -> None:
    await worker.run(wait=False)
    queue.app.cache_clear()


async def asked_for(site_id: int, viewer: Viewer = SYSTEM, mode: sync.Mode = sync.Mode.FULL) -> int:
    async with db.transaction() as session:
        return await sync.request(session, viewer, site_id, mode=mode)


async def pause(site_id: int) -> None:
    async with db.transaction() as session:
        await sync.pause(session, ADMIN, site_id, now=clock.now())


async def resume(site_id: int) -> None:
    async with db.transaction() as session:
        await sync.resume(session, ADMIN, site_id, now=clock.now())


async def circuit_of(site_id: int) -> circuits.Circuit:
    async with db.transaction() as session:
        return circuits.of(await sites.load(session, site_id))


async def chores_bring_it_back(*, now=None) -> int:
    async with db.transaction() as session:
        return await chores.requeue_orphans(session, now=now or clock.now() + timedelta(minutes=2))


@pytest.mark.unmeasured
async def test_a_running_run_stops_at_its_next_page_and_goes_on_where_it_stood(cloud, pg_url, monkeypatch):
    monkeypatch.setattr(issues, "PAGE", 20)
    site_id = await connected(connection(cloud))
    await synced(site_id)
    undisturbed = contents(pg_url)
    run_id = await asked_for(site_id)

    def pause_it(progress: sync.Progress) -> None:
        if progress.done >= 40:
            with psycopg.connect(pg_url) as database:
                database.execute("UPDATE site SET paused_at = now()")

    outcome = await sync.run(db.transaction, run_id=run_id, now=clock.now, listener=pause_it)
    assert outcome.end == "paused"
    state, done, error = one(pg_url, "SELECT state, done_issues, error FROM sync_run WHERE id = %s", run_id)
    assert (state, error) == ("queued", None)
    assert 40 <= done < undisturbed["issue"][0]
    await drain()
    assert one(pg_url, "SELECT state FROM sync_run WHERE id = %s", run_id) == "queued"
    assert await chores_bring_it_back() == 0
    await resume(site_id)
    break_it(cloud, status=404, path_prefix="/rest/api/3/issue/none")
    await drain()
    assert one(pg_url, "SELECT state, done_issues FROM sync_run WHERE id = %s", run_id) == (
        "done",
        undisturbed["issue"][0],
    )
    assert contents(pg_url) == undisturbed


async def test_a_paused_site_is_not_scheduled_and_not_asked_by_hand_but_takes_webhooks(cloud, pg_url):
    site_id = await connected(connection(cloud), boards_wanted={4})
    await synced(site_id)
    setup = await hooked(site_id)
    await pause(site_id)
    with psycopg.connect(pg_url) as database:
        database.execute("UPDATE sync_run SET finished_at = now() - interval '1 day'")
    async with db.transaction() as session:
        assert await chores.schedule(session, SYSTEM, now=clock.now()) == 0
    with pytest.raises(SitePaused, match="Resume it first"):
        await asked_for(site_id, ADMIN)
    issue = one(pg_url, "SELECT jira_issue_id::text FROM issue LIMIT 1")
    body = letter(issue={"id": issue, "key": "X-1"})
    async with rest() as client:
        answer = await send(
            client, f"/api/v1/webhooks/jira/{site_id}", body,
            headers={"X-Hub-Signature": sign(setup.secret, body)},
        )  # fmt: skip
    assert answer.status_code == 202
    with psycopg.connect(pg_url) as database:
        database.execute("UPDATE procrastinate_jobs SET scheduled_at = NULL")
    await drain()
    assert one(pg_url, "SELECT outcome, tries FROM webhook_delivery") == ("waiting", 0)
    await resume(site_id)
    async with db.transaction() as session:
        assert await chores.schedule(session, SYSTEM, now=clock.now()) == 1


async def test_stored_issues_can_be_read_again_while_paused(cloud, pg_url):
    site_id = await connected(connection(cloud), boards_wanted={4})
    await synced(site_id)
    await pause(site_id)
    await asked_for(site_id, ADMIN, sync.Mode.REPLAY)
    await drain()
    assert one(pg_url, "SELECT mode, state FROM sync_run ORDER BY id DESC LIMIT 1") == ("replay", "done")


@pytest.mark.parametrize(("minutes", "due"), [(None, 1), (5, 1), (60, 0), (0, 0)])
async def test_each_site_has_its_schedule(cloud, pg_url, minutes, due):
    site_id = await connected(connection(cloud), boards_wanted={4})
    await synced(site_id)
    async with db.transaction() as session:
        await sync.set_schedule(session, ADMIN, site_id, minutes=minutes, now=clock.now())
    with psycopg.connect(pg_url) as database:
        database.execute("UPDATE sync_run SET finished_at = now() - interval '16 minutes'")
    async with db.transaction() as session:
        assert await chores.schedule(session, SYSTEM, now=clock.now()) == due


async def test_who_may_steer_and_what_is_no_schedule(cloud, pg_url):
    site_id = await connected(connection(cloud), boards_wanted={4})
    for minutes in (4, 1441, -1):
        async with db.transaction() as session:
            with pytest.raises(Invalid, match="not a schedule"):
                await sync.set_schedule(session, ADMIN, site_id, minutes=minutes, now=clock.now())
    async with db.transaction() as session:
        for steer in (sync.pause, sync.resume):
            with pytest.raises(Forbidden):
                await steer(session, READER, site_id, now=clock.now())


async def test_a_jira_that_does_not_answer_is_left_alone_and_one_probe_brings_the_run_back(cloud, pg_url):
    site_id = await connected(connection(cloud), boards_wanted={4})
    run_id = await asked_for(site_id)
    break_it(cloud, status=503)
    for _ in range(circuits.THRESHOLD):
        assert (await circuit_of(site_id)).state == "closed"
        await drain()
        with psycopg.connect(pg_url) as database:
            database.execute("UPDATE procrastinate_jobs SET scheduled_at = NULL")
    opened = await circuit_of(site_id)
    assert (opened.state, opened.cause, opened.openings) == ("open", "unreachable", 1)
    assert "failed with status 503" in opened.reason
    assert one(pg_url, "SELECT state FROM sync_run WHERE id = %s", run_id) == "queued"
    assert one(pg_url, "SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'") == 0
    # Its time has not come: nobody brings it back, and nobody asks Jira.
    with psycopg.connect(pg_url) as database:
        database.execute("UPDATE sync_run SET updated_at = now() - interval '1 hour'")
    assert await chores_bring_it_back(now=clock.now()) == 0
    break_it(cloud, status=503, times=1)
    lapse(pg_url)
    assert await chores_bring_it_back() == 1
    await drain()  # one single request, which fails
    again = await circuit_of(site_id)
    assert (again.state, again.openings) == ("open", 2)
    assert one(pg_url, "SELECT state FROM sync_run WHERE id = %s", run_id) == "queued"
    lapse(pg_url)
    assert await chores_bring_it_back() == 1
    await (
        drain()
    )  # the stand-in was to break one answer only: had it been asked twice, this would not be the second
    assert one(pg_url, "SELECT state FROM sync_run WHERE id = %s", run_id) == "done"
    assert await circuit_of(site_id) == circuits.Circuit()


def lapse(url: str) -> None:
    """Let the opening's time be over, and the run have waited."""
    with psycopg.connect(url) as database:
        database.execute(
            "UPDATE site SET circuit = jsonb_set(circuit, '{until}', to_jsonb(now() - interval '1 second'))"
        )
        database.execute("UPDATE sync_run SET updated_at = now() - interval '1 hour'")


async def test_a_failed_sign_in_is_not_tried_again_until_somebody_acts(cloud, pg_url):
    site_id = await connected(connection(cloud), boards_wanted={4})
    await synced(site_id)
    await asked_for(site_id)
    break_it(cloud, status=401)
    await drain()
    locked = await circuit_of(site_id)
    assert (locked.state, locked.cause, locked.until) == ("open", "sign_in", None)
    assert one(pg_url, "SELECT state FROM sync_run ORDER BY id DESC LIMIT 1") == "failed"
    break_it(cloud)
    with psycopg.connect(pg_url) as database:
        database.execute("UPDATE sync_run SET finished_at = now() - interval '1 day'")
    async with db.transaction() as session:
        assert await chores.schedule(session, SYSTEM, now=clock.now()) == 0
    # A run that comes from elsewhere ends with the reason, without a request.
    run_id = await asked_for(site_id)
    break_it(cloud, status=500)
    await drain()
    break_it(cloud)
    state, error = one(pg_url, "SELECT state, error FROM sync_run WHERE id = %s", run_id)
    assert state == "failed"
    assert "does not accept this account" in error
    # Somebody tries now, while it is still wrong: one request, and it stays open.
    run_id = await asked_for(site_id, ADMIN)
    break_it(cloud, status=401)
    await drain()
    break_it(cloud)
    assert one(pg_url, "SELECT state FROM sync_run WHERE id = %s", run_id) == "failed"
    assert (await circuit_of(site_id)).until is None
    # And when it is right again.
    run_id = await asked_for(site_id, ADMIN)
    await drain()
    assert one(pg_url, "SELECT state FROM sync_run WHERE id = %s", run_id) == "done"
    assert await circuit_of(site_id) == circuits.Circuit()


async def test_new_credentials_and_a_good_test_close_the_circuit(cloud, pg_url):
    site_id = await connected(connection(cloud), boards_wanted={4})
    opened = 'UPDATE site SET circuit = \'{"state": "open", "cause": "sign_in", "reason": "x"}\'::jsonb'
    for mend in (_reconnect, _test):
        with psycopg.connect(pg_url) as database:
            database.execute(opened)
        assert (await circuit_of(site_id)).state == "open"
        await mend(site_id, cloud)
        assert await circuit_of(site_id) == circuits.Circuit()


async def _reconnect(site_id: int, demo: RunningDemo) -> None:
    chosen = Connection(demo.base_url, Auth.BASIC, demo.email, demo.token)
    async with db.transaction() as session:
        await sites.change(session, ADMIN, site_id, connection=chosen, now=clock.now())


async def _test(site_id: int, demo: RunningDemo) -> None:
    del demo
    async with db.transaction() as session:
        assert (await sites.test(session, ADMIN, site_id, now=clock.now())).ok


async def test_somebody_who_asks_hastens_a_run_that_waits_for_its_next_try(cloud, pg_url):
    site_id = await connected(connection(cloud), boards_wanted={4})
    run_id = await asked_for(site_id)
    with psycopg.connect(pg_url) as database:
        database.execute("UPDATE procrastinate_jobs SET scheduled_at = now() + interval '1 hour'")
    await drain()
    assert one(pg_url, "SELECT state FROM sync_run") == "queued"
    assert await asked_for(site_id, ADMIN) == run_id
    await drain()
    assert one(pg_url, "SELECT state FROM sync_run") == "done"
    assert one(pg_url, "SELECT count(*) FROM procrastinate_jobs") == 1


async def test_rest_steers_too(cloud, pg_url):
    site_id = await connected(connection(cloud), boards_wanted={4})
    path = f"/api/v1/sites/{site_id}"
    async with db.transaction() as session:
        made = await users.create(
            session, SYSTEM, email="ada@example.org", password="tall green yak 7", role=Role.ADMIN
        )
        pair = await tokens.issue(session, user_id=made.id, user_agent="", address="", now=clock.now())
    headers = {"Authorization": f"Bearer {pair.access_token}"}
    async with rest() as client:

        async def change(**body):
            answer = await client.patch(path, json=body, headers=headers)
            return answer.status_code, answer.json().get("data") or answer.json()["error"]

        status, site = await change(paused=True, sync_minutes=60)
        assert (status, site["sync_minutes"], site["circuit"]["state"]) == (200, 60, "closed")
        assert site["paused_at"]
        refused = await client.post(f"{path}/sync", headers=headers)
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "CONFLICT")
        status, site = await change(paused=False)
        assert (site["paused_at"], site["sync_minutes"]) == (None, 60)
        status, site = await change(sync_minutes=None)
        assert site["sync_minutes"] is None
        status, error = await change(sync_minutes=3)
        assert (status, error["details"][0]["field"]) == (422, "sync_minutes")
        with psycopg.connect(pg_url) as database:
            database.execute(
                'UPDATE site SET circuit = \'{"state": "open", "cause": "sign_in", "reason": "Locked."}\''
            )
        circuit = (await client.get(path, headers=headers)).json()["data"]["circuit"]
        assert circuit == {
            "state": "open", "cause": "sign_in", "reason": "Locked.", "since": None, "next_probe_at": None, "failures": 0,
        }  # fmt: skip
        run = (await client.post(f"{path}/sync", headers=headers)).json()["data"]
        assert (run["expected_at"], run["traffic"]) == (None, None)
        await drain()
        run = (await client.get(f"/api/v1/sync-runs/{run['id']}", headers=headers)).json()["data"]
        assert run["state"] == "done"
        assert run["traffic"]["requests"] > 5
        assert run["traffic"]["at_once"] == run["traffic"]["ceiling"] == 4
