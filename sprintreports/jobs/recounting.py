"""The job that counts a large board's issues by its new rules."""

from datetime import timedelta

from sprintreports.jira import board_recount
from sprintreports.jira.board_recount import RECOUNT_JOB, Cursor
from sprintreports.jira.sync import SyncRunning
from sprintreports.jobs.doors import door
from sprintreports.kit import clock
from sprintreports.observability import logs

LOOK_AGAIN = timedelta(seconds=30)

log = logs.get("jobs.recounting")


async def recount(cursor: Cursor, *, job_id: int) -> None:
    """From where the job's own arguments stand now. Whoever works on the site goes first."""
    async with door(RECOUNT_JOB, request_id=cursor.request_id) as work:
        try:
            await board_recount.work_on(work.unit, job_id, cursor.site_id, now=clock.now)
        except SyncRunning as error:
            log.info("recount_waits", site_id=cursor.site_id, reason=error.message)
            async with work.unit() as session:
                await board_recount.put_back(session, job_id, wait=LOOK_AGAIN)
