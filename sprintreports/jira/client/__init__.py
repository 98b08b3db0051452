"""One client for both kinds of Jira: `connect` finds out which, `JiraClient` is all that the rest knows."""

from sprintreports.jira.client.connecting import connect, normalise_url
from sprintreports.jira.client.credentials import Auth, Credentials
from sprintreports.jira.client.protocol import RECONCILED, Dialect, IssueRef, JiraClient
from sprintreports.jira.client.transport import ATTEMPTS

__all__ = [
    "ATTEMPTS",
    "RECONCILED",
    "Auth",
    "Credentials",
    "Dialect",
    "IssueRef",
    "JiraClient",
    "connect",
    "normalise_url",
]
