"""Who asks: basic credentials or a personal access token, and what the restricted one may not see."""

import base64
import binascii
import hmac
from dataclasses import dataclass

from starlette.requests import Request

from sprintreports.demo.answers import Refusal
from sprintreports.demo.catalog import DEMO_EMAIL, RESTRICTED_TOKEN, Dialect
from sprintreports.demo.gateway import APP
from sprintreports.demo.site import Json


@dataclass(frozen=True, slots=True)
class Viewer:
    """`restricted`: one board and its projects are hidden from this token."""

    restricted: bool


_CLOUD_401: Json = {"message": "Client must be authenticated to access this resource.", "status-code": 401}
_SERVER_401 = "You are not authenticated. Authentication required to perform this operation."


class Gate:
    """Knows the valid credentials of one site."""

    def __init__(self, dialect: Dialect, *, token: str, email: str = DEMO_EMAIL) -> None:
        self._cloud = dialect is Dialect.CLOUD
        self._email = email
        self._tokens = {token: Viewer(restricted=False), RESTRICTED_TOKEN: Viewer(restricted=True)}

    def viewer(self, request: Request) -> Viewer:
        """Raises Refusal 401. An app is let in by the gateway alone."""
        if APP in request.scope:
            return Viewer(restricted=False)
        scheme, _, secret = request.headers.get("authorization", "").partition(" ")
        viewer = None
        if scheme.lower() == "basic":
            viewer = self._basic(secret)
        elif scheme.lower() == "bearer" and not self._cloud:
            viewer = self._known(secret)
        if viewer is None:
            raise Refusal(401, _SERVER_401, body=_CLOUD_401 if self._cloud else None)
        return viewer

    def _basic(self, secret: str) -> Viewer | None:
        try:
            account, _, password = base64.b64decode(secret, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        names = (self._email,) if self._cloud else (self._email, self._email.partition("@")[0])
        return self._known(password) if account in names else None

    def _known(self, secret: str) -> Viewer | None:
        for token, viewer in self._tokens.items():
            if hmac.compare_digest(token.encode(), secret.encode()):
                return viewer
        return None
