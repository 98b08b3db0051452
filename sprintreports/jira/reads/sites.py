"""Jira sites, without their secrets."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.jira import circuits
from sprintreports.jira.circuits import Circuit
from sprintreports.jira.reads.access import boards_of
from sprintreports.kit.errors import NotFound
from sprintreports.kit.paging import Sort, order_by


@dataclass(frozen=True, slots=True)
class SiteRow:
    """A site. `account` is only for those who may see system settings; else it is empty.

    `sync_minutes`: its own schedule; None: as the installation is set; 0: never.
    """

    id: int
    name: str
    base_url: str
    dialect: str
    auth: str
    account: str
    status: str
    status_message: str
    time_zone: str
    last_synced_at: datetime | None
    created_at: datetime
    mapping_confirmed: bool
    boards: int
    selected_boards: int
    issues: int
    paused_at: datetime | None
    sync_minutes: int | None
    circuit: Circuit


_QUERY = """
SELECT id, name, base_url, dialect, auth, CASE WHEN :settings THEN account ELSE '' END, status, status_message, time_zone,
       last_synced_at, created_at, coalesce((mapping ->> 'confirmed')::boolean, false),
       (SELECT count(*) FROM board b WHERE b.site_id = site.id AND b.deleted_at IS NULL),
       (SELECT count(*) FROM board b WHERE b.site_id = site.id AND b.deleted_at IS NULL AND b.selected),
       (SELECT count(*) FROM issue i WHERE i.site_id = site.id AND i.deleted_at IS NULL), paused_at, sync_minutes, circuit
FROM site
WHERE deleted_at IS NULL AND (CAST(:id AS bigint) IS NULL OR id = :id)
  AND (CAST(:boards AS bigint[]) IS NULL
       OR EXISTS (SELECT 1 FROM board b WHERE b.site_id = site.id AND b.id = ANY(CAST(:boards AS bigint[]))))
"""
ORDERS = {
    "name": "lower(name) {way}",
    "base_url": "base_url {way}",
    "status": "status {way}",
    "created_at": "created_at {way}",
    "last_synced_at": "last_synced_at {way} NULLS LAST",
}


async def listing(session: AsyncSession, viewer: Viewer, *, sort: Sort = ()) -> list[SiteRow]:
    """All sites that the viewer sees a board of, by name."""
    return await _read(session, viewer, None, sort)


async def one(session: AsyncSession, viewer: Viewer, site_id: int) -> SiteRow:
    """One site. Raises NotFound."""
    found = await _read(session, viewer, site_id)
    if not found:
        raise NotFound(
            "There is no such Jira site, or you may not see it. Choose one from the list of sites."
        )
    return found[0]


async def _read(session: AsyncSession, viewer: Viewer, site_id: int | None, sort: Sort = ()) -> list[SiteRow]:
    boards = boards_of(viewer)
    values = {"boards": boards, "id": site_id, "settings": viewer.can(Permission.SETTINGS_READ)}
    order = order_by(sort, ORDERS, usual="lower(name)", last="id")
    found = await session.execute(text(f"{_QUERY} {order}"), values)
    return [SiteRow(*row[:-1], circuit=circuits.read(row[-1])) for row in found]
