"""The job that makes a file of a report."""

from sprintreports.jobs.doors import door
from sprintreports.jobs.payloads import EXPORT_JOB, ExportPayload
from sprintreports.kit import clock
from sprintreports.reports.exporting import running


async def export(payload: ExportPayload, *, attempts: int = 0) -> None:
    """What goes wrong is told on the file; a job that the worker's stop interrupted begins again, a few times."""
    async with door(EXPORT_JOB, request_id=payload.request_id) as work:
        await running.run(work.unit, payload.export_id, now=clock.now, attempts=attempts)
