"""The door of a job: who it acts as, its request id in every log line, its outcome counted."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog

from sprintreports.identity.viewer import Viewer
from sprintreports.jira.sync.work import UnitOfWork
from sprintreports.kit import clock, db
from sprintreports.observability import counters, logs
from sprintreports.reports.baselines import alarms
from sprintreports.reports.baselines.canonical import NotAsItWas

log = logs.get("jobs")


@dataclass(frozen=True, slots=True)
class Door:
    """What a job works with. `unit` opens a transaction; a long job opens one after another."""

    unit: UnitOfWork
    viewer: Viewer
    request_id: str


@asynccontextmanager
async def door(name: str, *, request_id: str | None = None, quiet: bool = False) -> AsyncGenerator[Door]:
    """Bind the request id that the work was asked for under (a new one where there is none), and count the outcome.

    `quiet`: nobody wants to read that it went well.
    """
    began = clock.monotonic()
    with structlog.contextvars.bound_contextvars(job=name, request_id=request_id or logs.new_request_id()):
        try:
            yield Door(db.transaction, Viewer.system(), logs.request_id())
        except BaseException as error:
            counters.JOBS.labels(name, "failed").inc()
            log.warning("job_failed", seconds=round(clock.monotonic() - began, 2), error=repr(error))
            if isinstance(error, NotAsItWas):
                await alarms.told(db.transaction, Viewer.system(), error, now=clock.now())
            raise
        counters.JOBS.labels(name, "done").inc()
        (log.debug if quiet else log.info)("job_done", seconds=round(clock.monotonic() - began, 2))
