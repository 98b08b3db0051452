"""Which board and which sprints the data quality is asked for, with all that the checks need to know of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.viewer import Viewer
from sprintreports.jira.context import rules_of
from sprintreports.jira.mapping import FieldMapping, Slot
from sprintreports.jira.quality.check import Scope, ScopeSprint
from sprintreports.jira.reads.access import NO_BOARD, VISIBLE, boards_of, place
from sprintreports.kit.errors import NotFound
from sprintreports.metrics.values import SprintState, SubtaskRule, Unit

# How many closed sprints are looked at unless one is chosen: what velocity and forecasts rest on.
CLOSED = 6

_BOARD = f"""
SELECT b.site_id, b.jira_board_id, b.id, b.name, b.unit, b.columns, b.subtasks, b.problem, site.base_url, site.mapping,
       (SELECT jsonb_object_agg(st.status_id, st.category) FROM status st WHERE st.site_id = b.site_id),
       b.done_statuses
FROM board b JOIN site ON site.id = b.site_id
WHERE {VISIBLE} AND site.deleted_at IS NULL AND b.id = :id
"""
# Newest first: those to come, those that run, the last that closed.
_SPRINTS = """
SELECT s.id, s.jira_sprint_id, s.name, s.state, f.rebuilt_at IS NOT NULL FROM board_sprint l
JOIN sprint s USING (site_id, jira_sprint_id)
LEFT JOIN sprint_fact f ON f.site_id = l.site_id AND f.jira_board_id = l.jira_board_id AND f.jira_sprint_id = l.jira_sprint_id
WHERE l.site_id = :site AND l.jira_board_id = :board AND s.deleted_at IS NULL
  AND (CAST(:sprint AS bigint) IS NULL OR s.id = :sprint)
ORDER BY array_position(ARRAY['future', 'active'], s.state::text),
         coalesce(s.complete_date, s.activated_at, s.start_date, s.end_date) DESC NULLS LAST, s.id DESC
"""


async def load_scope(
    session: AsyncSession, viewer: Viewer, *, board_id: int, sprint_id: int | None, now: datetime
) -> tuple[Scope, str | None]:
    """The scope, and what is wrong with the board itself. Raises NotFound with the reason."""
    found = await session.execute(text(_BOARD), {"boards": boards_of(viewer), "id": board_id})
    row = found.one_or_none()
    if row is None:
        raise NotFound(NO_BOARD)
    if sprint_id is not None:
        await place(session, viewer, sprint_id=sprint_id, board_id=board_id)
    listed = await session.execute(text(_SPRINTS), {"site": row[0], "board": row[1], "sprint": sprint_id})
    sprints = [ScopeSprint(*one[:3], state=SprintState(one[3]), computed=one[4]) for one in listed]
    return _scope(row, sprints, viewer, chosen=sprint_id is not None, now=now), row[7]


def _scope(row: Any, sprints: Sequence[ScopeSprint], viewer: Viewer, *, chosen: bool, now: datetime) -> Scope:
    (
        site_id,
        jira_board_id,
        board_id,
        name,
        unit,
        columns,
        subtasks,
        _,
        base_url,
        mapping,
        categories,
        done,
    ) = row
    fields = msgspec.convert(mapping, FieldMapping)
    return Scope(
        site_id=site_id,
        jira_board_id=jira_board_id,
        board_id=board_id,
        board_name=name,
        base_url=base_url,
        unit=Unit(unit),
        rules=rules_of(columns, categories or {}, SubtaskRule(subtasks), done=done),
        columns=tuple(tuple(column["statuses"]) for column in columns or ()),
        maps_teams=bool(fields.fields_of(Slot.DISCIPLINE)),
        maps_owners=bool(fields.fields_of(Slot.OWNER)),
        sprints=tuple(sprints if chosen else _recent(sprints)),
        chosen=chosen,
        boards=None if viewer.board_ids is None else tuple(sorted(viewer.board_ids)),
        teams=None if viewer.team_ids is None else tuple(sorted(viewer.team_ids)),
        now=now,
    )


def _recent(sprints: Sequence[ScopeSprint]) -> list[ScopeSprint]:
    """All that are open, and the last that closed."""
    closed = [one for one in sprints if one.state is SprintState.CLOSED][:CLOSED]
    open_ = [one for one in sprints if one.state in (SprintState.FUTURE, SprintState.ACTIVE)]
    return [*open_, *closed]
