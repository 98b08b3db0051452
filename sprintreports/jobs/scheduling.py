"""The job that does what a schedule says, as the person whose schedule it is."""

from sprintreports.jobs.doors import door
from sprintreports.jobs.payloads import SchedulePayload
from sprintreports.kit import clock
from sprintreports.reports.schedules import running
from sprintreports.reports.schedules.line import SCHEDULE_JOB


async def run(payload: SchedulePayload, *, attempts: int = 0) -> None:
    """One run, whose outcome is written with it in one transaction. One that never comes to an end is given up after a few tries."""
    async with door(SCHEDULE_JOB, request_id=payload.request_id) as work, work.unit() as session:
        await running.run(session, payload.run_id, now=clock.now(), attempts=attempts)
