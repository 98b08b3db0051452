"""The grants of OAuth 2.0: what somebody shows, and the tokens that they get for it (RFC 6749, RFC 7636)."""

from collections.abc import Awaitable, Callable

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.api.oauth_forms import ClientInvalid, Refused, client_of, names_client, needed
from sprintreports.identity import audit, known_devices, passwords, scopes, second_factor, tokens, users
from sprintreports.identity.clients import codes
from sprintreports.identity.clients.registry import Client
from sprintreports.identity.scopes import Scopes
from sprintreports.identity.second_factor import Verdict
from sprintreports.identity.tokens import TokenPair
from sprintreports.kit import clock
from sprintreports.kit.db import transaction
from sprintreports.settings import settings

_ERRORS = {Verdict.NEEDED: "mfa_required", Verdict.ENROL: "mfa_required"}


async def granted(request: Request, fields: dict[str, str]) -> TokenPair:
    """The tokens for what the request shows. Raises Refused, after all that must be remembered is committed."""
    grants: dict[str, _Grant] = {
        "password": _by_password,
        "refresh_token": _by_refresh_token,
        "authorization_code": _by_code,
        "client_credentials": _by_client,
    }
    grant = grants.get(needed(fields, "grant_type"))
    if grant is None:
        raise Refused("unsupported_grant_type", f"Use one of the grants {', '.join(grants)}.")
    asked = _Asked(request, fields)
    if grant is _by_password:
        async with passwords.turn():
            return await _kept(grant, asked)
    return await _kept(grant, asked)


class _Asked:
    """A request for tokens."""

    def __init__(self, request: Request, fields: dict[str, str]) -> None:
        self.request, self.fields, self.now = request, fields, clock.now()
        self.scopes = _scopes(fields)

    @property
    def address(self) -> str:
        return self.request.client.host if self.request.client else ""

    @property
    def user_agent(self) -> str:
        return self.request.headers.get("user-agent", "")

    def names_client(self) -> bool:
        return names_client(self.request, self.fields)

    async def client(self, session: AsyncSession) -> Client:
        return await client_of(session, self.request, self.fields, now=self.now)


_Grant = Callable[[AsyncSession, _Asked], Awaitable[TokenPair]]


async def _kept(grant: _Grant, asked: _Asked) -> TokenPair:
    """A refusal is committed too: a failed try is counted, a code that came twice has ended what it gave."""
    async with transaction() as session:
        try:
            return await grant(session, asked)
        except Refused as refused:
            refusal = refused
    raise refusal


async def _by_password(session: AsyncSession, asked: _Asked) -> TokenPair:
    login, password = needed(asked.fields, "username"), needed(asked.fields, "password")
    if not settings().password_grant:
        raise Refused("unsupported_grant_type", "The password grant is switched off here. Use an API key.")
    if asked.names_client():
        raise Refused("unauthorized_client", "Registered clients never take a person's password.")
    outcome = await users.authenticate(
        session, login=login, password=password, address=asked.address, now=asked.now
    )
    if outcome.user is None:
        error = "unsupported_grant_type" if outcome.off else "invalid_grant"
        status = 429 if outcome.retry_after else 400
        raise Refused(error, outcome.message, status=status, retry_after=outcome.retry_after)
    checked = await second_factor.check(
        session,
        user_id=outcome.user.id,
        code=asked.fields.get("otp", ""),
        now=asked.now,
        address=asked.address,
    )
    if not checked.passed:
        error = _ERRORS.get(checked.verdict, "invalid_grant")
        status = 429 if checked.retry_after else 400
        raise Refused(error, checked.message, status=status, retry_after=checked.retry_after)
    return await _issued(session, asked, outcome.user.id, grant="password", limits=asked.scopes)


async def _by_refresh_token(session: AsyncSession, asked: _Asked) -> TokenPair:
    token = needed(asked.fields, "refresh_token")
    client = await asked.client(session) if asked.names_client() else None
    try:
        pair = await tokens.refresh(
            session, token, now=asked.now, client=client.ref if client else None, scopes=asked.scopes
        )
    except scopes.ScopeTooWide as error:
        raise Refused("invalid_scope", error.message) from error
    if pair is None:
        raise Refused("invalid_grant", "The refresh token is wrong, too old or already used. Sign in again.")
    return pair


async def _by_code(session: AsyncSession, asked: _Asked) -> TokenPair:
    code, verifier = needed(asked.fields, "code"), needed(asked.fields, "code_verifier")
    redirect_uri = needed(asked.fields, "redirect_uri")
    client = await asked.client(session)
    pair = await codes.redeem(
        session,
        client,
        code,
        redirect_uri=redirect_uri,
        verifier=verifier,
        came=codes.From(asked.user_agent, asked.address),
        now=asked.now,
    )
    if pair is None:
        raise Refused(
            "invalid_grant", "The code is wrong, too old, already used, or was given for another request."
        )
    return pair


async def _by_client(session: AsyncSession, asked: _Asked) -> TokenPair:
    client = await asked.client(session)
    if not client.confidential:
        raise ClientInvalid("A public client cannot act for itself: it has no secret.")
    if client.user_id is None:
        raise Refused("unauthorized_client", "This client has no role of its own. It acts for people only.")
    try:
        limits = scopes.narrowed(asked.scopes, client.scopes)
    except scopes.ScopeTooWide as error:
        raise Refused("invalid_scope", error.message) from error
    return await _issued(
        session, asked, client.user_id, grant="client_credentials", limits=limits, client=client
    )


async def _issued(
    session: AsyncSession,
    asked: _Asked,
    user_id: int,
    *,
    grant: str,
    limits: Scopes | None,
    client: Client | None = None,
) -> TokenPair:
    try:
        pair = await tokens.issue(
            session,
            user_id=user_id,
            user_agent=asked.user_agent,
            address=asked.address,
            now=asked.now,
            client=client.ref if client else None,
            scopes=limits,
            refreshable=client is None,
        )
    except LookupError:
        raise Refused("invalid_grant", "This account is not active. Ask an admin.") from None
    if grant == "password":
        await known_devices.signed_in(
            session, user_id=user_id, user_agent=asked.user_agent, address=asked.address, now=asked.now
        )
    viewer = await tokens.resolve(session, pair.access_token, now=asked.now)
    after = {"grant": grant} if limits is None else {"grant": grant, "scopes": sorted(limits)}
    await audit.record(session, viewer, audit.Action.TOKEN_ISSUED, subject=("user", user_id), after=after)
    return pair


def _scopes(fields: dict[str, str]) -> Scopes | None:
    try:
        return scopes.parse(fields.get("scope", ""))
    except scopes.ScopeUnknown as error:
        raise Refused("invalid_scope", error.message) from error
