"""OAuth 2.0 (3LO) as Atlassian speaks it: authorisation codes with PKCE, rotating refresh tokens, several sites a person.

The messages are Authlib's; they travel by our own HTTP client (Authlib's client for httpx warns that it leaves httpx).
Source: Atlassian, "OAuth 2.0 (3LO) apps". PKCE is not described there; RFC 6749 3.1 has servers ignore what they do not
know, so it does no harm where it is not looked at.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

import httpx
import msgspec

from sprintreports.jira.errors import JiraAnswerInvalid, JiraNotAllowed, JiraUnavailable, JiraUnreachable
from sprintreports.jira.oauth.errors import OAuthRefused, ReconnectNeeded
from sprintreports.jira.oauth.messages import authorize_address, token_request
from sprintreports.jira.oauth.scopes import requested
from sprintreports.kit import http
from sprintreports.settings import settings

T = TypeVar("T")

TOKEN_PATH = "/oauth/token"  # noqa: S105  # a path
RESOURCES_PATH = "/oauth/token/accessible-resources"
_AUDIENCE = "api.atlassian.com"
_FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
# The app itself is not known, or its secret is wrong; or the grant is over. Anything else may pass.
_APP_ERRORS = frozenset({"invalid_client", "access_denied"})
_GRANT_ERRORS = frozenset({"invalid_grant", "unauthorized_client"})
_SERVER_ERROR = 500
_TOO_MANY = 429
_PASSING = frozenset({408, 425, _TOO_MANY})


@dataclass(frozen=True, slots=True)
class App:
    """An app of Atlassian's developer console."""

    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Tokens:
    """What Atlassian gave out. The refresh token is good for one use."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: datetime
    scopes: str


class CloudSite(msgspec.Struct, frozen=True):
    """A site that the person who signed in lets us see."""

    id: str
    url: str
    name: str = ""
    scopes: tuple[str, ...] = ()


class _TokenAnswer(msgspec.Struct, frozen=True):
    access_token: str
    expires_in: int = 3600
    refresh_token: str = ""
    scope: str = ""


class _Refusal(msgspec.Struct, frozen=True):
    error: str = ""


def callback_url() -> str:
    """What has to be entered in the developer console, letter by letter."""
    return f"{settings().public_url.rstrip('/')}/api/v1/oauth/atlassian/callback"


def authorize_url(client_id: str, *, state: str, verifier: str) -> str:
    """Where the browser goes to ask for access."""
    return authorize_address(
        f"{settings().atlassian_auth_url.rstrip('/')}/authorize",
        client_id=client_id,
        redirect_uri=callback_url(),
        scope=requested(),
        state=state,
        verifier=verifier,
        audience=_AUDIENCE,
        prompt="consent",
    )


async def exchange(app: App, code: str, *, verifier: str, now: datetime) -> Tokens:
    """Tokens for a code, which is good for one use. Raises OAuthRefused, JiraUnreachable, JiraUnavailable."""
    answer = await _ask_for_tokens(
        app, "authorization_code", redirect_uri=callback_url(), code=code, code_verifier=verifier
    )
    if isinstance(answer, str):
        raise OAuthRefused(_refused_sentence(answer), error=answer)
    return _tokens(answer, "", now)


async def refresh(app: App, refresh_token: str, *, scopes: str, now: datetime) -> Tokens:
    """The next pair of tokens; the one before ends. Raises ReconnectNeeded, JiraUnreachable, JiraUnavailable."""
    answer = await _ask_for_tokens(app, "refresh_token", refresh_token=refresh_token)
    if isinstance(answer, str):
        if answer in _APP_ERRORS:
            raise ReconnectNeeded(
                "Atlassian no longer knows the app that this site is connected by, or its secret was changed. Open the "
                "site, choose Connection, enter the app's client ID and secret, and sign in with Atlassian again."
            )
        if answer in _GRANT_ERRORS:
            raise ReconnectNeeded
        raise JiraUnavailable(
            f"{settings().atlassian_auth_url} would not renew the access just now ({answer}). It is tried again."
        )
    return _tokens(answer, scopes, now)


async def cloud_sites(access_token: str) -> list[CloudSite]:
    """The Jira sites that the grant covers. Raises OAuthRefused, JiraUnreachable, JiraUnavailable, JiraAnswerInvalid."""
    headers = {"Authorization": f"Bearer {access_token}", "Accept": "application/json"}
    response = await _send("GET", settings().atlassian_api_url, RESOURCES_PATH, headers=headers)
    if not response.is_success:
        raise OAuthRefused(error=str(response.status_code))
    found = _decoded(response.content, list[CloudSite], RESOURCES_PATH)
    # The same list names Confluence sites, under the same address: those scopes are not Jira's.
    return [site for site in found if not site.scopes or any("jira" in scope for scope in site.scopes)]


async def _ask_for_tokens(app: App, grant: str, **fields: str) -> _TokenAnswer | str:
    """The answer, or the word that Atlassian refuses with."""
    body = token_request(grant, client_id=app.client_id, client_secret=app.client_secret, **fields)
    response = await _send("POST", settings().atlassian_auth_url, TOKEN_PATH, headers=_FORM, content=body)
    if response.is_success:
        return _decoded(response.content, _TokenAnswer, TOKEN_PATH)
    try:
        word = msgspec.json.decode(response.content, type=_Refusal).error
    except (msgspec.MsgspecError, UnicodeDecodeError):
        word = ""
    # Only a word is passed on: whatever else the answer holds might repeat what was sent.
    return word if word.replace("_", "").isalpha() else f"status {response.status_code}"


async def _send(
    method: str, base: str, path: str, *, headers: Mapping[str, str], content: str | None = None
) -> httpx.Response:
    """One exchange. Its errors name the host and the path, never what was sent."""
    host = base.rstrip("/")
    try:
        async with http.client(timeout=settings().jira_timeout_seconds) as client:
            response = await client.request(method, host + path, headers=dict(headers), content=content)
    except http.AddressRefused as error:
        raise JiraNotAllowed(error.message) from None
    except httpx.TransportError as error:
        raise JiraUnreachable(
            f"{host} cannot be reached ({type(error).__name__}). Check that this server may connect to it, then try again."
        ) from None
    if response.status_code >= _SERVER_ERROR or response.status_code in _PASSING:
        raise JiraUnavailable(
            f"{host} answered with status {response.status_code}. Try again in a few minutes; nothing was lost."
        )
    return response


def _tokens(answer: _TokenAnswer, scopes: str, now: datetime) -> Tokens:
    if not answer.refresh_token:
        raise OAuthRefused(
            "Atlassian gave no refresh token, so the connection would end within the hour. Start the sign-in again, and "
            "see that the app may use offline_access.",
            error="no_refresh_token",
        )
    return Tokens(
        answer.access_token,
        answer.refresh_token,
        now + timedelta(seconds=answer.expires_in),
        answer.scope or scopes,
    )


def _refused_sentence(word: str) -> str:
    if word in _APP_ERRORS:
        return (
            "Atlassian does not know this client ID and secret together. Copy both again from the Settings page of your "
            "app in Atlassian's developer console."
        )
    return (
        "Atlassian refused the sign-in: its answer came too late or was used before, or the callback URL in the "
        "developer console is another one than shown here. Compare it, then start the sign-in again."
    )


def _decoded(body: bytes, kind: type[T], endpoint: str) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise JiraAnswerInvalid(endpoint, "it has another shape than Atlassian describes") from None
