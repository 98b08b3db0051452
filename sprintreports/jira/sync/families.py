"""Parents and sub-tasks that change with each other, while no stamp of their own says so.

A sub-task shows its parent's sprints. A parent lists its sub-tasks.
"""

from collections.abc import Collection, Iterable, Sequence

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.jira import context
from sprintreports.jira.client import IssueRef
from sprintreports.jira.payloads import IssuePayload, RawIssue, decode
from sprintreports.jira.sprint_values import sprint_ids
from sprintreports.jira.timelines import unpack
from sprintreports.kit import db

_PARENTS = (
    "SELECT t.jira_issue_id, t.body FROM issue_timeline t WHERE t.site_id = %(site)s AND t.jira_issue_id IN ("
    "SELECT parent_issue_id FROM issue WHERE site_id = %(site)s AND parent_issue_id = ANY(%(ids)s) "
    "AND is_subtask AND deleted_at IS NULL)"
)
_CHILDREN = (
    "SELECT jira_issue_id, key FROM issue WHERE site_id = %s AND parent_issue_id = ANY(%s) AND is_subtask "
    "AND deleted_at IS NULL ORDER BY jira_issue_id"
)
_PARENTS_OF = (
    "SELECT jira_issue_id, parent_issue_id FROM issue WHERE site_id = %s AND jira_issue_id = ANY(%s) AND is_subtask "
    "AND deleted_at IS NULL"
)
_REFS = (
    "SELECT jira_issue_id, key FROM issue WHERE site_id = %s AND jira_issue_id = ANY(%s) AND deleted_at IS NULL "
    "ORDER BY jira_issue_id"
)


class _Type(msgspec.Struct, frozen=True):
    subtask: bool = False


class _Parent(msgspec.Struct, frozen=True):
    id: str | int


class _Fields(msgspec.Struct, frozen=True):
    issuetype: _Type = _Type()
    parent: _Parent | None = None


class _Family(msgspec.Struct, frozen=True):
    fields: _Fields = _Fields()


async def relatives(
    session: AsyncSession, site_id: int, batch: Iterable[RawIssue], *, besides: Collection[int]
) -> list[IssueRef]:
    """Stored issues that are others than before because those of the batch are. `besides`: not these.

    The sub-tasks of an issue that is in other sprints than before, and the parents of one that is new or has moved.
    """
    received = {raw.issue_id: raw for raw in batch}
    found = {
        **await _followers(session, site_id, received),
        **await _refs(session, site_id, await _changed_parents(session, site_id, received)),
    }
    return [ref for issue, ref in found.items() if issue not in besides and issue not in received]


async def parents_of(session: AsyncSession, site_id: int, issues: Sequence[int]) -> list[IssueRef]:
    """The stored parents of sub-tasks that are about to go."""
    connection = await db.raw(session)
    cursor = await connection.execute(_PARENTS_OF, (site_id, list(issues)))
    parents = {parent for _, parent in await cursor.fetchall() if parent is not None}
    return list((await _refs(session, site_id, parents - set(issues))).values())


async def _followers(
    session: AsyncSession, site_id: int, received: dict[int, RawIssue]
) -> dict[int, IssueRef]:
    connection = await db.raw(session)
    cursor = await connection.execute(_PARENTS, {"site": site_id, "ids": list(received)})
    parents = await cursor.fetchall()
    if not parents:
        return {}
    sprint = (await context.load(session, site_id)).mapping.sprint
    moved = [
        issue
        for issue, body in parents
        if frozenset(unpack(body).sprints[-1][1]) != _sprints_now(received[issue], sprint)
    ]
    cursor = await connection.execute(_CHILDREN, (site_id, moved))
    return {issue: IssueRef(issue, key) for issue, key in await cursor.fetchall()}


async def _changed_parents(session: AsyncSession, site_id: int, received: dict[int, RawIssue]) -> set[int]:
    connection = await db.raw(session)
    cursor = await connection.execute(_PARENTS_OF, (site_id, list(received)))
    before = dict(await cursor.fetchall())
    changed: set[int] = set()
    for issue, raw in received.items():
        parent = _parent_now(raw)
        if before.get(issue) != parent:
            changed |= {one for one in (before.get(issue), parent) if one is not None}
    return changed


async def _refs(session: AsyncSession, site_id: int, issues: Collection[int]) -> dict[int, IssueRef]:
    if not issues:
        return {}
    connection = await db.raw(session)
    cursor = await connection.execute(_REFS, (site_id, list(issues)))
    return {issue: IssueRef(issue, key) for issue, key in await cursor.fetchall()}


def _sprints_now(raw: RawIssue, field: str) -> frozenset[int]:
    value: msgspec.Raw | None = decode(raw.issue, IssuePayload, f"issue {raw.issue_id}").fields.get(field)
    return frozenset(sprint_ids(value))


def _parent_now(raw: RawIssue) -> int | None:
    fields = decode(raw.issue, _Family, f"issue {raw.issue_id}").fields
    return int(fields.parent.id) if fields.issuetype.subtask and fields.parent is not None else None
