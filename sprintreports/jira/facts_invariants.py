"""Stored facts must be what the segments of now give: recompute samples and say where they are not."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection, sql
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.jira import facts_packed, facts_rows
from sprintreports.jira.facts import computed
from sprintreports.kit import db


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A sprint on a board whose stored facts are not those that its segments give."""

    site_id: int
    jira_board_id: int
    jira_sprint_id: int
    table: str
    stored: int
    expected: int
    example: str


async def check(session: AsyncSession, *, sample: int = 20, seed: float = 0.5) -> list[Mismatch]:
    """Recompute up to `sample` sprints that are not waiting for a rebuild, chosen at random by `seed` (-1 to 1)."""
    connection = await db.raw(session)
    await connection.execute("SELECT setseed(%s)", (seed,))
    cursor = await connection.execute(
        "SELECT f.site_id, f.jira_board_id, f.jira_sprint_id, f.rebuilt_at FROM sprint_fact f "
        "WHERE NOT EXISTS (SELECT 1 FROM sprint_touched t WHERE (t.site_id, t.jira_board_id, t.jira_sprint_id) "
        "= (f.site_id, f.jira_board_id, f.jira_sprint_id)) ORDER BY random() LIMIT %s",
        (sample,),
    )
    found: list[Mismatch] = []
    for site_id, board, sprint, rebuilt_at in await cursor.fetchall():
        found += await _compare(connection, site_id, board, sprint, rebuilt_at)
    return found


async def _compare(
    connection: AsyncConnection[Any], site_id: int, board: int, sprint: int, rebuilt_at: datetime
) -> list[Mismatch]:
    place = (site_id, board, sprint)
    facts = await computed(connection, *place, now=rebuilt_at)
    if facts is None:
        return [Mismatch(*place, "board_sprint", 1, 0, "facts of a sprint that the board does not list")]
    # Facts of an older release lack what is packed, and their issues the place in the order of keys: reads know that.
    packed = await _is_packed(connection, place)
    issue_columns = facts_rows.ISSUE if packed else facts_rows.ISSUE[:-1]
    found: list[Mismatch] = []
    for table, columns, rows in (
        ("sprint_issue_fact", issue_columns, facts_rows.issue_rows(facts)),
        ("sprint_event", facts_rows.EVENT, facts_rows.event_rows(facts)),
        ("sprint_daily_fact", facts_rows.DAY, facts_rows.day_rows(facts)),
        ("sprint_summary", facts_rows.SUMMARY, facts_rows.summary_rows(facts)),
        *([("sprint_packed", facts_packed.COLUMNS, [facts_packed.row(facts)])] if packed else []),
    ):
        query = sql.SQL(
            "SELECT {} FROM {} WHERE site_id = %s AND jira_board_id = %s AND jira_sprint_id = %s"
        ).format(sql.SQL(", ").join(map(sql.Identifier, columns)), sql.Identifier(table))
        cursor = await connection.execute(query, place)
        stored, expected = set(await cursor.fetchall()), {row[: len(columns)] for row in rows}
        if stored != expected:
            example = repr(next(iter(sorted(stored ^ expected, key=repr))))
            found.append(Mismatch(*place, table, len(stored), len(expected), example[:500]))
    return found


async def _is_packed(connection: AsyncConnection[Any], place: tuple[int, int, int]) -> bool:
    cursor = await connection.execute(
        "SELECT 1 FROM sprint_packed WHERE site_id = %s AND jira_board_id = %s AND jira_sprint_id = %s AND format = %s",
        (*place, facts_packed.FORMAT),
    )
    return await cursor.fetchone() is not None
