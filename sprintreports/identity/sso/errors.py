"""Why a sign-in by a provider did not come about. No message ever holds a secret, a token or an assertion."""

from sprintreports.kit.errors import Forbidden, UpstreamFailed


class SignInRefused(Forbidden):
    """This sign-in was refused. Start it again from the sign-in page.

    `reason` is one word for the audit log; the message is for the person in front of the screen.
    """

    def __init__(self, message: str = "", *, reason: str = "refused") -> None:
        super().__init__(message or "This sign-in was refused. Start it again from the sign-in page.")
        self.reason: str = reason


class ProviderFailed(UpstreamFailed):
    """The identity provider did not answer as it should. Try again in a few minutes, or tell an admin."""
