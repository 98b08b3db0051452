"""A sync in this process, without the queue: for the command line, the first start and tests."""

from sprintreports.identity.viewer import Viewer
from sprintreports.jira.sync.engine import Outcome, run
from sprintreports.jira.sync.errors import SyncRunning
from sprintreports.jira.sync.requests import Mode, prepare
from sprintreports.jira.sync.work import Clock, Listener, UnitOfWork


async def sync_here(
    unit: UnitOfWork,
    viewer: Viewer,
    *,
    site_id: int,
    mode: Mode = Mode.INCREMENTAL,
    now: Clock,
    listener: Listener | None = None,
) -> Outcome:
    """Make a run and do it here and now. Raises SyncRunning when there is a live one already."""
    async with unit() as session:
        run_id, fresh = await prepare(session, viewer, site_id, mode=mode)
        if not fresh:
            raise SyncRunning
    return await run(unit, run_id=run_id, now=now, listener=listener)
