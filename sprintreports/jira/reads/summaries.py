"""The stored sums of sprints, as the metrics' own values again."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.viewer import Viewer
from sprintreports.jira.facts_packed import FORMAT, Hour, unpack_hours
from sprintreports.jira.facts_rows import EXCLUDED, SUMS, TRANSFER, WHOLE, totals_of
from sprintreports.jira.facts_tables import ALL_DISCIPLINES
from sprintreports.jira.reads.access import AT, Place
from sprintreports.metrics.sprint_report import Breakdown, Dimension, TeamReport, Transfer
from sprintreports.metrics.teams import merge_breakdowns
from sprintreports.metrics.totals import Totals
from sprintreports.metrics.values import NOTHING, Amount

# Sums over the disciplines that a viewer may see, of the sprint {s} on the board b; and whether its facts are there.
SUMS_JOIN = f"""
LEFT JOIN LATERAL (
    SELECT {", ".join(f"sum(m.{name})::bigint" for name in SUMS)} FROM sprint_summary m
    WHERE m.site_id = b.site_id AND m.jira_board_id = b.jira_board_id AND m.jira_sprint_id = {{s}}.jira_sprint_id
      AND m.dimension = '{WHOLE}' AND m.discipline_id = ANY(CAST(:disciplines AS bigint[]))
) AS sums ON true
LEFT JOIN sprint_fact computed ON computed.site_id = b.site_id AND computed.jira_board_id = b.jira_board_id
      AND computed.jira_sprint_id = {{s}}.jira_sprint_id
"""
COMPUTED = "computed.rebuilt_at IS NOT NULL"

_REPORT = f"""
SELECT dimension, discipline_id, label, {", ".join(SUMS)} FROM sprint_summary m
WHERE {AT} AND discipline_id <> {ALL_DISCIPLINES} ORDER BY discipline_id, dimension, label
"""
_INITIAL = f"""
SELECT sum(initial_points)::bigint, sum(initial_seconds)::bigint, sum(initial_count)::bigint,
       (SELECT hours FROM sprint_packed WHERE {AT} AND format = {FORMAT} AND :whole)
FROM sprint_summary m
WHERE {AT} AND dimension = '{WHOLE}' AND discipline_id = ANY(CAST(:disciplines AS bigint[]))
"""


def disciplines_of(viewer: Viewer) -> list[int]:
    """The rows of the "sprint" dimension that make up what the viewer may see."""
    return [ALL_DISCIPLINES] if viewer.team_ids is None else sorted(viewer.team_ids)


async def course(session: AsyncSession, viewer: Viewer, place: Place) -> tuple[Amount, list[Hour] | None]:
    """The commitment, of the teams that the viewer may see; of a whole giant sprint also its stored hours."""
    values = place.keys | {"disciplines": disciplines_of(viewer), "whole": viewer.team_ids is None}
    *initial, hours = (await session.execute(text(_INITIAL), values)).one()
    return Amount(*(value or 0 for value in initial)), None if hours is None else unpack_hours(hours)


async def teams(session: AsyncSession, place: Place) -> tuple[tuple[TeamReport, ...], tuple[Transfer, ...]]:
    """The stored report of each discipline, and the moves between them."""
    rows = (await session.execute(text(_REPORT), place.keys)).all()
    totals: dict[int, Totals] = {}
    parts: defaultdict[int, list[Breakdown]] = defaultdict(list)
    excluded: defaultdict[int, dict[str, int]] = defaultdict(dict)
    moves: list[Transfer] = []
    for dimension, discipline, label, *values in rows:
        sums = totals_of(tuple(values))
        if dimension == WHOLE:
            totals[discipline] = sums
        elif dimension == TRANSFER:
            moves.append(Transfer(discipline, int(label), sums.transferred))
        elif dimension == EXCLUDED:
            excluded[discipline][label] = sums.excluded
        else:
            parts[discipline].append(Breakdown(Dimension(dimension), label, sums))
    moves.sort(key=_pair)
    reports = tuple(
        TeamReport(
            discipline=discipline,
            totals=sums,
            transferred_in=_sum(move.amount for move in moves if move.target == discipline),
            transferred_out=_sum(move.amount for move in moves if move.source == discipline),
            breakdowns=merge_breakdowns(parts[discipline]),
            excluded=excluded[discipline],
        )
        for discipline, sums in totals.items()
    )
    return reports, tuple(moves)


def _pair(move: Transfer) -> tuple[int, int]:
    return move.source or 0, move.target or 0


def _sum(amounts: Iterable[Amount]) -> Amount:
    return sum(amounts, NOTHING)


def rows_to_totals(row: Sequence[Any], *, computed: bool) -> Totals | None:
    """Totals out of SUMS_JOIN: nothing where no visible team had an issue, None where nothing is computed yet."""
    if not computed:
        return None
    return Totals() if row[0] is None else totals_of(tuple(row))
