"""Notices and devices that are old enough are deleted."""

from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

KEPT = timedelta(days=90)
DEVICE_KEPT = timedelta(days=180)  # since it was last signed in with


async def purge(session: AsyncSession, *, now: datetime) -> None:
    """Delete notices of 90 days ago, read or not, and devices that nobody has signed in with for half a year."""
    await session.execute(text("DELETE FROM notice WHERE made_at < :before"), {"before": now - KEPT})
    statement = text("DELETE FROM known_device WHERE last_at < :before")
    await session.execute(statement, {"before": now - DEVICE_KEPT})
