"""Facts of touched sprints, computed again from their segments and written in the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from psycopg import AsyncConnection
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.jira import facts_rows
from sprintreports.jira.facts_compute import SprintDates, SprintFacts, SprintOnBoard, compute
from sprintreports.jira.store_copy import copy
from sprintreports.jira.timelines import unpack
from sprintreports.jira.uncollected import uncollected
from sprintreports.kit import db
from sprintreports.metrics.sprint_report import DEFINITIONS
from sprintreports.metrics.values import Segment, SprintState, State

_STATES = {int(state): state for state in State}
_FACTS = ("sprint_issue_fact", "sprint_event", "sprint_daily_fact", "sprint_summary", "sprint_fact")
_OWN = "site_id = %s AND jira_board_id = %s AND jira_sprint_id = %s"


async def rebuild_touched(session: AsyncSession, site_id: int, *, now: datetime, limit: int = 20) -> int:
    """Rebuild up to `limit` touched sprints, the longest waiting first; how many are left.

    Several workers may do so at once: each takes what no other has taken.
    """
    connection = await db.raw(session)
    cursor = await connection.execute(
        "SELECT jira_board_id, jira_sprint_id FROM sprint_touched WHERE site_id = %s "
        "ORDER BY touched_at, jira_board_id, jira_sprint_id LIMIT %s FOR UPDATE SKIP LOCKED",
        (site_id, limit),
    )
    for board, sprint in await cursor.fetchall():
        await rebuild_sprint(session, site_id, board, sprint, now=now)
    cursor = await connection.execute("SELECT count(*) FROM sprint_touched WHERE site_id = %s", (site_id,))
    row = await cursor.fetchone()
    return int(row[0]) if row else 0


async def rebuild_sprint(
    session: AsyncSession, site_id: int, board: int, sprint: int, *, now: datetime
) -> None:
    """Replace the facts of a sprint on a board (Jira's ids); of one that the board no longer lists, remove them."""
    connection = await db.raw(session)
    facts = await computed(connection, site_id, board, sprint, now=now)
    for table in (*_FACTS, "sprint_touched"):
        await connection.execute(f"DELETE FROM {table} WHERE {_OWN}", (site_id, board, sprint))
    if facts is None:
        await connection.execute(f"DELETE FROM sprint_segment WHERE {_OWN}", (site_id, board, sprint))
        return
    await copy(connection, "sprint_issue_fact", facts_rows.ISSUE, facts_rows.issue_rows(facts))
    await copy(connection, "sprint_event", facts_rows.EVENT, facts_rows.event_rows(facts))
    await copy(connection, "sprint_daily_fact", facts_rows.DAY, facts_rows.day_rows(facts))
    await copy(connection, "sprint_summary", facts_rows.SUMMARY, facts_rows.summary_rows(facts))
    window, dates = facts.window, facts.place.dates
    await connection.execute(
        "INSERT INTO sprint_fact (site_id, jira_board_id, jira_sprint_id, window_start, window_end, closed, planned_end, "
        "zone, definitions, rebuilt_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            site_id, board, sprint, window.start, window.end, window.closed, dates.end_date, facts.place.zone,
            DEFINITIONS, now,
        ),
    )  # fmt: skip


async def computed(
    connection: AsyncConnection[Any], site_id: int, board: int, sprint: int, *, now: datetime
) -> SprintFacts | None:
    """The facts as they follow from the segments of now; None when the board does not list the sprint."""
    place = await _place(connection, site_id, board, sprint)
    if place is None:
        return None
    cursor = await connection.execute(
        "SELECT jira_issue_id, discipline_id, points, seconds, state, status_id, done_since, born_member, valid_from, "
        f"valid_to FROM sprint_segment WHERE {_OWN} ORDER BY jira_issue_id, valid_from",
        (site_id, board, sprint),
    )
    rows = await cursor.fetchall()
    with uncollected():
        segments = [[_segment(row) for row in own] for _, own in groupby(rows, key=itemgetter(0))]
    cursor = await connection.execute(
        "SELECT jira_issue_id, body FROM issue_timeline WHERE site_id = %s AND jira_issue_id = ANY(%s)",
        (site_id, [own[0].issue for own in segments]),
    )
    bodies = await cursor.fetchall()
    cursor = await connection.execute("SELECT status_id, name FROM status WHERE site_id = %s", (site_id,))
    names = dict(await cursor.fetchall())
    with uncollected():
        timelines = {issue: unpack(body) for issue, body in bodies}
        return compute(place, segments, timelines, status_names=names, now=now)


def _segment(row: Sequence[Any]) -> Segment:
    issue, discipline, points, seconds, state, status, done_since, born_member, valid_from, valid_to = row
    return Segment(
        issue,
        discipline,
        points,
        seconds,
        _STATES[state],
        status,
        done_since,
        born_member,
        valid_from,
        valid_to,
    )


async def _place(
    connection: AsyncConnection[Any], site_id: int, board: int, sprint: int
) -> SprintOnBoard | None:
    cursor = await connection.execute(
        "SELECT b.id, s.id, s.name, s.state, s.start_date, s.end_date, s.activated_at, s.complete_date, b.zone "
        "FROM board_sprint l JOIN board b USING (site_id, jira_board_id) JOIN sprint s USING (site_id, jira_sprint_id) "
        "WHERE l.site_id = %s AND l.jira_board_id = %s AND l.jira_sprint_id = %s",
        (site_id, board, sprint),
    )
    row = await cursor.fetchone()
    if row is None:
        return None
    dates = SprintDates(SprintState(row[3]), *row[4:8])
    return SprintOnBoard(site_id, board, sprint, row[0], row[1], row[2], dates, row[8])
