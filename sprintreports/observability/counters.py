"""Counters and histograms that /metrics shows."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry(auto_describe=True)

HTTP_REQUESTS = Counter(
    "sprintreports_http_requests_total", "REST answers", ("method", "route", "status"), registry=REGISTRY
)
HTTP_SECONDS = Histogram(
    "sprintreports_http_request_seconds",
    "Seconds to a REST answer",
    ("method", "route"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
    registry=REGISTRY,
)
UI_EVENTS = Counter(
    "sprintreports_ui_events_total", "Browser events handled", ("handler", "outcome"), registry=REGISTRY
)
JIRA_REQUESTS = Counter(
    "sprintreports_jira_requests_total", "Requests to Jira", ("endpoint", "status"), registry=REGISTRY
)
SYNC_ISSUES = Counter(
    "sprintreports_sync_issues_total", "Issues stored by the sync", ("mode",), registry=REGISTRY
)
JOBS = Counter("sprintreports_jobs_total", "Jobs finished", ("name", "outcome"), registry=REGISTRY)
WEBHOOKS = Counter(
    "sprintreports_webhook_deliveries_total",
    "Webhooks of Jira by what became of them",
    ("outcome",),
    registry=REGISTRY,
)
LAST_SYNC = Gauge(
    "sprintreports_last_sync_timestamp_seconds", "When a site was last synced", ("site",), registry=REGISTRY
)
