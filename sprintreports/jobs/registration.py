"""Every job by its name: what `kit.queue.defer` is given is found here."""

from typing import Any, cast

import msgspec
from procrastinate import App, JobContext

from sprintreports.jobs import (
    delivering,
    exporting,
    reconciling,
    recounting,
    registering,
    scheduling,
    scrubbing,
    syncing,
    webhooking,
)
from sprintreports.jobs.payloads import (
    DELIVER_JOB,
    DYNAMIC_JOB,
    EXPORT_JOB,
    FACTS_JOB,
    RECONCILE_JOB,
    RECOUNT_JOB,
    SCHEDULE_JOB,
    SCRUB_JOB,
    SYNC_JOB,
    WEBHOOK_JOB,
    Cursor,
    DeliverPayload,
    DynamicWebhooksPayload,
    ExportPayload,
    FactsPayload,
    ReconcilePayload,
    SchedulePayload,
    ScrubPayload,
    SyncPayload,
    WebhooksPayload,
)
from sprintreports.jobs.retrying import Retrying, stoppable


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

    @app.task(name=RECONCILE_JOB, retry=Retrying(), pass_context=True)
    async def reconcile_job(context: JobContext, **payload: Any) -> None:
        with stoppable(context):
            await reconciling.reconcile(
                msgspec.convert(payload, ReconcilePayload), attempts=context.job.attempts
            )

    @app.task(name=RECOUNT_JOB, retry=Retrying(), pass_context=True)
    async def recount_job(context: JobContext, **payload: Any) -> None:
        await recounting.recount(msgspec.convert(payload, Cursor), job_id=context.job.id or 0)

    @app.task(name=WEBHOOK_JOB)
    async def webhook_job(**payload: Any) -> None:
        await webhooking.work_on(msgspec.convert(payload, WebhooksPayload))

    @app.task(name=DYNAMIC_JOB)
    async def dynamic_job(**payload: Any) -> None:
        await registering.settle(msgspec.convert(payload, DynamicWebhooksPayload))

    @app.task(name=SCRUB_JOB, retry=Retrying())
    async def scrub_job(**payload: Any) -> None:
        await scrubbing.scrub(msgspec.convert(payload, ScrubPayload))

    _register_reports(app)
    # The application holds them by name.
    del sync_job, facts_job, reconcile_job, recount_job, webhook_job, dynamic_job, scrub_job
    return app


def _register_reports(app: App) -> None:
    """Jobs around reports."""

    @app.task(name=EXPORT_JOB, retry=Retrying(), pass_context=True)
    async def export_job(context: JobContext, **payload: Any) -> None:
        with stoppable(context):
            await exporting.export(msgspec.convert(payload, ExportPayload), attempts=context.job.attempts)

    @app.task(name=DELIVER_JOB, retry=Retrying(), pass_context=True)
    async def deliver_job(context: JobContext, **payload: Any) -> None:
        with stoppable(context):
            await delivering.send(msgspec.convert(payload, DeliverPayload))

    @app.task(name=SCHEDULE_JOB, retry=Retrying(), pass_context=True)
    async def schedule_job(context: JobContext, **payload: Any) -> None:
        with stoppable(context):
            await scheduling.run(msgspec.convert(payload, SchedulePayload), attempts=context.job.attempts)

    del export_job, deliver_job, schedule_job
