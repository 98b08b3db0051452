"""What somebody has to look after now and then: jobs whose worker died, runs without a job, syncs that are due.

One worker at a time does the chores; they are idempotent, so it does not matter which.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

from procrastinate import App
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import housekeeping, notices, signing
from sprintreports.identity.audit import archive, chain, refusals
from sprintreports.identity.audit.chain import Head
from sprintreports.identity.audit.verify import note_head, noted_head
from sprintreports.identity.clients import keys
from sprintreports.identity.notices.kinds import AuditBroken
from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.jira import oauth_sites, sync, webhooks
from sprintreports.jira.webhooks import dynamic
from sprintreports.jobs.doors import door
from sprintreports.jobs.retrying import GRACE_SECONDS
from sprintreports.kit import clock
from sprintreports.observability import logs
from sprintreports.planning.queues import deleting, feeds
from sprintreports.reports.baselines import alarms, automatic, removing
from sprintreports.reports.exporting import asking as exports
from sprintreports.reports.library import purging, shares
from sprintreports.reports.publishing import deliveries
from sprintreports.reports.schedules import due as schedules
from sprintreports.settings import settings

FINISHED_KEPT_HOURS = 7 * 24
TIDY_SECONDS = 3600.0
_LOCK = 0x63686F7265  # "chore"

# Runs that wait or work, whose job is neither waiting nor at work: the job died in a way that nobody could note, or it
# ended because the site was paused or its Jira left alone. Those stay until that is over.
_ORPHANS = """
    SELECT r.id, r.site_id FROM sync_run r
    WHERE r.state IN ('queued', 'running') AND r.job_id IS NOT NULL AND r.updated_at < :before
    AND NOT EXISTS (
        SELECT 1 FROM procrastinate_jobs j WHERE j.status IN ('todo', 'doing')
        AND j.task_name = 'jira.sync' AND (j.args ->> 'run_id')::bigint = r.id
    )
    AND (r.mode = 'replay' OR EXISTS (
        SELECT 1 FROM site WHERE site.id = r.site_id AND site.paused_at IS NULL
        AND coalesce((site.circuit ->> 'until')::timestamptz <= :now, true)
    ))
"""

log = logs.get("jobs.chores")


async def every_so_often(app: App) -> None:
    """Do the chores until cancelled. A failure is logged, and the next round tries again."""
    pause = max(0.5, settings().job_stalled_seconds / 4)
    tidied = -TIDY_SECONDS
    while True:
        await _try("chores", lambda: once(app))
        for name, chore in (
            ("seal", seal),
            ("baselines", take_baselines),
            ("schedules", run_schedules),
            ("deliveries", resume_deliveries),
        ):
            await _try(name, chore)
        if clock.monotonic() - tidied >= TIDY_SECONDS:
            tidied = clock.monotonic()
            await _try("tidy", tidy)
            await _try("audit_archive", archive_audit)
        await asyncio.sleep(pause)


async def _try(name: str, chore: Callable[[], Awaitable[object]]) -> None:
    """One that fails stops none of the others, now or in any round to come."""
    try:
        await chore()
    except Exception as error:  # noqa: BLE001  # the database may be away for a while; the worker is not to end
        log.warning("chores_failed", chore=name, error=repr(error))


#: What deletes what nobody can use any more, each in a transaction of its own.
_TIDYING: tuple[Callable[..., Awaitable[object]], ...] = (
    housekeeping.purge,
    keys.tell_ending,
    webhooks.purge,
    oauth_sites.purge,
    feeds.purge,
    deleting.purge,
    exports.purge,
    deliveries.purge,
    schedules.purge,
    removing.outlived,
    removing.purge,
    alarms.look_at_some,
    shares.purge,
    purging.purge,
)


async def tidy() -> None:
    """Delete what nobody can use any more, and sign tokens with a new key when the old one is 90 days old.

    Raises the last failure once all have been tried.
    """
    failed: Exception | None = None
    async with door("tidy", quiet=True) as work:
        for purge in _TIDYING:
            try:
                async with work.unit() as session:
                    await purge(session, now=clock.now())
            except Exception as error:  # noqa: BLE001  # what one cannot delete is not to keep the others from it
                log.warning("not_tidied", what=purge.__module__, error=repr(error))
                failed = error
        async with work.unit() as session:
            await signing.rotate_when_due(session, work.viewer, now=clock.now())
        if failed is not None:
            raise failed


async def resume_deliveries() -> None:
    """Give deliveries that nobody works on a new job."""
    async with door("deliveries", quiet=True) as work, work.unit() as session:
        await deliveries.requeue(session, now=clock.now())


async def take_baselines() -> None:
    """Take the baselines that the rules ask for by now, one a transaction. One that fails is tried again in the next round."""
    async with door("baselines", quiet=True) as work:
        async with work.unit() as session:
            due = await automatic.due(session, now=clock.now())
        for one in due:
            try:
                async with work.unit() as session:
                    await automatic.take(session, one, now=clock.now())
            except Exception as error:  # noqa: BLE001  # the others are to be taken all the same
                log.warning("baseline_not_taken", due=repr(one.key), error=repr(error))


async def run_schedules() -> None:
    """Put in line what schedules say is due by now. Each runs in a job of its own."""
    async with door("schedules", quiet=True) as work, work.unit() as session:
        await schedules.tick(session, now=clock.now())


async def seal() -> None:
    """Seal what the audit log has got since, and note outside of the database where its chain ends.

    A chain that has lost what was noted is not noted over it: `verify` must still see that.
    """
    folder = settings().data_dir
    head: Head | None = Head()
    while head is not None:
        noted = await asyncio.to_thread(noted_head, folder) or Head()
        async with door("audit", quiet=True) as work, work.unit() as session:
            head = await chain.seal(session, now=clock.now())
            kept = head is None or await chain.holds(session, noted)
            if not kept:
                broken, key = AuditBroken(noted.position), f"audit_broken:{noted}"
                await notices.tell(session, broken, to=Permission.SETTINGS_WRITE, key=key, now=clock.now())
        if not kept:
            log.error("audit_chain_broken", noted=str(noted), head=str(head))
        elif head is not None:
            await asyncio.to_thread(note_head, folder, head)


async def archive_audit() -> None:
    """Move audit entries that are old enough to files, one file a transaction."""
    moved = 1
    while moved:
        async with door("audit_archive", quiet=True) as work, work.unit() as session:
            moved = await archive.archive(
                session, folder=settings().data_dir, days=settings().audit_days, now=clock.now()
            )


async def once(app: App) -> None:
    """One round: revive, re-queue, schedule, tidy up."""
    async with door("chores", quiet=True) as work, work.unit() as session:
        if not await session.scalar(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": _LOCK}):
            return
        await revive(app)
        await requeue_orphans(session, now=clock.now())
        await webhooks.requeue(session, now=clock.now())
        await refusals.tell_repeats(session, now=clock.now())
        await dynamic.due(session, now=clock.now())
        await schedule(session, work.viewer, now=clock.now())
        await app.job_manager.delete_old_jobs(
            nb_hours=FINISHED_KEPT_HOURS, include_failed=True, include_cancelled=True
        )


async def revive(app: App) -> int:
    """Put jobs back in line whose worker has not been heard of for a while; how many."""
    # A worker that is stopping beats no more, but still finishes its page.
    silence = max(settings().job_stalled_seconds, GRACE_SECONDS + 1)
    stalled = list(await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=silence))
    for job in stalled:
        log.warning("job_revived", job_id=job.id, job_name=job.task_name)
        await app.job_manager.retry_job(job, retry_at=clock.now())
    return len(stalled)


async def requeue_orphans(session: AsyncSession, *, now: datetime) -> int:
    """Give runs a new job whose job is gone; how many."""
    seconds = settings().job_stalled_seconds
    before = datetime.fromtimestamp(now.timestamp() - seconds, now.tzinfo)
    orphans = (await session.execute(text(_ORPHANS), {"before": before, "now": now})).all()
    for run_id, site_id in orphans:
        log.warning("sync_run_requeued", run_id=run_id, site_id=site_id)
        await sync.enqueue(session, run_id, site_id)
    return len(orphans)


async def schedule(session: AsyncSession, viewer: Viewer, *, now: datetime) -> int:
    """Queue an incremental sync for every site that is due; how many."""
    due = await sync.due(session, every_minutes=settings().sync_interval_minutes, now=now)
    for site_id in due:
        run_id = await sync.request(session, viewer, site_id)
        log.info("sync_scheduled", site_id=site_id, run_id=run_id)
    return len(due)
