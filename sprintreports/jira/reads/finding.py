"""What a person looks for by name: boards, sprints, and an issue by its key. Small answers from indexes, access rule first."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.viewer import Viewer
from sprintreports.jira.reads.access import VISIBLE, boards_of
from sprintreports.jira.reads.words import pattern
from sprintreports.metrics.values import SprintState

MOST = 6


class HitKind(StrEnum):
    BOARD = "board"
    SPRINT = "sprint"
    ISSUE = "issue"


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found. A board has no sprint; an issue is found in each of its sprints on each board."""

    kind: HitKind
    board_id: int
    board_name: str
    sprint_id: int | None
    sprint_name: str
    state: SprintState | None
    issue_key: str
    summary: str


_BOARDS = f"""
SELECT 'board', b.id, b.name, NULL::bigint, '', NULL, '', '' FROM board b JOIN site ON site.id = b.site_id
WHERE {VISIBLE} AND site.deleted_at IS NULL AND b.selected AND b.name ILIKE :pattern ORDER BY lower(b.name), b.id LIMIT :most
"""
_SPRINTS = f"""
SELECT 'sprint', b.id, b.name, s.id, s.name, s.state, '', '' FROM board b JOIN site ON site.id = b.site_id
JOIN board_sprint l USING (site_id, jira_board_id) JOIN sprint s USING (site_id, jira_sprint_id)
WHERE {VISIBLE} AND site.deleted_at IS NULL AND s.deleted_at IS NULL AND b.selected AND s.name ILIKE :pattern
ORDER BY s.state <> 'active', coalesce(s.complete_date, s.activated_at, s.start_date) DESC NULLS LAST, s.id DESC, b.id LIMIT :most
"""
_ISSUES = f"""
SELECT 'issue', b.id, b.name, s.id, s.name, s.state, i.key, i.summary FROM issue i JOIN site ON site.id = i.site_id
JOIN sprint_issue_fact f ON f.site_id = i.site_id AND f.jira_issue_id = i.jira_issue_id
JOIN board b ON b.site_id = f.site_id AND b.jira_board_id = f.jira_board_id
JOIN sprint s ON s.site_id = f.site_id AND s.jira_sprint_id = f.jira_sprint_id
WHERE i.key = :key AND {VISIBLE} AND site.deleted_at IS NULL AND b.selected
  AND (CAST(:teams AS bigint[]) IS NULL OR f.discipline_id = ANY(CAST(:teams AS bigint[])))
ORDER BY s.state <> 'active', coalesce(s.complete_date, s.activated_at, s.start_date) DESC NULLS LAST, s.id DESC, b.id LIMIT :most
"""
_FIND = text(f"({_ISSUES}) UNION ALL ({_BOARDS}) UNION ALL ({_SPRINTS})")


async def find(session: AsyncSession, viewer: Viewer, words: str) -> list[Hit]:
    """Issues with this very key first, then boards and sprints whose name holds the words; at most MOST of each.

    Nothing for nothing. One query. Raises Forbidden.
    """
    boards = boards_of(viewer)
    wanted = pattern(words)
    if wanted is None:
        return []
    values = {
        "boards": boards,
        "teams": None if viewer.team_ids is None else sorted(viewer.team_ids),
        "pattern": wanted,
        "key": words.replace("\0", "").strip().upper(),
        "most": MOST,
    }
    found = await session.execute(_FIND, values)
    return [
        Hit(
            kind=HitKind(row[0]),
            board_id=row[1],
            board_name=row[2],
            sprint_id=row[3],
            sprint_name=row[4],
            state=None if row[5] is None else SprintState(row[5]),
            issue_key=row[6],
            summary=row[7],
        )
        for row in found
    ]
