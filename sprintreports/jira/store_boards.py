"""Boards, their sprints, statuses and the issues that they show: kept, and what follows from a change recomputed."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection
from psycopg.types.json import Jsonb
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.jira.context import SiteContext
from sprintreports.jira.mapping import SECONDS
from sprintreports.jira.payloads import BoardConfiguration, BoardPayload, SprintPayload, StatusPayload
from sprintreports.jira.store_copy import merge
from sprintreports.jira.store_names import SPRINT_COLUMNS, sprint_row
from sprintreports.jira.store_segments import rewrite, touch
from sprintreports.kit import db
from sprintreports.metrics.values import Unit

_SPRINTS = f"SELECT {', '.join(SPRINT_COLUMNS[:-1])} FROM sprint WHERE site_id = %s".encode()


@dataclass(frozen=True, slots=True)
class FoundBoard:
    """A board as sync found it. Without a configuration (`problem` says why) what was known of it stays."""

    payload: BoardPayload
    configuration: BoardConfiguration | None = None
    filter_jql: str | None = None
    problem: str | None = None
    kept: bool = False  # its configuration was not read now, and stays as it is stored


async def store_boards(
    session: AsyncSession,
    site: SiteContext,
    boards: Sequence[FoundBoard],
    *,
    now: datetime,
    complete: bool = False,
) -> None:
    """Keep boards. A new zone is the site's. Where columns or estimation changed, the board's segments are rewritten.

    `complete`: these are all boards of the site, so others are marked as deleted.
    """
    connection = await db.raw(session)
    same = await _unchanged(connection, site.site_id, boards)
    await connection.execute(
        "UPDATE board SET configured_at = %s, updated_at = now() WHERE site_id = %s AND jira_board_id = ANY(%s)",
        (
            now,
            site.site_id,
            sorted(board.payload.id for board in boards if board.payload.id in same and not board.kept),
        ),
    )
    changed = [
        board.payload.id
        for board in boards
        if board.payload.id not in same and await _store_board(connection, site.site_id, board, now=now)
    ]
    if complete:
        await connection.execute(
            "UPDATE board SET deleted_at = %s WHERE site_id = %s AND deleted_at IS NULL AND jira_board_id <> ALL(%s)",
            (now, site.site_id, [board.payload.id for board in boards]),
        )
    if changed:
        await resegment(session, site.site_id, changed, now=now)


async def resegment(
    session: AsyncSession, site_id: int, jira_board_ids: Collection[int], *, now: datetime
) -> None:
    """Rewrite all segments of boards: their rules changed. Facts of all their sprints are computed again."""
    connection = await db.raw(session)
    for board in jira_board_ids:
        cursor = await connection.execute(
            "SELECT jira_issue_id FROM board_issue WHERE site_id = %s AND jira_board_id = %s",
            (site_id, board),
        )
        issues = [issue for (issue,) in await cursor.fetchall()]
        await rewrite(connection, site_id, issues, now=now, only_boards=[board])
        cursor = await connection.execute(
            "SELECT jira_sprint_id FROM board_sprint WHERE site_id = %s AND jira_board_id = %s",
            (site_id, board),
        )
        await touch(connection, site_id, [(board, sprint) for (sprint,) in await cursor.fetchall()], now=now)


async def _unchanged(
    connection: AsyncConnection[Any], site_id: int, boards: Iterable[FoundBoard]
) -> set[int]:
    """Those of which all is stored as it was found: most, most of the time."""
    cursor = await connection.execute(
        "SELECT jira_board_id, name, type, project_key, columns, estimation_kind, estimation_field, filter_id, filter_jql, "
        "sub_query FROM board "
        "WHERE site_id = %s AND deleted_at IS NULL AND problem IS NULL AND configured_at IS NOT NULL",
        (site_id,),
    )
    known = {number: tuple(held) for number, *held in await cursor.fetchall()}
    return {
        board.payload.id
        for board in boards
        if board.problem is None
        and (held := known.get(board.payload.id)) is not None
        and held == _held(board, held)
    }


def _held(board: FoundBoard, held: tuple[Any, ...]) -> tuple[Any, ...]:
    """A board's row as it was found. `held`: as it is stored, of which stays what Jira did not say."""
    payload, configuration = board.payload, board.configuration
    jql = held[7] if board.filter_jql is None else board.filter_jql
    listed = (payload.name, payload.type, payload.location.project_key if payload.location else None)
    if configuration is None:
        return (*listed, *held[3:7], jql, held[8])
    return (
        *listed,
        columns_of(configuration),
        *estimation_of(configuration),
        str(configuration.filter.id) if configuration.filter else None,
        jql,
        configuration.sub_query.query if configuration.sub_query else None,
    )


async def _store_board(
    connection: AsyncConnection[Any], site_id: int, board: FoundBoard, *, now: datetime
) -> bool:
    """Whether something that numbers rest on has changed."""
    payload = board.payload
    project_key = payload.location.project_key if payload.location else None
    await connection.execute(
        "INSERT INTO board (site_id, jira_board_id, name, type, project_key, problem, zone) "
        "SELECT %(site)s, %(id)s, %(name)s, %(type)s, %(project)s, %(problem)s, time_zone FROM site WHERE id = %(site)s "
        "ON CONFLICT (site_id, jira_board_id) DO UPDATE SET name = excluded.name, type = excluded.type, "
        "project_key = excluded.project_key, problem = excluded.problem, deleted_at = NULL, updated_at = now()",
        {
            "site": site_id, "id": payload.id, "name": payload.name, "type": payload.type, "project": project_key,
            "problem": board.problem,
        },
    )  # fmt: skip
    configuration = board.configuration
    if configuration is None:
        await connection.execute(
            "UPDATE board SET filter_jql = %s WHERE site_id = %s AND jira_board_id = %s AND %s::text IS NOT NULL",
            (board.filter_jql, site_id, payload.id, board.filter_jql),
        )
        return False
    cursor = await connection.execute(
        "SELECT columns, estimation_field, estimation_kind, configured_at FROM board "
        "WHERE site_id = %s AND jira_board_id = %s",
        (site_id, payload.id),
    )
    known = await cursor.fetchone()
    columns = columns_of(configuration)
    kind, field = estimation_of(configuration)
    same = known is not None and known[:3] == (columns, field, kind)
    await connection.execute(
        "UPDATE board SET columns = %s, estimation_kind = %s, estimation_field = %s, filter_id = %s, "
        "filter_jql = coalesce(%s, filter_jql), sub_query = %s, configured_at = %s, "
        "unit = CASE WHEN estimation_kind = %s AND estimation_field IS NOT DISTINCT FROM %s AND configured_at IS NOT NULL "
        "THEN unit ELSE %s END WHERE site_id = %s AND jira_board_id = %s",
        (
            Jsonb(columns), kind, field, str(configuration.filter.id) if configuration.filter else None,
            board.filter_jql, configuration.sub_query.query if configuration.sub_query else None, now,
            kind, field, unit_of(kind, field), site_id, payload.id,
        ),
    )  # fmt: skip
    return not same


def columns_of(configuration: BoardConfiguration) -> list[dict[str, Any]]:
    """The columns as stored: name and status ids, left to right."""
    return [
        {"name": column.name, "statuses": [str(status.id) for status in column.statuses]}
        for column in configuration.column_config.columns
    ]


def estimation_of(configuration: BoardConfiguration) -> tuple[str, str | None]:
    """How the board estimates ("field", "issueCount", "none") and with which field."""
    estimation = configuration.estimation
    if estimation is None:
        return "none", None
    field = estimation.field.field_id if estimation.type == "field" and estimation.field else None
    return estimation.type, field or None


def unit_of(kind: str, field: str | None) -> Unit:
    """The unit that a board's own estimation suggests."""
    if kind == "issueCount":
        return Unit.COUNT
    return Unit.HOURS if field == SECONDS else Unit.POINTS


async def boards_with_news(
    session: AsyncSession, site_id: int, lists: Mapping[int, Sequence[SprintPayload]]
) -> set[int]:
    """Those boards, by their lists of sprints, of which a list or a sprint on it is stored otherwise or not at all."""
    connection = await db.raw(session)
    cursor = await connection.execute(_SPRINTS, (site_id,))
    known = {row[1]: tuple(row) for row in await cursor.fetchall()}
    cursor = await connection.execute(
        "SELECT jira_board_id, jira_sprint_id FROM board_sprint WHERE site_id = %s", (site_id,)
    )
    listed: dict[int, set[int]] = {}
    for board, sprint in await cursor.fetchall():
        listed.setdefault(board, set()).add(sprint)
    found: set[int] = set()
    for board, sprints in lists.items():
        same = listed.get(board, set()) == {sprint.id for sprint in sprints} and all(
            known.get(sprint.id) == sprint_row(site_id, sprint, delivered=True, note=None)[:-1]
            for sprint in sprints
        )
        if not same:
            found.add(board)
    return found


async def store_sprints(
    session: AsyncSession,
    site: SiteContext,
    jira_board_id: int,
    sprints: Sequence[SprintPayload],
    *,
    now: datetime,
) -> None:
    """Keep the whole list of a board's sprints. Sprints whose dates or state changed are touched, on every board.

    A note stays until somebody looks again, but for that of a sprint which no board had listed before.
    """
    connection = await db.raw(session)
    site_id = site.site_id
    rows = {sprint.id: sprint_row(site_id, sprint, delivered=True, note=None) for sprint in sprints}
    cursor = await connection.execute(
        "SELECT jira_sprint_id, name, state, start_date, end_date, activated_at, complete_date, delivered FROM sprint "
        "WHERE site_id = %s AND jira_sprint_id = ANY(%s)",
        (site_id, list(rows)),
    )
    found = await cursor.fetchall()
    known = {row[0]: row[1:7] for row in found}
    await merge(
        connection, "sprint", SPRINT_COLUMNS, rows.values(), key=("site_id", "jira_sprint_id"),
        update=[column for column in SPRINT_COLUMNS[2:] if column != "note"], stamp=True,
    )  # fmt: skip
    await connection.execute(
        "UPDATE sprint SET note = NULL WHERE site_id = %s AND jira_sprint_id = ANY(%s)",
        (site_id, [row[0] for row in found if not row[7]]),
    )
    dated = [
        sprint_id
        for sprint_id, row in rows.items()
        if sprint_id in known and known[sprint_id] != (*row[2:4], *row[5:9])
    ]
    cursor = await connection.execute(
        "SELECT jira_board_id, jira_sprint_id FROM board_sprint WHERE site_id = %s AND jira_sprint_id = ANY(%s)",
        (site_id, dated),
    )
    await touch(connection, site_id, await cursor.fetchall(), now=now)
    await _list_sprints(connection, site_id, jira_board_id, set(rows), now=now)


async def _list_sprints(
    connection: AsyncConnection[Any], site_id: int, board: int, sprints: set[int], *, now: datetime
) -> None:
    cursor = await connection.execute(
        "SELECT jira_sprint_id FROM board_sprint WHERE site_id = %s AND jira_board_id = %s", (site_id, board)
    )
    listed = {sprint for (sprint,) in await cursor.fetchall()}
    new, gone = sprints - listed, listed - sprints
    if new:
        columns = ("site_id", "jira_board_id", "jira_sprint_id")
        await merge(
            connection,
            "board_sprint",
            columns,
            ((site_id, board, sprint) for sprint in sorted(new)),
            key=columns,
        )
    if gone:
        await connection.execute(
            "DELETE FROM board_sprint WHERE site_id = %s AND jira_board_id = %s AND jira_sprint_id = ANY(%s)",
            (site_id, board, list(gone)),
        )
    if new or gone:
        issues = await _members_ever(connection, site_id, board, new | gone)
        await rewrite(connection, site_id, issues, now=now, only_boards=[board])
        await touch(connection, site_id, ((board, sprint) for sprint in new | gone), now=now)


async def _members_ever(
    connection: AsyncConnection[Any], site_id: int, board: int, sprints: Collection[int]
) -> list[int]:
    """Issues on the board that were ever in one of the sprints, with their sub-tasks."""
    cursor = await connection.execute(
        "WITH member AS (SELECT DISTINCT jira_issue_id FROM issue_sprint "
        "WHERE site_id = %(site)s AND jira_sprint_id = ANY(%(sprints)s)), "
        "family AS (SELECT jira_issue_id FROM member UNION SELECT i.jira_issue_id FROM issue i JOIN member m "
        "ON i.site_id = %(site)s AND i.parent_issue_id = m.jira_issue_id WHERE i.is_subtask) "
        "SELECT f.jira_issue_id FROM family f JOIN board_issue b ON b.site_id = %(site)s "
        "AND b.jira_board_id = %(board)s AND b.jira_issue_id = f.jira_issue_id",
        {"site": site_id, "board": board, "sprints": list(sprints)},
    )
    return [issue for (issue,) in await cursor.fetchall()]


async def store_statuses(
    session: AsyncSession, site: SiteContext, statuses: Iterable[StatusPayload], *, now: datetime
) -> None:
    """Keep the site's whole list of statuses; others become "deleted". New categories or names rewrite all boards."""
    connection = await db.raw(session)
    site_id = site.site_id
    rows = {
        status.status_id: (
            site_id, status.status_id, status.name or status.status_id,
            status.category.key if status.category else "undefined", False,
        )
        for status in statuses
    }  # fmt: skip
    cursor = await connection.execute(
        "SELECT status_id, name, category FROM status WHERE site_id = %s", (site_id,)
    )
    known = {status_id: (name, category) for status_id, name, category in await cursor.fetchall()}
    columns = ("site_id", "status_id", "name", "category", "deleted")
    await merge(connection, "status", columns, rows.values(), key=("site_id", "status_id"), stamp=True)
    if rows:
        await connection.execute(
            "UPDATE status SET deleted = true, updated_at = now() "
            "WHERE site_id = %s AND NOT deleted AND status_id <> ALL(%s)",
            (site_id, list(rows)),
        )
    if any(status_id in known and known[status_id] != row[2:4] for status_id, row in rows.items()):
        cursor = await connection.execute(
            "SELECT DISTINCT jira_board_id FROM board_issue WHERE site_id = %s", (site_id,)
        )
        await resegment(session, site_id, [board for (board,) in await cursor.fetchall()], now=now)


async def store_board_issues(
    session: AsyncSession,
    site: SiteContext,
    jira_board_id: int,
    issue_ids: Collection[int],
    *,
    now: datetime,
    complete: bool,
) -> int:
    """The board's filter shows these issues. `complete`: and no others, so the rest is no longer seen from now on.

    Returns how many issues came into view or went out of it.
    """
    connection = await db.raw(session)
    place = {
        "site": site.site_id,
        "board": jira_board_id,
        "now": now,
        "ids": list(issue_ids),
        "complete": complete,
    }
    cursor = await connection.execute(
        "INSERT INTO board_issue (site_id, jira_board_id, jira_issue_id, seen_from) "
        "SELECT %(site)s, %(board)s, issue, %(now)s FROM unnest(%(ids)s::bigint[]) AS issue "
        "ON CONFLICT (site_id, jira_board_id, jira_issue_id) DO UPDATE SET seen_to = NULL "
        "WHERE board_issue.seen_to IS NOT NULL RETURNING jira_issue_id",
        place,
    )
    moved = {issue for (issue,) in await cursor.fetchall()}
    if complete:
        cursor = await connection.execute(
            "UPDATE board_issue b SET seen_to = %(now)s WHERE site_id = %(site)s AND jira_board_id = %(board)s "
            "AND seen_to IS NULL AND NOT EXISTS (SELECT 1 FROM unnest(%(ids)s::bigint[]) AS issue "
            "WHERE issue = b.jira_issue_id) RETURNING jira_issue_id",
            place,
        )
        moved |= {issue for (issue,) in await cursor.fetchall()}
    if moved:
        await rewrite(connection, site.site_id, moved, now=now, only_boards=[jira_board_id])
    return len(moved)
