"""What no run believes alone: that a large share of a board or project is gone at once. A second run must see the same.

An index that is being rebuilt, a page that got lost or a search that answers nothing looks just like a large removal.
"""

from collections.abc import Collection
from typing import Any

from psycopg import AsyncConnection
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.jira.sync.work import Work
from sprintreports.kit import db

MANY = 20
SHARE = 4  # a quarter
FEW = 3


def is_suspicious(missing: int, known: int) -> bool:
    """More than twenty and more than a quarter; or everything, where that is three or more."""
    return (missing > MANY and missing * SHARE > known) or missing >= max(known, FEW)


async def weigh(
    session: AsyncSession,
    work: Work,
    scope: str,
    missing: Collection[int],
    *,
    known: int,
    short: bool = False,
) -> set[int]:
    """Those of the missing issues that are believed to be so; the others are remembered for the next run.

    `known`: how many there were. `short`: the list itself is not whole, whatever the share.
    """
    connection = await db.raw(session)
    earlier, of_run = await _earlier(connection, work.run.site_id, scope)
    if not (short or is_suspicious(len(missing), known)):
        if of_run is not None:
            await forget(session, work, scope)
        return set(missing)
    believed = set(missing) & earlier if of_run != work.run.run_id else set[int]()
    rest = sorted(set(missing) - believed)
    if not rest:
        await forget(session, work, scope)
        return believed
    await connection.execute(
        "INSERT INTO sweep_doubt (site_id, scope, issues, sync_run_id, noticed_at) VALUES (%s, %s, %s, %s, %s) "
        "ON CONFLICT (site_id, scope) DO UPDATE SET issues = excluded.issues, sync_run_id = excluded.sync_run_id, "
        "noticed_at = excluded.noticed_at",
        (work.run.site_id, scope, rest, work.run.run_id, work.now()),
    )
    return believed


async def forget(session: AsyncSession, work: Work, scope: str) -> None:
    """There is no doubt about this any more."""
    connection = await db.raw(session)
    await connection.execute(
        "DELETE FROM sweep_doubt WHERE site_id = %s AND scope = %s", (work.run.site_id, scope)
    )


async def _earlier(connection: AsyncConnection[Any], site_id: int, scope: str) -> tuple[set[int], int | None]:
    cursor = await connection.execute(
        "SELECT issues, coalesce(sync_run_id, 0) FROM sweep_doubt WHERE site_id = %s AND scope = %s",
        (site_id, scope),
    )
    row = await cursor.fetchone()
    return (set(row[0]), row[1]) if row else (set(), None)
