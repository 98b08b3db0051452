"""One process that connects a Jira and syncs it: `python -m benchmarks.syncing URL DIALECT MODE[,MODE…]`.

Prints one JSON line per sync. A process of its own, so that its memory and its processor time are the sync's alone.
"""

import json
import sys
import time

from benchmarks.waiting import Waiting, peak_megabytes, watched
from sprintreports.demo.catalog import DEMO_EMAIL, DEMO_TOKEN, Dialect
from sprintreports.identity.viewer import Viewer
from sprintreports.jira import boards, mapping_setup, sites, sync
from sprintreports.jira.client import Auth
from sprintreports.kit import clock, db
from sprintreports.observability import logs


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


async def sync_once(site_id: int, mode: sync.Mode, waiting: Waiting) -> dict[str, float]:
    """One sync end to end, facts included. Raises RuntimeError when it does not end well."""
    phases: dict[str, float] = {}
    before, began, worked = dict(waiting.seconds), time.perf_counter(), time.process_time()
    last = ["", began]

    def listen(progress: sync.Progress) -> None:
        at = time.perf_counter()
        phases[last[0]] = phases.get(last[0], 0.0) + at - last[1]
        last[:] = [progress.phase, at]

    outcome = await sync.sync_here(
        db.transaction, Viewer.system(), site_id=site_id, mode=mode, now=clock.now, listener=listen
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


def main() -> None:
    base_url, dialect, modes = sys.argv[1], Dialect(sys.argv[2]), sys.argv[3].split(",")
    logs.configure("ERROR")

    async def work(waiting: Waiting) -> None:
        try:
            site_id = await connect(base_url, dialect)
            for mode in modes:
                print(json.dumps(await sync_once(site_id, sync.Mode(mode), waiting)), flush=True)
        finally:
            await db.dispose()

    watched(work)


if __name__ == "__main__":
    main()
