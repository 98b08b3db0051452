"""The job that does what a schedule says, as the person whose schedule it is."""

from sprintreports.jobs.doors import door
from sprintreports.jobs.payloads import SchedulePayload
from sprintreports.kit import clock
from sprintreports.reports.schedules import running
from sprintreports.reports.schedules.line import SCHEDULE_JOB


async def run(payload: SchedulePayload) -> None:
    """One run, whose outcome is written with it in one transaction."""
    async with door(SCHEDULE_JOB, request_id=payload.request_id) as work, work.unit() as session:
        await running.run(session, payload.run_id, now=clock.now())
