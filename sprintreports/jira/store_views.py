"""Whether boards show some issues: what a look at these issues alone says, while all others stay as they are."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.jira.context import SiteContext
from sprintreports.jira.store_boards import store_board_issues
from sprintreports.jira.store_segments import rewrite
from sprintreports.kit import db


async def store_views(
    session: AsyncSession,
    site: SiteContext,
    asked: Collection[int],
    shown: Mapping[int, Collection[int]],
    *,
    now: datetime,
) -> None:
    """Of the issues `asked` about each board (Jira's id) shows these and no others."""
    connection = await db.raw(session)
    for board, issues in shown.items():
        await store_board_issues(session, site, board, sorted(issues), now=now, complete=False)
        hidden = sorted(set(asked) - set(issues))
        cursor = await connection.execute(
            "UPDATE board_issue SET seen_to = %s WHERE site_id = %s AND jira_board_id = %s AND seen_to IS NULL "
            "AND jira_issue_id = ANY(%s) RETURNING jira_issue_id",
            (now, site.site_id, board, hidden),
        )
        left = [issue for (issue,) in await cursor.fetchall()]
        if left:
            await rewrite(connection, site.site_id, left, now=now, only_boards=[board])
