"""Facts of touched sprints, computed again from their segments and written in the caller's transaction."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain, groupby
from operator import itemgetter
from typing import Any

from psycopg import AsyncConnection
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.jira import facts_packed, facts_rows, store_segments
from sprintreports.jira.facts_compute import AHEAD, SprintDates, SprintFacts, SprintOnBoard, compute
from sprintreports.jira.store_copy import copy
from sprintreports.jira.timelines import Timelines, unpack
from sprintreports.jira.uncollected import uncollected
from sprintreports.kit import db
from sprintreports.metrics.calendar import local_day
from sprintreports.metrics.sprint_report import DEFINITIONS
from sprintreports.metrics.values import Segment, SprintState, State

Place = tuple[int, int]

_STATES = {int(state): state for state in State}
_PORTION = 20_000
_AT = (
    "site_id = %(site)s AND (jira_board_id, jira_sprint_id) IN "
    "(SELECT * FROM unnest(%(boards)s::bigint[], %(sprints)s::bigint[]))"
)
_CLEARED = (
    "sprint_issue_fact", "sprint_event", "sprint_daily_fact", "sprint_summary", "sprint_packed", "sprint_fact",
)  # fmt: skip
# Few round trips for many sprints: a small sprint's facts cost little more than the statements that write them.
_CLEAR = f"""
WITH {", ".join(f"{table}_ AS (DELETE FROM {table} WHERE {_AT})" for table in _CLEARED)}
DELETE FROM sprint_touched WHERE {_AT}
"""
_TOUCHED = """
SELECT jira_board_id, jira_sprint_id, (
    SELECT count(*) FROM sprint_segment s WHERE (s.site_id, s.jira_board_id, s.jira_sprint_id)
    = (t.site_id, t.jira_board_id, t.jira_sprint_id)
) FROM sprint_touched t WHERE site_id = %s
ORDER BY touched_at, jira_board_id, jira_sprint_id LIMIT %s FOR UPDATE SKIP LOCKED
"""
_SEGMENTS = f"""
SELECT jira_board_id, jira_sprint_id, jira_issue_id, discipline_id, points, seconds, state, status_id, done_since,
       born_member, valid_from, valid_to FROM sprint_segment WHERE {_AT} ORDER BY 1, 2, 3, valid_from
"""
_RUNNING = """
SELECT jira_board_id, jira_sprint_id, window_end, zone FROM sprint_fact
WHERE site_id = %s AND NOT closed AND window_start IS NOT NULL
"""
_HEADER = (
    *facts_rows.PLACE, "window_start", "window_end", "closed", "planned_end", "zone", "definitions", "rebuilt_at",
)  # fmt: skip
# Sorted without their bodies, which are wide.
_TIMELINES = """
SELECT t.jira_issue_id, t.body, ranked.place FROM issue_timeline t LEFT JOIN (
    SELECT i.jira_issue_id, rank() OVER (ORDER BY i.project_key, length(i.key), i.key) AS place
    FROM issue i WHERE i.site_id = %(site)s AND i.jira_issue_id = ANY(%(issues)s)
) AS ranked USING (jira_issue_id) WHERE t.site_id = %(site)s AND t.jira_issue_id = ANY(%(issues)s)
"""


@dataclass(frozen=True, slots=True)
class _Material:
    """Rows that facts are folded from: segments in order, packed timelines with the place of the key, names of statuses."""

    listed: Mapping[Place, SprintOnBoard]
    rows: Sequence[Any]
    bodies: Sequence[Any]
    names: Mapping[str, str]


async def rebuild_touched(session: AsyncSession, site_id: int, *, now: datetime, limit: int = 20) -> int:
    """Rebuild up to `limit` touched sprints, the longest waiting first; how many are left.

    Several workers may do so at once: each takes what no other has taken.
    """
    connection = await db.raw(session)
    cursor = await connection.execute(_TOUCHED, (site_id, limit))
    for places in _portions(await cursor.fetchall()):
        await _rebuild(connection, site_id, places, now=now)
    cursor = await connection.execute("SELECT count(*) FROM sprint_touched WHERE site_id = %s", (site_id,))
    row = await cursor.fetchone()
    return int(row[0]) if row else 0


async def touch_of_a_new_day(session: AsyncSession, site_id: int, *, now: datetime) -> None:
    """Mark the running sprints that were last computed on an earlier day of theirs: each day has its own row."""
    connection = await db.raw(session)
    cursor = await connection.execute(_RUNNING, (site_id,))
    places = [
        (board, sprint)
        for board, sprint, computed_to, zone in await cursor.fetchall()
        if local_day(computed_to, zone=zone) < local_day(now, zone=zone)
    ]
    await store_segments.touch(connection, site_id, places, now=now)


async def rebuild_sprint(
    session: AsyncSession, site_id: int, board: int, sprint: int, *, now: datetime
) -> None:
    """Replace the facts of a sprint on a board (Jira's ids); of one that the board no longer lists, remove them."""
    await _rebuild(await db.raw(session), site_id, [(board, sprint)], now=now)


async def computed(
    connection: AsyncConnection[Any], site_id: int, board: int, sprint: int, *, now: datetime
) -> SprintFacts | None:
    """The facts as they follow from the segments of now; None when the board does not list the sprint."""
    return (await _computed(connection, site_id, [(board, sprint)], now=now)).get((board, sprint))


async def computed_at(
    connection: AsyncConnection[Any],
    site_id: int,
    board: int,
    sprint: int,
    *,
    moment: datetime,
    ahead: timedelta = timedelta(0),
) -> tuple[SprintFacts, Mapping[int, Timelines]] | None:
    """The facts as they stood at a moment, by the histories and the board's rules that are known now, and the histories.

    The arithmetic is done beside the event loop. None when the board does not list the sprint.
    """
    material = await _material(connection, site_id, [(board, sprint)])
    then = {place: replace(one, dates=one.dates.at(moment)) for place, one in material.listed.items()}
    material = replace(material, listed=then)
    found, timelines = await asyncio.to_thread(_folded, material, now=moment, ahead=ahead)
    facts = found.get((board, sprint))
    return None if facts is None else (facts, timelines)


def _portions(touched: Iterable[tuple[int, int, int]]) -> Iterator[list[Place]]:
    """As many sprints at once as memory bears: twenty small ones, or one giant."""
    places: list[Place] = []
    held = 0
    for board, sprint, segments in touched:
        if places and held + segments > _PORTION:
            yield places
            places, held = [], 0
        places.append((board, sprint))
        held += segments
    if places:
        yield places


async def _rebuild(
    connection: AsyncConnection[Any], site_id: int, places: Sequence[Place], *, now: datetime
) -> None:
    found = await _computed(connection, site_id, places, now=now)
    await connection.execute(_CLEAR, _at(site_id, places))
    gone = [place for place in places if place not in found]
    if gone:
        await connection.execute(f"DELETE FROM sprint_segment WHERE {_AT}", _at(site_id, gone))
    for table, columns, rows in (
        ("sprint_issue_fact", facts_rows.ISSUE, facts_rows.issue_rows),
        ("sprint_event", facts_rows.EVENT, facts_rows.event_rows),
        ("sprint_daily_fact", facts_rows.DAY, facts_rows.day_rows),
        ("sprint_summary", facts_rows.SUMMARY, facts_rows.summary_rows),
    ):
        await copy(connection, table, columns, chain.from_iterable(map(rows, found.values())))
    await copy(connection, "sprint_packed", facts_packed.COLUMNS, map(facts_packed.row, found.values()))
    await copy(connection, "sprint_fact", _HEADER, (_header(facts, now) for facts in found.values()))


def _header(facts: SprintFacts, now: datetime) -> facts_rows.Row:
    window, place = facts.window, facts.place
    return (
        *facts_rows.place_of(facts), window.start, window.end, window.closed, place.dates.end_date, place.zone,
        DEFINITIONS, now,
    )  # fmt: skip


async def _computed(
    connection: AsyncConnection[Any], site_id: int, places: Sequence[Place], *, now: datetime
) -> dict[Place, SprintFacts]:
    """The facts of those sprints that their boards list."""
    return _folded(await _material(connection, site_id, places), now=now)[0]


async def _material(connection: AsyncConnection[Any], site_id: int, places: Sequence[Place]) -> _Material:
    listed = await _listed(connection, site_id, places)
    cursor = await connection.execute(_SEGMENTS, _at(site_id, list(listed)))
    rows = await cursor.fetchall()
    issues = {row[2] for row in rows}
    cursor = await connection.execute(_TIMELINES, {"site": site_id, "issues": list(issues)})
    bodies = await cursor.fetchall()
    cursor = await connection.execute("SELECT status_id, name FROM status WHERE site_id = %s", (site_id,))
    return _Material(listed, rows, bodies, dict(await cursor.fetchall()))


def _folded(
    material: _Material, *, now: datetime, ahead: timedelta = AHEAD
) -> tuple[dict[Place, SprintFacts], dict[int, Timelines]]:
    with uncollected():
        timelines = {issue: unpack(body) for issue, body, _ in material.bodies}
        ranks = {issue: rank for issue, _, rank in material.bodies if rank is not None}
        segments = {
            place: [[_segment(row) for row in issue] for _, issue in groupby(own, key=itemgetter(2))]
            for place, own in groupby(material.rows, key=itemgetter(0, 1))
        }
        found = {
            place: compute(
                sprint,
                segments.get(place, ()),
                timelines,
                key_order=ranks,
                status_names=material.names,
                now=now,
                ahead=ahead,
            )
            for place, sprint in material.listed.items()
        }
        return found, timelines


def _at(site_id: int, places: Sequence[Place]) -> dict[str, Any]:
    return {
        "site": site_id,
        "boards": [board for board, _ in places],
        "sprints": [sprint for _, sprint in places],
    }


def _segment(row: Sequence[Any]) -> Segment:
    _, _, issue, discipline, points, seconds, state, status, done_since, born_member, valid_from, valid_to = (
        row
    )
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


async def _listed(
    connection: AsyncConnection[Any], site_id: int, places: Sequence[Place]
) -> dict[Place, SprintOnBoard]:
    cursor = await connection.execute(
        "SELECT jira_board_id, jira_sprint_id, b.id, s.id, s.name, s.state, s.start_date, s.end_date, s.activated_at, "
        "s.complete_date, b.zone FROM board_sprint JOIN board b USING (site_id, jira_board_id) "
        f"JOIN sprint s USING (site_id, jira_sprint_id) WHERE {_AT}",
        _at(site_id, places),
    )
    return {
        (row[0], row[1]): SprintOnBoard(
            site_id,
            row[0],
            row[1],
            row[2],
            row[3],
            row[4],
            SprintDates(SprintState(row[5]), *row[6:10]),
            row[10],
        )
        for row in await cursor.fetchall()
    }
