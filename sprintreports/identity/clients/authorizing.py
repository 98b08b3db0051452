"""A program asks a person for consent: what such a request must say, and what the person is asked (RFC 6749, 4.1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import scopes, tokens
from sprintreports.identity.clients import codes, redirects, registry
from sprintreports.identity.clients.registry import Client
from sprintreports.identity.scopes import Scopes
from sprintreports.identity.viewer import Viewer
from sprintreports.kit.errors import Invalid

_LONGEST_STATE = 1000


class NotAskedRight(Invalid):
    """This request cannot be trusted, so nobody is sent anywhere. Go back to the program and tell its makers."""


class Denied(Exception):
    """A refusal that the program is told, by its redirect address."""

    def __init__(self, error: str, description: str, request: "Request") -> None:
        super().__init__(description)
        self.error, self.description, self.request = error, description, request

    @property
    def address(self) -> str:
        return self.request.answer(error=self.error, error_description=self.description)


@dataclass(frozen=True, slots=True)
class Request:
    """What a program asks for. Client and address are known to be right; the rest `checked` looks at."""

    client: Client
    redirect_uri: str
    state: str
    challenge: str
    scopes: Scopes

    def answer(self, **fields: str) -> str:
        """The address to send the browser on to, with `state` as it came and `iss` (RFC 9207)."""
        passed = {"state": self.state} if self.state else {}
        query = urlencode({**fields, **passed, "iss": tokens.issuer()})
        joint = "&" if "?" in self.redirect_uri else "?"
        return f"{self.redirect_uri}{joint}{query}"


async def checked(session: AsyncSession, fields: Mapping[str, list[str]]) -> Request:
    """The request of these query fields. Raises NotAskedRight, or Denied once it is known whom to tell."""
    client_id, redirect_uri = _once(fields, "client_id"), _once(fields, "redirect_uri")
    client = await registry.named(session, client_id) if client_id else None
    if client is None:
        raise NotAskedRight("The program that sent you here is not registered, or no longer.")
    if not redirect_uri or not redirects.registered(redirect_uri, client.redirect_uris):
        raise NotAskedRight(
            f"{client.name} asked to be answered at an address that is not registered for it."
        )
    state = (fields.get("state") or [""])[0]
    request = Request(client, redirect_uri, state, _only(fields, "code_challenge"), frozenset())
    twice = [name for name, values in fields.items() if len(values) > 1]
    if twice:
        raise Denied("invalid_request", f"{min(twice)[:40]} is given more than once.", request)
    if len(state) > _LONGEST_STATE:
        raise Denied("invalid_request", "The state is too long.", request)
    _check_flow(fields, request)
    try:
        asked = scopes.narrowed(scopes.parse(_only(fields, "scope")), client.scopes)
    except (scopes.ScopeUnknown, scopes.ScopeTooWide) as error:
        raise Denied("invalid_scope", error.message, request) from error
    return Request(client, redirect_uri, state, request.challenge, asked)


def offered(request: Request, viewer: Viewer) -> Scopes:
    """What the person can give of it: never more than they may do themselves. Raises Denied when that is nothing."""
    possible = frozenset(scope for scope in request.scopes if viewer.can(scope))
    if not possible:
        raise Denied("access_denied", "The person's role allows none of this.", request)
    return possible


async def consent(session: AsyncSession, viewer: Viewer, request: Request, *, now: datetime) -> str:
    """The address that brings the program its code. Raises Denied."""
    code = await codes.issue(
        session,
        viewer,
        request.client,
        redirect_uri=request.redirect_uri,
        challenge=request.challenge,
        scopes=offered(request, viewer),
        now=now,
    )
    return request.answer(code=code)


def _check_flow(fields: Mapping[str, list[str]], request: Request) -> None:
    if _only(fields, "response_type") != "code":
        raise Denied("unsupported_response_type", "Use response_type=code.", request)
    if "request" in fields or "request_uri" in fields:
        raise Denied("invalid_request", "Send the parameters themselves, not a request object.", request)
    if _only(fields, "response_mode") not in {"", "query"}:
        raise Denied("invalid_request", "Use response_mode=query.", request)
    if _only(fields, "code_challenge_method") != "S256" or not codes.is_challenge(request.challenge):
        raise Denied("invalid_request", "Send code_challenge with code_challenge_method=S256.", request)


def _once(fields: Mapping[str, list[str]], name: str) -> str:
    values = fields.get(name, [])
    if len(values) > 1:
        raise NotAskedRight(f"The program that sent you here gave {name} more than once.")
    return values[0] if values else ""


def _only(fields: Mapping[str, list[str]], name: str) -> str:
    return (fields.get(name) or [""])[0]
