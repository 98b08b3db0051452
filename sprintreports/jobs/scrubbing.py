"""The job that takes who was erased out of what is stored as Jira sent it."""

from sprintreports.jira.privacy.stored import scrub_site
from sprintreports.jobs.doors import door
from sprintreports.jobs.payloads import SCRUB_JOB, ScrubPayload
from sprintreports.observability import logs
from sprintreports.planning import privacy as planning

log = logs.get("jobs.scrubbing")


async def scrub(payload: ScrubPayload) -> None:
    """A few rows a transaction; cut off, it begins again and finds the rest."""
    async with door(SCRUB_JOB, request_id=payload.request_id) as work:
        changed = await scrub_site(work.unit, payload.site_id)
        async with work.unit() as session:
            await planning.scrub(session, payload.site_id)
        log.info("scrubbed", site_id=payload.site_id, rows=changed)
