"""The job that asks Jira for its own sprint reports."""

from sprintreports.jira import reconciliation
from sprintreports.jira.errors import JiraRateLimited, JiraUnavailable, JiraUnreachable
from sprintreports.jobs.doors import door
from sprintreports.jobs.payloads import RECONCILE_JOB, ReconcilePayload
from sprintreports.jobs.retrying import MAX_ATTEMPTS, TryAgain
from sprintreports.kit import clock
from sprintreports.observability import logs

log = logs.get("jobs.reconciling")


async def reconcile(payload: ReconcilePayload, *, attempts: int) -> None:
    """Compare the board's closed sprints. A failure that may pass puts the job back in line; it goes on where it stood.

    While the site's Jira is paused or left alone another job waits in its place, however long that takes.
    """
    async with door(RECONCILE_JOB, request_id=payload.request_id) as work:
        try:
            await reconciliation.reconcile_board(
                work.unit, site_id=payload.site_id, jira_board_id=payload.jira_board_id, now=clock.now
            )
        except reconciliation.JiraLeftAlone as held:
            async with work.unit() as session:
                await reconciliation.enqueue(
                    session, site_id=payload.site_id, jira_board_id=payload.jira_board_id, wait=held.wait
                )
            log.info("reconciliation_waits", site_id=payload.site_id, seconds=held.wait.total_seconds())
        except (JiraRateLimited, JiraUnavailable, JiraUnreachable) as error:
            if attempts >= MAX_ATTEMPTS:
                raise
            wait = error.retry_after if isinstance(error, JiraRateLimited) else None
            raise TryAgain(error.message, wait=wait) from error
