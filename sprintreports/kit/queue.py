"""Start work by name: enqueued in the caller's own transaction."""

from datetime import timedelta
from functools import cache
from typing import Any

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued
from psycopg.types.json import Jsonb
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.kit import db
from sprintreports.settings import settings


@cache
def app() -> App:
    """The job application of this process; `jobs` registers its tasks on it."""
    return App(
        connector=PsycopgConnector(conninfo=db.libpq_url(settings().database_url), min_size=1, max_size=4)
    )


async def defer(
    session: AsyncSession,
    name: str,
    payload: dict[str, Any],
    *,
    lock: str | None = None,
    queueing_lock: str | None = None,
    wait: timedelta | None = None,
) -> int | None:
    """Enqueue a job, to begin after `wait`; forgotten when the transaction rolls back.

    Returns the job's id, or None where `queueing_lock` says that the same job waits already.
    """
    try:
        async with session.begin_nested():
            deferrer = app().configure_task(
                name,
                lock=lock,
                queueing_lock=queueing_lock,
                connection=await db.raw(session),
                allow_unknown=True,
                schedule_in={"seconds": wait.total_seconds()} if wait else None,
            )
            return await deferrer.defer_async(**payload)
    except AlreadyEnqueued:
        return None


async def live(session: AsyncSession, queueing_lock: str) -> bool:
    """Whether a job that was deferred with this queueing lock waits or is at work."""
    return bool(await _live(session, queueing_lock))


async def live_arguments(
    session: AsyncSession, queueing_lock: str, *, hold: bool
) -> dict[int, dict[str, Any]]:
    """What the jobs with this queueing lock that wait or work were given, by their ids.

    `hold`: nobody else changes them in this transaction, after those who do so now.
    """
    connection = await db.raw(session)
    cursor = await connection.execute(
        "SELECT id, args FROM procrastinate_jobs WHERE queueing_lock = %s AND status IN ('todo', 'doing') ORDER BY id"
        + (" FOR UPDATE" if hold else ""),
        (queueing_lock,),
    )
    return dict(await cursor.fetchall())


async def held_arguments(session: AsyncSession, job_id: int) -> dict[str, Any] | None:
    """What a job is given now, held for this transaction; None where there is no such job."""
    connection = await db.raw(session)
    cursor = await connection.execute(
        "SELECT args FROM procrastinate_jobs WHERE id = %s FOR UPDATE", (job_id,)
    )
    row = await cursor.fetchone()
    return row[0] if row else None


async def set_arguments(session: AsyncSession, job_id: int, arguments: dict[str, Any]) -> None:
    """Give a job other arguments: a job that keeps its cursor there is resumed where it stood."""
    connection = await db.raw(session)
    await connection.execute(
        "UPDATE procrastinate_jobs SET args = %s WHERE id = %s", (Jsonb(arguments), job_id)
    )


async def hasten(session: AsyncSession, queueing_lock: str) -> None:
    """Let the job begin now if it waits for its time."""
    connection = await db.raw(session)
    await connection.execute(
        "UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE queueing_lock = %s AND status = 'todo'",
        (queueing_lock,),
    )


async def stop(session: AsyncSession, queueing_lock: str) -> bool:
    """Take the job back if it waits, ask it to stop if it is at work; whether there was one."""
    connection = await db.raw(session)
    found = await _live(session, queueing_lock)
    for job_id in found:
        await app().job_manager.cancel_job_by_id_async(job_id, abort=True, connection=connection)
    return bool(found)


async def _live(session: AsyncSession, queueing_lock: str) -> list[int]:
    connection = await db.raw(session)
    cursor = await connection.execute(
        "SELECT id FROM procrastinate_jobs WHERE queueing_lock = %s AND status IN ('todo', 'doing')",
        (queueing_lock,),
    )
    return [job for (job,) in await cursor.fetchall()]
