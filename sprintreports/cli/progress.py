"""A sync's progress in the terminal, read from its run's row as the browser does."""

import asyncio
import sys
from collections.abc import Callable

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from sprintreports.identity.viewer import Viewer
from sprintreports.jira.reads import runs
from sprintreports.kit import clock, db, http
from sprintreports.kit.errors import Unavailable

_SLICE = 0.2
_START_SECONDS = 60.0


class SyncFailed(Unavailable):
    """The sync failed."""


def nothing() -> None:
    """No children to watch."""


async def until_answers(url: str, *, watch: Callable[[], None] = nothing) -> None:
    """Wait until the address answers. Raises Unavailable after a minute."""
    deadline = clock.monotonic() + _START_SECONDS
    while not await http.answers(url):
        watch()
        if clock.monotonic() > deadline:
            raise Unavailable(f"{url} did not answer within a minute.")
        await asyncio.sleep(_SLICE / 2)


async def follow(run_id: int, *, title: str, watch: Callable[[], None] = nothing) -> runs.SyncRunRow:
    """Show a run until it has ended, and return it. Raises SyncFailed with the run's sentence."""
    console = Console(file=sys.stdout)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=not console.is_terminal) as bar:
        task = bar.add_task(title, total=None)
        row = await _read(run_id)
        while row.state in {"queued", "running"}:
            watch()
            _show(bar, task, title, row)
            await asyncio.sleep(_SLICE)
            row = await _read(run_id)
        _show(bar, task, title, row)
    if row.state != "done":
        raise SyncFailed(f"The sync {row.state}: {row.error or 'no reason was given'}")
    console.print(f"Synced {row.done_issues} issues.", highlight=False)
    return row


def _show(bar: Progress, task: TaskID, title: str, row: runs.SyncRunRow) -> None:
    phase = f" ({row.phase})" if row.phase else ""
    bar.update(task, description=title + phase, completed=row.done_issues, total=row.total_issues)


async def _read(run_id: int) -> runs.SyncRunRow:
    async with db.transaction() as session:
        return await runs.one(session, Viewer.system(), run_id)
