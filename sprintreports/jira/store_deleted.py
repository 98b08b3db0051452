"""Issues that Jira no longer has, or no longer shows to us: marked and kept.

What is deleted is out of the sprints from that moment on; what is hidden counts as it was last seen.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.jira.context import SiteContext
from sprintreports.jira.store_segments import rewrite
from sprintreports.kit import db


async def mark_deleted(
    session: AsyncSession, site: SiteContext, issue_ids: Collection[int], *, now: datetime
) -> int:
    """Mark issues as deleted in Jira; how many were not so before. A later delivery of the issue brings it back."""
    connection = await db.raw(session)
    cursor = await connection.execute(
        "UPDATE issue SET deleted_at = %s, hidden_at = NULL, updated_at = now() WHERE site_id = %s AND jira_issue_id = ANY(%s) "
        "AND deleted_at IS NULL RETURNING jira_issue_id",
        (now, site.site_id, list(issue_ids)),
    )
    marked = [issue for (issue,) in await cursor.fetchall()]
    await _forget_digests(session, site, marked)
    if marked:
        await rewrite(connection, site.site_id, marked, now=now)
    return len(marked)


async def mark_hidden(
    session: AsyncSession, site: SiteContext, issue_ids: Collection[int], *, now: datetime
) -> int:
    """Mark issues as hidden from our account; how many were not so before. They count on as they were last seen."""
    connection = await db.raw(session)
    cursor = await connection.execute(
        "UPDATE issue SET hidden_at = %s, updated_at = now() WHERE site_id = %s AND jira_issue_id = ANY(%s) "
        "AND hidden_at IS NULL AND deleted_at IS NULL RETURNING jira_issue_id",
        (now, site.site_id, list(issue_ids)),
    )
    marked = [issue for (issue,) in await cursor.fetchall()]
    await _forget_digests(session, site, marked)
    return len(marked)


async def _forget_digests(session: AsyncSession, site: SiteContext, issue_ids: Collection[int]) -> None:
    """Should Jira deliver the same JSON again, it must not pass for unchanged."""
    connection = await db.raw(session)
    await connection.execute(
        "UPDATE stored_payload SET digest = '' WHERE site_id = %s AND kind = 'issue' AND external_id = ANY(%s)",
        (site.site_id, [str(issue) for issue in issue_ids]),
    )
