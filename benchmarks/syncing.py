"""One process that connects a Jira and syncs it: `python -m benchmarks.syncing URL DIALECT STEP[,STEP…]`.

A step is a mode of the sync; or `edit=50`, so many edits of issues in the stand-in; or `map=SLOT`, after which SLOT has no field, or
its field again. `again` as the first one: the site is connected already, and no account is kept of the waits. Prints one JSON line per sync. A process of its own, so that its memory and its processor time are the sync's
alone.
"""

import asyncio
import json
import sys
import time
from itertools import count

from benchmarks.waiting import Waiting, peak_megabytes, watched
from sprintreports.demo.catalog import DEMO_EMAIL, DEMO_TOKEN, Dialect
from sprintreports.demo.testing import RunningDemo
from sprintreports.identity.viewer import Viewer
from sprintreports.jira import boards, mapping_setup, sites, sync
from sprintreports.jira.client import Auth
from sprintreports.jira.reads import sites as reads
from sprintreports.jobs.helping import second_process
from sprintreports.kit import clock, db
from sprintreports.observability import logs

_EDITS = (
    "status",
    "estimate",
    "sprint",
    "assignee",
    "team",
    "summary",
    "priority",
    "create",
    "delete",
    "move",
)


async def connect(base_url: str, dialect: Dialect) -> int:
    """A site with all its boards chosen and its mapping confirmed."""
    viewer = Viewer.system()
    auth, account = (Auth.BASIC, DEMO_EMAIL) if dialect is Dialect.CLOUD else (Auth.BEARER, "")
    async with db.transaction() as session:
        site_id = await sites.create(session, viewer, sites.Connection(base_url, auth, account, DEMO_TOKEN))
        found = await boards.discover(session, viewer, site_id, now=clock.now())
        chosen = [board.board_id for board in found]
        await boards.choose(session, viewer, site_id, board_ids=chosen, now=clock.now())
        await mapping_setup.guess(session, viewer, site_id, now=clock.now())
        await mapping_setup.confirm(session, viewer, site_id, changes={}, now=clock.now())
    return site_id


async def known() -> int:
    """The site that an earlier process has connected."""
    async with db.transaction() as session:
        found = await reads.listing(session, Viewer.system())
    return found[0].id


async def sync_once(site_id: int, mode: sync.Mode, waiting: Waiting) -> dict[str, float]:
    """One sync end to end, facts included. Raises RuntimeError when it does not end well."""
    phases: dict[str, float] = {}
    before, began, worked = dict(waiting.seconds), time.perf_counter(), time.process_time()
    last = ["", began]

    def listen(progress: sync.Progress) -> None:
        at = time.perf_counter()
        phases[last[0]] = phases.get(last[0], 0.0) + at - last[1]
        last[:] = [progress.phase, at]

    async with db.transaction() as session:
        # A replay waits already: whoever changes the mapping asks for it.
        run_id, _ = await sync.prepare(session, Viewer.system(), site_id, mode=mode)
    outcome = await sync.run(
        db.transaction, run_id=run_id, now=clock.now, listener=listen, open_helper=second_process
    )
    seconds = time.perf_counter() - began
    if outcome.error is not None:
        raise RuntimeError(outcome.error)
    waits = {f"wait_{name}": waiting.seconds[name] - before[name] for name in before}
    return {
        "seconds": seconds,
        "issues": outcome.issues,
        "changed": outcome.changed,
        "cpu": time.process_time() - worked,
        "peak_mb": peak_megabytes(),
        **waits,
        **{f"phase_{name}": value for name, value in phases.items() if name},
    }


async def remap(site_id: int, slot: str, fields: dict[str, str | None]) -> None:
    """Take the slot's field away, or give it back; `fields` remembers it. The replay is a step of its own."""
    viewer = Viewer.system()
    async with db.transaction() as session:
        now = getattr(await mapping_setup.current(session, viewer, site_id), slot)
        fields[slot] = fields.get(slot) or now
        chosen = None if now else fields[slot]
        await mapping_setup.confirm(session, viewer, site_id, changes={slot: chosen}, now=clock.now())


def main() -> None:
    base_url, dialect, steps = sys.argv[1], Dialect(sys.argv[2]), sys.argv[3].split(",")
    logs.configure("ERROR")
    again = steps[0] == "again"
    jira, seeds, fields = RunningDemo(base_url, pid=0), count(1), dict[str, str | None]()

    async def work(waiting: Waiting) -> None:
        try:
            site_id = await known() if again else await connect(base_url, dialect)
            for step in steps[again:]:
                what, _, value = step.partition("=")
                if what == "edit":
                    jira.edit(int(value), seed=next(seeds), kinds=_EDITS)
                elif what == "map":
                    await remap(site_id, value, fields)
                else:
                    print(json.dumps(await sync_once(site_id, sync.Mode(what), waiting)), flush=True)
        finally:
            await db.dispose()

    if again:
        asyncio.run(work(Waiting()))
    else:
        watched(work)


if __name__ == "__main__":
    main()
