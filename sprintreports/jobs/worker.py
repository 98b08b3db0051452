"""The worker process: runs jobs until it is asked to stop, then lets the current page finish."""

import asyncio
import contextlib

from sprintreports.jobs import chores
from sprintreports.jobs.registration import register
from sprintreports.jobs.retrying import GRACE_SECONDS
from sprintreports.kit import db, queue
from sprintreports.observability import logs
from sprintreports.reports.export import browser
from sprintreports.settings import settings

CONCURRENCY = 2
_ALL_DAY = 86_400.0
POLL_SECONDS = 0.5  # a wake-up can be missed

log = logs.get("jobs.worker")


def main() -> None:
    """Run until SIGTERM or SIGINT."""
    asyncio.run(run())


async def run(*, wait: bool = True) -> None:
    """Run jobs; with `wait=False` only those that are there now."""
    app = register(queue.app())
    async with app.open_async():
        chore = asyncio.create_task(chores.every_so_often(app)) if wait else None
        log.info("worker_started", concurrency=CONCURRENCY)
        try:
            await app.run_worker_async(
                wait=wait,
                concurrency=CONCURRENCY,
                fetch_job_polling_interval=POLL_SECONDS,
                abort_job_polling_interval=POLL_SECONDS * 2,
                shutdown_graceful_timeout=GRACE_SECONDS if wait else _ALL_DAY,
                update_heartbeat_interval=settings().job_heartbeat_seconds,
                stalled_worker_timeout=settings().job_stalled_seconds,
                install_signal_handlers=wait,
            )
        finally:
            if chore is not None:
                chore.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await chore
            await browser.close()
            await db.dispose()
            log.info("worker_stopped")
