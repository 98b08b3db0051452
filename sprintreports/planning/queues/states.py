"""What becomes of a queue: a draft is made the plan of its sprint, completed, and put away."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import audit
from sprintreports.identity.viewer import Viewer
from sprintreports.kit.errors import Conflict
from sprintreports.planning.queues import store
from sprintreports.planning.queues.store import QueueInfo
from sprintreports.planning.queues.tables import QueueState


class OneIsActive(Conflict):
    """This sprint has an active queue already. Complete or archive that one first."""


class NothingKept(Conflict):
    """This draft has edits that no version has. Keep a version, then make it the sprint's plan."""


class NotFromHere(Conflict):
    """A queue goes from draft to active, completed and archived; a draft may be archived at once. Load it again."""


_NEXT = {
    QueueState.DRAFT: frozenset({QueueState.ACTIVE, QueueState.ARCHIVED}),
    QueueState.ACTIVE: frozenset({QueueState.COMPLETED}),
    QueueState.COMPLETED: frozenset({QueueState.ARCHIVED}),
    QueueState.ARCHIVED: frozenset[QueueState](),
}
_STAMPS = {
    QueueState.ACTIVE: "activated_at",
    QueueState.COMPLETED: "completed_at",
    QueueState.ARCHIVED: "archived_at",
}
_KEPT = text("SELECT max(head) FROM queue_version WHERE queue_id = :id")
_TAKEN = text("SELECT EXISTS (SELECT FROM queue WHERE sprint_id = :sprint AND state = 'active')")


async def become(
    session: AsyncSession, viewer: Viewer, queue_id: int, state: QueueState, *, now: datetime
) -> QueueInfo:
    """Raises Forbidden, NotFound, NotFromHere, OneIsActive, NothingKept."""
    info = await store.hold(session, viewer, queue_id)
    if info.state is state:
        return info
    if state not in _NEXT[info.state]:
        raise NotFromHere
    if state is QueueState.ACTIVE:
        if await session.scalar(_TAKEN, {"sprint": info.sprint_id}):
            raise OneIsActive
        if await session.scalar(_KEPT, {"id": queue_id}) != info.head:
            raise NothingKept
    await _put(session, queue_id, state, now=now)
    await audit.record(
        session,
        viewer,
        audit.Action.QUEUE_CHANGED,
        subject=("queue", queue_id),
        before={"state": info.state.value},
        after={"state": state.value},
    )
    await store.announce(session, queue_id)
    return await store.one(session, viewer, queue_id)


async def _put(session: AsyncSession, queue_id: int, state: QueueState, *, now: datetime) -> None:
    statement = text(
        f"UPDATE queue SET state = :state, {_STAMPS[state]} = :now, updated_at = :now WHERE id = :id"
    )
    try:
        async with session.begin_nested():
            await session.execute(statement, {"state": state.value, "now": now, "id": queue_id})
    except IntegrityError as error:
        raise OneIsActive from error  # somebody made another one active this instant
