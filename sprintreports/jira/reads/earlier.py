"""The closed sprints before a sprint, as a measure for it."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.viewer import Viewer
from sprintreports.jira.reads import access
from sprintreports.jira.reads.summaries import COMPUTED, SUMS_JOIN, disciplines_of, rows_to_totals
from sprintreports.metrics.totals import Totals

MOST_SPRINTS = 6

_QUERY = text(f"""
SELECT {COMPUTED}, sums.* FROM board b JOIN sprint_fact here ON here.site_id = b.site_id AND here.jira_board_id = b.jira_board_id
    AND here.jira_sprint_id = :sprint
CROSS JOIN LATERAL (
    SELECT f.* FROM sprint_fact f WHERE f.site_id = b.site_id AND f.jira_board_id = b.jira_board_id AND f.closed
      AND f.jira_sprint_id <> :sprint AND f.window_end <= here.window_end
    ORDER BY f.window_end DESC, f.jira_sprint_id DESC LIMIT :last
) AS f
{SUMS_JOIN.format(s="f")}
WHERE b.site_id = :site AND b.jira_board_id = :board
""")


async def read(
    session: AsyncSession, viewer: Viewer, *, sprint_id: int, board_id: int | None = None
) -> list[Totals]:
    """The sums of up to MOST_SPRINTS sprints of the board that closed before this one ends, last first, of the viewer's teams.

    Raises NotFound.
    """
    place = await access.place(session, viewer, sprint_id=sprint_id, board_id=board_id)
    if not place.computed:
        return []
    values = place.keys | {"disciplines": disciplines_of(viewer), "last": MOST_SPRINTS}
    rows = (await session.execute(_QUERY, values)).all()
    return [rows_to_totals(row[1:], computed=row[0]) or Totals() for row in rows]
