"""Webhooks in: who may send them, what is kept, what becomes of it, and that a storm of them loses nothing."""

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
from sprintreports.observability import logs
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


@pytest.fixture(params=list(Dialect))
def company(request: pytest.FixtureRequest) -> Iterator[tuple[RunningDemo, Dialect]]:
    with running_demo(dialect=request.param, seed=5, scale=0.1, now=NOW) as demo:
        yield demo, request.param


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs begin without the pause in which more deliveries come in."""
    monkeypatch.setattr(inbox, "SETTLE", timedelta(0))


@pytest.fixture
async def site_id(pg_url: str) -> int:
    """A site that was never synced, of a Jira that nobody asks for anything."""
    with psycopg.connect(pg_url) as database:
        row = database.execute(
            "INSERT INTO site (name, base_url, dialect, auth, account, status, status_message) "
            "VALUES ('Test', 'http://127.0.0.1:1', 'cloud', 'basic', 'a@b.test', 'ok', '') RETURNING id"
        ).fetchone()
    assert row is not None
    return row[0]


def stored(url: str) -> list[tuple[str, str, str]]:
    return rows(url, "SELECT event, outcome, identifier FROM webhook_delivery ORDER BY id")


# -- who may send


async def test_a_signed_delivery_is_kept_as_it_came_and_acknowledged(pg_url, site_id):
    made = await hooked(site_id)
    body = letter(issue={"id": "10040", "key": "TES-41", "fields": {"summary": "ß ✓"}})
    async with rest() as client:
        headers = {"X-Hub-Signature": sign(made.secret or "", body), "X-Atlassian-Webhook-Identifier": "abc"}
        answer = await send(client, f"{setup.PATH}/{site_id}?user_id=a&user_key=b", body, headers=headers)
    assert answer.status_code == 202
    assert answer.json()["data"] == {"delivery_id": 1, "fresh": True}
    assert stored(pg_url) == [("jira:issue_updated", "waiting", "abc")]
    assert bytes(one(pg_url, "SELECT body FROM webhook_delivery")) == body
    job = one(pg_url, "SELECT task_name, lock, queueing_lock, status::text FROM procrastinate_jobs")
    assert job == ("jira.webhooks", f"jira.site:{site_id}", f"jira.webhooks:{site_id}", "todo")


@pytest.mark.parametrize(
    "signature",
    [None, "", "sha256=", "sha256=" + "0" * 64, "sha1=757107ea", "nonsense", "sha256=é"],
)
async def test_an_unsigned_or_wrongly_signed_delivery_is_refused(pg_url, site_id, signature):
    made = await hooked(site_id)
    assert made.url_with_token is not None
    body = letter(issue={"id": 1})
    headers = {} if signature is None else {b"X-Hub-Signature": signature.encode()}
    async with rest() as client:
        answer = await client.post(f"{setup.PATH}/{site_id}", content=body, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "UNAUTHENTICATED")
        if signature is not None:
            path = made.url_with_token.removeprefix(settings_module.settings().public_url)
            answer = await client.post(path, content=body, headers=headers)
            assert answer.status_code == 401
    assert stored(pg_url) == []


async def test_a_signature_is_of_the_body_and_of_this_sites_present_secret(pg_url, site_id):
    old = await hooked(site_id)
    made = await hooked(site_id)
    body = letter(issue={"id": 1})
    async with rest() as client:
        for secret, sent in ((old.secret, body), (made.secret, body + b" ")):
            headers = {"X-Hub-Signature": sign(secret or "", body)}
            assert (await send(client, f"{setup.PATH}/{site_id}", sent, headers=headers)).status_code == 401
        answer = await send(
            client,
            f"{setup.PATH}/{site_id}",
            body,
            headers={"X-Hub-Signature": sign(made.secret or "", body)},
        )
        assert answer.status_code == 202


async def test_a_sender_without_a_secret_uses_its_path(pg_url, site_id):
    made = await hooked(site_id)
    token = (made.url_with_token or "").rsplit("/", 1)[1]
    assert len(token) >= 43
    async with rest() as client:
        for wrong in ("x" * 43, token[:-1], token + "x", "%F0%9F%92%A9"):
            answer = await send(client, f"{setup.PATH}/{site_id}/{wrong}", letter(issue={"id": 1}))
            assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")
        answer = await send(client, f"{setup.PATH}/{site_id}/{token}", letter(issue={"id": 1}))
    assert answer.status_code == 202
    assert token not in answer.text
    assert len(stored(pg_url)) == 1


async def test_a_site_that_is_unknown_unprepared_or_gone_takes_nothing(pg_url, site_id):
    body = letter(issue={"id": 1})
    async with rest() as client:
        for path in ("999", str(site_id), f"{site_id}/token"):
            assert (await send(client, f"{setup.PATH}/{path}", body)).status_code == 404
        made = await hooked(site_id)
        with psycopg.connect(pg_url) as database:
            database.execute("UPDATE site SET deleted_at = now()")
        headers = {"X-Hub-Signature": sign(made.secret or "", body)}
        assert (await send(client, f"{setup.PATH}/{site_id}", body, headers=headers)).status_code == 404
        assert (await send(client, f"{setup.PATH}/x", body)).status_code == 422
    assert stored(pg_url) == []


async def test_a_body_that_is_too_large_is_refused_with_and_without_its_length(pg_url, site_id):
    await hooked(site_id)

    async def trickle():
        for _ in range(20):
            yield b" " * 64 * 1024

    async with rest() as client:
        for body in (b" " * (inbox.LARGEST_BODY + 1), trickle()):
            answer = await client.post(f"{setup.PATH}/{site_id}", content=body)
            assert (answer.status_code, answer.json()["error"]["code"]) == (413, "TOO_LARGE")
    assert stored(pg_url) == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"issue":{"id":1}}',
        b'{"webhookEvent":""}',
        b'{"webhookEvent":"a\\u0000"}',
    ],
)
async def test_what_is_no_webhook_is_refused(pg_url, site_id, body):
    made = await hooked(site_id)
    async with rest() as client:
        headers = {"X-Hub-Signature": sign(made.secret or "", body)}
        answer = await send(client, f"{setup.PATH}/{site_id}", body, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "VALIDATION_ERROR")
    assert stored(pg_url) == []


# -- once is enough


async def test_a_replayed_identifier_and_without_one_the_same_body_are_kept_once(pg_url, site_id):
    made = await hooked(site_id)
    first, second = letter(issue={"id": 1}), letter(issue={"id": 2})
    async with rest() as client:
        fresh: list[bool] = []
        for body, identifier in (
            (first, "a"),
            (second, "a"),
            (first, "b"),
            (first, None),
            (first, None),
            (second, None),
        ):
            headers = {"X-Hub-Signature": sign(made.secret or "", body)}
            if identifier:
                headers["X-Atlassian-Webhook-Identifier"] = identifier
            answer = await send(client, f"{setup.PATH}/{site_id}", body, headers=headers)
            assert answer.status_code == 202
            fresh.append(answer.json()["data"]["fresh"])
    assert fresh == [True, False, True, True, False, True]
    assert one(pg_url, "SELECT count(*) FROM webhook_delivery") == 4
    assert one(pg_url, "SELECT count(*) FROM procrastinate_jobs") == 1


# -- secrets stay secret


async def test_logs_hold_neither_token_nor_secret(pg_url, site_id, capsys):
    logs.configure("DEBUG")
    made = await hooked(site_id)
    token = (made.url_with_token or "").rsplit("/", 1)[1]
    body = letter(issue={"id": 1})
    signature = sign(made.secret or "", body)
    async with rest() as client:
        await send(client, f"{setup.PATH}/{site_id}/{token}", body)
        await send(client, f"{setup.PATH}/{site_id}/{token}/more", body)
        await send(client, f"{setup.PATH}/{site_id}", body, headers={"X-Hub-Signature": signature})
        await client.get(f"{setup.PATH}/{site_id}/{token}")
    await drain()
    written = "".join(capsys.readouterr())
    assert written.count(f"{setup.PATH}/{site_id}/[redacted]") == 3
    for hidden in (token, made.secret or "", signature.removeprefix("sha256=")):
        assert hidden not in written
    sealed = one(pg_url, "SELECT secret, token_digest FROM webhook")
    for kept in map(bytes, sealed):
        assert (made.secret or "").encode() not in kept
        assert token.encode() not in kept
    assert token not in repr(made)
    assert (made.secret or "") not in repr(made)


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


def test_the_public_example_of_a_signature():
    """GitHub's and Atlassian's documentation."""
    header = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    assert inbox.signed(b"It's a Secret to Everybody", b"Hello, World!", header)
    assert not inbox.signed(b"It's a Secret to Everybody", b"Hello, World?", header)
    assert not inbox.signed(b"it's a secret to everybody", b"Hello, World!", header)
