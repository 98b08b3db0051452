"""Pause a site, resume it, and say how often it is synced."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from sprintreports.identity import audit
from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.jira import sites
from sprintreports.jira.sync.requests import enqueue
from sprintreports.jira.tables import Site, SyncRun
from sprintreports.kit.errors import FieldProblem, Invalid
from sprintreports.observability import logs

NEVER = 0
OFTENEST = 5
RAREST = 24 * 60

log = logs.get("jira.sync")


async def pause(session: AsyncSession, viewer: Viewer, site_id: int, *, now: datetime) -> None:
    """Read nothing more from the site's Jira: a run stops after its page, webhooks are kept and wait."""
    site = await _locked(session, viewer, site_id)
    if site.paused_at is None:
        site.paused_at = site.updated_at = now
        await _told(session, viewer, site_id, {"paused": False}, {"paused": True})
        log.info("site_paused", site_id=site_id)


async def resume(session: AsyncSession, viewer: Viewer, site_id: int, *, now: datetime) -> None:
    """Go on: a run that stopped where it stood, webhooks with what waits."""
    site = await _locked(session, viewer, site_id)
    if site.paused_at is None:
        return
    site.paused_at, site.updated_at = None, now
    waiting = select(col(SyncRun.id)).where(col(SyncRun.site_id) == site_id, col(SyncRun.state) == "queued")
    for run_id in await session.scalars(waiting):
        if run_id is not None:
            await enqueue(session, run_id, site_id)
    await _told(session, viewer, site_id, {"paused": True}, {"paused": False})
    log.info("site_resumed", site_id=site_id)


async def set_schedule(
    session: AsyncSession, viewer: Viewer, site_id: int, *, minutes: int | None, now: datetime
) -> None:
    """Minutes between two syncs; None: as the installation is set; 0: only when somebody asks. Raises Invalid."""
    site = await _locked(session, viewer, site_id)
    if minutes is not None and minutes != NEVER and not OFTENEST <= minutes <= RAREST:
        sentence = f"Choose {OFTENEST} to {RAREST} minutes, or 0 for never."
        raise Invalid("This is not a schedule.", details=(FieldProblem("sync_minutes", sentence),))
    before = {"sync_minutes": site.sync_minutes}
    site.sync_minutes, site.updated_at = minutes, now
    await session.flush()
    await _told(session, viewer, site_id, before, {"sync_minutes": minutes})


async def _told(
    session: AsyncSession, viewer: Viewer, site_id: int, before: dict[str, Any], after: dict[str, Any]
) -> None:
    subject = ("site", site_id)
    await audit.record_change(
        session, viewer, audit.Action.SITE_CHANGED, subject=subject, before=before, after=after
    )


async def _locked(session: AsyncSession, viewer: Viewer, site_id: int) -> Site:
    viewer.require(Permission.SETTINGS_WRITE)
    site = await sites.load(session, site_id)
    await session.refresh(site, with_for_update=True)
    return site
