"""The job that works on webhooks. It never waits in line for a second try: the chores ask again, and a sync goes first."""

from sprintreports.jira import webhooks
from sprintreports.jira.sites import SiteNotFound
from sprintreports.jira.sync import SyncRunning
from sprintreports.jobs.doors import door
from sprintreports.jobs.payloads import WEBHOOK_JOB, WebhooksPayload
from sprintreports.kit import clock
from sprintreports.observability import logs

log = logs.get("jobs.webhooks")


async def work_on(payload: WebhooksPayload) -> None:
    """One batch; another one gets a job of its own, behind whatever waits for the site meanwhile."""
    async with door(WEBHOOK_JOB, request_id=payload.request_id, quiet=True) as work:
        try:
            more = await webhooks.process(work.unit, payload.site_id, now=clock.now)
        except (SyncRunning, SiteNotFound) as error:
            log.info("webhooks_wait", site_id=payload.site_id, reason=error.message)
            return
        if more:
            async with work.unit() as session:
                await webhooks.enqueue(session, payload.site_id)
