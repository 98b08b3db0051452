"""One at a time works on a site: a run of the sync, or what webhooks ask for."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.jira.sync.errors import SyncRunning
from sprintreports.jira.sync.work import UnitOfWork

SPACE = 0x6A697261  # "jira": advisory locks of other parts use other first numbers


@asynccontextmanager
async def only_one(unit: UnitOfWork, site_id: int) -> AsyncGenerator[AsyncSession]:
    """Hold the site's lock in a transaction of its own: when this process dies, the server lets go of it.

    Raises SyncRunning.
    """
    async with unit() as guard:
        locked = await guard.scalar(
            text("SELECT pg_try_advisory_xact_lock(:space, :site)"), {"space": SPACE, "site": site_id}
        )
        if not locked:
            raise SyncRunning
        yield guard
