"""The names that a stored queue's numbers stand for, as they are now: a plan itself names nobody."""

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.viewer import Viewer
from sprintreports.jira.reads import candidates, issue_kinds, names
from sprintreports.planning.queue.results import Queue
from sprintreports.planning.queues.exports.lines import Names, Text
from sprintreports.planning.queues.store import QueueInfo


async def names_of(session: AsyncSession, viewer: Viewer, info: QueueInfo, queue: Queue) -> Names:
    """Of the people and issues that are in what the viewer sees of the queue. Raises Forbidden, NotFound."""
    placed = queue.placements()
    at = {"sprint_id": info.sprint_id, "board_id": info.board_id}
    issues = await names.of_issues(session, viewer, **at, issue_ids=placed)
    kinds = await issue_kinds.of_issues(session, viewer, **at, issue_ids=issues)
    people = {
        person
        for person in (
            *(one.stakeholder for one in placed.values()),
            *(one.assignee for one in placed.values()),
            *(one.person for one in queue.conflicts),
        )
        if person is not None
    }
    return Names(
        await candidates.people_of(session, people),
        {
            issue: Text(found.summary, found.url, kinds[issue].type, kinds[issue].priority)
            for issue, found in issues.items()
            if issue in kinds
        },
    )
