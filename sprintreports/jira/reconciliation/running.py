"""The job's work: Jira's reports of a board's closed sprints, one a transaction, with a pause between two questions."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.jira import sites
from sprintreports.jira.client.protocol import JiraClient
from sprintreports.jira.errors import JiraAnswerInvalid
from sprintreports.jira.reconciliation import ours, stored
from sprintreports.jira.reconciliation.fetching import SprintReportUnavailable, ask, store
from sprintreports.jira.reconciliation.ours import Place
from sprintreports.jira.reconciliation.requests import waiting
from sprintreports.jira.sync.work import UnitOfWork
from sprintreports.observability import logs

PAUSE_SECONDS = 0.2
# So many refusals in a row, and none before: the endpoint is closed to our account, and asking on is of no use.
_REFUSALS = 3

Sleep = Callable[[float], Awaitable[None]]

log = logs.get("jira.reconciliation")


async def reconcile_board(
    unit: UnitOfWork,
    *,
    site_id: int,
    jira_board_id: int,
    now: Callable[[], datetime],
    sleep: Sleep = asyncio.sleep,
) -> int:
    """Ask Jira for every report that is not here yet, and compare it; how many came.

    A sprint whose report Jira refuses keeps its sentence, and the others go on. Raises JiraErrors that concern the site.
    """
    async with unit() as session:
        site = await sites.load(session, site_id)
        missing = await waiting(session, site_id, jira_board_id)
    if not missing:
        return 0
    client = await sites.open_client(site)
    came = refused = 0
    try:
        for sprint_id in missing:
            place = Place(site_id, jira_board_id, sprint_id)
            problem = await _one(unit, client, place, now=now)
            came, refused = (came + 1, 0) if problem is None else (came, refused + 1)
            if isinstance(problem, SprintReportUnavailable) and (
                problem.turned_off or (refused >= _REFUSALS and came == 0)
            ):
                log.warning(
                    "sprint_reports_refused", site_id=site_id, board=jira_board_id, error=problem.message
                )
                break
            await sleep(PAUSE_SECONDS)
    finally:
        await client.aclose()
    log.info("sprints_reconciled", site_id=site_id, board=jira_board_id, missing=len(missing), came=came)
    return came


async def _one(
    unit: UnitOfWork, client: JiraClient, place: Place, *, now: Callable[[], datetime]
) -> SprintReportUnavailable | JiraAnswerInvalid | None:
    """One report, asked for outside of a transaction; why it did not come."""
    try:
        body = await ask(client, place)
        async with unit() as session:
            await sites.load(session, place.site_id)  # a site that was forgotten meanwhile ends the job
            await _store(session, client, place, body, now=now())
    except (SprintReportUnavailable, JiraAnswerInvalid) as problem:
        async with unit() as session:
            await stored.keep_problem(session, place, problem.message, now=now())
        return problem
    return None


async def _store(
    session: AsyncSession, client: JiraClient, place: Place, body: bytes, *, now: datetime
) -> None:
    sprint = await ours.sprint(session, place, now=now)
    await store(session, sprint, body, client=client, by=None, now=now)
