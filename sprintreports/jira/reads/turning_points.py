"""When sprints started and closed, on the boards that are kept: what baselines are taken by. For the system itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.metrics.values import SprintState


@dataclass(frozen=True, slots=True)
class Course:
    """A sprint on a board. closed: None while it runs. known_until: up to when Jira's changes are here."""

    board_id: int
    sprint_id: int
    started: datetime
    closed: datetime | None
    zone: str
    known_until: datetime | None


_COURSES = text("""
SELECT b.id, s.id, coalesce(s.activated_at, s.start_date), s.state, coalesce(s.complete_date, s.end_date), b.zone,
       site.last_synced_at
FROM board b JOIN site ON site.id = b.site_id JOIN board_sprint l USING (site_id, jira_board_id)
JOIN sprint s USING (site_id, jira_sprint_id)
WHERE b.selected AND b.deleted_at IS NULL AND site.deleted_at IS NULL AND s.deleted_at IS NULL
  AND coalesce(s.activated_at, s.start_date) IS NOT NULL
  AND (s.state = 'active' OR (s.state = 'closed' AND coalesce(s.complete_date, s.end_date) > :since))
ORDER BY b.id, s.id
""")


async def courses(session: AsyncSession, *, since: datetime) -> list[Course]:
    """The sprints that run, and those that closed after `since`."""
    return [_course(row) for row in await session.execute(_COURSES, {"since": since})]


def _course(row: Sequence[Any]) -> Course:
    board, sprint, started, state, end, zone, known = row
    closed = max(started, end) if state == SprintState.CLOSED and end is not None else None
    return Course(board, sprint, started, closed, zone, known)
