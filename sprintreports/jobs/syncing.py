"""The jobs around Jira: a run of the sync, and numbers that are to be computed again."""

from sprintreports.jira import facts, sync
from sprintreports.jira.sync.engine import End
from sprintreports.jira.sync.errors import SyncRunning
from sprintreports.jobs.doors import door
from sprintreports.jobs.helping import second_process
from sprintreports.jobs.payloads import FACTS_JOB, SYNC_JOB, FactsPayload, SyncPayload
from sprintreports.jobs.retrying import MAX_ATTEMPTS, TryAgain
from sprintreports.kit import clock, listening
from sprintreports.observability import logs

FACTS_A_PAGE = 20

log = logs.get("jobs.sync")


async def run_sync(payload: SyncPayload, *, attempts: int) -> None:
    """Work on a run. A failure that may pass puts the run back in line; any other ends it, with its sentence."""
    async with door(SYNC_JOB, request_id=payload.request_id) as work:
        if not await sync.admitted(work.unit, payload.run_id, now=clock.now):
            log.info("sync_waits", run_id=payload.run_id)
            return
        try:
            outcome = await sync.run(
                work.unit, run_id=payload.run_id, now=clock.now, open_helper=second_process
            )
        except SyncRunning as error:
            raise TryAgain(error.message) from error
        if outcome.end is End.FAILED and outcome.passing and attempts < MAX_ATTEMPTS:
            async with work.unit() as session:
                await sync.requeue(session, payload.run_id, now=clock.now())
                if not await sync.may_ask(session, payload.run_id, now=clock.now()):
                    return  # the chores bring the run back when its Jira may be asked again
            raise TryAgain(outcome.error or "", wait=outcome.retry_after)


async def compute_facts(payload: FactsPayload) -> None:
    """Compute the touched sprints' numbers, some of them a transaction."""
    async with door(FACTS_JOB, request_id=payload.request_id) as work:
        left = 1
        while left:
            async with work.unit() as session:
                left = await facts.rebuild_touched(
                    session, payload.site_id, now=clock.now(), limit=FACTS_A_PAGE
                )
                await listening.announce(session, listening.NUMBERS, str(payload.site_id))
