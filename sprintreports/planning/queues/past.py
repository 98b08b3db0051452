"""Which queue was the plan of a sprint at a moment, and when plans were made active: by the stamps that queues keep."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.viewer import Viewer
from sprintreports.planning.queues import store, versions
from sprintreports.planning.queues.store import QueueInfo
from sprintreports.planning.queues.versions import Stored

# A version that was kept before the queue became the plan is the plan from its activation on.
_ACTIVE = text("""
SELECT q.id, (SELECT max(v.number) FROM queue_version v WHERE v.queue_id = q.id AND v.created_at <= :moment)
FROM queue q WHERE q.sprint_id = :sprint AND q.board_id = :board AND q.activated_at <= :moment
  AND (q.completed_at IS NULL OR q.completed_at > :moment) AND (q.archived_at IS NULL OR q.archived_at > :moment)
ORDER BY q.activated_at DESC, q.id DESC LIMIT 1
""")
_ACTIVATED = text("""
SELECT q.board_id, q.sprint_id, q.activated_at FROM queue q
WHERE q.activated_at > :since AND q.activated_at <= :now ORDER BY q.activated_at, q.id
""")


@dataclass(frozen=True, slots=True)
class Activation:
    """A queue became the plan of its sprint."""

    board_id: int
    sprint_id: int
    at: datetime


async def active_at(
    session: AsyncSession, viewer: Viewer, *, sprint_id: int, board_id: int, moment: datetime
) -> tuple[QueueInfo, Stored] | None:
    """The queue that was active on the board then, with the last version that was kept by then. Raises Forbidden."""
    found = await session.execute(_ACTIVE, {"sprint": sprint_id, "board": board_id, "moment": moment})
    row = found.one_or_none()
    if row is None or row[1] is None:
        return None
    info = await store.one(session, viewer, row[0])
    return info, await versions.read(session, viewer, row[0], number=row[1])


async def activations(session: AsyncSession, *, since: datetime, now: datetime) -> list[Activation]:
    """Queues that became active after `since`, the earliest first; for the system itself."""
    return [Activation(*row) for row in await session.execute(_ACTIVATED, {"since": since, "now": now})]
