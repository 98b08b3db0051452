"""The job that keeps the webhooks which we register ourselves as they should be."""

from sprintreports.jira.webhooks import dynamic
from sprintreports.jobs.doors import door
from sprintreports.jobs.payloads import DYNAMIC_JOB, DynamicWebhooksPayload
from sprintreports.kit import clock


async def settle(payload: DynamicWebhooksPayload) -> None:
    """One site. A failure is noted there, and the chores ask again when its time has come."""
    async with door(DYNAMIC_JOB, quiet=True) as work:
        await dynamic.settle(work.unit, payload.site_id, now=clock.now)
