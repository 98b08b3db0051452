"""Sync connected sites in this process."""

import asyncio

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from sprintreports.cli.database import database
from sprintreports.cli.demo import allow_known
from sprintreports.cli.progress import SyncFailed
from sprintreports.identity.viewer import Viewer
from sprintreports.jira import sync
from sprintreports.jira.reads import sites
from sprintreports.kit import clock, db
from sprintreports.kit.errors import NotFound
from sprintreports.observability import logs


def run(*, site: str, full: bool) -> None:
    """Sync the named site, or all of them, one after the other."""
    logs.configure("WARNING")

    async def work() -> None:
        try:
            for site_id, name in await _chosen(site):
                await _sync(site_id, name, mode=sync.Mode.FULL if full else sync.Mode.INCREMENTAL)
        finally:
            await db.dispose()

    allow_known()
    with database():
        asyncio.run(work())


async def _chosen(wanted: str) -> list[tuple[int, str]]:
    async with db.transaction() as session:
        found = await sites.listing(session, Viewer.system())
    chosen = [(row.id, row.name) for row in found if wanted in {"", row.name, row.base_url}]
    if not chosen:
        known = ", ".join(row.name for row in found) or "none yet"
        raise NotFound(f"No connected site is called “{wanted}”. Connected: {known}.")
    return chosen


async def _sync(site_id: int, name: str, *, mode: sync.Mode) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns) as bar:
        task = bar.add_task(name, total=None)

        def show(seen: sync.Progress) -> None:
            bar.update(task, description=f"{name} ({seen.phase})", completed=seen.done, total=seen.total)

        outcome = await sync.sync_here(
            db.transaction, Viewer.system(), site_id=site_id, mode=mode, now=clock.now, listener=show
        )
    if outcome.end != "done":
        raise SyncFailed(f"The sync of {name} {outcome.end}: {outcome.error or 'it was cancelled'}")
    print(f"{name}: read {outcome.issues} issues, {outcome.changed} of them changed.")
