"""The days of a board's sprints as stored, in one unit: what forecasts are made from. In two queries, for any number of boards."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import accumulate
from typing import Any, TypeAlias

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.jira.facts_rows import WHOLE
from sprintreports.jira.facts_tables import ALL_DISCIPLINES
from sprintreports.metrics.backtest import SPRINTS_JUDGED
from sprintreports.metrics.forecast import SPRINTS_USED
from sprintreports.metrics.sprint_days import LONGEST, DayState, SprintDays
from sprintreports.metrics.values import Unit

Board: TypeAlias = tuple[int, int]

# To judge so many, each from those before it; the rest for boards on which several sprints run at once.
MOST_EARLIER = 2 * (SPRINTS_JUDGED + SPRINTS_USED)
_PART = {Unit.POINTS: "points", Unit.HOURS: "seconds", Unit.COUNT: "count"}


@dataclass(frozen=True, slots=True)
class Stored:
    """A sprint whose facts are there; `version` names their state. stop: the close, or up to when it is known."""

    board: Board
    jira_sprint_id: int
    start: datetime
    stop: datetime
    closed: bool
    planned_end: datetime | None
    version: str

    @property
    def key(self) -> tuple[int, int, int]:
        return *self.board, self.jira_sprint_id

    def days(self, found: tuple[int, tuple[DayState, ...]] | None) -> SprintDays:
        """With its commitment and its days; of which there are none where no visible team had an issue."""
        initial, days = found or (0, ())
        return SprintDays(
            name=name_of(*self.key),
            start=self.start,
            stop=self.stop,
            closed=self.closed,
            planned_end=self.planned_end,
            initial=initial,
            days=days,
        )


_EARLIER = text("""
SELECT f.site_id, f.jira_board_id, f.jira_sprint_id, f.window_start, f.window_end, f.closed, f.planned_end, f.version
FROM unnest(CAST(:sites AS bigint[]), CAST(:at AS bigint[])) AS w(site_id, jira_board_id)
JOIN LATERAL (
    SELECT f.*, extract(epoch FROM f.rebuilt_at) || '/' || f.ctid || '/' || f.xmin AS version FROM sprint_fact f
    WHERE f.site_id = w.site_id AND f.jira_board_id = w.jira_board_id AND f.closed
      AND f.window_start BETWEEN f.window_end - CAST(:longest AS interval) AND f.window_end
      AND f.window_end <= :until
    ORDER BY f.window_end DESC, f.jira_sprint_id DESC LIMIT :last
) AS f ON true
""")


def _days(initial: str) -> str:
    return f"""
SELECT d.site_id, d.jira_board_id, d.jira_sprint_id, {initial},
       array_agg((d.day - DATE '1970-01-01')::bigint ORDER BY d.day), array_agg(d.scope ORDER BY d.day), array_agg(d.done ORDER BY d.day)
"""


# {part}: points, seconds or count.
_WHOLE = f"""
{
    _days(f'''(SELECT m.initial_{{part}} FROM sprint_summary m WHERE m.site_id = d.site_id AND m.jira_board_id = d.jira_board_id
    AND m.jira_sprint_id = d.jira_sprint_id AND m.dimension = '{WHOLE}' AND m.discipline_id = {ALL_DISCIPLINES} AND m.label = '')''')
}
FROM (
    SELECT f.site_id, f.jira_board_id, f.jira_sprint_id, f.day, f.scope_{{part}} AS scope, f.done_{{part}} AS done
    FROM unnest(CAST(:sites AS bigint[]), CAST(:at AS bigint[]), CAST(:sprints AS bigint[])) AS w(site_id, jira_board_id, jira_sprint_id)
    JOIN sprint_daily_fact f USING (site_id, jira_board_id, jira_sprint_id)
) AS d GROUP BY 1, 2, 3
"""
_SLICED = f"""
{_days("d.initial")}
FROM (
    SELECT w.*, coalesce((e.at AT TIME ZONE :zone)::date, (w.start AT TIME ZONE :zone)::date) AS day, m.initial,
           coalesce(sum(e.moved_{{part}}) FILTER (WHERE e.changes_scope), 0)::bigint AS scope,
           coalesce(sum(e.moved_{{part}}) FILTER (WHERE e.changes_done), 0)::bigint AS done
    FROM unnest(CAST(:sites AS bigint[]), CAST(:at AS bigint[]), CAST(:sprints AS bigint[]), CAST(:starts AS timestamptz[]))
         AS w(site_id, jira_board_id, jira_sprint_id, start)
    LEFT JOIN LATERAL (
        SELECT coalesce(sum(m.initial_{{part}}), 0)::bigint AS initial FROM sprint_summary m WHERE m.site_id = w.site_id
        AND m.jira_board_id = w.jira_board_id AND m.jira_sprint_id = w.jira_sprint_id AND m.dimension = '{WHOLE}'
        AND m.label = '' AND m.discipline_id = ANY(CAST(:teams AS bigint[]))
    ) AS m ON true
    LEFT JOIN sprint_event e ON e.site_id = w.site_id AND e.jira_board_id = w.jira_board_id AND e.jira_sprint_id = w.jira_sprint_id
        AND e.discipline_id = ANY(CAST(:teams AS bigint[]))
    GROUP BY w.site_id, w.jira_board_id, w.jira_sprint_id, w.start, day, m.initial
) AS d GROUP BY 1, 2, 3, 4
"""


def name_of(site_id: int, jira_board_id: int, jira_sprint_id: int) -> str:
    """What the trials of a sprint on a board are seeded with."""
    return f"{site_id}/{jira_board_id}/{jira_sprint_id}"


async def earlier(
    session: AsyncSession, boards: Sequence[Board], *, until: datetime, last: int = MOST_EARLIER
) -> list[Stored]:
    """Of each board (site, Jira's id) the sprints that closed last, by `until`, whose facts are there. One query."""
    values = {
        "sites": [site for site, _ in boards],
        "at": [board for _, board in boards],
        "until": until,
        "longest": LONGEST,
        "last": last,
    }
    rows = await session.execute(_EARLIER, values)
    return [Stored((row[0], row[1]), *row[2:]) for row in rows]


async def days(
    session: AsyncSession, sprints: Iterable[Stored], *, unit: Unit, teams: frozenset[int] | None, zone: str
) -> list[SprintDays]:
    """The sprints day by day, of these disciplines (None: whole), in the same order. One query."""
    wanted = list(sprints)
    values: dict[str, Any] = {
        "sites": [one.board[0] for one in wanted],
        "at": [one.board[1] for one in wanted],
        "sprints": [one.jira_sprint_id for one in wanted],
    }
    if teams is None:
        rows = await session.execute(text(_WHOLE.format(part=_PART[unit])), values)
        found = {tuple(row[:3]): (row[3] or 0, _states(*row[4:])) for row in rows}
    else:
        values |= {"starts": [one.start for one in wanted], "teams": sorted(teams), "zone": zone}
        rows = await session.execute(text(_SLICED.format(part=_PART[unit])), values)
        found = {
            tuple(row[:3]): (row[3], _states(row[4], _summed(row[5], row[3]), _summed(row[6], 0)))
            for row in rows
        }
    return [one.days(found.get(one.key)) for one in wanted]


def _states(numbers: Sequence[int], scopes: Iterable[int], done: Iterable[int]) -> tuple[DayState, ...]:
    each = zip(numbers, scopes, done, strict=True)
    return tuple(
        DayState(date.fromordinal(_EPOCH + number), scope, finished) for number, scope, finished in each
    )


def _summed(moves: Iterable[int], start: int) -> list[int]:
    return list(accumulate(moves, initial=start))[1:]


_EPOCH = date(1970, 1, 1).toordinal()
