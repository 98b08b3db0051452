"""Webhooks in: hints that something changed. What has changed is asked of Jira, in whatever order hints come."""

from sprintreports.jira.webhooks.deliveries import Outcome, purge, requeue, retry
from sprintreports.jira.webhooks.inbox import LARGEST_BODY, WEBHOOK_JOB, WebhookTooLarge, enqueue, receive
from sprintreports.jira.webhooks.setup import PATH, Setup, forget, renew, shown
from sprintreports.jira.webhooks.work import process

__all__ = [
    "LARGEST_BODY",
    "PATH",
    "WEBHOOK_JOB",
    "Outcome",
    "Setup",
    "WebhookTooLarge",
    "enqueue",
    "forget",
    "process",
    "purge",
    "receive",
    "renew",
    "requeue",
    "retry",
    "shown",
]
