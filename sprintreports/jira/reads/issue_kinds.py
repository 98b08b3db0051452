"""What Jira calls the type and the priority of issues, for queues that people read without Jira."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.viewer import Viewer
from sprintreports.jira.reads import access


@dataclass(frozen=True, slots=True)
class IssueKind:
    """Empty where Jira says nothing."""

    type: str
    priority: str


_KINDS = text("""
SELECT jira_issue_id, coalesce(type, ''), coalesce(priority, '') FROM issue
WHERE site_id = :site AND jira_issue_id = ANY(CAST(:ids AS bigint[]))
""")


async def of_issues(
    session: AsyncSession,
    viewer: Viewer,
    *,
    sprint_id: int,
    board_id: int | None = None,
    issue_ids: Collection[int],
) -> dict[int, IssueKind]:
    """By Jira's issue id; whoever calls has cut the ids to what the viewer sees. Raises Forbidden, NotFound."""
    place = await access.place(session, viewer, sprint_id=sprint_id, board_id=board_id)
    found = await session.execute(_KINDS, {"site": place.site_id, "ids": sorted(issue_ids)})
    return {row[0]: IssueKind(row[1], row[2]) for row in found}
