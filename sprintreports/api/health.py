"""What this process depends on, and whether it answers."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from time import perf_counter
from typing import Any, cast

from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy import TextClause, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.kit import db, migrations
from sprintreports.kit.errors import SprintReportsError
from sprintreports.observability import logs
from sprintreports.settings import settings

log = logs.get("api.health")

_PATIENCE = 3.0  # seconds for one dependency


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
    checks = [_timed("database", _database), _timed("worker", lambda: _worker(now)), _last_sync(now)]
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
    except (SQLAlchemyError, SprintReportsError, RedisError, OSError, TimeoutError) as error:
        log.warning("dependency_failed", dependency=name, error=str(error))
        return Finding(name, Condition.FAILED, "It does not answer.")
    milliseconds = round((perf_counter() - began) * 1000, 1)
    return Finding(found.name, found.condition, found.message, milliseconds, found.age_seconds)


async def _database() -> Finding:
    async with db.transaction() as session:
        await db.ping(session)
    return Finding("database", Condition.OK, "It answers.")


async def _migrations() -> Finding:
    async with db.transaction() as session:
        current = (
            await session.execute(text("SELECT version_num FROM alembic_version"))
        ).scalar_one_or_none()
    if current != migrations.head():
        return Finding(
            "migrations", Condition.FAILED, "The tables are not up to date. Run `sprintreports migrate`."
        )
    return Finding("migrations", Condition.OK, "The tables are up to date.")


async def _worker(now: datetime) -> Finding:
    query = text("SELECT max(last_heartbeat) FROM procrastinate_workers")
    async with db.transaction() as session:
        age = await _age(session, query, now=now)
    if age is None or age > settings().job_stalled_seconds:
        return Finding(
            "worker", Condition.FAILED, "No worker is running: nothing is synced.", age_seconds=age
        )
    return Finding("worker", Condition.OK, "A worker is running.", age_seconds=age)


async def _last_sync(now: datetime) -> Finding:
    def found(age: int | None) -> Finding:
        if age is None:
            return Finding("last_sync", Condition.OK, "Nothing has been synced yet.")
        late = age > 4 * 60 * settings().sync_interval_minutes
        message = "Some site was last synced long ago." if late else "All that is synced is recent."
        return Finding("last_sync", Condition.DEGRADED if late else Condition.OK, message, age_seconds=age)

    async def check() -> Finding:
        query = text("SELECT min(last_synced_at) FROM site WHERE deleted_at IS NULL")
        async with db.transaction() as session:
            return found(await _age(session, query, now=now))

    return await _timed("last_sync", check)


async def _redis() -> Finding:
    client: Any = Redis.from_url(settings().redis_url)  # pyright: ignore[reportUnknownMemberType]  # half typed
    try:
        await client.ping()
    finally:
        await client.aclose()
    return Finding("redis", Condition.OK, "It answers.")


async def _age(session: AsyncSession, query: TextClause, *, now: datetime) -> int | None:
    at = cast("datetime | None", (await session.execute(query)).scalar_one_or_none())
    return None if at is None else max(0, int((now - at).total_seconds()))
