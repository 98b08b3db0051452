"""Issues that Jira has no more, or no longer shows to our account: what we knew of them last, and their sprints."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.jira import sites
from sprintreports.kit.paging import Page, Sort, order_by


class Why(StrEnum):
    """Deleted: it has left the sprints that are not closed. Hidden: a permission was lost, and it counts as last seen."""

    DELETED = "deleted"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class SprintName:
    sprint_id: int
    name: str
    state: str


@dataclass(frozen=True, slots=True)
class Absence:
    """An issue that is gone. `noticed_at`: when we saw that it is; `sprints`: those it was ever in, by their names."""

    jira_issue_id: int
    key: str
    summary: str
    project_key: str
    why: Why
    noticed_at: datetime
    last_change: datetime
    sprints: tuple[SprintName, ...]


_GONE = (
    "FROM issue i WHERE i.site_id = :site AND (i.deleted_at IS NOT NULL OR i.hidden_at IS NOT NULL) "
    "AND (CAST(:why AS text) IS NULL OR (i.deleted_at IS NULL) = (CAST(:why AS text) = 'hidden'))"
)
_PAGE = f"""
SELECT i.jira_issue_id, i.key, i.summary, i.project_key, i.deleted_at IS NULL, coalesce(i.deleted_at, i.hidden_at),
       i.jira_updated {_GONE}
"""
_NOTICED = "coalesce(i.deleted_at, i.hidden_at)"
_KEY = "i.project_key {way}, length(i.key) {way}, i.key {way}"
ORDERS = {
    "key": _KEY,
    "summary": "lower(i.summary) {way}",
    "noticed_at": f"{_NOTICED} {{way}}",
    "last_change": "i.jira_updated {way}",
}
_SPRINTS = """
SELECT m.jira_issue_id, s.id, s.name, s.state FROM issue_sprint m JOIN sprint s USING (site_id, jira_sprint_id)
WHERE m.site_id = :site AND m.jira_issue_id = ANY(:issues)
ORDER BY coalesce(s.activated_at, s.start_date), s.jira_sprint_id
"""


async def page(
    session: AsyncSession,
    viewer: Viewer,
    site_id: int,
    *,
    why: Why | None = None,
    sort: Sort = (),
    page: int = 1,
    per_page: int = 25,
) -> Page[Absence]:
    """A site's absent issues, the last noticed first. Raises SiteNotFound."""
    viewer.require(Permission.SETTINGS_READ)
    await sites.load(session, site_id)
    values = {"site": site_id, "why": why, "limit": per_page, "offset": (page - 1) * per_page}
    total = (await session.execute(text(f"SELECT count(*) {_GONE}"), values)).scalar_one()
    order = order_by(sort, ORDERS, usual=f"{_NOTICED} DESC", last=_KEY.format(way="ASC"))
    rows = (await session.execute(text(f"{_PAGE} {order} LIMIT :limit OFFSET :offset"), values)).all()
    sprints = await _sprints(session, site_id, [row[0] for row in rows])
    return Page([_absence(row, sprints.get(row[0], [])) for row in rows], total, page, per_page)


async def _sprints(session: AsyncSession, site_id: int, issues: list[int]) -> dict[int, list[SprintName]]:
    found: dict[int, list[SprintName]] = {}
    for issue, *sprint in await session.execute(text(_SPRINTS), {"site": site_id, "issues": issues}):
        found.setdefault(issue, []).append(SprintName(*sprint))
    return found


def _absence(row: Any, sprints: list[SprintName]) -> Absence:
    issue, key, summary, project_key, hidden, noticed_at, last_change = row
    why = Why.HIDDEN if hidden else Why.DELETED
    return Absence(issue, key, summary, project_key, why, noticed_at, last_change, tuple(sprints))
