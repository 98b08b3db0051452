"""The job's work: Jira's reports of a board's closed sprints, one a transaction, with a pause between two questions.

A Jira that is paused or left alone (`jira/circuits.py`) is asked nothing, not even in the middle of the work.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.jira import circuits, site_notices, sites
from sprintreports.jira.client.protocol import JiraClient
from sprintreports.jira.errors import JiraAnswerInvalid, JiraError
from sprintreports.jira.reconciliation import ours, stored
from sprintreports.jira.reconciliation.fetching import SprintReportUnavailable, ask, store
from sprintreports.jira.reconciliation.ours import Place
from sprintreports.jira.reconciliation.requests import waiting
from sprintreports.jira.sync.work import UnitOfWork
from sprintreports.jira.tables import Site
from sprintreports.observability import logs

PAUSE_SECONDS = 0.2
# While only people can mend it (a pause, a failed sign-in), or a sync is to make the probe that decides.
LOOK_AGAIN = timedelta(minutes=1)
# So many refusals in a row, and none before: the endpoint is closed to our account, and asking on is of no use.
_REFUSALS = 3

Sleep = Callable[[float], Awaitable[None]]

log = logs.get("jira.reconciliation")


class JiraLeftAlone(Exception):  # not an error: the work goes on later, where it stands
    """The site is paused, or its circuit is open. `wait`: until it is worth looking again."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__()
        self.wait: timedelta = wait


async def reconcile_board(
    unit: UnitOfWork,
    *,
    site_id: int,
    jira_board_id: int,
    now: Callable[[], datetime],
    sleep: Sleep = asyncio.sleep,
) -> int:
    """Ask Jira for every report that is not here yet, and compare it; how many came.

    A sprint whose report Jira refuses keeps its sentence, and the others go on. Raises JiraLeftAlone, and JiraErrors that
    concern the site, which count for its circuit.
    """
    async with unit() as session:
        site = await sites.load(session, site_id)
        missing = await waiting(session, site_id, jira_board_id)
    if not missing:
        return 0
    await _may_ask(unit, site_id, now())
    try:
        return await _ask_all(unit, site, jira_board_id, missing, now=now, sleep=sleep)
    except JiraError as error:
        async with unit() as session:
            await circuits.heard(session, site_id, error, now=now())
        raise


async def _ask_all(
    unit: UnitOfWork,
    site: Site,
    jira_board_id: int,
    missing: list[int],
    *,
    now: Callable[[], datetime],
    sleep: Sleep,
) -> int:
    site_id = site.id or 0
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
            await _may_ask(unit, site_id, now())
    finally:
        await client.aclose()
    async with unit() as session:
        await site_notices.compared(session, site_id, jira_board_id, now=now())
    log.info("sprints_reconciled", site_id=site_id, board=jira_board_id, missing=len(missing), came=came)
    return came


async def _may_ask(unit: UnitOfWork, site_id: int, now: datetime) -> None:
    """Raises JiraLeftAlone, and SiteNotFound: a site that was forgotten meanwhile ends the job."""
    async with unit() as session:
        site = await sites.load(session, site_id)
        if await circuits.open_now(session, site_id, now=now):
            return
        until = circuits.of(site).until
        raise JiraLeftAlone(max(until - now, LOOK_AGAIN) if until is not None else LOOK_AGAIN)


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
