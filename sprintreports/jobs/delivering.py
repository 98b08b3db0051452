"""The job that sends a report to an outside service."""

from sprintreports.jobs.doors import door
from sprintreports.jobs.payloads import DeliverPayload
from sprintreports.kit import clock
from sprintreports.reports.publishing.delivering import deliver
from sprintreports.reports.publishing.line import DELIVER_JOB


async def send(payload: DeliverPayload) -> None:
    """One try, whose outcome is written with the delivery; a further one is a job of its own."""
    async with door(DELIVER_JOB, request_id=payload.request_id) as work:
        await deliver(work.unit, payload.delivery_id, now=clock.now)
