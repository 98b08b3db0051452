"""Issues that Jira no longer has: marked, kept, and out of the sprints from that moment on."""

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
        "UPDATE issue SET deleted_at = %s, updated_at = now() WHERE site_id = %s AND jira_issue_id = ANY(%s) "
        "AND deleted_at IS NULL RETURNING jira_issue_id",
        (now, site.site_id, list(issue_ids)),
    )
    marked = [issue for (issue,) in await cursor.fetchall()]
    # Should Jira deliver the same JSON again, it must not pass for unchanged.
    await connection.execute(
        "UPDATE stored_payload SET digest = '' WHERE site_id = %s AND kind = 'issue' AND external_id = ANY(%s)",
        (site.site_id, [str(issue) for issue in marked]),
    )
    if marked:
        await rewrite(connection, site.site_id, marked, now=now)
    return len(marked)
