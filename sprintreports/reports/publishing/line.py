"""The line that deliveries wait in: one job for each, one at a time for each connection.

What waits for its time is not in the connection's own line: the queue keeps an order, and a delivery that is tried again in two
hours would hold up all that come after it. It looks itself, once its time has come, whether somebody is at work.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.kit import queue
from sprintreports.observability import logs

DELIVER_JOB = "reports.deliver"


async def put_in_line(
    session: AsyncSession, delivery_id: int, connection_id: int, *, wait: timedelta | None = None
) -> None:
    """Enqueue, unless it waits already; then it begins as soon as it is wanted."""
    name = f"delivery:{delivery_id}"
    payload = {"delivery_id": delivery_id, "request_id": logs.request_id()}
    lock = None if wait else f"connection:{connection_id}"
    made = await queue.defer(session, DELIVER_JOB, payload, lock=lock, queueing_lock=name, wait=wait)
    if made is None and wait is None:
        await queue.hasten(session, name)
