"""Webhook deliveries: what came, what it speaks of, what became of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.jira import sites
from sprintreports.jira.webhooks.deliveries import DeliveryNotFound
from sprintreports.jira.webhooks.subjects import subject_of
from sprintreports.kit.paging import Page, Sort, order_by

DAY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One delivery without its body. `outcome`: waiting, done, ignored or failed; `note` says why."""

    id: int
    site_id: int
    identifier: str
    event: str
    outcome: str
    tries: int
    received_at: datetime
    not_before: datetime | None
    processed_at: datetime | None
    note: str
    size: int
    subject: str

    @property
    def took(self) -> timedelta | None:
        """From its arrival until it was settled; None while it waits."""
        return None if self.processed_at is None else self.processed_at - self.received_at


@dataclass(frozen=True, slots=True)
class Tally:
    """How a site's deliveries fare: of the last 24 hours by what became of them, and the events that came then.

    `waiting` counts all that wait, however long. `last_at`: the newest of all that are kept.
    """

    last_at: datetime | None
    waiting: int
    done: int
    ignored: int
    failed: int
    events: tuple[str, ...]


_COLUMNS = """
SELECT id, site_id, identifier, event, outcome, tries, received_at, not_before, processed_at, note, octet_length(body), body
FROM webhook_delivery WHERE site_id = :site
"""
_MATCHING = "AND (CAST(:outcome AS text) IS NULL OR outcome = :outcome) AND (CAST(:event AS text) IS NULL OR event = :event)"
ORDERS = {
    "received_at": "received_at {way}",
    "processed_at": "processed_at {way} NULLS LAST",
    "event": "event {way}",
    "outcome": "outcome {way}",
    "tries": "tries {way}",
}
_LATELY = """
SELECT outcome, event, count(*) FROM webhook_delivery WHERE site_id = :site AND received_at >= :since GROUP BY outcome, event
"""
_STANDING = """
SELECT (SELECT received_at FROM webhook_delivery WHERE site_id = :site ORDER BY id DESC LIMIT 1),
       (SELECT count(*) FROM webhook_delivery WHERE site_id = :site AND outcome = 'waiting')
"""


async def page(
    session: AsyncSession,
    viewer: Viewer,
    site_id: int,
    *,
    outcome: str | None = None,
    event: str | None = None,
    sort: Sort = (),
    page: int = 1,
    per_page: int = 25,
) -> Page[DeliveryRow]:
    """A site's deliveries, the newest first. Raises SiteNotFound."""
    viewer.require(Permission.SETTINGS_READ)
    await sites.load(session, site_id)
    values = {
        "site": site_id, "outcome": outcome, "event": event, "limit": per_page, "offset": (page - 1) * per_page
    }  # fmt: skip
    count = text(f"SELECT count(*) FROM webhook_delivery WHERE site_id = :site {_MATCHING}")
    total = (await session.execute(count, values)).scalar_one()
    order = order_by(sort, ORDERS, usual="id DESC", last="id")
    query = text(f"{_COLUMNS} {_MATCHING} {order} LIMIT :limit OFFSET :offset")
    return Page([_row(row) for row in await session.execute(query, values)], total, page, per_page)


async def one(
    session: AsyncSession, viewer: Viewer, site_id: int, delivery_id: int
) -> tuple[DeliveryRow, bytes]:
    """One delivery with its body as it came. Raises SiteNotFound, DeliveryNotFound."""
    viewer.require(Permission.SETTINGS_READ)
    await sites.load(session, site_id)
    values = {"site": site_id, "id": delivery_id}
    row = (await session.execute(text(f"{_COLUMNS} AND id = :id"), values)).one_or_none()
    if row is None:
        raise DeliveryNotFound
    return _row(row), bytes(row[-1])


async def tally(session: AsyncSession, viewer: Viewer, site_id: int, *, now: datetime) -> Tally:
    """How many came of late, and what became of them. Raises SiteNotFound."""
    viewer.require(Permission.SETTINGS_READ)
    await sites.load(session, site_id)
    values = {"site": site_id, "since": now - DAY}
    last, waiting = (await session.execute(text(_STANDING), values)).one()
    counts = {"done": 0, "ignored": 0, "failed": 0}
    events: set[str] = set()
    for outcome, event, number in await session.execute(text(_LATELY), values):
        events.add(event)
        if outcome in counts:
            counts[outcome] += number
    return Tally(last, waiting, counts["done"], counts["ignored"], counts["failed"], tuple(sorted(events)))


def _row(row: Any) -> DeliveryRow:
    return DeliveryRow(*row[:-1], subject=subject_of(bytes(row[-1])))
