"""Read a site by its grant: access tokens are renewed before they end, by one process at a time.

A refresh token is good for one use: what Atlassian gives in return has to be kept whatever becomes of the work that it
was asked for. That is why a renewal is a transaction of its own, under a lock of the grant's row; nobody may ask Jira
while holding that lock. Should we die in between, Atlassian takes the old token for ten more minutes.
"""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

import httpx
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from sprintreports.jira.client import ATTEMPTS, Auth, Credentials, JiraClient, connect
from sprintreports.jira.errors import JiraForbidden
from sprintreports.jira.oauth import protocol
from sprintreports.jira.oauth.errors import ReconnectNeeded
from sprintreports.jira.oauth.protocol import App, Tokens
from sprintreports.jira.oauth.tables import DynamicWebhook, OAuthGrant
from sprintreports.kit import clock, crypto, db, http
from sprintreports.observability import logs
from sprintreports.settings import settings

UnitOfWork = Callable[[], AbstractAsyncContextManager[AsyncSession]]

RENEW_BEFORE = timedelta(minutes=5)
# The transport signs each request with the token of the moment.
NOT_SIGNED_IN = Credentials(Auth.BEARER, "", "")
_UNAUTHORIZED = 401

log = logs.get("jira.oauth")


@dataclass(frozen=True, slots=True)
class _Access:
    token: str
    expires_at: datetime


def gateway(cloud_id: str) -> str:
    """Where Atlassian answers for a site to apps; links for people use the site's own address."""
    return f"{settings().atlassian_api_url.rstrip('/')}/ex/jira/{quote(cloud_id, safe='')}"


async def store(
    session: AsyncSession, site_id: int, app: App, tokens: Tokens, *, cloud_id: str, now: datetime
) -> None:
    """Keep a grant in place of the one before, if there was one."""
    query = select(OAuthGrant).where(col(OAuthGrant.site_id) == site_id).with_for_update()
    row = await session.scalar(query) or OAuthGrant(
        site_id=site_id, cloud_id=cloud_id, client_id=app.client_id, client_secret=b"", access_token=b"",
        refresh_token=b"", expires_at=now,
    )  # fmt: skip
    row.cloud_id, row.client_id, row.granted_at = cloud_id, app.client_id, now
    row.client_secret = seal(site_id, app.client_secret)
    _keep(row, tokens, now)
    session.add(row)
    await session.flush()


async def forget(session: AsyncSession, site_id: int) -> None:
    """The tokens go at once. Atlassian lets people take the access back on their own account page too."""
    await session.execute(delete(OAuthGrant).where(col(OAuthGrant.site_id) == site_id))


async def release(session: AsyncSession, site_id: int) -> None:
    """The site needs its grant no longer. It stays until the webhook that it registered is taken back, which a job does."""
    hook = await session.scalar(
        select(DynamicWebhook).where(col(DynamicWebhook.site_id) == site_id).with_for_update()
    )
    if hook is not None and hook.hook_id is not None:
        hook.wanted, hook.not_before, hook.tries = False, None, 0
        return
    await session.execute(delete(DynamicWebhook).where(col(DynamicWebhook.site_id) == site_id))
    await forget(session, site_id)


async def open_granted(
    site_id: int, *, attempts: int = ATTEMPTS, unit: UnitOfWork = db.transaction
) -> JiraClient:
    """A client that signs in by the site's grant. Raises a JiraError, above all ReconnectNeeded."""
    async with unit() as session:
        row = await _row(session, site_id)
    signed = GrantTransport(site_id, unit=unit)
    return await connect(gateway(row.cloud_id), NOT_SIGNED_IN, transport=signed, attempts=attempts)


async def app_of(session: AsyncSession, site_id: int) -> App | None:
    """The app that the site is connected by."""
    row = await session.get(OAuthGrant, site_id)
    return App(row.client_id, unseal(site_id, row.client_secret)) if row else None


def seal(site_id: int, secret: str) -> bytes:
    return crypto.seal(secret.encode(), context=f"oauth:{site_id}")


def unseal(site_id: int, sealed: bytes) -> str:
    return crypto.unseal(sealed, context=f"oauth:{site_id}").decode()


class GrantTransport(httpx.AsyncBaseTransport):
    """Signs each request with an access token that holds, and renews it once when it turns out not to."""

    def __init__(
        self,
        site_id: int,
        *,
        unit: UnitOfWork = db.transaction,
        inner: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        most = settings().jira_concurrency
        self._inner = inner or http.transport(connections=most)
        self._site_id = site_id
        self._unit = unit
        self._turn = asyncio.Lock()
        self._access: _Access | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        access = await self._current(stale=None)
        response = await self._signed(request, access)
        if response.status_code != _UNAUTHORIZED:
            return response
        await _refuse_scope(request, response)
        access = await self._current(stale=access.token)
        response = await self._signed(request, access)
        if response.status_code == _UNAUTHORIZED:
            await _refuse_scope(request, response)
            raise ReconnectNeeded
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def _signed(self, request: httpx.Request, access: _Access) -> httpx.Response:
        request.headers["Authorization"] = f"Bearer {access.token}"
        return await self._inner.handle_async_request(request)

    async def _current(self, *, stale: str | None) -> _Access:
        async with self._turn:
            if not _holds(self._access, stale):
                self._access = await _access(self._unit, self._site_id, stale=stale)
            assert self._access is not None  # noqa: S101  # for the type checker: just set
            return self._access


async def _refuse_scope(request: httpx.Request, response: httpx.Response) -> None:
    """Atlassian says 401 as well where a scope is missing: no new token would help. Raises JiraForbidden."""
    await response.aread()
    await response.aclose()
    if "scope" in response.text.lower():
        path = request.url.path.partition("/rest/")[2]
        raise JiraForbidden(
            f"Atlassian lets this connection in, but not to /rest/{path}: a permission is missing. Add the scopes that the "
            "site's Connection page lists in Atlassian's developer console and sign in again, or connect by API token."
        )


async def _access(unit: UnitOfWork, site_id: int, *, stale: str | None) -> _Access:
    """A token that holds: the stored one, or a new one if nobody else has just renewed it. Raises ReconnectNeeded."""
    async with unit() as session:
        found = _opened(await _row(session, site_id))
    if _holds(found, stale):
        return found
    refused: ReconnectNeeded | None = None
    async with unit() as session:
        row = await _row(session, site_id, lock=True)
        found = _opened(row)
        if _holds(found, stale):
            return found
        now = clock.now()
        app = App(row.client_id, unseal(site_id, row.client_secret))
        try:
            tokens = await protocol.refresh(
                app, unseal(site_id, row.refresh_token), scopes=row.scopes, now=now
            )
        except ReconnectNeeded as error:
            # Noted and committed; then told.
            row.problem, refused = error.message, error
            log.warning("oauth_grant_over", site_id=site_id)
        else:
            _keep(row, tokens, now)
            found = _Access(tokens.access_token, tokens.expires_at)
            log.info("oauth_renewed", site_id=site_id, expires_at=tokens.expires_at.isoformat())
    if refused is not None:
        raise refused
    return found


async def _row(session: AsyncSession, site_id: int, *, lock: bool = False) -> OAuthGrant:
    query = select(OAuthGrant).where(col(OAuthGrant.site_id) == site_id)
    row = await session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise ReconnectNeeded
    if row.problem:
        raise ReconnectNeeded(row.problem)
    return row


def _opened(row: OAuthGrant) -> _Access:
    return _Access(unseal(row.site_id, row.access_token), row.expires_at)


def _holds(access: _Access | None, stale: str | None) -> bool:
    return access is not None and access.token != stale and access.expires_at - RENEW_BEFORE > clock.now()


def _keep(row: OAuthGrant, tokens: Tokens, now: datetime) -> None:
    row.access_token = seal(row.site_id, tokens.access_token)
    row.refresh_token = seal(row.site_id, tokens.refresh_token)
    row.expires_at, row.refreshed_at, row.scopes, row.problem = tokens.expires_at, now, tokens.scopes, ""
