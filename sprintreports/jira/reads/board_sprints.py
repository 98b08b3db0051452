"""The sprints of boards with what schedules go by: when they started, end and were closed, and how far their scope has moved.

For the system itself: whoever acts on it asks as the person whom it is done for.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.jira.facts_rows import WHOLE
from sprintreports.jira.facts_tables import ALL_DISCIPLINES
from sprintreports.metrics.values import SprintState, Unit


@dataclass(frozen=True, slots=True)
class BoardSprint:
    """A sprint that has started. closed: None while it runs. known_until: up to when Jira's changes are here.

    commitment and scope: in the board's unit, as facts hold it; None: not computed yet.
    """

    board_id: int
    sprint_id: int
    started: datetime
    closed: datetime | None
    planned_end: datetime | None
    zone: str
    known_until: datetime | None
    commitment: int | None
    scope: int | None


_SPRINTS = text(f"""
SELECT b.id, s.id, coalesce(s.activated_at, s.start_date), s.state, coalesce(s.complete_date, s.end_date), s.end_date, b.zone,
       site.last_synced_at,
       CASE b.unit WHEN '{Unit.POINTS}' THEN m.initial_points WHEN '{Unit.HOURS}' THEN m.initial_seconds ELSE m.initial_count END,
       CASE b.unit WHEN '{Unit.POINTS}' THEN m.final_points WHEN '{Unit.HOURS}' THEN m.final_seconds ELSE m.final_count END
FROM board b JOIN site ON site.id = b.site_id JOIN board_sprint l USING (site_id, jira_board_id)
JOIN sprint s USING (site_id, jira_sprint_id)
LEFT JOIN sprint_summary m ON m.site_id = b.site_id AND m.jira_board_id = b.jira_board_id AND m.jira_sprint_id = s.jira_sprint_id
    AND m.dimension = '{WHOLE}' AND m.discipline_id = {ALL_DISCIPLINES} AND m.label = ''
WHERE b.id = ANY(CAST(:boards AS bigint[])) AND b.deleted_at IS NULL AND site.deleted_at IS NULL AND s.deleted_at IS NULL
  AND coalesce(s.activated_at, s.start_date) IS NOT NULL
  AND (s.state = 'active' OR (s.state = 'closed'
       AND (CAST(:since AS timestamptz) IS NULL OR coalesce(s.complete_date, s.end_date) > CAST(:since AS timestamptz))))
ORDER BY b.id, s.id
""")


async def of_boards(
    session: AsyncSession, boards: Collection[int], *, since: datetime | None = None
) -> list[BoardSprint]:
    """The sprints that run, and those that closed (after `since`), in one query."""
    rows = await session.execute(_SPRINTS, {"boards": sorted(boards), "since": since})
    return [_sprint(row) for row in rows]


def _sprint(row: Sequence[Any]) -> BoardSprint:
    board, sprint, started, state, closed, end, zone, known, commitment, scope = row
    ended = max(started, closed or started) if state == SprintState.CLOSED else None
    return BoardSprint(board, sprint, started, ended, end, zone, known, commitment, scope)
