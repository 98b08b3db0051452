"""The line that runs wait in: each occasion of a schedule once, with a job of its own."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.kit import queue
from sprintreports.observability import logs

SCHEDULE_JOB = "reports.schedule"
_ADD = text("""
INSERT INTO schedule_run (schedule_id, occasion, due_at, sprint_id, missed, created_at)
VALUES (:schedule, :occasion, :due, :sprint, :missed, :now)
ON CONFLICT (schedule_id, occasion) DO NOTHING RETURNING id
""")


async def add(
    session: AsyncSession,
    schedule_id: int,
    occasion: str,
    *,
    due_at: datetime,
    sprint_id: int | None = None,
    missed: int = 0,
    now: datetime,
) -> int | None:
    """Put a run in line; None where this occasion has had one."""
    values = {
        "schedule": schedule_id, "occasion": occasion, "due": due_at, "sprint": sprint_id, "missed": missed, "now": now,
    }  # fmt: skip
    run_id = await session.scalar(_ADD, values)
    if run_id is not None:
        await enqueue(session, run_id)
    return run_id


async def enqueue(session: AsyncSession, run_id: int) -> None:
    """Give a run its job, unless it has one that waits."""
    payload = {"run_id": run_id, "request_id": logs.request_id()}
    await queue.defer(session, SCHEDULE_JOB, payload, queueing_lock=f"schedule_run:{run_id}")
