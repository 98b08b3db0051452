"""What can go wrong between us and a Jira. Every message says what to do next.

UpstreamFailed 502
└── JiraError
    ├── JiraAnswerInvalid      cut off, malformed, or not the shape that Jira documents
    │   └── PagerNeverEnds     pages that repeat themselves
    ├── NotAJira               something else answers at this address
    ├── JiraUnreachable        no connection, or a time-out
    ├── JiraNotAllowed         nobody has allowed to ask this address
    ├── JiraUnavailable        5xx, after all retries
    ├── JiraRateLimited        429, after all retries
    ├── JiraSignInFailed       401: wrong token, wrong account
    ├── JiraForbidden          403: may not see this
    ├── JiraNotFound           404
    ├── JiraGone               410: Atlassian turned this endpoint off
    └── JiraRefused            400 and the like: Jira says what it did not like
"""

from sprintreports.kit.errors import UpstreamFailed


class JiraError(UpstreamFailed):
    """Jira did not answer as it should. Try again; if it stays so, test the connection of the site."""


class JiraAnswerInvalid(JiraError):
    """Jira's answer is not what its documentation promises. Try again; if it stays so, report the endpoint."""

    def __init__(self, endpoint: str, problem: str) -> None:
        super().__init__(
            f"Jira's answer to {endpoint} cannot be used: {problem}. Nothing of it was stored. "
            "Start the sync again; if this stays, test the connection and show this sentence to your Jira admin."
        )
        self.endpoint: str = endpoint


class PagerNeverEnds(JiraAnswerInvalid):
    """Jira keeps announcing further pages that bring nothing new."""


class NotAJira(JiraError):
    """No Jira answers at this address. Check it: it is what the browser shows up to /browse or /jira."""


class JiraUnreachable(JiraError):
    """Jira cannot be reached. Check the address and the network between this server and Jira."""


class JiraNotAllowed(JiraError):
    """This address may not be asked: it is private, or without TLS, and nobody has allowed it."""


class JiraUnavailable(JiraError):
    """Jira is not available right now. The sync goes on from here the next time."""


class JiraRateLimited(JiraError):
    """Jira asks us to slow down for longer than we wait. The sync goes on from here the next time."""

    def __init__(
        self, message: str = "", *, retry_after: float | None = None, reason: str | None = None
    ) -> None:
        super().__init__(message)
        self.retry_after: float | None = retry_after
        self.reason: str | None = reason


class JiraSignInFailed(JiraError):
    """Jira does not accept this account and token. Create a new token in Jira and enter it at the site."""


class JiraForbidden(JiraError):
    """Jira does not let this account see that. Ask a Jira admin for the permission to browse it."""


class JiraNotFound(JiraError):
    """Jira does not have this, or does not show it to this account."""


class JiraGone(JiraError):
    """Atlassian turned this endpoint off. Update Sprint Reports."""


class JiraRefused(JiraError):
    """Jira refused the request."""
