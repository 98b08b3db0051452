"""Our closed sprints beside Jira's own sprint reports: what Jira sent, what we know, and the comparison of both."""

from sprintreports.jira.reconciliation.comparing import Compared, Place, compare
from sprintreports.jira.reconciliation.fetching import fetch, upload
from sprintreports.jira.reconciliation.payload import NotASprintReport
from sprintreports.jira.reconciliation.requests import RECONCILE_JOB, Queued, enqueue, request, stop
from sprintreports.jira.reconciliation.running import JiraLeftAlone, reconcile_board

__all__ = [
    "RECONCILE_JOB",
    "Compared",
    "JiraLeftAlone",
    "NotASprintReport",
    "Place",
    "Queued",
    "compare",
    "enqueue",
    "fetch",
    "reconcile_board",
    "request",
    "stop",
    "upload",
]
