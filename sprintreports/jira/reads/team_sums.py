"""The sprints around one, on its board, and what each holds and completed by value of Jira's team field: what capacity is held against."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.jira.facts_rows import SUMS, WHOLE, totals_of
from sprintreports.jira.facts_tables import ALL_DISCIPLINES
from sprintreports.jira.reads.access import Place, place
from sprintreports.kit.errors import Invalid
from sprintreports.metrics.totals import Totals
from sprintreports.metrics.values import SprintState

MOST = 26


@dataclass(frozen=True, slots=True)
class SprintAround:
    """A sprint with its sums by discipline (0: none). start: the real one where it is known; end: the real close of a
    closed sprint, else the planned one. totals None: not computed yet."""

    id: int
    name: str
    state: SprintState
    start: datetime | None
    end: datetime | None
    totals: Mapping[int, Totals] | None


@dataclass(frozen=True, slots=True)
class Around:
    """The sprint asked for with those before and after it, in order of time."""

    place: Place
    sprints: tuple[SprintAround, ...]

    @property
    def at(self) -> int:
        """Where the sprint asked for stands."""
        return next(at for at, one in enumerate(self.sprints) if one.id == self.place.sprint_id)

    @property
    def last(self) -> SprintAround | None:
        """The last sprint, as whoever plans this one means it: the one just before it on the board, closed or still open."""
        return self.sprints[self.at - 1] if self.at else None


_START = "coalesce(s.activated_at, s.start_date)"
_END = "coalesce(CASE WHEN s.state IN ('closed', 'unknown') THEN s.complete_date END, s.end_date)"
_ROW = f"""
SELECT s.jira_sprint_id, s.id, s.name, s.state, {_START} AS began, {_END} AS ended, f.rebuilt_at IS NOT NULL
FROM board_sprint l JOIN sprint s USING (site_id, jira_sprint_id)
LEFT JOIN sprint_fact f ON f.site_id = l.site_id AND f.jira_board_id = l.jira_board_id AND f.jira_sprint_id = s.jira_sprint_id
WHERE l.site_id = :site AND l.jira_board_id = :board AND s.deleted_at IS NULL
"""
# By end: sprints of one board that run at once are each other's neighbours. Those without dates are planned for later. Before one
# that is still open come others that are: the running one before the next.
_AROUND = f"""
WITH asked AS (
    SELECT coalesce({_END}, 'infinity') AS ended, s.state <> 'closed' AS is_open FROM sprint s
    WHERE s.site_id = :site AND s.jira_sprint_id = :sprint
)
SELECT * FROM (
    (SELECT * FROM ({_ROW}) AS r WHERE jira_sprint_id = :sprint)
    UNION ALL
    (SELECT * FROM ({_ROW}) AS r WHERE state = 'closed' AND jira_sprint_id <> :sprint AND ended <= (SELECT ended FROM asked)
     ORDER BY ended DESC, jira_sprint_id DESC LIMIT :past)
    UNION ALL
    (SELECT * FROM ({_ROW}) AS r WHERE state <> 'closed' AND jira_sprint_id <> :sprint AND (SELECT is_open FROM asked)
     AND coalesce(ended, 'infinity') < (SELECT ended FROM asked)
     ORDER BY ended DESC, jira_sprint_id DESC LIMIT :past)
    UNION ALL
    (SELECT * FROM ({_ROW}) AS r WHERE jira_sprint_id <> :sprint AND (state <> 'closed' OR ended > (SELECT ended FROM asked))
     AND coalesce(ended, 'infinity') >= (SELECT ended FROM asked)
     ORDER BY ended NULLS LAST, jira_sprint_id LIMIT :coming)
) AS found ORDER BY ended NULLS LAST, jira_sprint_id
"""
_SUMS = f"""
SELECT jira_sprint_id, discipline_id, {", ".join(SUMS)} FROM sprint_summary
WHERE site_id = :site AND jira_board_id = :board AND jira_sprint_id = ANY(:sprints) AND dimension = '{WHOLE}'
  AND discipline_id <> {ALL_DISCIPLINES}
  AND (CAST(:teams AS bigint[]) IS NULL OR discipline_id = ANY(CAST(:teams AS bigint[])))
"""


async def around(
    session: AsyncSession,
    viewer: Viewer,
    *,
    sprint_id: int,
    board_id: int | None = None,
    past: int = 5,
    coming: int = 3,
) -> Around:
    """A sprint with up to `past` closed ones before it, as many that are still open, and `coming` ones after it, cut to the
    viewer's teams.

    Raises Forbidden, NotFound, Invalid.
    """
    viewer.require(Permission.CAPACITY_READ)
    if not (0 <= past <= MOST and 0 <= coming <= MOST):
        raise Invalid(f"Look at 0 to {MOST} sprints before and after.")
    here = await place(session, viewer, sprint_id=sprint_id, board_id=board_id)
    rows = (await session.execute(text(_AROUND), here.keys | {"past": past, "coming": coming})).all()
    values = {
        "site": here.site_id,
        "board": here.jira_board_id,
        "sprints": [row[0] for row in rows],
        "teams": None if viewer.team_ids is None else sorted(viewer.team_ids),
    }
    sums: dict[int, dict[int, Totals]] = {row[0]: {} for row in rows}
    for sprint, discipline, *figures in await session.execute(text(_SUMS), values):
        sums[sprint][discipline] = totals_of(tuple(figures))
    return Around(
        here,
        tuple(
            SprintAround(
                row[1], row[2], SprintState(row[3]), row[4], row[5], sums[row[0]] if row[6] else None
            )
            for row in rows
        ),
    )
