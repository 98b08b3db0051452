"""Segments of changed issues, in every sprint of every board that shows them, and the sprints that this touches.

An issue's segments do not depend on a sprint's dates; whether a closed sprint's facts change does, so what happened
after its close touches it not.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection

from sprintreports.jira import context
from sprintreports.jira.store_copy import copy
from sprintreports.jira.timelines import Timelines, history, unpack, value_at
from sprintreports.metrics.segments import segments_of, sprints_of
from sprintreports.metrics.values import Segment, SubtaskRule

COLUMNS = (
    "site_id", "jira_board_id", "jira_sprint_id", "jira_issue_id", "valid_from", "valid_to", "discipline_id", "points",
    "seconds", "state", "status_id", "done_since", "born_member",
)  # fmt: skip
CHUNK = 2000

Place = tuple[int, int]
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class StoredIssue:
    """What segments need to know of an issue besides its timelines."""

    timelines: Timelines
    parent_id: int | None
    has_subtasks: bool
    deleted_at: datetime | None


async def rewrite(
    connection: AsyncConnection[Any],
    site_id: int,
    issue_ids: Collection[int],
    *,
    now: datetime,
    before: Mapping[int, Timelines] | None = None,
    after: Mapping[int, Timelines] | None = None,
    only_boards: Collection[int] | None = None,
) -> int:
    """Recompute the segments of these issues (and of relatives that follow them); how many issues' segments changed.

    `before`: the timelines that issues had until now, to see attributes that segments do not hold. `after`: those that
    were just written, which need not be read.
    """
    changed = 0
    everybody = sorted(await _with_relatives(connection, site_id, issue_ids))
    for start in range(0, len(everybody), CHUNK):
        chunk = everybody[start : start + CHUNK]
        changed += await _rewrite(
            connection,
            site_id,
            chunk,
            now=now,
            before=before or {},
            after=after or {},
            only_boards=only_boards,
        )
    return changed


async def touch(
    connection: AsyncConnection[Any], site_id: int, places: Iterable[Place], *, now: datetime
) -> None:
    """Mark (board, sprint) pairs, so that their facts are computed again."""
    rows = sorted(set(places))
    if rows:
        await connection.execute(
            "INSERT INTO sprint_touched (site_id, jira_board_id, jira_sprint_id, touched_at) "
            "SELECT %s, board, sprint, %s FROM unnest(%s::bigint[], %s::bigint[]) AS place(board, sprint) "
            "ON CONFLICT (site_id, jira_board_id, jira_sprint_id) DO UPDATE SET touched_at = excluded.touched_at",
            (site_id, now, [board for board, _ in rows], [sprint for _, sprint in rows]),
        )


async def touch_renamed(
    connection: AsyncConnection[Any], site_id: int, keys: Mapping[int, str], *, now: datetime
) -> None:
    """Mark the sprints of issues that are about to get another key: facts hold the order of keys."""
    if not keys:
        return
    cursor = await connection.execute(
        "SELECT jira_issue_id, key FROM issue WHERE site_id = %s AND jira_issue_id = ANY(%s)",
        (site_id, list(keys)),
    )
    renamed = [issue for issue, key in await cursor.fetchall() if keys[issue] != key]
    if renamed:
        cursor = await connection.execute(
            "SELECT jira_board_id, jira_sprint_id FROM sprint_issue_fact WHERE site_id = %s AND jira_issue_id = ANY(%s)",
            (site_id, renamed),
        )
        await touch(connection, site_id, await cursor.fetchall(), now=now)


async def _rewrite(
    connection: AsyncConnection[Any],
    site_id: int,
    issue_ids: list[int],
    *,
    now: datetime,
    before: Mapping[int, Timelines],
    after: Mapping[int, Timelines],
    only_boards: Collection[int] | None,
) -> int:
    shown = await _shown(connection, site_id, issue_ids, only_boards)
    old = await _old_rows(connection, site_id, issue_ids, only_boards)
    if not shown and not old:
        return 0
    issues = await load_issues(connection, site_id, issue_ids, known=after)
    parents = await _parents(connection, site_id, issues)
    boards = await context.boards(connection, site_id, {board for _, board, _ in shown})
    listed = await _listed(connection, site_id, boards)
    new = _new_rows(site_id, shown, issues=issues, parents=parents, boards=boards, listed=listed)
    ends = await _ends(
        connection, site_id, {row[2] for rows in (*old.values(), *new.values()) for row in rows}
    )
    touched = _touched(issue_ids, old=old, new=new, ends=ends, before=before, issues=issues)
    different = [issue for issue in issue_ids if old.get(issue, []) != new.get(issue, [])]
    await connection.execute(
        "DELETE FROM sprint_segment WHERE site_id = %s AND jira_issue_id = ANY(%s) "
        "AND (%s::bigint[] IS NULL OR jira_board_id = ANY(%s))",
        (site_id, [issue for issue in different if issue in old], _array(only_boards), _array(only_boards)),
    )
    await copy(
        connection, "sprint_segment", COLUMNS, (row for issue in different for row in new.get(issue, []))
    )
    await touch(connection, site_id, touched, now=now)
    return len(different)


def _new_rows(
    site_id: int,
    shown: Iterable[tuple[int, int, datetime | None]],
    *,
    issues: Mapping[int, StoredIssue],
    parents: Mapping[int, Timelines],
    boards: Mapping[int, context.BoardContext],
    listed: Mapping[int, frozenset[int]],
) -> dict[int, list[Row]]:
    rows: dict[int, list[Row]] = defaultdict(list)
    for issue_id, board_id, seen_to in shown:
        issue, board = issues.get(issue_id), boards.get(board_id)
        if issue is None or board is None or not _counts(issue, board.rules.subtasks):
            continue
        seen = history(
            issue.timelines,
            issue_id,
            points_field=board.points_field,
            counts=True,
            parents=parents,
            removed_at=min(filter(None, (issue.deleted_at, seen_to)), default=None),
        )
        for sprint in sorted(sprints_of(seen) & listed[board_id]):
            for segment in segments_of(seen, sprint=sprint, rules=board.rules):
                rows[issue_id].append(_row(site_id, board_id, sprint, segment))
    for issue_rows in rows.values():
        issue_rows.sort(key=_order)
    return rows


def _counts(issue: StoredIssue, rule: SubtaskRule) -> bool:
    if rule is SubtaskRule.PARENTS:
        return not issue.timelines.is_subtask
    return not issue.has_subtasks


def _row(site_id: int, board: int, sprint: int, segment: Segment) -> Row:
    return (
        site_id, board, sprint, segment.issue, segment.valid_from, segment.valid_to, segment.discipline,
        segment.points, segment.seconds, int(segment.state), segment.status, segment.done_since, segment.born_member,
    )  # fmt: skip


def _order(row: Row) -> tuple[int, int, datetime]:
    return row[1], row[2], row[4]


def _touched(
    issue_ids: Iterable[int],
    *,
    old: Mapping[int, list[Row]],
    new: Mapping[int, list[Row]],
    ends: Mapping[int, datetime | None],
    before: Mapping[int, Timelines],
    issues: Mapping[int, StoredIssue],
) -> set[Place]:
    def renamed(issue: int, end: datetime | None) -> bool:
        if issue not in before or issue not in issues:
            return False
        return _attributes(before[issue], end) != _attributes(issues[issue].timelines, end)

    touched: set[Place] = set()
    for issue in issue_ids:
        was, now = _by_place(old.get(issue, [])), _by_place(new.get(issue, []))
        for place in was.keys() | now.keys():
            if place in touched:
                continue
            end = ends.get(place[1])
            if _until(was.get(place, []), end) != _until(now.get(place, []), end) or renamed(issue, end):
                touched.add(place)
    return touched


def _by_place(rows: Iterable[Row]) -> dict[Place, list[Row]]:
    found: dict[Place, list[Row]] = defaultdict(list)
    for row in rows:
        found[row[1], row[2]].append(row)
    return found


def _until(rows: list[Row], end: datetime | None) -> list[Row]:
    """What of the segments lies at or before the sprint's close."""
    if end is None:
        return rows
    return [
        (*row[:5], None if row[5] is not None and row[5] > end else row[5], *row[6:])
        for row in rows
        if row[4] <= end
    ]


def _attributes(timelines: Timelines, end: datetime | None) -> tuple[object, ...]:
    tracks: tuple[Any, ...] = (
        timelines.types, timelines.priorities, timelines.assignees, timelines.reporters, timelines.owners
    )  # fmt: skip
    return tuple(track[-1][1] if end is None else value_at(track, end) for track in tracks)


async def load_issues(
    connection: AsyncConnection[Any],
    site_id: int,
    issue_ids: Collection[int],
    *,
    known: Mapping[int, Timelines],
) -> dict[int, StoredIssue]:
    """Timelines and family of these issues. `known`: timelines that need not be read."""
    cursor = await connection.execute(
        # Not EXISTS: of a table that is filling up it can become one scan an issue.
        "SELECT jira_issue_id, parent_issue_id, subtask_count > 0 OR jira_issue_id IN ("
        "SELECT parent_issue_id FROM issue WHERE site_id = %(site)s AND parent_issue_id = ANY(%(ids)s) "
        "AND is_subtask AND deleted_at IS NULL), deleted_at "
        "FROM issue WHERE site_id = %(site)s AND jira_issue_id = ANY(%(ids)s)",
        {"site": site_id, "ids": list(issue_ids)},
    )
    families = await cursor.fetchall()
    unread = [issue for issue in issue_ids if issue not in known]
    timelines = {**known, **await _stored_timelines(connection, site_id, unread)}
    return {
        issue: StoredIssue(timelines[issue], *family) for issue, *family in families if issue in timelines
    }


async def _parents(
    connection: AsyncConnection[Any], site_id: int, issues: Mapping[int, StoredIssue]
) -> dict[int, Timelines]:
    wanted = {
        parent
        for issue in issues.values()
        if issue.timelines.is_subtask
        for _, parent in issue.timelines.parents
        if parent is not None
    }
    return await _stored_timelines(connection, site_id, wanted)


async def _stored_timelines(
    connection: AsyncConnection[Any], site_id: int, issue_ids: Collection[int]
) -> dict[int, Timelines]:
    if not issue_ids:
        return {}
    cursor = await connection.execute(
        "SELECT jira_issue_id, body FROM issue_timeline WHERE site_id = %s AND jira_issue_id = ANY(%s)",
        (site_id, list(issue_ids)),
    )
    return {issue: unpack(body) for issue, body in await cursor.fetchall()}


async def _with_relatives(
    connection: AsyncConnection[Any], site_id: int, issue_ids: Collection[int]
) -> set[int]:
    """Where a board counts sub-tasks, an issue's sub-tasks follow its sprints, and its parent stops to count."""
    everybody = set(issue_ids)
    cursor = await connection.execute(
        "SELECT EXISTS (SELECT 1 FROM board WHERE site_id = %s AND subtasks = %s)",
        (site_id, SubtaskRule.SUBTASKS),
    )
    row = await cursor.fetchone()
    if not row or not row[0]:
        return everybody
    cursor = await connection.execute(
        "SELECT jira_issue_id FROM issue WHERE site_id = %(site)s AND is_subtask AND parent_issue_id = ANY(%(ids)s) "
        "UNION SELECT parent_issue_id FROM issue WHERE site_id = %(site)s AND is_subtask "
        "AND jira_issue_id = ANY(%(ids)s) AND parent_issue_id IS NOT NULL",
        {"site": site_id, "ids": list(issue_ids)},
    )
    return everybody | {issue for (issue,) in await cursor.fetchall()}


async def _shown(
    connection: AsyncConnection[Any], site_id: int, issue_ids: list[int], only_boards: Collection[int] | None
) -> list[tuple[int, int, datetime | None]]:
    cursor = await connection.execute(
        "SELECT jira_issue_id, jira_board_id, seen_to FROM board_issue WHERE site_id = %s AND jira_issue_id = ANY(%s) "
        "AND (%s::bigint[] IS NULL OR jira_board_id = ANY(%s))",
        (site_id, issue_ids, _array(only_boards), _array(only_boards)),
    )
    return await cursor.fetchall()


async def _old_rows(
    connection: AsyncConnection[Any], site_id: int, issue_ids: list[int], only_boards: Collection[int] | None
) -> dict[int, list[Row]]:
    cursor = await connection.execute(
        f"SELECT {', '.join(COLUMNS)} FROM sprint_segment WHERE site_id = %s AND jira_issue_id = ANY(%s) "
        "AND (%s::bigint[] IS NULL OR jira_board_id = ANY(%s))",
        (site_id, issue_ids, _array(only_boards), _array(only_boards)),
    )
    rows: dict[int, list[Row]] = defaultdict(list)
    for row in await cursor.fetchall():
        rows[row[3]].append(row)
    for issue_rows in rows.values():
        issue_rows.sort(key=_order)
    return rows


async def _listed(
    connection: AsyncConnection[Any], site_id: int, boards: Mapping[int, object]
) -> dict[int, frozenset[int]]:
    cursor = await connection.execute(
        "SELECT jira_board_id, array_agg(jira_sprint_id) FROM board_sprint "
        "WHERE site_id = %s AND jira_board_id = ANY(%s) GROUP BY 1",
        (site_id, list(boards)),
    )
    found = {board: frozenset(sprints) for board, sprints in await cursor.fetchall()}
    return {board: found.get(board, frozenset()) for board in boards}


async def _ends(
    connection: AsyncConnection[Any], site_id: int, sprints: Collection[int]
) -> dict[int, datetime | None]:
    cursor = await connection.execute(
        "SELECT jira_sprint_id, complete_date FROM sprint "
        "WHERE site_id = %s AND jira_sprint_id = ANY(%s) AND state = 'closed'",
        (site_id, list(sprints)),
    )
    return dict(await cursor.fetchall())


def _array(boards: Collection[int] | None) -> list[int] | None:
    return None if boards is None else list(boards)
