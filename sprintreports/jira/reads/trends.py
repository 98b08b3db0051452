"""Closed sprints of several boards, each once, with their sums by value of Jira's team field: in two queries, however many there are."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.viewer import Viewer
from sprintreports.jira.facts_rows import SUMS, WHOLE, totals_of
from sprintreports.jira.facts_tables import ALL_DISCIPLINES
from sprintreports.jira.reads.access import VISIBLE, boards_of
from sprintreports.kit.errors import FieldProblem, Invalid, NotFound
from sprintreports.metrics.totals import Totals
from sprintreports.metrics.values import Unit

MOST_LAST = 104
MOST_SPRINTS = 3_000
TOO_MANY = f"These are more than {MOST_SPRINTS:,} sprints. Choose fewer boards, or fewer sprints of each."
NO_BOARDS = "One of the boards does not exist, or you may not see it. Choose from the list of boards."
NO_SPRINTS = "One of the sprints does not exist, is not closed, or you may not see it. Choose from the list of closed sprints."
NO_TEAMS = "One of the teams does not exist, or you may not see it. Choose from the list of teams."


@dataclass(frozen=True, slots=True)
class ClosedSprint:
    """A closed sprint on the board that it is counted on, with its sums by discipline (0: none)."""

    board_id: int
    board_name: str
    unit: Unit
    zone: str
    sprint_id: int
    name: str
    start: datetime | None
    close: datetime
    teams: Mapping[int, Totals]


@dataclass(frozen=True, slots=True)
class Trend:
    """The sprints in order of their close, and what their disciplines are called."""

    sprints: tuple[ClosedSprint, ...]
    disciplines: Mapping[int, str]


_COLUMNS = """
b.id AS board_id, b.name AS board, b.unit, b.zone, s.id AS sprint_id, s.name, f.window_start, f.window_end,
b.site_id, b.jira_board_id, s.jira_sprint_id, b.jira_board_id = s.origin_board_id AS origin
"""
_SPRINTS = f"""
SELECT DISTINCT ON (site_id, jira_sprint_id) * FROM (
    SELECT {_COLUMNS} FROM board b JOIN site ON site.id = b.site_id
    JOIN LATERAL (
        SELECT f.* FROM sprint_fact f WHERE f.site_id = b.site_id AND f.jira_board_id = b.jira_board_id AND f.closed
          AND (CAST(:sprints AS bigint[]) IS NULL OR f.jira_sprint_id IN (
              SELECT n.jira_sprint_id FROM sprint n WHERE n.site_id = b.site_id AND n.id = ANY(CAST(:sprints AS bigint[]))))
        ORDER BY f.window_end DESC, f.jira_sprint_id DESC LIMIT :last
    ) AS f ON true
    JOIN sprint s ON s.site_id = f.site_id AND s.jira_sprint_id = f.jira_sprint_id AND s.deleted_at IS NULL
    WHERE {VISIBLE} AND site.deleted_at IS NULL
      AND CASE WHEN CAST(:chosen AS bigint[]) IS NULL THEN b.selected OR CAST(:sprints AS bigint[]) IS NOT NULL ELSE b.id = ANY(CAST(:chosen AS bigint[])) END
) AS found ORDER BY site_id, jira_sprint_id, origin DESC NULLS LAST, board_id
"""
_SUMS = f"""
SELECT m.site_id, m.jira_board_id, m.jira_sprint_id, m.discipline_id, d.name, {", ".join(f"m.{name}" for name in SUMS)}
FROM unnest(CAST(:sites AS bigint[]), CAST(:at AS bigint[]), CAST(:keys AS bigint[])) AS w(site_id, jira_board_id, jira_sprint_id)
JOIN sprint_summary m USING (site_id, jira_board_id, jira_sprint_id)
LEFT JOIN discipline d ON d.id = m.discipline_id
WHERE m.dimension = '{WHOLE}' AND m.discipline_id <> {ALL_DISCIPLINES}
  AND (CAST(:teams AS bigint[]) IS NULL OR m.discipline_id = ANY(CAST(:teams AS bigint[])))
"""
_BOARDS = f"SELECT b.id FROM board b JOIN site ON site.id = b.site_id WHERE {VISIBLE} AND site.deleted_at IS NULL AND b.id = ANY(:chosen)"


async def read(
    session: AsyncSession,
    viewer: Viewer,
    *,
    boards: Collection[int] = (),
    sprints: Collection[int] = (),
    last: int = 12,
    teams: Collection[int] = (),
) -> Trend:
    """The sprints named, or the last ones of each board (none named: of all boards chosen for syncing), of these disciplines
    alone, cut to the viewer's. A sprint that several of the boards show is taken from its origin board, else from the first.

    Raises Forbidden, NotFound, Invalid.
    """
    if not 1 <= last <= MOST_LAST:
        raise Invalid(
            "The report cannot be made like this: see the details.",
            details=(FieldProblem("last", f"Use 1 to {MOST_LAST} sprints of each board."),),
        )
    if len(sprints) > MOST_SPRINTS:
        raise Invalid(TOO_MANY)
    wanted, chosen = sorted(set(sprints)) or None, sorted(set(boards)) or None
    values = {
        "boards": boards_of(viewer),
        "chosen": chosen,
        "sprints": wanted,
        "last": MOST_SPRINTS if wanted else last,
    }
    if chosen:
        found = await session.execute(text(_BOARDS), {"boards": values["boards"], "chosen": chosen})
        if len(found.all()) < len(chosen):
            raise NotFound(NO_BOARDS)
    rows = (await session.execute(text(_SPRINTS), values)).all()
    if len(rows) > MOST_SPRINTS:
        raise Invalid(TOO_MANY)
    if wanted and {row.sprint_id for row in rows} != set(wanted):
        raise NotFound(NO_SPRINTS)
    return await _summed(session, rows, teams=_seen(viewer, teams))


async def _summed(session: AsyncSession, rows: Sequence[Any], *, teams: list[int] | None) -> Trend:
    values = {
        "sites": [row.site_id for row in rows],
        "at": [row.jira_board_id for row in rows],
        "keys": [row.jira_sprint_id for row in rows],
        "teams": teams,
    }
    sums: defaultdict[tuple[int, int, int], dict[int, Totals]] = defaultdict(dict)
    names: dict[int, str] = {}
    for site, board, sprint, discipline, name, *figures in await session.execute(text(_SUMS), values):
        sums[site, board, sprint][discipline] = totals_of(tuple(figures))
        names[discipline] = name or ""
    found = [
        ClosedSprint(
            row.board_id, row.board, Unit(row.unit), row.zone, row.sprint_id, row.name, row.window_start,
            row.window_end, sums[row.site_id, row.jira_board_id, row.jira_sprint_id],
        )
        for row in rows
    ]  # fmt: skip
    found.sort(key=lambda one: (one.close, one.sprint_id))
    return Trend(tuple(found), names)


def _seen(viewer: Viewer, teams: Collection[int]) -> list[int] | None:
    """The disciplines that are shown; None: all."""
    if viewer.team_ids is None:
        return sorted(set(teams)) or None
    if not set(teams) <= viewer.team_ids:
        raise NotFound(NO_TEAMS)
    return sorted(set(teams) or viewer.team_ids)
