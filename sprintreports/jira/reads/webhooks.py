"""Webhook deliveries: what came, what became of it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.jira import sites
from sprintreports.jira.webhooks.deliveries import DeliveryNotFound
from sprintreports.kit.paging import Page


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


_COLUMNS = """
SELECT id, site_id, identifier, event, outcome, tries, received_at, not_before, processed_at, note, octet_length(body)
FROM webhook_delivery WHERE site_id = :site
"""
_MATCHING = "AND (CAST(:outcome AS text) IS NULL OR outcome = :outcome)"


async def page(
    session: AsyncSession,
    viewer: Viewer,
    site_id: int,
    *,
    outcome: str | None = None,
    page: int = 1,
    per_page: int = 25,
) -> Page[DeliveryRow]:
    """A site's deliveries, the newest first. Raises SiteNotFound."""
    viewer.require(Permission.SETTINGS_READ)
    await sites.load(session, site_id)
    values = {"site": site_id, "outcome": outcome, "limit": per_page, "offset": (page - 1) * per_page}
    count = text(f"SELECT count(*) FROM webhook_delivery WHERE site_id = :site {_MATCHING}")
    total = (await session.execute(count, values)).scalar_one()
    query = text(f"{_COLUMNS} {_MATCHING} ORDER BY id DESC LIMIT :limit OFFSET :offset")
    return Page([DeliveryRow(*row) for row in await session.execute(query, values)], total, page, per_page)


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
    body = await session.scalar(text("SELECT body FROM webhook_delivery WHERE id = :id"), values)
    return DeliveryRow(*row), bytes(body or b"")
