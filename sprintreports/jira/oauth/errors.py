"""What can go wrong between us and Atlassian's sign-in. No message ever holds a secret."""

from sprintreports.jira.errors import JiraSignInFailed
from sprintreports.kit.errors import UpstreamFailed


class ReconnectNeeded(JiraSignInFailed):
    """Atlassian no longer lets us in for this site: the access was taken back, or was not used for 90 days. Open the
    site, choose Connection, and sign in with Atlassian again. What was synced stays."""


class OAuthRefused(UpstreamFailed):
    """Atlassian refused the sign-in. Start it again from the page where you began."""

    def __init__(self, message: str = "", *, error: str = "") -> None:
        super().__init__(message)
        self.error: str = error
