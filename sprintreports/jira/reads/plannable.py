"""People of Jira by their names, for those who plan with everybody: who is to join a team need not have issues of it yet."""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.jira.reads.words import pattern

MOST = 20


@dataclass(frozen=True, slots=True)
class PlannablePerson:
    """Somebody active in Jira."""

    id: int
    name: str
    site_name: str


_NAMED = text("""
SELECT p.id, p.name, site.name FROM jira_person p JOIN site ON site.id = p.site_id
WHERE site.deleted_at IS NULL AND p.active AND p.name ILIKE :pattern ORDER BY lower(p.name), site.name, p.id LIMIT :most
""")


async def named(session: AsyncSession, viewer: Viewer, words: str) -> list[PlannablePerson]:
    """At most 20 whose name holds the words. Nobody for whom sees only some boards or teams: `people.suggested` has those
    whom they may add. Raises Forbidden.
    """
    viewer.require(Permission.CAPACITY_WRITE)
    wanted = pattern(words)
    if wanted is None or viewer.board_ids is not None or viewer.team_ids is not None:
        return []
    rows = await session.execute(_NAMED, {"pattern": wanted, "most": MOST})
    return [PlannablePerson(*row) for row in rows]
