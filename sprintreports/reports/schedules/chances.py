"""How likely sprints that run are to finish, for the schedules that wait for it and have not told of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.jira.reads import board_sprints, forecasts

#: By board and sprint: 1.0 is certain; None: no number can be told.
Chances: TypeAlias = Mapping[tuple[int, int], float | None]

_WAITING = "s.trigger ->> 'on' = 'forecast_below' AND s.paused_at IS NULL AND s.deleted_at IS NULL"
_BOARDS = text(f"SELECT DISTINCT s.board_id FROM schedule s WHERE s.board_id IS NOT NULL AND {_WAITING}")
_UNTOLD = text(f"""
SELECT DISTINCT s.board_id FROM schedule s
JOIN unnest(CAST(:boards AS bigint[]), CAST(:sprints AS bigint[])) AS w (board, sprint) ON w.board = s.board_id
WHERE {_WAITING} AND NOT EXISTS (
    SELECT FROM schedule_run r WHERE r.schedule_id = s.id
      AND r.occasion = 'forecast_below:' || (s.trigger ->> 'percent') || ':' || w.sprint
)
""")


async def asked(session: AsyncSession, *, now: datetime) -> Chances:
    """Of the sprints that run on boards where a schedule waits for a chance that it has not been run for; one query where none does.

    `forecasts.of_running` keeps what it has worked out until the facts or the day are others, and speaks of what is known: that
    Jira cannot be read makes no sprint less likely to finish.
    """
    boards = (await session.scalars(_BOARDS)).all()
    if not boards:
        return {}
    running = [one for one in await board_sprints.of_boards(session, boards, since=now) if not one.closed]
    values = {"boards": [one.board_id for one in running], "sprints": [one.sprint_id for one in running]}
    untold = (await session.scalars(_UNTOLD, values)).all()
    return await forecasts.of_running(session, untold, now=now) if untold else {}
