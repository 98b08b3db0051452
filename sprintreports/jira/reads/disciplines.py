"""Jira's team values: which there are, where they work, and whom their issues are assigned to. Planning makes teams of them."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.jira.facts_rows import WHOLE

MOST_ASSIGNEES = 100


@dataclass(frozen=True, slots=True)
class DisciplineRow:
    """A value of Jira's team field."""

    id: int
    name: str
    site_id: int
    site_name: str


@dataclass(frozen=True, slots=True)
class Assignee:
    """Somebody in Jira with issues of some teams, and how many."""

    person_id: int
    name: str
    active: bool
    issues: int


# The values that sprints of a board name. It goes through the sums of these boards, so it is asked for limited viewers alone.
_ON_BOARDS = f"""
SELECT DISTINCT m.discipline_id FROM sprint_summary m JOIN board b USING (site_id, jira_board_id)
WHERE m.dimension = '{WHOLE}' AND b.id = ANY(CAST(:boards AS bigint[])) AND b.deleted_at IS NULL
"""
_LISTING = f"""
SELECT d.id, d.name, d.site_id, site.name FROM discipline d JOIN site ON site.id = d.site_id
WHERE site.deleted_at IS NULL
  AND (CAST(:teams AS bigint[]) IS NULL OR d.id = ANY(CAST(:teams AS bigint[])))
  AND (CAST(:boards AS bigint[]) IS NULL OR d.id IN ({_ON_BOARDS}))
ORDER BY lower(d.name), site.name, d.id
"""
_BOARDS = f"""
SELECT DISTINCT b.id FROM sprint_summary m JOIN board b USING (site_id, jira_board_id)
WHERE m.dimension = '{WHOLE}' AND m.discipline_id = ANY(CAST(:teams AS bigint[])) AND b.deleted_at IS NULL
"""
_ASSIGNEES = """
SELECT p.id, p.name, p.active, count(*) FROM issue i JOIN jira_person p ON p.id = i.assignee_id
WHERE i.discipline_id = ANY(CAST(:teams AS bigint[])) AND i.deleted_at IS NULL
  AND (CAST(:boards AS bigint[]) IS NULL OR EXISTS (
    SELECT FROM board_issue shown JOIN board b USING (site_id, jira_board_id)
    WHERE shown.site_id = i.site_id AND shown.jira_issue_id = i.jira_issue_id AND b.id = ANY(CAST(:boards AS bigint[]))))
GROUP BY p.id ORDER BY p.active DESC, count(*) DESC, lower(p.name), p.id LIMIT :most
"""


async def listing(session: AsyncSession, viewer: Viewer) -> list[DisciplineRow]:
    """The values that the viewer may see, by name. Raises Forbidden."""
    viewer.require(Permission.CAPACITY_READ)
    values = {
        "teams": None if viewer.team_ids is None else sorted(viewer.team_ids),
        "boards": None if viewer.board_ids is None else sorted(viewer.board_ids),
    }
    return [DisciplineRow(*row) for row in await session.execute(text(_LISTING), values)]


async def boards_of(session: AsyncSession, disciplines: Collection[int]) -> frozenset[int]:
    """The boards whose sprints have issues of these values."""
    if not disciplines:
        return frozenset()
    return frozenset(await session.scalars(text(_BOARDS), {"teams": sorted(disciplines)}))


async def assignees(session: AsyncSession, viewer: Viewer, disciplines: Collection[int]) -> list[Assignee]:
    """Who has issues of these values, the busiest first; at most 100. Values and boards that the viewer may not see are left
    out."""
    seen = {row.id for row in await listing(session, viewer)}
    values = {
        "teams": sorted(seen.intersection(disciplines)),
        "boards": None if viewer.board_ids is None else sorted(viewer.board_ids),
        "most": MOST_ASSIGNEES,
    }
    return [Assignee(*row) for row in await session.execute(text(_ASSIGNEES), values)]
