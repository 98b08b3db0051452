"""What each job is given. A job of another shape is refused before it does anything."""

import msgspec

from sprintreports.jira.board_recount import FACTS_JOB, RECOUNT_JOB, Cursor
from sprintreports.jira.privacy.people import SCRUB_JOB
from sprintreports.jira.reconciliation import RECONCILE_JOB
from sprintreports.jira.sync import SYNC_JOB
from sprintreports.jira.webhooks import WEBHOOK_JOB
from sprintreports.jira.webhooks.dynamic import DYNAMIC_JOB
from sprintreports.reports.exporting.asking import EXPORT_JOB
from sprintreports.reports.publishing.line import DELIVER_JOB
from sprintreports.reports.schedules.line import SCHEDULE_JOB


class SyncPayload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """jira.sync: work on a run that is in `sync_run`."""

    run_id: int
    request_id: str | None = None


class FactsPayload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """jira.facts: compute the numbers of a site's touched sprints."""

    site_id: int
    request_id: str | None = None


class ReconcilePayload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """jira.reconcile: ask Jira for its reports of a board's closed sprints (Jira's id of the board)."""

    site_id: int
    jira_board_id: int
    request_id: str | None = None


class DynamicWebhooksPayload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """jira.dynamic_webhooks: make a site's registered webhook what it should be."""

    site_id: int


class WebhooksPayload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """jira.webhooks: work on a site's waiting deliveries."""

    site_id: int
    request_id: str | None = None


class ScrubPayload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """jira.scrub: take who was erased out of what is stored of a site."""

    site_id: int
    request_id: str | None = None


class ExportPayload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """reports.export: make a file that is in `report_export`."""

    export_id: int
    request_id: str | None = None


class DeliverPayload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """reports.deliver: send what is in `delivery`."""

    delivery_id: int
    request_id: str | None = None


class SchedulePayload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """reports.schedule: do what is in `schedule_run`."""

    run_id: int
    request_id: str | None = None


PAYLOADS: dict[str, type[msgspec.Struct]] = {
    SYNC_JOB: SyncPayload,
    FACTS_JOB: FactsPayload,
    RECONCILE_JOB: ReconcilePayload,
    RECOUNT_JOB: Cursor,
    WEBHOOK_JOB: WebhooksPayload,
    DYNAMIC_JOB: DynamicWebhooksPayload,
    SCRUB_JOB: ScrubPayload,
    EXPORT_JOB: ExportPayload,
    DELIVER_JOB: DeliverPayload,
    SCHEDULE_JOB: SchedulePayload,
}
