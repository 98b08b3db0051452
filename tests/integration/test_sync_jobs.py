"""The sync as a background job: queued in the caller's transaction, revived after a kill, resumed at its page."""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from sprintreports import settings as settings_module
from sprintreports.demo.catalog import Dialect
from sprintreports.demo.testing import RunningDemo, running_demo
from sprintreports.identity import sessions
from sprintreports.jira import sync
from sprintreports.jira.sync import issues
from sprintreports.jobs import chores, worker
from sprintreports.jobs.registration import register
from sprintreports.kit import clock, crypto, db, migrations, queue
from sprintreports.kit.embedded import EmbeddedPostgres
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

WORKER = (
    "from sprintreports.jira.sync import issues; issues.PAGE = 20\n"
    "from sprintreports.jobs import worker; worker.main()"
)
PATIENCE = 60.0


@pytest.fixture(scope="module")
def cloud() -> Iterator[RunningDemo]:
    with running_demo(dialect=Dialect.CLOUD, seed=5, scale=0.1, now=1_780_000_000_000) as demo:
        yield demo


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Heartbeats and stalls in seconds, so that a killed worker is missed soon."""
    monkeypatch.setenv("SPRINTREPORTS_JOB_HEARTBEAT_SECONDS", "0.5")
    monkeypatch.setenv("SPRINTREPORTS_JOB_STALLED_SECONDS", "2")
    settings_module.reload()


async def asked_for(site_id: int, mode: sync.Mode = sync.Mode.FULL) -> int:
    async with db.transaction() as session:
        return await sync.request(session, SYSTEM, site_id, mode=mode)


async def until(url: str, query: str, wanted: object) -> None:
    deadline = time.monotonic() + PATIENCE
    while one(url, query) != wanted:
        assert time.monotonic() < deadline, (
            query,
            wanted,
            rows(url, "SELECT state, phase, error FROM sync_run"),
        )
        await asyncio.sleep(0.05)


def worker_process() -> subprocess.Popen[bytes]:
    """A worker in a process of its own, with small pages."""
    return subprocess.Popen([sys.executable, "-c", WORKER], env=dict(os.environ), stderr=subprocess.DEVNULL)


def pid_of_server(server: EmbeddedPostgres) -> int:
    folder = Path(one(server.url, "SHOW data_directory"))
    return int((folder / "postmaster.pid").read_text().split()[0])


async def drain() -> None:
    """Do the jobs that are there, in this process."""
    await worker.run(wait=False)
    queue.app.cache_clear()


async def test_a_requested_sync_is_done_by_the_worker(cloud, pg_url):
    site_id = await connected(connection(cloud), boards_wanted={4})
    run_id = await asked_for(site_id)
    assert await asked_for(site_id) == run_id
    assert one(pg_url, "SELECT count(*) FROM procrastinate_jobs") == 1
    await drain()
    assert one(pg_url, "SELECT state FROM sync_run") == "done"
    assert one(pg_url, "SELECT status::text FROM procrastinate_jobs") == "succeeded"


async def test_a_request_that_is_rolled_back_leaves_no_job(cloud, pg_url):
    site_id = await connected(connection(cloud), boards_wanted={4})
    with contextlib.suppress(ZeroDivisionError):
        async with db.transaction() as session:
            await sync.request(session, SYSTEM, site_id)
            raise ZeroDivisionError
    assert one(pg_url, "SELECT count(*) FROM procrastinate_jobs") == 0
    assert one(pg_url, "SELECT count(*) FROM sync_run") == 0


async def test_a_failure_that_may_pass_puts_the_run_back_in_line(cloud, pg_url):
    site_id = await connected(connection(cloud), boards_wanted={4})
    await asked_for(site_id)
    break_it(cloud, status=429, retry_after=3600)
    await drain()
    break_it(cloud)
    state, error = one(pg_url, "SELECT state, error FROM sync_run")
    assert state == "queued"
    assert "asks us to pause" in error
    assert one(pg_url, "SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'") == 0
    async with db.transaction() as session:
        assert await chores.requeue_orphans(session, now=clock.now() + timedelta(minutes=55)) == 0
        assert await chores.requeue_orphans(session, now=clock.now() + timedelta(minutes=61)) == 1
    with psycopg.connect(pg_url) as database:  # the hour is over
        database.execute("UPDATE site SET circuit = jsonb_set(circuit, '{until}', to_jsonb(now()))")
    await drain()
    assert one(pg_url, "SELECT state FROM sync_run") == "done"


async def test_a_failure_for_good_ends_the_run_and_the_job(cloud, pg_url):
    site_id = await connected(connection(cloud), boards_wanted={4})
    await asked_for(site_id)
    break_it(cloud, status=401)
    await drain()
    break_it(cloud)
    assert one(pg_url, "SELECT state FROM sync_run") == "failed"
    assert one(pg_url, "SELECT status::text FROM procrastinate_jobs") == "succeeded"


async def test_a_run_that_waits_can_be_cancelled(cloud, pg_url):
    site_id = await connected(connection(cloud), boards_wanted={4})
    run_id = await asked_for(site_id)
    async with db.transaction() as session:
        await sync.cancel(session, SYSTEM, run_id, now=clock.now())
    await drain()
    assert one(pg_url, "SELECT state FROM sync_run") == "cancelled"
    assert one(pg_url, "SELECT count(*) FROM issue") == 0


async def test_sites_are_synced_when_they_are_due(cloud, pg_url):
    site_id = await connected(connection(cloud), boards_wanted={4})
    async with db.transaction() as session:
        assert (
            await chores.schedule(session, SYSTEM, now=clock.now()) == 0
        )  # the first sync is somebody's decision
    await synced(site_id)
    async with db.transaction() as session:
        assert await chores.schedule(session, SYSTEM, now=clock.now()) == 0
    with psycopg.connect(pg_url) as database:
        database.execute("UPDATE sync_run SET finished_at = now() - interval '16 minutes'")
    async with db.transaction() as session:
        assert await chores.schedule(session, SYSTEM, now=clock.now()) == 1
    assert one(pg_url, "SELECT mode, state FROM sync_run ORDER BY id DESC LIMIT 1") == (
        "incremental",
        "queued",
    )


async def test_a_run_whose_job_is_gone_gets_a_new_one(cloud, pg_url):
    site_id = await connected(connection(cloud), boards_wanted={4})
    await asked_for(site_id)
    with psycopg.connect(pg_url) as database:
        database.execute("DELETE FROM procrastinate_jobs")
        database.execute("UPDATE sync_run SET updated_at = now() - interval '1 hour'")
    async with db.transaction() as session:
        assert await chores.requeue_orphans(session, now=clock.now()) == 1
        assert await chores.requeue_orphans(session, now=clock.now()) == 0
    await drain()
    assert one(pg_url, "SELECT state FROM sync_run") == "done"


@pytest.mark.unmeasured
async def test_a_killed_worker_loses_nothing_and_the_run_resumes_at_its_page(cloud, pg_url, quick):
    site_id = await connected(connection(cloud))
    await synced(site_id)
    undisturbed = contents(pg_url)
    await wipe(pg_url)
    run_id = await asked_for(site_id)
    break_it(cloud, slow=0.15, path_prefix="/rest/api/3/issue/bulkfetch")
    with worker_process() as process:
        await until(pg_url, "SELECT done_issues > 40 FROM sync_run ORDER BY id DESC LIMIT 1", wanted=True)
        process.send_signal(signal.SIGKILL)
    break_it(cloud)
    kept = one(pg_url, "SELECT done_issues FROM sync_run WHERE id = %s", run_id)
    assert one(pg_url, "SELECT count(*) FROM issue") == kept < undisturbed["issue"][0]
    app = register(queue.app())
    async with app.open_async():
        deadline = time.monotonic() + PATIENCE
        while not await chores.revive(app):
            assert time.monotonic() < deadline
            await asyncio.sleep(0.2)
    await drain()
    assert one(pg_url, "SELECT state FROM sync_run WHERE id = %s", run_id) == "done"
    assert contents(pg_url) == undisturbed
    received = one(pg_url, "SELECT done_issues, total_issues FROM sync_run WHERE id = %s", run_id)
    assert received == (undisturbed["issue"][0], undisturbed["issue"][0])


async def wipe(url: str) -> None:
    """Forget what was synced, keep the site and its chosen boards."""
    tables = (
        "issue, change_item, issue_sprint, board_issue, sprint, board_sprint, sprint_segment, sprint_issue_fact, "
        "sprint_event, sprint_daily_fact, sprint_summary, sprint_fact, sprint_touched, stored_payload, issue_timeline, "
        "issue_link, issue_status_interval, sync_run, capacity_override, "
        "queue, queue_edit, queue_version, queue_feed"
    )
    with psycopg.connect(url) as database:
        database.execute(f"TRUNCATE {tables}")
        database.execute("UPDATE site SET settings = '{}', last_synced_at = NULL")


@pytest.mark.with_children
async def test_a_stopped_worker_puts_its_run_back_in_line(cloud, pg_url, quick):
    site_id = await connected(connection(cloud))
    run_id = await asked_for(site_id)
    break_it(cloud, slow=6.0, path_prefix="/rest/api/3/issue/bulkfetch")
    with worker_process() as process:
        await until(pg_url, "SELECT phase = 'issues' FROM sync_run", wanted=True)
        process.terminate()
        assert process.wait(PATIENCE) == 0
    break_it(cloud)
    assert one(pg_url, "SELECT status::text FROM procrastinate_jobs") == "todo"
    await drain()
    assert one(pg_url, "SELECT state FROM sync_run WHERE id = %s", run_id) == "done"


def open_folder() -> Path:
    """One that the server's own user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="sprintreports-kill-"))
    folder.chmod(0o755)
    return folder


@pytest.fixture
async def own_server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[EmbeddedPostgres]:
    """A server that this test may kill: with the durability that a product has."""
    folder = open_folder()
    server = EmbeddedPostgres(folder / "postgres")
    server.start()
    monkeypatch.setenv("SPRINTREPORTS_DATABASE_URL", server.url)
    settings_module.reload()
    crypto.forget_key()
    queue.app.cache_clear()
    migrations.upgrade(server.url)
    yield server
    await db.dispose()
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)
    monkeypatch.undo()
    settings_module.reload()


@pytest.mark.unmeasured
async def test_a_killed_database_loses_nothing_that_was_committed(cloud, own_server, monkeypatch):
    monkeypatch.setattr(issues, "PAGE", 20)
    site_id = await connected(connection(cloud))
    await synced(site_id)
    undisturbed = contents(own_server.url)
    await wipe(own_server.url)
    async with db.transaction() as session:
        run_id, _ = await sync.prepare(session, SYSTEM, site_id, mode=sync.Mode.FULL)
    reached = asyncio.Event()
    running = asyncio.create_task(
        sync.run(
            db.transaction,
            run_id=run_id,
            now=clock.now,
            listener=lambda p: reached.set() if p.done > 40 else None,
        )
    )
    await reached.wait()
    os.kill(pid_of_server(own_server), signal.SIGKILL)
    with pytest.raises(Exception, match=r"(?i)connection|closed|terminat|refused|recovery"):
        await running
    await db.dispose()
    own_server.stop()
    own_server.start()
    assert one(own_server.url, "SELECT state FROM sync_run") == "running"
    outcome = await sync.run(db.transaction, run_id=run_id, now=clock.now)
    assert outcome.end == "done"
    assert contents(own_server.url) == undisturbed


def test_the_queues_schema_goes_and_comes_back(postgres: EmbeddedPostgres):
    name = "queue_up_and_down"
    with psycopg.connect(postgres.url_of("postgres"), autocommit=True) as database:
        database.execute(f"CREATE DATABASE {name}")
    url = postgres.url_of(name)
    parts = (
        "SELECT (SELECT count(*) FROM pg_tables WHERE tablename LIKE 'procrastinate%%'), "
        "(SELECT count(*) FROM pg_proc WHERE proname LIKE 'procrastinate%%'), "
        "(SELECT count(*) FROM pg_type WHERE typname LIKE 'procrastinate%%')"
    )
    migrations.upgrade(url, "0003")
    there = one(url, parts)
    assert all(there)
    migrations.downgrade(url, "0002")
    assert one(url, parts) == (0, 0, 0)
    migrations.upgrade(url, "0003")
    assert one(url, parts) == there
    with psycopg.connect(postgres.url_of("postgres"), autocommit=True) as database:
        database.execute(f"DROP DATABASE {name}")


async def test_what_nobody_can_use_any_more_is_deleted(pg_url):
    async with db.transaction() as session:
        await session.execute(
            text(
                "INSERT INTO user_account (id, email, username, hashed_password, role, name) OVERRIDING SYSTEM VALUE "
                "VALUES (1, 'a@b.test', 'a', 'x', 'viewer', 'A')"
            )
        )
        now = clock.now()
        for begun in (now, now - timedelta(days=30)):
            await sessions.create(session, user_id=1, user_agent="", address="", now=begun)
    await chores.tidy()
    async with db.transaction() as session:
        assert (await session.execute(text("SELECT count(*) FROM user_session"))).scalar_one() == 1
