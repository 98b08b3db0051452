"""Webhooks at work: what becomes of what came in, and that a storm of them loses nothing."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta

import httpx
import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports import settings as settings_module
from sprintreports.demo.catalog import Dialect
from sprintreports.demo.testing import RunningDemo, running_demo
from sprintreports.jira import sites, sync, webhooks
from sprintreports.jira.sync import lock
from sprintreports.jira.webhooks import inbox, setup, work
from sprintreports.jobs import chores
from sprintreports.jobs.registration import register
from sprintreports.kit import clock, db, queue
from tests.integration.sync_support import (
    SYSTEM,
    break_it,
    connected,
    connection,
    contents,
    one,
    rows,
    synced,
)
from tests.integration.webhook_support import (
    PATIENCE,
    all_delivered,
    drain,
    hooked,
    letter,
    rest,
    send,
    served,
    sign,
    stored,
    unasked_site,
)

NOW = 1_780_000_000_000
TABLES = (
    "issue",
    "change_item",
    "issue_sprint",
    "sprint",
    "sprint_segment",
    "sprint_issue_fact",
    "sprint_event",
)


@pytest.fixture
def cloud() -> Iterator[RunningDemo]:
    with running_demo(dialect=Dialect.CLOUD, seed=5, scale=0.1, now=NOW) as demo:
        yield demo


@pytest.fixture(params=[Dialect.CLOUD, pytest.param(Dialect.DATACENTER, marks=pytest.mark.unmeasured)])
def company(request: pytest.FixtureRequest) -> Iterator[tuple[RunningDemo, Dialect]]:
    with running_demo(dialect=request.param, seed=5, scale=0.1, now=NOW) as demo:
        yield demo, request.param


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs begin without the pause in which more deliveries come in."""
    monkeypatch.setattr(inbox, "SETTLE", timedelta(0))


@pytest.fixture
async def site_id(pg_url: str) -> int:
    return unasked_site(pg_url)


# -- what becomes of it


async def ready(jira: RunningDemo, dialect: Dialect = Dialect.CLOUD) -> tuple[int, webhooks.Setup]:
    site_id = await connected(connection(jira, dialect=dialect))
    assert (await synced(site_id)).end == "done"
    return site_id, await hooked(site_id)


async def deliver(site_id: int, made: webhooks.Setup, *bodies: bytes) -> None:
    async with rest() as client:
        for body in bodies:
            headers = {"X-Hub-Signature": sign(made.secret or "", body)}
            answer = await send(client, f"{setup.PATH}/{site_id}", body, headers=headers)
            assert answer.status_code == 202, answer.text


async def received(session: AsyncSession, site_id: int, made: webhooks.Setup, body: bytes) -> None:
    signature = sign(made.secret or "", body)
    await webhooks.receive(
        session, site_id, body=body, signature=signature, identifier=None, token=None, now=clock.now()
    )


async def until(url: str, query: str) -> None:
    async with asyncio.timeout(PATIENCE):
        while not one(url, query):  # noqa: ASYNC110  # another process makes it true
            await asyncio.sleep(0.02)


@pytest.mark.slow
@pytest.mark.unmeasured
async def test_every_kind_of_edit_arrives_by_its_webhook_alone(company, pg_url):
    """After each kind of edit the rows are those that a sync of everything leaves behind."""
    jira, dialect = company
    site_id, made = await ready(jira, dialect)
    async with served() as base:
        jira.listen(f"{base}{setup.PATH}/{site_id}", secret=made.secret)
        for number, kind in enumerate(
            ("status", "estimate", "sprint", "create", "subtask", "move", "delete", "sprint_rename", "sprint_close",
             "sprint_start", "columns")
        ):  # fmt: skip
            jira.edit(3 if kind not in {"sprint_close", "sprint_start"} else 1, seed=number, kinds=[kind])
            assert (await all_delivered(jira))["accepted"] > 0
            await drain()
            assert one(pg_url, "SELECT count(*) FROM webhook_delivery WHERE outcome <> 'done'") == 0, kind
            before = contents(pg_url)
            await synced(site_id)
            after = contents(pg_url)
            assert {name: before[name] for name in TABLES} == {name: after[name] for name in TABLES}, kind


async def test_a_deleted_issue_leaves_the_numbers_and_later_hints_do_not_bring_it_back(cloud, pg_url):
    site_id, made = await ready(cloud)
    gone = cloud.edit(1, kinds=["delete"])[0]["subject"]
    last = letter("jira:issue_updated", issue={"id": str(gone), "key": "X-1"})
    await deliver(site_id, made, last)
    await drain()
    assert one(pg_url, "SELECT deleted_at IS NULL FROM issue WHERE jira_issue_id = %s", gone)
    await deliver(site_id, made, letter("jira:issue_deleted", issue={"id": str(gone)}), last + b" ")
    await drain()
    assert not one(pg_url, "SELECT deleted_at IS NULL FROM issue WHERE jira_issue_id = %s", gone)
    assert rows(pg_url, "SELECT outcome, note <> '' FROM webhook_delivery") == [("done", True)] * 3


async def test_a_false_rumour_of_a_deletion_deletes_nothing(cloud, pg_url):
    site_id, made = await ready(cloud)
    alive = one(pg_url, "SELECT min(jira_issue_id) FROM issue")
    await deliver(site_id, made, letter("jira:issue_deleted", issue={"id": alive}))
    await drain()
    assert one(pg_url, "SELECT count(*) FROM issue WHERE deleted_at IS NOT NULL") == 0
    assert "still shows" in one(pg_url, "SELECT note FROM webhook_delivery")


async def test_many_hints_of_one_issue_fetch_it_once(cloud, pg_url, monkeypatch):
    site_id, made = await ready(cloud)
    asked: list[int] = []
    real = work.Fetch._asked

    async def counting(self, refs):
        refs = list(refs)
        asked.extend(ref.id for ref in refs)
        return await real(self, refs)

    monkeypatch.setattr(work.Fetch, "_asked", counting)
    edited = cloud.edit(1, kinds=["priority"])[0]["subject"]
    await deliver(site_id, made, *(letter(issue={"id": edited}, timestamp=number) for number in range(40)))
    await drain()
    assert asked == [edited]
    assert one(pg_url, "SELECT count(*) FROM webhook_delivery WHERE outcome = 'done'") == 40


async def test_events_of_nothing_that_we_keep_are_ignored(cloud, pg_url):
    site_id, made = await ready(cloud)
    await deliver(
        site_id,
        made,
        letter("user_created", user={"name": "x"}),
        letter("project_updated", project={"id": 1}),
    )
    await drain()
    assert [outcome for _, outcome, _ in stored(pg_url)] == ["ignored", "ignored"]


async def test_before_the_first_sync_hints_are_ignored(pg_url, site_id):
    made = await hooked(site_id)
    await deliver(site_id, made, letter(issue={"id": 1}))
    await drain()
    assert one(pg_url, "SELECT outcome, note LIKE '%%first sync%%' FROM webhook_delivery") == (
        "ignored",
        True,
    )


# -- when something is in the way


async def test_a_jira_that_refuses_is_asked_again_and_in_the_end_given_up(cloud, pg_url):
    site_id, made = await ready(cloud)
    edited = cloud.edit(1, kinds=["priority"])[0]["subject"]
    break_it(cloud, status=403)
    await deliver(site_id, made, letter(issue={"id": edited}))
    for tries in range(1, work.MOST_TRIES + 1):
        await drain()
        assert one(pg_url, "SELECT tries FROM webhook_delivery") == tries
        if tries < work.MOST_TRIES:
            state = one(pg_url, "SELECT outcome, not_before > now(), note <> '' FROM webhook_delivery")
            assert state == ("waiting", True, True)
            async with db.transaction() as session:
                assert list(await webhooks.requeue(session, now=clock.now())) == []
                assert list(await webhooks.requeue(session, now=clock.now() + timedelta(hours=1))) == [
                    site_id
                ]
            with psycopg.connect(pg_url) as database:
                database.execute("UPDATE webhook_delivery SET not_before = NULL")
    assert one(pg_url, "SELECT outcome, processed_at IS NULL FROM webhook_delivery") == ("failed", False)
    break_it(cloud)
    async with db.transaction() as session:
        await webhooks.retry(session, SYSTEM, site_id, one(pg_url, "SELECT id FROM webhook_delivery"))
    await drain()
    assert one(pg_url, "SELECT outcome, tries, note FROM webhook_delivery") == ("done", 1, "")


async def test_while_a_jira_is_left_alone_hints_wait_and_no_try_is_counted(cloud, pg_url):
    site_id, made = await ready(cloud)
    edited = cloud.edit(1, kinds=["priority"])[0]["subject"]
    break_it(cloud, status=401)
    await deliver(site_id, made, letter(issue={"id": edited}))
    for _ in range(work.MOST_TRIES + 1):
        await drain()
        with psycopg.connect(pg_url) as database:
            database.execute("UPDATE webhook_delivery SET not_before = NULL")
        async with db.transaction() as session:
            await webhooks.requeue(session, now=clock.now())
    assert one(pg_url, "SELECT outcome, tries FROM webhook_delivery") == ("waiting", 1)
    break_it(cloud)
    async with db.transaction() as session:
        assert (await sites.test(session, SYSTEM, site_id, now=clock.now())).ok
    await drain()
    assert one(pg_url, "SELECT outcome, tries FROM webhook_delivery") == ("done", 2)


async def test_while_a_sync_works_on_the_site_hints_wait(cloud, pg_url):
    site_id, made = await ready(cloud)
    edited = cloud.edit(1, kinds=["priority"])[0]["subject"]
    with psycopg.connect(pg_url) as other:  # a sync in another process holds the site
        other.execute("SELECT pg_advisory_xact_lock(%s, %s)", (lock.SPACE, site_id))
        with pytest.raises(sync.SyncRunning):
            async with sync.only_one(db.transaction, site_id):
                pytest.fail("two at once")
        await deliver(site_id, made, letter(issue={"id": edited}))
        await drain()
        assert one(pg_url, "SELECT outcome, tries FROM webhook_delivery") == ("waiting", 0)
    async with db.transaction() as session:
        assert list(await webhooks.requeue(session, now=clock.now())) == [site_id]
        assert list(await webhooks.requeue(session, now=clock.now())) == []
    await drain()
    assert one(pg_url, "SELECT outcome, tries FROM webhook_delivery") == ("done", 1)


async def test_a_delivery_that_is_being_kept_while_the_job_looks_is_not_missed(cloud, pg_url):
    """The job begins after the delivery was written and before it is committed: it waits for it."""
    site_id, made = await ready(cloud)
    edited = cloud.edit(1, kinds=["priority"])[0]["subject"]
    body = letter(issue={"id": edited})
    async with db.transaction() as session:
        await received(session, site_id, made, body)
        working = asyncio.create_task(webhooks.process(db.transaction, site_id, now=clock.now))
        await until(pg_url, "SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    assert await working is False
    assert one(pg_url, "SELECT outcome FROM webhook_delivery") == "done"


@pytest.mark.unmeasured
async def test_a_worker_killed_between_keeping_and_working_loses_nothing(cloud, pg_url, monkeypatch):
    monkeypatch.setenv("SPRINTREPORTS_JOB_HEARTBEAT_SECONDS", "0.5")
    monkeypatch.setenv("SPRINTREPORTS_JOB_STALLED_SECONDS", "2")
    settings_module.reload()
    site_id, made = await ready(cloud)
    edited = cloud.edit(3, kinds=["priority"])
    break_it(cloud, slow=30.0, path_prefix="/rest/api/3/issue/bulkfetch", times=1)
    await deliver(
        site_id, made, *(letter(issue={"id": edit["subject"]}, timestamp=edit["at"]) for edit in edited)
    )
    program = [sys.executable, "-c", "from sprintreports.jobs import worker; worker.main()"]
    with subprocess.Popen(program, env=dict(os.environ), stderr=subprocess.DEVNULL) as process:  # noqa: ASYNC220  # to be killed
        await until(pg_url, "SELECT bool_and(tries = 1) FROM webhook_delivery")
        process.send_signal(signal.SIGKILL)
    break_it(cloud)
    assert one(pg_url, "SELECT count(*) FROM webhook_delivery WHERE outcome = 'waiting'") == 3
    app = register(queue.app())
    async with app.open_async():
        deadline = time.monotonic() + PATIENCE
        while not await chores.revive(app):
            assert time.monotonic() < deadline
            await asyncio.sleep(0.2)
    await drain()
    assert one(pg_url, "SELECT count(*) FROM webhook_delivery WHERE outcome = 'done'") == 3
    before = contents(pg_url)
    await synced(site_id)
    after = contents(pg_url)
    assert {name: before[name] for name in TABLES} == {name: after[name] for name in TABLES}


async def test_old_deliveries_are_deleted(pg_url, site_id):
    made = await hooked(site_id)
    await deliver(site_id, made, letter(issue={"id": 1}), letter(issue={"id": 2}))
    with psycopg.connect(pg_url) as database:
        database.execute("UPDATE webhook_delivery SET received_at = now() - interval '15 days' WHERE id = 1")
    await chores.tidy()
    assert rows(pg_url, "SELECT id FROM webhook_delivery") == [(2,)]


# -- a storm


@pytest.mark.unmeasured
async def test_a_storm_in_disorder_with_duplicates_loses_nothing(company, pg_url):
    jira, dialect = company
    site_id, made = await ready(jira, dialect)
    async with served() as base:
        jira.listen(f"{base}{setup.PATH}/{site_id}", secret=made.secret)
        jira.listen(
            made.url_with_token.replace(settings_module.settings().public_url, base), identifier=False
        )
        jira.edit(300, seed=3, delivery={"duplicates": 0.3, "disorder": True, "concurrency": 16})
        over = asyncio.Event()
        working = asyncio.create_task(_work_until(over, site_id))
        tally = await all_delivered(jira)
        over.set()
        await working
    assert tally["sent"] >= tally["accepted"] > tally["letters"] >= 600
    assert (tally["refused"], tally["lost"]) == (0, 0)
    await drain()  # also the sync that changed boards asked for
    while one(pg_url, "SELECT count(*) FROM webhook_delivery WHERE outcome = 'waiting'"):
        async with db.transaction() as session:
            await webhooks.requeue(session, now=clock.now())
        await drain()
    assert one(pg_url, "SELECT count(*) FROM webhook_delivery") == tally["letters"]
    assert one(pg_url, "SELECT count(*) FROM webhook_delivery WHERE outcome <> 'done'") == 0
    before = contents(pg_url)
    held = set(rows(pg_url, "SELECT jira_issue_id, jira_sprint_id FROM issue_sprint"))
    deleted = one(pg_url, "SELECT count(*) FROM issue WHERE deleted_at IS NOT NULL")
    assert deleted > 0
    await synced(site_id)
    assert held == set(rows(pg_url, "SELECT jira_issue_id, jira_sprint_id FROM issue_sprint"))
    after = contents(pg_url)
    assert {name: before[name] for name in TABLES} == {name: after[name] for name in TABLES}
    assert one(pg_url, "SELECT count(*) FROM issue WHERE deleted_at IS NOT NULL") == deleted


async def _work_until(over: asyncio.Event, site_id: int) -> None:
    """What the worker's job does, again and again, while deliveries come in."""
    while not over.is_set():
        await webhooks.process(db.transaction, site_id, now=clock.now)
        await asyncio.sleep(0.05)


async def test_deliveries_that_meet_at_the_same_job_are_all_kept(pg_url, site_id):
    """Both find no job and make one; the one that comes second must not lose its delivery over that."""
    made = await hooked(site_id)
    first, second = letter(issue={"id": 1}), letter(issue={"id": 2})
    async with db.transaction() as session:
        await received(session, site_id, made, first)
        other = asyncio.create_task(_received_alone(site_id, made, second))
        await until(pg_url, "SELECT count(*) > 0 FROM pg_locks WHERE NOT granted")
    await other
    assert one(pg_url, "SELECT count(*) FROM webhook_delivery") == 2
    assert one(pg_url, "SELECT count(*) FROM procrastinate_jobs") == 1


async def _received_alone(site_id: int, made: webhooks.Setup, body: bytes) -> None:
    async with db.transaction() as session:
        await received(session, site_id, made, body)


async def test_jira_says_so_when_it_gets_no_answer_and_tries_again(cloud, pg_url, site_id):
    made = await hooked(site_id)
    received: list[httpx.Headers] = []
    answers = iter([503, 429, 500])

    async def app(scope, receive, send):
        received.append(httpx.Headers(scope["headers"]))
        await receive()
        await send({"type": "http.response.start", "status": next(answers, 202), "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async with served(app) as base:
        cloud.listen(base, secret=made.secret, events=["jira:issue_updated"])
        cloud.edit(1, kinds=["priority"], delivery={"retry_seconds": 0.01})
        tally = await all_delivered(cloud)
    assert (tally["letters"], tally["sent"], tally["accepted"]) == (1, 4, 1)
    names = {headers["x-atlassian-webhook-identifier"] for headers in received}
    assert len(names) == 1
    assert [headers.get("x-atlassian-webhook-retry") for headers in received] == [None, "1", "2", "3"]
    assert len({headers["x-hub-signature"] for headers in received}) == 1
