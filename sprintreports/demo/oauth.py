"""Atlassian's sign-in as the stand-in plays it: whoever is asked consents, codes and refresh tokens are good for one use.

Source: Atlassian, "OAuth 2.0 (3LO) apps". A refresh token that comes twice ends the whole grant, as rotation demands.
"""

import base64
import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from sprintreports.demo.answers import Refusal, json
from sprintreports.demo.control import from_here_only
from sprintreports.demo.site import Json

# Known to everybody, as the demo's token is: they open made-up data.
CLIENT_ID = "standin-sprint-reports"
CLIENT_SECRET = "standin-secret-0123456789abcdef0123456789abcdef"  # noqa: S105
LIFETIME = 3600
_CODE_SECONDS = 300


class OAuthOrder(msgspec.Struct, forbid_unknown_fields=True):
    """What is to happen: access tokens end now, grants are taken back, the person says no, or there are more sites.

    `withhold`: scopes that are not granted though asked for. What is left out stays as it is.
    """

    expire: bool = False
    revoke: bool = False
    deny: bool | None = None
    sites: int | None = None
    lifetime: int | None = None
    withhold: tuple[str, ...] | None = None


@dataclass(slots=True)
class Grant:
    """One consent: what it covers, the refresh token that is good now, and those that were."""

    scopes: frozenset[str]
    refresh_token: str = ""
    used: set[str] = field(default_factory=set[str])
    access: dict[str, float] = field(default_factory=dict[str, float])
    over: bool = False

    def holds(self, token: str) -> bool:
        return not self.over and self.access.get(token, 0.0) > time.time()


@dataclass(slots=True)
class _Code:
    scopes: frozenset[str]
    redirect_uri: str
    challenge: str
    expires: float


@dataclass(slots=True)
class Tally:
    """What was asked of the token endpoint."""

    exchanged: int = 0
    refreshed: int = 0
    refused: int = 0


@dataclass(slots=True)
class Atlassian:
    """The authorisation server and the list of sites."""

    base_url: str
    grants: list[Grant] = field(default_factory=list[Grant])
    tally: Tally = field(default_factory=Tally)
    _codes: dict[str, _Code] = field(default_factory=dict[str, _Code])
    _sites: int = 1
    _lifetime: int = LIFETIME
    _deny: bool = False
    _withhold: frozenset[str] = frozenset()

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/authorize", self.authorize, methods=["GET"]),
            Route("/oauth/token", self.token, methods=["POST"]),
            Route("/oauth/token/accessible-resources", self.resources, methods=["GET"]),
            Route("/__standin__/oauth", self.order, methods=["POST"]),
            Route("/__standin__/oauth", self.shown, methods=["GET"]),
        ]

    def cloud_ids(self) -> list[str]:
        return [f"standin-cloud-{number}" for number in range(1, self._sites + 1)]

    def grant_of(self, token: str) -> Grant | None:
        """The grant whose access token this is, while it holds."""
        return next((grant for grant in self.grants if grant.holds(token)), None)

    async def authorize(self, request: Request) -> Response:
        """Consent is given at once, unless the person was told to say no."""
        asked = request.query_params
        target = asked.get("redirect_uri", "")
        if asked.get("client_id") != CLIENT_ID or asked.get("response_type") != "code":
            raise Refusal(400, "unknown client_id, or response_type is not code")
        if urlsplit(target).scheme not in ("http", "https") or asked.get("audience") != "api.atlassian.com":
            raise Refusal(400, "redirect_uri or audience is missing")
        if self._deny:
            return _back(target, error="access_denied", state=asked.get("state", ""))
        code = secrets.token_urlsafe(16)
        scopes = frozenset(asked.get("scope", "").split()) - self._withhold
        self._codes[code] = _Code(
            scopes, target, asked.get("code_challenge", ""), time.time() + _CODE_SECONDS
        )
        return _back(target, code=code, state=asked.get("state", ""))

    async def token(self, request: Request) -> Response:
        asked = await _fields(request)
        if asked.get("client_id") != CLIENT_ID or not hmac.compare_digest(
            asked.get("client_secret", "").encode(), CLIENT_SECRET.encode()
        ):
            return self._refused(401, "access_denied", "Unauthorized")
        if asked.get("grant_type") == "authorization_code":
            return self._exchanged(asked)
        if asked.get("grant_type") == "refresh_token":
            return self._refreshed(asked.get("refresh_token", ""))
        return self._refused(400, "unsupported_grant_type", "Unknown grant type")

    async def resources(self, request: Request) -> Response:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        grant = self.grant_of(token) if scheme.lower() == "bearer" else None
        if grant is None:
            return json({"code": 401, "message": "Unauthorized"}, status=401)
        scopes = sorted(scope for scope in grant.scopes if "jira" in scope)
        return json([self._site(number, scopes) for number in range(1, self._sites + 1)])

    async def order(self, request: Request) -> Response:
        from_here_only(request)
        try:
            order = msgspec.json.decode(await request.body() or b"{}", type=OAuthOrder)
        except msgspec.DecodeError as problem:
            raise Refusal(400, str(problem)) from None
        for grant in self.grants:
            grant.over = grant.over or order.revoke
            if order.expire:
                grant.access = dict.fromkeys(grant.access, 0.0)
        self._deny = self._deny if order.deny is None else order.deny
        self._sites = self._sites if order.sites is None else order.sites
        self._lifetime = self._lifetime if order.lifetime is None else order.lifetime
        self._withhold = self._withhold if order.withhold is None else frozenset(order.withhold)
        return Response(status_code=204)

    async def shown(self, request: Request) -> Response:
        from_here_only(request)
        tally = self.tally
        return json({"exchanged": tally.exchanged, "refreshed": tally.refreshed, "refused": tally.refused})

    def _exchanged(self, asked: dict[str, str]) -> Response:
        code = self._codes.pop(asked.get("code", ""), None)
        if code is None or code.expires < time.time() or code.redirect_uri != asked.get("redirect_uri"):
            return self._refused(403, "invalid_grant", "Invalid authorization code")
        if code.challenge and code.challenge != _challenge(asked.get("code_verifier", "")):
            return self._refused(403, "invalid_grant", "Failed to verify code verifier")
        grant = Grant(code.scopes)
        self.grants.append(grant)
        self.tally.exchanged += 1
        return self._tokens(grant)

    def _refreshed(self, token: str) -> Response:
        grant = next((one for one in self.grants if token in (one.refresh_token, *one.used)), None)
        if grant is None or grant.over or token in grant.used:
            if grant is not None:
                grant.over = True
            return self._refused(403, "unauthorized_client", "refresh_token is invalid")
        grant.used.add(token)
        self.tally.refreshed += 1
        return self._tokens(grant)

    def _tokens(self, grant: Grant) -> Response:
        access = secrets.token_urlsafe(48)
        grant.access[access] = time.time() + self._lifetime
        grant.refresh_token = secrets.token_urlsafe(48) if "offline_access" in grant.scopes else ""
        answer: Json = {
            "access_token": access,
            "expires_in": self._lifetime,
            "token_type": "Bearer",
            "scope": " ".join(sorted(grant.scopes)),
        }
        return json(answer | ({"refresh_token": grant.refresh_token} if grant.refresh_token else {}))

    def _refused(self, status: int, error: str, description: str) -> Response:
        self.tally.refused += 1
        return json({"error": error, "error_description": description}, status=status)

    def _site(self, number: int, scopes: list[str]) -> Json:
        first = number == 1
        return {
            "id": f"standin-cloud-{number}",
            "url": self.base_url if first else f"https://other-{number}.atlassian.example",
            "name": "Demo company" if first else f"Other company {number}",
            "scopes": scopes,
            "avatarUrl": f"{self.base_url}/avatar.png",
        }


async def _fields(request: Request) -> dict[str, str]:
    """A form or JSON: Atlassian takes both."""
    body = await request.body()
    if "json" in request.headers.get("content-type", ""):
        try:
            return msgspec.json.decode(body, type=dict[str, str])
        except msgspec.MsgspecError:
            raise Refusal(400, "There was an error parsing JSON.") from None
    return dict(parse_qsl(body.decode(), keep_blank_values=True))


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _back(target: str, **answer: str) -> Response:
    joint = "&" if urlsplit(target).query else "?"
    return RedirectResponse(f"{target}{joint}{urlencode(answer)}", status_code=302)
