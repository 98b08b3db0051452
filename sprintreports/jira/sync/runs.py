"""The rows of `sync_run`: start, save, end."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from sprintreports.jira.sync.cursor import Cursor
from sprintreports.jira.sync.errors import SyncCancelled, SyncRunNotFound
from sprintreports.jira.tables import Site, SyncRun

LIVE = ("queued", "running")
NOTES_KEPT = 200


@dataclass(slots=True)
class Run:
    """A run as the engine holds it."""

    run_id: int
    site_id: int
    mode: str
    request_id: str
    cursor: Cursor


@dataclass(frozen=True, slots=True)
class Progress:
    """What is told while a run works."""

    phase: str
    done: int
    total: int | None


async def start(session: AsyncSession, run_id: int, *, now: datetime) -> Run | None:
    """Mark the run as running and hand it over; None when it has ended already. Raises SyncRunNotFound."""
    row = await session.get(SyncRun, run_id, with_for_update=True)
    if row is None:
        raise SyncRunNotFound
    if row.state in ("done", "cancelled"):
        return None
    row.state, row.error, row.finished_at = "running", None, None
    row.started_at = row.started_at or now
    row.heartbeat_at = row.updated_at = now
    cursor = msgspec.convert(row.cursor, Cursor, strict=False)
    cursor.began = cursor.began or now
    return Run(run_id, row.site_id, row.mode, row.request_id or "", cursor)


async def check_wanted(session: AsyncSession, run_id: int) -> None:
    """Raises SyncCancelled when somebody asked the run to stop, or its site is gone."""
    query = (
        select(col(SyncRun.cancel_requested), col(Site.deleted_at))
        .join(Site, col(Site.id) == col(SyncRun.site_id))
        .where(col(SyncRun.id) == run_id)
    )
    row = (await session.execute(query)).one_or_none()
    if row is None or row[0] or row[1] is not None:
        raise SyncCancelled


async def save(session: AsyncSession, run: Run, *, now: datetime) -> None:
    """Keep cursor and progress, in the transaction of the page that they speak of."""
    cursor = run.cursor
    values: dict[str, Any] = {
        "phase": cursor.phase.value,
        "cursor": msgspec.to_builtins(cursor),
        "done_issues": cursor.done,
        "changed_issues": cursor.changed,
        "total_issues": cursor.total,
        "heartbeat_at": now,
        "updated_at": now,
    }
    await session.execute(update(SyncRun).where(col(SyncRun.id) == run.run_id).values(**values))


async def note(session: AsyncSession, run: Run, message: str, *, board_id: int | None = None) -> None:
    """Keep a sentence that whoever looks at the run should read, once."""
    row = await session.get(SyncRun, run.run_id, with_for_update=True, populate_existing=True)
    entry = {"message": message, "board_id": board_id}
    if row is not None and entry not in row.notes and len(row.notes) < NOTES_KEPT:
        row.notes = [*row.notes, entry]


async def end(
    session: AsyncSession, run: Run, state: str, *, error: str | None, request_id: str, now: datetime
) -> None:
    """Close the run, and tell the site how it went. A good run also moves the mark that the next one starts from."""
    await session.execute(
        update(SyncRun)
        .where(col(SyncRun.id) == run.run_id)
        .values(
            state=state,
            error=error,
            request_id=request_id or run.request_id,
            finished_at=now,
            heartbeat_at=now,
            updated_at=now,
        )
    )
    site = await session.get(Site, run.site_id, with_for_update=True, populate_existing=True)
    if site is None:
        return
    if state == "done":
        site.last_synced_at = now
        site.settings = {**site.settings, "read_until": _text(run.cursor.began)}
        site.status, site.status_message = "connected", ""
    elif state == "failed":
        site.status, site.status_message = "problem", error or ""
    site.updated_at = now
    await session.execute(select(func.pg_notify("sprintreports_numbers", str(run.site_id))))


async def requeue(session: AsyncSession, run_id: int, *, now: datetime) -> None:
    """Put a failed run back in line, with its error still to be read."""
    await session.execute(
        update(SyncRun)
        .where(col(SyncRun.id) == run_id, col(SyncRun.state) == "failed")
        .values(state="queued", finished_at=None, updated_at=now)
    )


def read_until(site: Site) -> datetime | None:
    """From when an incremental run has to read: where the last good one began."""
    text = site.settings.get("read_until")
    return datetime.fromisoformat(text) if text else None


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
