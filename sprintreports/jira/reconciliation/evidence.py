"""What our database knows about issues on which we and Jira differ: their histories, and what keeps them out."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.jira import context
from sprintreports.jira.reconciliation.ours import Place
from sprintreports.jira.store_segments import StoredIssue, load_issues
from sprintreports.jira.timelines import Timelines, history, unpack
from sprintreports.kit import db
from sprintreports.metrics.jira_lines import Evidence
from sprintreports.metrics.segments import segments_of
from sprintreports.metrics.values import BoardRules, SubtaskRule, Unit


async def gather(
    session: AsyncSession,
    place: Place,
    issue_ids: Collection[int],
    *,
    unit: Unit,
    unreadable: Collection[int] | None,
) -> dict[int, Evidence]:
    """The evidence on each of these issues. `unreadable`: what Jira did not give us when asked; None: it was not asked."""
    connection = await db.raw(session)
    boards = await context.boards(connection, place.site_id, [place.jira_board_id])
    board = boards[place.jira_board_id]
    issues = await load_issues(connection, place.site_id, issue_ids, known={})
    parents = await _parents(connection, place.site_id, issues)
    shown = await _shown(connection, place, issue_ids)
    found: dict[int, Evidence] = {}
    for issue_id in issue_ids:
        readable = None if unreadable is None else issue_id not in unreadable
        issue = issues.get(issue_id)
        if issue is None:
            found[issue_id] = Evidence(stored=False, readable=readable)
            continue
        seen = history(
            issue.timelines,
            issue_id,
            points_field=board.points_field,
            counts=True,
            parents=parents,
            removed_at=None,
        )
        found[issue_id] = Evidence(
            stored=True,
            segments=segments_of(seen, sprint=place.jira_sprint_id, rules=board.rules),
            estimates=seen.seconds if unit is Unit.HOURS else seen.points,
            counts=_counts(issue, board.rules),
            is_subtask=issue.timelines.is_subtask,
            on_board=issue_id in shown,
            left_board=shown.get(issue_id),
            deleted=issue.deleted_at,
            readable=readable,
        )
    return found


def _counts(issue: StoredIssue, rules: BoardRules) -> bool:
    if rules.subtasks is SubtaskRule.PARENTS:
        return not issue.timelines.is_subtask
    return not issue.has_subtasks


async def _shown(
    connection: AsyncConnection[Any], place: Place, issue_ids: Collection[int]
) -> dict[int, datetime | None]:
    """Of those that the board shows or once showed: when we last saw it do so, None while it does."""
    cursor = await connection.execute(
        "SELECT jira_issue_id, seen_to FROM board_issue "
        "WHERE site_id = %s AND jira_board_id = %s AND jira_issue_id = ANY(%s)",
        (place.site_id, place.jira_board_id, list(issue_ids)),
    )
    return dict(await cursor.fetchall())


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
    cursor = await connection.execute(
        "SELECT jira_issue_id, body FROM issue_timeline WHERE site_id = %s AND jira_issue_id = ANY(%s)",
        (site_id, sorted(wanted)),
    )
    return {issue: unpack(body) for issue, body in await cursor.fetchall()}
