"""Who we are to a Jira. The secret never shows in a repr, a log or an error."""

import base64
from dataclasses import dataclass, field
from enum import StrEnum


class Auth(StrEnum):
    """Basic: account and API token (Cloud) or password. Bearer: a personal access token.

    OAuth: signed in with Atlassian (Cloud); `jira.oauth` keeps and renews what was granted.
    """

    BASIC = "basic"
    BEARER = "bearer"
    OAUTH = "oauth"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What goes into the Authorization header."""

    auth: Auth
    account: str
    secret: str = field(repr=False)

    def header(self) -> str:
        if self.auth is not Auth.BASIC:
            return f"Bearer {self.secret}"
        pair = f"{self.account}:{self.secret}".encode()
        return f"Basic {base64.b64encode(pair).decode()}"
