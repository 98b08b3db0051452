"""What becomes of deliveries that are kept: tried again on demand, taken up again when forgotten, purged when old."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.jira import sites
from sprintreports.jira.webhooks.inbox import WEBHOOK_JOB, enqueue
from sprintreports.jira.webhooks.tables import WebhookDelivery
from sprintreports.kit.errors import NotFound

KEPT = timedelta(days=14)


class Outcome(StrEnum):
    """Waiting ones are to be worked on (again); ignored ones tell of nothing that we keep."""

    WAITING = "waiting"
    DONE = "done"
    IGNORED = "ignored"
    FAILED = "failed"


class DeliveryNotFound(NotFound):
    """There is no such delivery. Deliveries are kept for 14 days: load the list again."""


_FORGOTTEN = """
    SELECT DISTINCT d.site_id FROM webhook_delivery d JOIN site s ON s.id = d.site_id
    WHERE d.outcome = 'waiting' AND (d.not_before IS NULL OR d.not_before <= :now) AND s.deleted_at IS NULL
    AND NOT EXISTS (
        SELECT 1 FROM procrastinate_jobs j
        WHERE j.queueing_lock = :job || ':' || d.site_id AND j.status IN ('todo', 'doing')
    )
"""


async def retry(session: AsyncSession, viewer: Viewer, site_id: int, delivery_id: int) -> None:
    """Work on a delivery again, from its first try on. Raises DeliveryNotFound."""
    viewer.require(Permission.SETTINGS_WRITE)
    await sites.load(session, site_id)
    again = (
        update(WebhookDelivery)
        .where(col(WebhookDelivery.site_id) == site_id, col(WebhookDelivery.id) == delivery_id)
        .values(outcome=Outcome.WAITING.value, tries=0, not_before=None, processed_at=None, note="")
        .returning(col(WebhookDelivery.id))
    )
    if (await session.execute(again)).one_or_none() is None:
        raise DeliveryNotFound
    await enqueue(session, site_id)


async def requeue(session: AsyncSession, *, now: datetime) -> Sequence[int]:
    """Give a job to the sites whose waiting deliveries have none: it died, or could not get at the site. Which ones."""
    found = (await session.execute(text(_FORGOTTEN), {"now": now, "job": WEBHOOK_JOB})).scalars().all()
    for site_id in found:
        await enqueue(session, site_id)
    return found


async def purge(session: AsyncSession, *, now: datetime) -> int:
    """Delete what came longer ago than anybody asks for; how many."""
    old = select(col(WebhookDelivery.id)).where(col(WebhookDelivery.received_at) < now - KEPT)
    gone = await session.execute(
        delete(WebhookDelivery).where(col(WebhookDelivery.id).in_(old)).returning(col(WebhookDelivery.id))
    )
    return len(gone.all())
