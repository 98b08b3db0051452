"""The rows of `sync_run`: start, save, end."""

from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from sprintreports.jira import circuits, site_notices
from sprintreports.jira.client import JiraClient
from sprintreports.jira.sync.cursor import Cursor, Phase
from sprintreports.jira.sync.errors import SyncCancelled, SyncPaused, SyncRunNotFound
from sprintreports.jira.sync.forecasting import Speed
from sprintreports.jira.tables import Site, SyncRun
from sprintreports.kit.errors import SprintReportsError

LIVE = ("queued", "running")
REPLAYING = "replay"  # the one mode that asks Jira for nothing
NOTES_KEPT = 200
_COUNTED = (Phase.ISSUES, Phase.REPLAY)


@dataclass(slots=True)
class Run:
    """A run as the engine holds it."""

    run_id: int
    site_id: int
    mode: str
    request_id: str
    cursor: Cursor
    speed: Speed = field(default_factory=Speed)
    wire: JiraClient | None = None  # whose traffic is the run's
    asked_for: bool = False  # by a person, who wants to see what has just been changed

    def traffic(self) -> dict[str, Any]:
        """What was asked of Jira since the run was last taken up."""
        return {} if self.wire is None else asdict(self.wire.traffic)


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
    asked_for = row.requested_by is not None
    return Run(run_id, row.site_id, row.mode, row.request_id or "", cursor, asked_for=asked_for)


async def check_wanted(session: AsyncSession, run_id: int) -> None:
    """Raises SyncCancelled when somebody asked the run to stop, or its site is gone; SyncPaused when the site is paused."""
    query = (
        select(col(SyncRun.cancel_requested), col(Site.deleted_at), col(Site.paused_at), col(SyncRun.mode))
        .join(Site, col(Site.id) == col(SyncRun.site_id))
        .where(col(SyncRun.id) == run_id)
    )
    row = (await session.execute(query)).one_or_none()
    if row is None or row[0] or row[1] is not None:
        raise SyncCancelled
    if row[2] is not None and row[3] != REPLAYING:
        raise SyncPaused


async def save(session: AsyncSession, run: Run, *, now: datetime) -> None:
    """Keep cursor and progress, in the transaction of the page that they speak of."""
    cursor = run.cursor
    left = run.speed.seconds_left(cursor.done, cursor.total, now) if cursor.phase in _COUNTED else None
    values: dict[str, Any] = {
        "phase": cursor.phase.value,
        "cursor": msgspec.to_builtins(cursor),
        "done_issues": cursor.done,
        "changed_issues": cursor.changed,
        "total_issues": cursor.total,
        "expected_at": None if left is None else now + timedelta(seconds=left),
        "traffic": run.traffic(),
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
    session: AsyncSession,
    run: Run,
    state: str,
    *,
    error: SprintReportsError | None,
    request_id: str,
    now: datetime,
) -> None:
    """Close the run, and tell the site how it went. A good run also moves the mark that the next one starts from."""
    sentence = error.message if error else None
    await session.execute(
        update(SyncRun)
        .where(col(SyncRun.id) == run.run_id)
        .values(
            state=state,
            error=sentence,
            request_id=request_id or run.request_id,
            finished_at=now,
            heartbeat_at=now,
            expected_at=None,
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
        site.status, site.status_message = "problem", sentence or ""
    if run.mode != REPLAYING and (state == "done" or error is not None):
        circuits.note(site, error, now=now)
        if state == "failed" and not await circuits.tell(session, site, now=now):
            await site_notices.run_failed(session, site, reason=sentence or "", now=now)
    site.updated_at = now
    await session.execute(select(func.pg_notify("sprintreports_numbers", str(run.site_id))))


async def requeue(session: AsyncSession, run_id: int, *, now: datetime) -> None:
    """Put a failed run back in line, with its error still to be read."""
    await _back_in_line(session, run_id, "failed", now)


async def rest(session: AsyncSession, run_id: int, *, now: datetime) -> None:
    """Put a running run back in line, to go on where it stands."""
    await _back_in_line(session, run_id, "running", now)


async def _back_in_line(session: AsyncSession, run_id: int, state: str, now: datetime) -> None:
    await session.execute(
        update(SyncRun)
        .where(col(SyncRun.id) == run_id, col(SyncRun.state) == state)
        .values(state="queued", finished_at=None, expected_at=None, updated_at=now)
    )


def read_until(site: Site) -> datetime | None:
    """From when an incremental run has to read: where the last good one began."""
    text = site.settings.get("read_until")
    return datetime.fromisoformat(text) if text else None


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
