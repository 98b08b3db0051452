"""Whether a run may begin: its site is not paused, and its Jira is not being left alone. A probe that is due is made here."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.jira import circuits, sites
from sprintreports.jira.circuits import Gate, State
from sprintreports.jira.client import JiraClient
from sprintreports.jira.sync import runs
from sprintreports.jira.sync.work import Clock, UnitOfWork, log
from sprintreports.jira.tables import Site, SyncRun
from sprintreports.kit.errors import SprintReportsError

OpenClient = Callable[[Site], Awaitable[JiraClient]]


async def _one_try(site: Site) -> JiraClient:
    return await sites.open_client(site, attempts=1)


async def admitted(unit: UnitOfWork, run_id: int, *, now: Clock, open_client: OpenClient = _one_try) -> bool:
    """Whether to work on the run now. One that may not keeps its place, and the chores bring it back in time.

    A run that waits for what only people can mend (a failed sign-in) ends with the reason.
    """
    async with unit() as session:
        run = await session.get(SyncRun, run_id)
        if run is None or run.mode == runs.REPLAYING or run.state not in runs.LIVE:
            return True
        site = await circuits.locked(session, run.site_id)
        if site is None:
            return True
        if site.paused_at is not None:
            return False
        circuit = circuits.of(site)
        gate = circuit.gate(now())
        if gate is Gate.GO:
            return True
        if gate is Gate.SHUT:
            if circuit.until is None:
                await _tell(session, run_id, circuit.reason, now(), over=True)
            return False
        circuits.keep(site, circuit.probing(now()))
    error = await _probe(site, open_client)
    async with unit() as session:
        site = await circuits.locked(session, run.site_id)
        if site is None:
            return True
        before = circuits.of(site)
        after = before.probed(now()) if error is None else before.failed(error, now())
        # What says nothing of the site as a whole is for the run to find out and to tell.
        after = before.probed(now()) if after == before else after
        circuits.keep(site, after)
        good = after.state is State.CLOSED
        if error is not None and not good:
            await _tell(session, run_id, error.message, now(), over=after.until is None)
    log.info("circuit_probed", site_id=site.id, run_id=run_id, good=good)
    return good


async def may_ask(session: AsyncSession, run_id: int, *, now: datetime) -> bool:
    """Whether the Jira of the run's site may be asked right now."""
    run = await session.get(SyncRun, run_id)
    return run is not None and await circuits.open_now(session, run.site_id, now=now)


async def _probe(site: Site, open_client: OpenClient) -> SprintReportsError | None:
    """Ask who we are: it needs Jira to work, and to let us in."""
    try:
        client = await open_client(site)
    except SprintReportsError as error:
        return error
    try:
        await client.myself()
    except SprintReportsError as error:
        return error
    finally:
        await client.aclose()
    return None


async def _tell(session: AsyncSession, run_id: int, reason: str, now: datetime, *, over: bool) -> None:
    """Keep the reason with the run; `over`: end it, since trying again later is of no use."""
    run = await session.get(SyncRun, run_id, with_for_update=True, populate_existing=True)
    if run is None or run.state not in runs.LIVE:
        return
    run.error, run.updated_at = reason, now
    if over:
        run.state, run.finished_at = "failed", now
