"""Stored payloads, read again with the mapping of now: a new mapping takes effect on old data, without calling Jira."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.jira.context import SiteContext
from sprintreports.jira.store import raw_of, store_again
from sprintreports.kit import db
from sprintreports.metrics.values import SubtaskRule

PAGE = 500


async def replay(
    session: AsyncSession,
    site: SiteContext,
    *,
    after: str = "",
    upto: str | None = None,
    limit: int = PAGE,
    now: datetime,
) -> str | None:
    """Read one page of stored issues again; the cursor of the next page, or None at the end (or at `upto`).

    One page is one transaction's work, so that a long replay can be cancelled and resumed.
    """
    connection = await db.raw(session)
    cursor = await connection.execute(
        "SELECT p.external_id, p.body FROM stored_payload p WHERE p.site_id = %s AND p.kind = 'issue' "
        "AND p.external_id > %s AND (%s::text IS NULL OR p.external_id <= %s) AND NOT EXISTS (SELECT 1 FROM issue i WHERE i.site_id = p.site_id "
        "AND i.jira_issue_id = p.external_id::bigint AND i.deleted_at IS NOT NULL) ORDER BY p.external_id LIMIT %s",
        (site.site_id, after, upto, upto, limit),
    )
    rows = await cursor.fetchall()
    if rows:
        batch = [raw_of(int(external_id), body) for external_id, body in rows]
        await store_again(session, site, batch, now=now)
    return rows[-1][0] if len(rows) == limit else None


async def ends_of_pages(
    session: AsyncSession, site_id: int, *, after: str = "", size: int = PAGE
) -> list[str]:
    """The last id of each whole page after `after`; what follows the last of them is one page more."""
    connection = await db.raw(session)
    cursor = await connection.execute(
        "SELECT external_id FROM (SELECT external_id, row_number() OVER (ORDER BY external_id) AS number "
        "FROM stored_payload WHERE site_id = %s AND kind = 'issue' AND external_id > %s) AS payload "
        "WHERE number %% %s = 0 ORDER BY external_id",
        (site_id, after, size),
    )
    return [external_id for (external_id,) in await cursor.fetchall()]


async def pages_are_apart(session: AsyncSession, site_id: int) -> bool:
    """Whether no page writes what another one writes: a sub-task's segments follow its parent where sub-tasks count."""
    connection = await db.raw(session)
    cursor = await connection.execute(
        "SELECT NOT EXISTS (SELECT 1 FROM board WHERE site_id = %s AND subtasks = %s)",
        (site_id, SubtaskRule.SUBTASKS),
    )
    row = await cursor.fetchone()
    return bool(row and row[0])
