"""What rests on a report: it cannot be deleted while a schedule sends it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.kit.errors import Conflict

MOST_NAMED = 5
_SCHEDULES = text("""
SELECT s.name, s.owner_id, u.name AS owner FROM schedule s JOIN user_account u ON u.id = s.owner_id
WHERE s.content ->> 'kind' = 'report' AND s.content ->> 'report_id' = CAST(:id AS text) AND s.deleted_at IS NULL
ORDER BY s.owner_id <> :user, lower(s.name), s.id
""")


class ReportInUse(Conflict):
    """A schedule sends this report. Delete the schedule first, or have it send another report."""


async def require_free(session: AsyncSession, viewer: Viewer, report_id: int) -> None:
    """Raises ReportInUse, which names the schedules: those that the viewer does not see by their owners alone."""
    found = await session.execute(_SCHEDULES, {"id": report_id, "user": viewer.user_id})
    schedules = found.mappings().all()
    if not schedules:
        return
    named = [_named(one, viewer) for one in schedules[:MOST_NAMED]]
    if more := len(schedules) - len(named):
        named.append(f"{more} more")
    listed = named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"
    if len(schedules) == 1:
        raise ReportInUse(
            f"This report is sent by {listed}. Delete that first, or have it send another report."
        )
    raise ReportInUse(
        f"This report is sent by {listed}. Delete these first, or have them send another report."
    )


def _named(schedule: Any, viewer: Viewer) -> str:
    if schedule["owner_id"] == viewer.user_id:
        return f"your schedule “{schedule['name']}”"
    if viewer.can(Permission.SETTINGS_READ):
        return f"the schedule “{schedule['name']}” of {schedule['owner']}"
    return f"a schedule of {schedule['owner']}"
