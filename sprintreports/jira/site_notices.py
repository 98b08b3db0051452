"""Tells those who may manage sites what they have to look after: a Jira that cannot be read, a board that differs from Jira."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import notices
from sprintreports.identity.notices.kinds import BoardDiffers, SiteUnreadable
from sprintreports.identity.permissions import Permission
from sprintreports.jira.tables import Site

IN_A_ROW = 3
_FAILED = text("""
SELECT count(*) FROM sync_run WHERE site_id = :site_id AND state = 'failed' AND mode <> 'replay'
  AND id > coalesce((SELECT max(id) FROM sync_run WHERE site_id = :site_id AND state = 'done' AND mode <> 'replay'), 0)
""")
_COMPARED = text("""
SELECT b.id, b.name, count(*) AS compared, count(*) FILTER (WHERE NOT r.equal) AS differing,
       max(r.jira_sprint_id) FILTER (WHERE NOT r.equal) AS last
FROM board b JOIN sprint_reconciliation r USING (site_id, jira_board_id)
WHERE b.site_id = :site_id AND b.jira_board_id = :jira_board_id AND r.equal IS NOT NULL AND b.deleted_at IS NULL
GROUP BY b.id, b.name
""")


async def unreadable(session: AsyncSession, site: Site, *, reason: str, sign_in: bool, now: datetime) -> None:
    """The site's Jira is left alone, or cannot be read again and again. Told once until a sync is good again."""
    parts = SiteUnreadable(site.id or 0, site.name, reason, sign_in)
    since = site.last_synced_at.isoformat() if site.last_synced_at else "never"
    key = f"site:{site.id}:{since}"
    await notices.tell(session, parts, to=Permission.SETTINGS_WRITE, key=key, now=now)


async def run_failed(session: AsyncSession, site: Site, *, reason: str, now: datetime) -> None:
    """A run has failed: tell when it is the third since the last good one."""
    failed = (await session.execute(_FAILED, {"site_id": site.id})).scalar_one()
    if failed >= IN_A_ROW:
        await unreadable(session, site, reason=reason, sign_in=False, now=now)


async def compared(session: AsyncSession, site_id: int, jira_board_id: int, *, now: datetime) -> None:
    """Jira's reports of a board have come: tell how many sprints differ. The same finding is told once."""
    values = {"site_id": site_id, "jira_board_id": jira_board_id}
    row = (await session.execute(_COMPARED, values)).one_or_none()
    if row is None or not row.differing:
        return
    parts = BoardDiffers(row.id, row.name, row.differing, row.compared)
    key = f"board:{row.id}:{row.differing}:{row.last}"
    await notices.tell(session, parts, to=Permission.SETTINGS_WRITE, key=key, now=now)
