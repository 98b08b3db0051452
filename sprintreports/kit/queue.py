"""Start work by name: enqueued in the caller's own transaction."""

from functools import cache
from typing import Any

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued
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
) -> int | None:
    """Enqueue a job; forgotten when the transaction rolls back.

    Returns the job's id, or None where `queueing_lock` says that the same job waits already.
    """
    try:
        async with session.begin_nested():
            # The savepoint is sent once the session is asked for its connection: without it, a job that waits already
            # would take the caller's whole transaction with it.
            await session.connection()
            deferrer = app().configure_task(
                name,
                lock=lock,
                queueing_lock=queueing_lock,
                connection=await db.raw(session),
                allow_unknown=True,
            )
            return await deferrer.defer_async(**payload)
    except AlreadyEnqueued:
        return None
