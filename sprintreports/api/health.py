"""What this process depends on, and whether it answers."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from time import perf_counter
from typing import Any

import psycopg
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from sprintreports.kit import db, migrations
from sprintreports.kit.errors import SprintReportsError
from sprintreports.observability import logs
from sprintreports.settings import settings

log = logs.get("api.health")

_PATIENCE = 3.0  # seconds for one dependency
_REPORTS_LATE = 15 * 60  # seconds; making and sending one takes ten minutes at most
# The moment since which a report could have been made or sent. What waits for an admin, or for its time, is not late.
_WAITING_LONGEST = """
SELECT least(
    (SELECT min(created_at) FROM report_export WHERE state IN ('waiting', 'running')),
    (SELECT min(r.created_at) FROM schedule_run r JOIN schedule s ON s.id = r.schedule_id
     WHERE r.state = 'waiting' AND s.deleted_at IS NULL),
    (SELECT min(coalesce(next_at, updated_at)) FROM delivery
     WHERE state IN ('queued', 'sending') OR (state = 'waiting' AND next_at IS NOT NULL))
)
"""
# Sites that are synced by themselves.
_SYNCED = "FROM site WHERE deleted_at IS NULL AND paused_at IS NULL AND coalesce(sync_minutes, 1) > 0"


class Condition(StrEnum):
    OK = "ok"
    DEGRADED = "degraded"  # works, but not wholly: numbers grow old
    FAILED = "failed"  # does not work


@dataclass(frozen=True, slots=True)
class Finding:
    """How one dependency is. Says no more than an unknown caller may know."""

    name: str
    condition: Condition
    message: str
    milliseconds: float | None = None
    age_seconds: int | None = None


async def all_findings(now: datetime) -> list[Finding]:
    """Every dependency, asked at the same time."""
    checks = [
        _timed("database", _database),
        _timed("worker", lambda: _worker(now)),
        _last_sync(now),
        _timed("reports", lambda: _reports(now)),
    ]
    if settings().redis_url:
        checks.append(_timed("redis", _redis))
    return list(await asyncio.gather(*checks))


async def readiness() -> list[Finding]:
    """What must be there before requests are sent to this process."""
    return [await _timed("database", _database), await _timed("migrations", _migrations)]


def overall(findings: list[Finding]) -> Condition:
    """The worst of what was found."""
    order = list(Condition)
    return max((finding.condition for finding in findings), key=order.index, default=Condition.OK)


async def _timed(name: str, check: Callable[[], Awaitable[Finding]]) -> Finding:
    began = perf_counter()
    try:
        async with asyncio.timeout(_PATIENCE):
            found = await check()
    except (SQLAlchemyError, psycopg.Error, SprintReportsError, RedisError, OSError, TimeoutError) as error:
        log.warning("dependency_failed", dependency=name, error=str(error))
        return Finding(name, Condition.FAILED, "It does not answer.")
    milliseconds = round((perf_counter() - began) * 1000, 1)
    return Finding(found.name, found.condition, found.message, milliseconds, found.age_seconds)


async def _database() -> Finding:
    busy = db.busy()
    await _value("SELECT 1")
    if busy:
        return Finding(
            "database", Condition.DEGRADED, "It answers, but more is asked of it than it can do at once."
        )
    return Finding("database", Condition.OK, "It answers.")


async def _value(query: str) -> Any:
    """What a query finds. A probe does not wait in line: it would report a database that is busy as one that is dead."""
    if db.busy():
        return await db.value_aside(query)
    async with db.transaction() as session:
        return (await session.execute(text(query))).scalar_one_or_none()


async def _migrations() -> Finding:
    current = await _value("SELECT version_num FROM alembic_version")
    if current != migrations.head():
        return Finding(
            "migrations", Condition.FAILED, "The tables are not up to date. Run `sprintreports migrate`."
        )
    return Finding("migrations", Condition.OK, "The tables are up to date.")


async def _worker(now: datetime) -> Finding:
    age = _age(await _value("SELECT max(last_heartbeat) FROM procrastinate_workers"), now=now)
    if age is None or age > settings().job_stalled_seconds:
        return Finding(
            "worker", Condition.FAILED, "No worker is running: nothing is synced.", age_seconds=age
        )
    return Finding("worker", Condition.OK, "A worker is running.", age_seconds=age)


async def _last_sync(now: datetime) -> Finding:
    every = int(settings().sync_interval_minutes)

    async def check() -> Finding:
        age = _age(await _value(f"SELECT min(last_synced_at) {_SYNCED}"), now=now)
        if age is None:
            return Finding("last_sync", Condition.OK, "Nothing has been synced yet.")
        patience = f"make_interval(mins => 4 * coalesce(sync_minutes, {every}))"
        late = await _value(
            f"SELECT bool_or(last_synced_at < '{now.isoformat()}'::timestamptz - {patience}) {_SYNCED}"
        )
        message = "Some site was last synced long ago." if late else "All that is synced is recent."
        return Finding("last_sync", Condition.DEGRADED if late else Condition.OK, message, age_seconds=age)

    return await _timed("last_sync", check)


async def _reports(now: datetime) -> Finding:
    """Files, deliveries and runs of schedules whose time came long ago: a worker that is there may be stuck all the same."""
    age = _age(await _value(_WAITING_LONGEST), now=now)
    if age is not None and age > _REPORTS_LATE:
        return Finding(
            "reports", Condition.DEGRADED, "Some report was to be made or sent long ago.", age_seconds=age
        )
    return Finding("reports", Condition.OK, "No report has waited for long.", age_seconds=age)


async def _redis() -> Finding:
    client: Any = Redis.from_url(settings().redis_url)  # pyright: ignore[reportUnknownMemberType]  # half typed
    try:
        await client.ping()
    finally:
        await client.aclose()
    return Finding("redis", Condition.OK, "It answers.")


def _age(at: datetime | None, *, now: datetime) -> int | None:
    return None if at is None else max(0, int((now - at).total_seconds()))
