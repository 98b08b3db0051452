"""Ask for a sync, and ask it to stop."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from sprintreports.identity import audit
from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.jira import circuits, sites
from sprintreports.jira.sync.errors import NoBoardChosen, SitePaused, SyncRunNotFound
from sprintreports.jira.sync.runs import LIVE
from sprintreports.jira.tables import Board, Site, SyncRun
from sprintreports.kit import queue
from sprintreports.observability import logs

SYNC_JOB = "jira.sync"


class Mode(StrEnum):
    """Full reads all issues of the chosen boards, incremental those that changed since the last good run.

    Replay asks Jira for nothing: it reads the stored payloads again, with the mapping of now.
    """

    FULL = "full"
    INCREMENTAL = "incremental"
    REPLAY = "replay"


async def request(
    session: AsyncSession, viewer: Viewer, site_id: int, *, mode: Mode = Mode.INCREMENTAL
) -> int:
    """Queue a sync and return its run's id; the waiting or running one's where there is one already."""
    run_id, fresh = await prepare(session, viewer, site_id, mode=mode)
    if fresh:
        await enqueue(session, run_id, site_id)
    elif viewer.user_id:
        await hasten(session, run_id)
    return run_id


async def prepare(session: AsyncSession, viewer: Viewer, site_id: int, *, mode: Mode) -> tuple[int, bool]:
    """The live run of the site, or a new row that nobody works on yet, and whether it is new.

    A person who asks means now: a Jira that is being left alone is tried at once. Raises SitePaused.
    """
    viewer.require(Permission.SETTINGS_WRITE)
    site = await sites.load(session, site_id)
    await session.refresh(site, with_for_update=True)
    if mode is not Mode.REPLAY:
        if site.paused_at is not None:
            raise SitePaused
        if viewer.user_id:
            circuits.keep(site, circuits.of(site).impatient())
    same = select(col(SyncRun.id)).where(col(SyncRun.site_id) == site_id)
    if mode is Mode.REPLAY:
        # A run at work may have read issues with the old mapping: only a replay that still waits makes this one idle.
        same = same.where(col(SyncRun.mode) == mode, col(SyncRun.state) == "queued")
    else:
        same = same.where(col(SyncRun.state).in_(LIVE))
    live = await session.scalar(same.limit(1))
    if live is not None:
        return live, False
    chosen = select(col(Board.id)).where(col(Board.site_id) == site_id, col(Board.selected)).limit(1)
    if await session.scalar(chosen) is None:
        raise NoBoardChosen
    if mode is Mode.INCREMENTAL and site.last_synced_at is None:
        mode = Mode.FULL  # nothing has been read yet that changes could be added to
    run = SyncRun(
        site_id=site_id,
        mode=mode,
        state="queued",
        phase="",
        cursor={},
        notes=[],
        request_id=logs.request_id() or logs.new_request_id(),
        requested_by=viewer.user_id or None,
    )
    session.add(run)
    await session.flush()
    if run.id is None:
        raise SyncRunNotFound
    if viewer.user_id:
        await audit.record(
            session, viewer, audit.Action.SYNC_REQUESTED, subject=("site", site_id),
            after={"run": run.id, "mode": str(mode)},
        )  # fmt: skip
    return run.id, True


async def enqueue(session: AsyncSession, run_id: int, site_id: int) -> None:
    """Give the run a job. One at a time works on a site; the same run does not wait twice."""
    run = await session.get(SyncRun, run_id)
    payload = {"run_id": run_id, "request_id": run.request_id if run else None}
    job_id = await queue.defer(
        session, SYNC_JOB, payload, lock=f"jira.site:{site_id}", queueing_lock=f"{SYNC_JOB}:{run_id}"
    )
    if run is not None and job_id is not None:
        run.job_id = job_id


async def hasten(session: AsyncSession, run_id: int) -> None:
    """Let a run that waits, for its Jira or for its next try, begin now."""
    run = await session.get(SyncRun, run_id)
    if run is not None and run.state == "queued":
        await enqueue(session, run_id, run.site_id)
        await queue.hasten(session, f"{SYNC_JOB}:{run_id}")


async def cancel(session: AsyncSession, viewer: Viewer, run_id: int, *, now: datetime) -> None:
    """Ask a run to stop after its page; one that waits ends at once. What it has stored stays."""
    viewer.require(Permission.SETTINGS_WRITE)
    run = await session.get(SyncRun, run_id, with_for_update=True)
    if run is None:
        raise SyncRunNotFound
    if run.state == "queued":
        run.state, run.finished_at = "cancelled", now
    if run.state == "running":
        run.cancel_requested = True
    run.updated_at = now
    await audit.record(
        session, viewer, audit.Action.SYNC_CANCELLED, subject=("site", run.site_id), after={"run": run_id}
    )


async def due(session: AsyncSession, *, every_minutes: int, now: datetime) -> Sequence[int]:
    """The sites whose last run is longer ago than their schedule says, and whose Jira may be asked now."""
    rows = await session.scalars(
        select(Site).where(
            col(Site.deleted_at).is_(None),
            col(Site.secret).is_not(None) | (col(Site.auth) == "oauth"),  # its grant is kept elsewhere
            col(Site.paused_at).is_(None),
        )
    )
    found: list[int] = []
    for site in rows:
        minutes = every_minutes if site.sync_minutes is None else site.sync_minutes
        if circuits.of(site).gate(now) is circuits.Gate.SHUT:
            continue
        query = (
            select(SyncRun).where(col(SyncRun.site_id) == site.id).order_by(col(SyncRun.id).desc()).limit(1)
        )
        last = await session.scalar(query)
        if last is None or minutes <= 0 or last.state in LIVE or site.id is None:
            continue  # the first sync is somebody's decision; a live one needs no second
        ended = last.finished_at or last.created_at
        if (now - ended).total_seconds() >= minutes * 60:
            found.append(site.id)
    return found
