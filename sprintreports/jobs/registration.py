"""Every job by its name: what `kit.queue.defer` is given is found here."""

from typing import Any, cast

import msgspec
from procrastinate import App, JobContext

from sprintreports.jobs import syncing
from sprintreports.jobs.payloads import FACTS_JOB, SYNC_JOB, FactsPayload, SyncPayload
from sprintreports.jobs.retrying import Retrying


def register(app: App) -> App:
    """Register all jobs on the application, once."""
    if SYNC_JOB in cast("dict[str, object]", app.tasks):
        return app

    @app.task(name=SYNC_JOB, retry=Retrying(), pass_context=True)
    async def sync_job(context: JobContext, **payload: Any) -> None:
        await syncing.run_sync(msgspec.convert(payload, SyncPayload), attempts=context.job.attempts)

    @app.task(name=FACTS_JOB, retry=Retrying())
    async def facts_job(**payload: Any) -> None:
        await syncing.compute_facts(msgspec.convert(payload, FactsPayload))

    del sync_job, facts_job  # the application holds them by name
    return app
