"""Sync runs, and how fresh the data is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.kit.errors import Invalid, NotFound
from sprintreports.kit.paging import Page, Sort, order_by

MOST_PER_PAGE = 100


@dataclass(frozen=True, slots=True)
class SyncRunRow:
    """One run. `total_issues` None: not known yet. `expected_at`: when its issues will be read, by its pace of late.

    `left_alone_until`: until when its Jira is not asked, where it could not answer. `traffic`: the client's, since the
    run was last taken up.
    """

    id: int
    site_id: int
    site_name: str
    mode: str
    state: str
    phase: str
    done_issues: int
    changed_issues: int
    total_issues: int | None
    started_at: datetime | None
    finished_at: datetime | None
    heartbeat_at: datetime | None
    error: str | None
    request_id: str | None
    cancel_requested: bool
    notes: tuple[Any, ...]
    created_at: datetime
    expected_at: datetime | None
    site_paused: bool
    left_alone_until: datetime | None
    traffic: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Freshness:
    """The oldest of the last complete syncs of the sites that the viewer sees (None: one was never synced).

    `failed`: the last run of some site ended in an error; `running`: some site is being synced.
    """

    last_synced_at: datetime | None
    failed: bool
    running: bool
    sites: int


_COLUMNS = """
SELECT r.id, r.site_id, site.name, r.mode, r.state, r.phase, r.done_issues, r.changed_issues, r.total_issues, r.started_at,
       r.finished_at, r.heartbeat_at, r.error, r.request_id, r.cancel_requested, r.notes, r.created_at,
       r.expected_at, site.paused_at IS NOT NULL, (site.circuit ->> 'until')::timestamptz, r.traffic
"""
_FROM = """
FROM sync_run r JOIN site ON site.id = r.site_id
WHERE (CAST(:site AS bigint) IS NULL OR r.site_id = :site) AND (CAST(:id AS bigint) IS NULL OR r.id = :id)
"""
ORDERS = {
    "created_at": "r.created_at {way}",
    "started_at": "r.started_at {way} NULLS LAST",
    "finished_at": "r.finished_at {way} NULLS LAST",
    "site_name": "lower(site.name) {way}",
    "mode": "r.mode {way}",
    "state": "r.state {way}",
}
# How old the data is that the viewer sees, as Freshness; one row.
FRESHNESS = """
SELECT CASE WHEN bool_and(site.last_synced_at IS NOT NULL) THEN min(site.last_synced_at) END,
       coalesce(bool_or(last.state = 'failed'), false), coalesce(bool_or(last.state IN ('queued', 'running')), false),
       count(*)
FROM site LEFT JOIN LATERAL (
    SELECT r.state FROM sync_run r WHERE r.site_id = site.id ORDER BY r.id DESC LIMIT 1
) AS last ON true
WHERE site.deleted_at IS NULL AND (CAST(:boards AS bigint[]) IS NULL OR EXISTS (
    SELECT 1 FROM board b WHERE b.site_id = site.id AND b.id = ANY(CAST(:boards AS bigint[]))))
"""


async def page(
    session: AsyncSession,
    viewer: Viewer,
    *,
    site_id: int | None = None,
    sort: Sort = (),
    page: int = 1,
    per_page: int = 25,
) -> Page[SyncRunRow]:
    """The runs, the newest first. Raises Invalid."""
    viewer.require(Permission.SETTINGS_READ)
    if page < 1 or not 1 <= per_page <= MOST_PER_PAGE:
        raise Invalid(f"A page is 1 or more, and holds 1 to {MOST_PER_PAGE} runs.")
    values = {"site": site_id, "id": None, "limit": per_page, "offset": (page - 1) * per_page}
    total = (await session.execute(text(f"SELECT count(*) {_FROM}"), values)).scalar_one()
    order = order_by(sort, ORDERS, usual="r.id DESC", last="r.id")
    found = await session.execute(text(f"{_COLUMNS} {_FROM} {order} LIMIT :limit OFFSET :offset"), values)
    return Page([_row(row) for row in found], total, page, per_page)


async def one(session: AsyncSession, viewer: Viewer, run_id: int) -> SyncRunRow:
    """One run. Raises NotFound."""
    viewer.require(Permission.SETTINGS_READ)
    found = await session.execute(text(f"{_COLUMNS} {_FROM}"), {"site": None, "id": run_id})
    row = found.one_or_none()
    if row is None:
        raise NotFound("There is no such sync run. Choose one from the list of runs.")
    return _row(row)


async def latest(session: AsyncSession, viewer: Viewer, *, site_id: int) -> SyncRunRow | None:
    """A site's newest run; None when it was never synced."""
    found = await page(session, viewer, site_id=site_id, per_page=1)
    return found.items[0] if found.items else None


def _row(row: Any) -> SyncRunRow:
    return SyncRunRow(
        *row[:15],
        notes=tuple(row[15]),
        created_at=row[16],
        expected_at=row[17],
        site_paused=row[18],
        left_alone_until=row[19],
        traffic=row[20],
    )
