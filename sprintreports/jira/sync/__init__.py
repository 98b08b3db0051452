"""Sync: from a Jira to rows and facts, page by page, each page a transaction that a later run goes on from."""

from sprintreports.jira.sync.admission import admitted, may_ask
from sprintreports.jira.sync.engine import Outcome, run
from sprintreports.jira.sync.errors import SyncRunning
from sprintreports.jira.sync.here import sync_here
from sprintreports.jira.sync.lock import only_one
from sprintreports.jira.sync.requests import SYNC_JOB, Mode, cancel, due, enqueue, prepare, request
from sprintreports.jira.sync.runs import Progress, requeue
from sprintreports.jira.sync.steering import pause, resume, set_schedule

__all__ = [
    "SYNC_JOB",
    "Mode",
    "Outcome",
    "Progress",
    "SyncRunning",
    "admitted",
    "cancel",
    "due",
    "enqueue",
    "may_ask",
    "only_one",
    "pause",
    "prepare",
    "request",
    "requeue",
    "resume",
    "run",
    "set_schedule",
    "sync_here",
]
