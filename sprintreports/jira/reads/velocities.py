"""A board's velocity, from the stored sums of its closed sprints."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.viewer import Viewer
from sprintreports.jira.reads.access import NO_BOARD, VISIBLE, boards_of
from sprintreports.jira.reads.summaries import COMPUTED, SUMS_JOIN, disciplines_of, rows_to_totals
from sprintreports.kit.errors import FieldProblem, Invalid, NotFound
from sprintreports.metrics.basis import Basis
from sprintreports.metrics.totals import Totals
from sprintreports.metrics.values import Bucket, Unit
from sprintreports.metrics.velocity import SprintTotals, Velocity, velocity

MOST_SPRINTS = 100

_QUERY = f"""
SELECT b.unit, s.id, s.name, f.window_start, f.window_end, {COMPUTED}, done.*, sums.*
FROM board b JOIN site ON site.id = b.site_id
LEFT JOIN LATERAL (
    SELECT f.* FROM sprint_fact f WHERE f.site_id = b.site_id AND f.jira_board_id = b.jira_board_id AND f.closed
    ORDER BY f.window_end DESC, f.jira_sprint_id DESC LIMIT :last
) AS f ON true
LEFT JOIN sprint s ON s.site_id = f.site_id AND s.jira_sprint_id = f.jira_sprint_id
{SUMS_JOIN.format(s="f")}
LEFT JOIN LATERAL (
    SELECT count(*), count(*) FILTER (WHERE i.final_points IS NULL), count(*) FILTER (WHERE i.final_seconds IS NULL)
    FROM sprint_issue_fact i WHERE i.site_id = f.site_id AND i.jira_board_id = f.jira_board_id
      AND i.jira_sprint_id = f.jira_sprint_id AND i.bucket = '{Bucket.COMPLETED.value}'
      AND (CAST(:teams AS bigint[]) IS NULL OR i.discipline_id = ANY(CAST(:teams AS bigint[])))
) AS done ON true
WHERE {VISIBLE} AND site.deleted_at IS NULL AND b.id = :board
"""


async def read(
    session: AsyncSession, viewer: Viewer, *, board_id: int, last: int = 7, unit: Unit | None = None
) -> Velocity:
    """Velocity over the last closed sprints of a board, of the viewer's teams; `unit` None: the board's.

    Sprints whose facts are still to be computed are not among them. Raises NotFound, Invalid.
    """
    if not 1 <= last <= MOST_SPRINTS:
        problem = FieldProblem("last", f"Use 1 to {MOST_SPRINTS} sprints.")
        raise Invalid("Velocity cannot be shown like this: see the details.", details=(problem,))
    values = {
        "boards": boards_of(viewer),
        "disciplines": disciplines_of(viewer),
        "teams": None if viewer.team_ids is None else sorted(viewer.team_ids),
        "board": board_id,
        "last": last,
    }
    rows = (await session.execute(text(_QUERY), values)).all()
    if not rows:
        raise NotFound(NO_BOARD)
    sprints = [
        SprintTotals(
            *row[1:5], totals=rows_to_totals(row[9:], computed=row[5]) or Totals(), completed=Basis(*row[6:9])
        )
        for row in rows
        if row[1] is not None
    ]
    return velocity(sprints, last=last, unit=unit or Unit(rows[0][0]))
