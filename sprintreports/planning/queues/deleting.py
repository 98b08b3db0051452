"""A queue that nobody needs any more is deleted, and can be taken back for 30 days, as its edits and versions stay. Then it is gone."""

from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import audit
from sprintreports.identity.viewer import Viewer
from sprintreports.kit.errors import Conflict
from sprintreports.planning.queues import store
from sprintreports.planning.queues.store import QueueInfo
from sprintreports.planning.queues.tables import QueueState

KEPT = timedelta(days=30)
DELETABLE = frozenset({QueueState.DRAFT, QueueState.ARCHIVED})
_DELETED = text("UPDATE queue SET deleted_at = :now, updated_at = :now WHERE id = :id")
_PURGE = text("DELETE FROM queue WHERE deleted_at < :before")
_RESTORED = text("UPDATE queue SET deleted_at = NULL, updated_at = :now WHERE id = :id")


class IsThePlan(Conflict):
    """This queue is the plan of its sprint, so it is not deleted. Complete it and archive it first."""


class NotArchived(Conflict):
    """A completed queue is not deleted: it tells how its sprint was planned. Archive it first."""


async def delete(session: AsyncSession, viewer: Viewer, queue_id: int, *, now: datetime) -> None:
    """A draft or an archived queue goes from all lists. Raises Forbidden, NotFound, IsThePlan, NotArchived."""
    info = await store.hold(session, viewer, queue_id)
    if info.state not in DELETABLE:
        raise IsThePlan if info.state is QueueState.ACTIVE else NotArchived
    await session.execute(_DELETED, {"id": queue_id, "now": now})
    await audit.record(
        session,
        viewer,
        audit.Action.QUEUE_CHANGED,
        subject=("queue", queue_id),
        before={"name": info.name, "state": info.state.value},
        after={"deleted": True},
    )
    await store.announce(session, queue_id)


async def restore(session: AsyncSession, viewer: Viewer, queue_id: int, *, now: datetime) -> QueueInfo:
    """It is back as it was; one that is not deleted stays as it is. Raises Forbidden, NotFound, Invalid where the sprint
    has as many queues as it may.
    """
    info = await store.hold(session, viewer, queue_id, deleted=True)
    if not info.deleted:
        return info
    await store.check_room(session, info.sprint_id)
    await session.execute(_RESTORED, {"id": queue_id, "now": now})
    await audit.record(
        session,
        viewer,
        audit.Action.QUEUE_CHANGED,
        subject=("queue", queue_id),
        before={"deleted": True},
        after={"deleted": False},
    )
    await store.announce(session, queue_id)
    return await store.one(session, viewer, queue_id)


async def purge(session: AsyncSession, *, now: datetime) -> None:
    """Delete for good what was deleted over 30 days ago, with its edits, versions and calendar links."""
    await session.execute(_PURGE, {"before": now - KEPT})
