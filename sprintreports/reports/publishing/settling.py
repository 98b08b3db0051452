"""How a try ended is written down: with the delivery, with its connection, and told to whoever has to know."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import notices
from sprintreports.identity.notices.kinds import ConnectionPaused, DeliveryStopped
from sprintreports.identity.permissions import Permission
from sprintreports.integrations.channel import AdminNeeded, ChannelError, Clash, Failure, Receipt, TryLater
from sprintreports.integrations.confluence import Published
from sprintreports.observability import logs
from sprintreports.reports.publishing import circuits
from sprintreports.reports.publishing.line import put_in_line
from sprintreports.reports.publishing.tables import ConnectionRow, DeliveryRow
from sprintreports.reports.publishing.values import DeliveryState

MOST_ATTEMPTS = 8
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=2)
_PAGE = text("""
INSERT INTO published_page (connection_id, subject, page_id, version, author, url, created_at, updated_at)
VALUES (:connection, :subject, :page, :version, :author, :url, :now, :now)
ON CONFLICT (connection_id, subject) DO UPDATE SET page_id = excluded.page_id, version = excluded.version,
  author = excluded.author, url = excluded.url, updated_at = excluded.updated_at
""")

log = logs.get("reports.publishing")


async def arrived(
    session: AsyncSession, row: DeliveryRow, receipt: Receipt, *, subject: str, now: datetime
) -> None:
    end(row, DeliveryState.DELIVERED, None, receipt.sentence, now=now)
    row.url, row.choice = receipt.url, ""
    if isinstance(receipt, Published) and receipt.known is not None:
        known = receipt.known
        values = {"page": known.page_id, "version": known.version, "author": known.author, "url": receipt.url}
        where = {"connection": row.connection_id, "subject": subject, "now": now}
        await session.execute(_PAGE, values | where)
    holder = await session.get(ConnectionRow, row.connection_id, with_for_update=True, populate_existing=True)
    if holder is not None:
        holder.circuit, holder.delivered_at = {}, now


async def failed(session: AsyncSession, row: DeliveryRow, error: ChannelError, *, now: datetime) -> None:
    paused = await _heard(session, row.connection_id, error, now=now)
    if isinstance(error, TryLater) and row.attempts < MOST_ATTEMPTS:
        wait = max(wait_after(row.attempts, row.key), timedelta(seconds=error.wait or 0))
        row.state, row.failure, row.sentence = DeliveryState.WAITING.value, error.failure.value, error.message
        row.next_at, row.updated_at = now + wait, now
        await put_in_line(session, row.id or 0, row.connection_id, wait=wait)
        return
    states = {Failure.CLASH: DeliveryState.CLASH, Failure.UNKNOWN: DeliveryState.UNKNOWN}
    sentence = error.message
    if isinstance(error, TryLater):
        sentence = f"{error.message} It was tried {row.attempts} times, and is not tried again by itself."
    end(row, states.get(error.failure, DeliveryState.FAILED), error.failure, sentence, now=now)
    row.choices = [str(one) for one in error.choices] if isinstance(error, Clash) else []
    parts = DeliveryStopped(row.id or 0, row.title, row.sentence)
    await notices.tell(session, parts, to=row.user_id, key=f"delivery:{row.id}:{now.isoformat()}", now=now)
    if paused:
        log.warning("connection_paused", connection_id=row.connection_id, reason=error.message)


async def _heard(session: AsyncSession, connection_id: int, error: ChannelError, *, now: datetime) -> bool:
    """Count the failure for the connection; whether it is left alone until somebody acts. Those who can act are told."""
    holder = await session.get(ConnectionRow, connection_id, with_for_update=True, populate_existing=True)
    if holder is None or holder.deleted_at is not None:
        return False
    before = circuits.read(holder.circuit)
    after = before.failed(error, now)
    holder.circuit = circuits.stored(after)
    lasting = after.open and (isinstance(error, AdminNeeded) or after.failures >= circuits.THRESHOLD)
    if lasting:
        since = holder.delivered_at.isoformat() if holder.delivered_at else "never"
        parts = ConnectionPaused(connection_id, holder.name, after.reason, until_acted=after.until is None)
        key = f"connection:{connection_id}:{since}:{after.until is None}"
        await notices.tell(session, parts, to=Permission.SETTINGS_WRITE, key=key, now=now)
    return lasting and after.until is None


def wait_after(attempt: int, key: str) -> timedelta:
    """Half a minute, a minute, two … two hours at most; up to a fifth longer, by the key, so that not all come back at once."""
    spread = 1 + hashlib.sha256(f"{key}{attempt}".encode()).digest()[0] / 255 / 5
    return min(LONGEST_WAIT, FIRST_WAIT * 2 ** (attempt - 1)) * spread


def end(
    row: DeliveryRow, state: DeliveryState, failure: Failure | None, sentence: str, *, now: datetime
) -> None:
    row.state, row.failure, row.sentence = state.value, failure.value if failure else "", sentence
    row.next_at, row.ended_at, row.updated_at = None, now, now
