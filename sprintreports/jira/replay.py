"""Stored payloads, read again with the mapping of now: a new mapping takes effect on old data, without calling Jira."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.jira.context import SiteContext
from sprintreports.jira.store import raw_of, store_issues
from sprintreports.kit import db

PAGE = 500


async def replay(
    session: AsyncSession, site: SiteContext, *, after: str = "", limit: int = PAGE, now: datetime
) -> str | None:
    """Read one page of stored issues again; the cursor of the next page, or None at the end.

    One page is one transaction's work, so that a long replay can be cancelled and resumed.
    """
    connection = await db.raw(session)
    cursor = await connection.execute(
        "SELECT p.external_id, p.body, p.sync_run_id FROM stored_payload p WHERE p.site_id = %s AND p.kind = 'issue' "
        "AND p.external_id > %s AND NOT EXISTS (SELECT 1 FROM issue i WHERE i.site_id = p.site_id "
        "AND i.jira_issue_id = p.external_id::bigint AND i.deleted_at IS NOT NULL) ORDER BY p.external_id LIMIT %s",
        (site.site_id, after, limit),
    )
    rows = await cursor.fetchall()
    if rows:
        batch = [raw_of(int(external_id), body) for external_id, body, _ in rows]
        await store_issues(session, site, batch, run_id=rows[0][2], now=now, force=True)
    return rows[-1][0] if len(rows) == limit else None
