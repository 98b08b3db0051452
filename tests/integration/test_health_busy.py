"""A probe of a process whose connections are all in use: the database is busy, and not dead."""

from contextlib import AsyncExitStack
from datetime import timedelta

import psycopg
import pytest

from sprintreports import settings as settings_module
from sprintreports.api import health
from sprintreports.api.health import Condition
from sprintreports.kit import clock, db


@pytest.fixture
async def all_in_use(pg_url, monkeypatch):
    await db.dispose()
    monkeypatch.setenv("SPRINTREPORTS_DATABASE_POOL", "2")
    settings_module.reload()
    async with AsyncExitStack() as held:
        for _ in range(2):
            session = await held.enter_async_context(db.transaction())
            await db.ping(session)
        yield pg_url
    await db.dispose()


async def test_a_busy_database_is_told_from_a_dead_one(all_in_use):
    assert db.busy()
    found = {one.name: one.condition for one in await health.all_findings(clock.now())}
    assert found == {
        "database": Condition.DEGRADED,
        "worker": Condition.FAILED,  # there is none here: that was asked, and answered
        "last_sync": Condition.OK,
        "reports": Condition.OK,
    }
    assert health.overall(await health.readiness()) is Condition.DEGRADED


@pytest.mark.parametrize(
    ("change", "late"),
    [
        ("sync_minutes = NULL", True),
        ("sync_minutes = 1440", False),
        ("sync_minutes = 0", False),
        ("paused_at = now()", False),
    ],
)
async def test_a_site_is_late_by_its_own_schedule(pg_url, change, late):
    with psycopg.connect(pg_url) as database:
        database.execute(
            "INSERT INTO site (name, base_url, dialect, auth, account, status, status_message, last_synced_at) "
            "VALUES ('A', 'http://a.test', 'cloud', 'basic', '', 'connected', '', now() - interval '3 hours')"
        )
        database.execute(f"UPDATE site SET {change}".encode())
    found = {one.name: one.condition for one in await health.all_findings(clock.now() + timedelta(seconds=1))}
    assert found["last_sync"] is (Condition.DEGRADED if late else Condition.OK)


ASKER = "INSERT INTO user_account (email, username, name, role) VALUES ('a@x.test', 'a', 'A', 'viewer')"
FILE = (
    "INSERT INTO report_export (user_id, about, format, options, created_at, expires_at) "
    "SELECT id, '{}', 'pdf', '{}', now() - interval '%s minutes', now() + interval '1 day' FROM user_account"
)
RUN = (
    "WITH s AS (INSERT INTO schedule (owner_id, name, trigger, zone, content, deleted_at) SELECT id, 'S', '{}', 'UTC', '{}', %s "
    "FROM user_account RETURNING id) INSERT INTO schedule_run (schedule_id, occasion, created_at) "
    "SELECT id, 'x', now() - interval '1 hour' FROM s"
)
SENDING = (
    "WITH c AS (INSERT INTO connection (kind, name, settings, circuit, created_by) SELECT 'teams', 'C', '{}', '{}', id "
    "FROM user_account RETURNING id) INSERT INTO delivery (connection_id, user_id, key, source, target, state, next_at, updated_at) "
    "SELECT c.id, u.id, 'k', '{}', '{}', %s, now() - interval '1 hour' FROM c, user_account u"
)


@pytest.mark.parametrize(
    ("statement", "late"),
    [
        (FILE % 10, False),
        (FILE % 20, True),
        (RUN % "NULL", True),
        (RUN % "now()", False),
        (SENDING % "'sending', NULL", True),
        (SENDING % "'waiting', NULL", False),
        (SENDING % "'waiting', now() + interval '1 hour'", False),
        (SENDING % "'waiting', now() - interval '1 hour'", True),
        (SENDING % "'delivered', NULL", False),
    ],
)
async def test_reports_that_nobody_makes_are_told_of(pg_url, statement, late):
    with psycopg.connect(pg_url) as database:
        database.execute(ASKER)
        database.execute(statement.encode())
    found = {one.name: one for one in await health.all_findings(clock.now())}
    assert found["reports"].condition is (Condition.DEGRADED if late else Condition.OK), found["reports"]
