"""Connect a Cloud site by signing in with Atlassian: away with a state that is good once, back with a code.

The state belongs to the person and the browser session that began, for ten minutes. Secrets wait sealed, and are gone
as soon as the way has ended, however it ended.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from sprintreports.identity import audit, secret_tokens
from sprintreports.identity.audit.record import write
from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.jira import circuits, sites
from sprintreports.jira.client import Auth, Credentials, connect
from sprintreports.jira.oauth import grants, protocol
from sprintreports.jira.oauth.protocol import App, CloudSite, Tokens
from sprintreports.jira.oauth.scopes import missing
from sprintreports.jira.oauth.tables import DynamicWebhook, OAuthGrant, OAuthRequest
from sprintreports.jira.tables import Site
from sprintreports.kit import crypto
from sprintreports.kit.errors import FieldProblem, Forbidden, Invalid, NotFound, SprintReportsError
from sprintreports.observability import logs

LIFETIME = timedelta(minutes=10)
KEPT = timedelta(days=1)
CONSOLE = "https://developer.atlassian.com/console/myapps/"
_LONGEST = 500

log = logs.get("jira.oauth")


class Stage(StrEnum):
    """Asked: the person is at Atlassian. Choose: there are several sites. The other two are ends."""

    ASKED = "asked"
    CHOOSE = "choose"
    CONNECTED = "connected"
    FAILED = "failed"


class NotBegunHere(Forbidden):
    """This sign-in with Atlassian was not begun here: another person or another browser session began it, or nobody
    did. Nothing was connected. Begin it again from the page of your Jira site."""


class RequestNotFound(NotFound):
    """There is no such sign-in with Atlassian, or it is somebody else's. Begin it again."""


@dataclass(frozen=True, slots=True)
class Begun:
    """Where to send the browser."""

    request_id: int
    authorize_url: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Choice:
    cloud_id: str
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Pending:
    """How far a sign-in has come. `site_id`: the site that came of it."""

    request_id: int
    stage: Stage
    choices: tuple[Choice, ...]
    problem: str
    site_id: int | None
    back: str


@dataclass(frozen=True, slots=True)
class Grant:
    """How a site's sign-in stands. `problem`: why somebody has to sign in again."""

    client_id: str
    scopes: tuple[str, ...]
    problem: str
    granted_at: datetime
    refreshed_at: datetime
    expires_at: datetime


async def begin(
    session: AsyncSession,
    viewer: Viewer,
    *,
    client_id: str,
    client_secret: str,
    browser: str,
    site_id: int | None = None,
    name: str = "",
    back: str = "/sites",
    now: datetime,
) -> Begun:
    """Prepare a sign-in. `browser`: the session cookie's value; empty for a client that has none.

    With a `site_id` that site is connected anew; an empty secret means the stored one. Raises Invalid, SiteNotFound.
    """
    viewer.require(Permission.SETTINGS_WRITE)
    app = await _app(session, client_id.strip(), client_secret.strip(), site_id)
    state, verifier = secret_tokens.new_token(), secret_tokens.new_token()
    row = OAuthRequest(
        state_digest=secret_tokens.hash_token(state),
        user_id=viewer.user_id,
        browser=secret_tokens.hash_token(browser) if browser else b"",
        site_id=site_id,
        name=name.strip(),
        back=_local(back),
        client_id=app.client_id,
        created_at=now,
        expires_at=now + LIFETIME,
    )
    session.add(row)
    await session.flush()
    row.client_secret, row.verifier = _seal(row, app.client_secret), _seal(row, verifier)
    await session.flush()
    log.info("oauth_begun", request=row.id, site_id=site_id)
    url = protocol.authorize_url(app.client_id, state=state, verifier=verifier)
    return Begun(_id(row), url, row.expires_at)


async def come_back(
    session: AsyncSession, viewer: Viewer, *, browser: str, state: str, code: str, error: str, now: datetime
) -> Pending:
    """Take the browser in again. A state is good once: coming again changes nothing and shows how it ended.

    Raises NotBegunHere. What Atlassian refuses is told in the answer.
    """
    query = select(OAuthRequest).where(col(OAuthRequest.state_digest) == secret_tokens.hash_token(state))
    row = await session.scalar(query.with_for_update())
    if row is None or not _may_go_on(row, viewer, browser):
        log.warning("oauth_state_refused", known=row is not None)
        raise NotBegunHere
    viewer.require(Permission.SETTINGS_WRITE)
    if Stage(row.stage) is not Stage.ASKED:
        return _pending(row)
    if row.expires_at <= now:
        return _failed(row, "The sign-in took longer than ten minutes. Begin it again.")
    if error or not code:
        said = "You did not allow the access" if error == "access_denied" else "Atlassian did not allow it"
        return _failed(row, f"{said}, so nothing was connected. Begin again when you want to.")
    try:
        await _exchange(session, row, code, now)
    except SprintReportsError as refusal:
        return _failed(row, refusal.message)
    return _pending(row)


async def choose(
    session: AsyncSession, viewer: Viewer, request_id: int, *, cloud_id: str, now: datetime
) -> Pending:
    """Connect one of several sites. Raises RequestNotFound, Invalid."""
    viewer.require(Permission.SETTINGS_WRITE)
    row = await _own(session, viewer, request_id)
    if Stage(row.stage) is not Stage.CHOOSE:
        return _pending(row)
    if row.expires_at <= now or row.tokens is None:
        return _failed(row, "The choice took longer than ten minutes. Sign in with Atlassian again.")
    chosen = next((one for one in _choices(row) if one.cloud_id == cloud_id), None)
    if chosen is None:
        problem = FieldProblem("cloud_id", "Choose one of the sites that are listed.")
        raise Invalid("This site is not in the list.", details=(problem,))
    tokens = msgspec.json.decode(_unseal(row, row.tokens), type=Tokens)
    try:
        await _connect(session, row, CloudSite(chosen.cloud_id, chosen.url, chosen.name), tokens, now)
    except SprintReportsError as refusal:
        return _failed(row, refusal.message)
    return _pending(row)


async def pending(session: AsyncSession, viewer: Viewer, request_id: int) -> Pending:
    """How far one's own sign-in has come. Raises RequestNotFound."""
    viewer.require(Permission.SETTINGS_WRITE)
    return _pending(await _own(session, viewer, request_id))


async def grant(session: AsyncSession, viewer: Viewer, site_id: int) -> Grant | None:
    """How a site's sign-in stands; None for a site that is connected otherwise. Raises SiteNotFound."""
    viewer.require(Permission.SETTINGS_READ)
    await sites.load(session, site_id)
    row = await session.get(OAuthGrant, site_id, populate_existing=True)
    if row is None:
        return None
    scopes = tuple(row.scopes.split())
    return Grant(row.client_id, scopes, row.problem, row.granted_at, row.refreshed_at, row.expires_at)


async def purge(session: AsyncSession, *, now: datetime) -> None:
    """Forget sign-ins that are over."""
    await session.execute(delete(OAuthRequest).where(col(OAuthRequest.expires_at) < now - KEPT))


async def _app(session: AsyncSession, client_id: str, client_secret: str, site_id: int | None) -> App:
    known: App | None = None
    if site_id is not None:
        await sites.load(session, site_id)
        known = await grants.app_of(session, site_id)
    problems: list[FieldProblem] = []
    app = App(client_id or (known.client_id if known else ""), client_secret)
    if not client_secret and known is not None and known.client_id == app.client_id:
        app = known
    if not app.client_id or not app.client_id.isprintable():
        problems.append(FieldProblem("client_id", "Enter the client ID of your app."))
    if not app.client_secret or not app.client_secret.isprintable():
        problems.append(FieldProblem("client_secret", "Enter the secret of your app."))
    if problems:
        raise Invalid("The app is not complete.", details=tuple(problems))
    return app


def _may_go_on(row: OAuthRequest, viewer: Viewer, browser: str) -> bool:
    own = row.user_id == viewer.user_id
    return own and (not row.browser or row.browser == secret_tokens.hash_token(browser))


async def _exchange(session: AsyncSession, row: OAuthRequest, code: str, now: datetime) -> None:
    app = App(row.client_id, _unseal(row, row.client_secret).decode())
    tokens = await protocol.exchange(app, code, verifier=_unseal(row, row.verifier).decode(), now=now)
    lacking = missing(tokens.scopes)
    if lacking:
        raise Invalid(
            f"The app may not read all that is needed: {', '.join(lacking)} is missing. Add it on the Permissions page of "
            "your app in Atlassian's developer console, then sign in again."
        )
    found = await protocol.cloud_sites(tokens.access_token)
    if row.site_id is not None:
        site = await sites.load(session, row.site_id)
        found = [one for one in found if one.url.rstrip("/") == site.base_url]
        if not found:
            raise Invalid(
                f"You signed in, but not to {site.base_url}. Choose that site on Atlassian's page, or sign in with an "
                "account that may use it."
            )
    if not found:
        raise Invalid("This account has no Jira site that it may use. Sign in with another one.")
    if len(found) > 1:
        row.tokens = _seal(row, msgspec.json.encode(tokens).decode())
        row.choices = [{"cloud_id": one.id, "name": one.name, "url": one.url} for one in found]
        row.stage, row.expires_at, row.verifier = Stage.CHOOSE.value, now + LIFETIME, None
        return
    await _connect(session, row, found[0], tokens, now)


async def _connect(
    session: AsyncSession, row: OAuthRequest, found: CloudSite, tokens: Tokens, now: datetime
) -> None:
    """Try it, then keep it. Links go to the site's own address; requests go to Atlassian's gateway."""
    base_url = found.url.rstrip("/")
    client = await connect(grants.gateway(found.id), Credentials(Auth.BEARER, "", tokens.access_token))
    try:
        person = await client.myself()
    finally:
        await client.aclose()
    if row.site_id is None:
        await sites.refuse_second(session, base_url)
        site = Site(
            name=row.name or found.name or base_url.split("://", 1)[-1],
            base_url=base_url,
            mapping={},
            settings={},
            circuit={},
        )
    else:
        site = await sites.load(session, row.site_id)
    site.dialect, site.auth, site.secret = client.dialect, Auth.OAUTH, None
    site.account, site.time_zone = person.display_name, person.time_zone or "UTC"
    site.status, site.status_message, site.updated_at = "connected", "", now
    circuits.note(site, None, now=now)
    session.add(site)
    await session.flush()
    if site.id is None:
        raise sites.SiteNotFound
    app = App(row.client_id, _unseal(row, row.client_secret).decode())
    await grants.store(session, site.id, app, tokens, cloud_id=found.id, now=now)
    hook = await session.get(DynamicWebhook, site.id) or DynamicWebhook(site_id=site.id)
    hook.checked_at, hook.not_before, hook.tries, hook.problem = None, None, 0, ""
    session.add(hook)
    _end(row, Stage.CONNECTED)
    row.connected_site_id = site.id
    await session.flush()
    await write(
        session, audit.Action.SITE_CONNECTED, audit.Outcome.DONE, actor_id=row.user_id, subject=("site", site.id),
        before=None, after={"name": site.name, "base_url": base_url, "auth": "oauth"}, address=audit.address(), now=now,
    )  # fmt: skip
    log.info("oauth_connected", site_id=site.id, base_url=base_url)


async def _own(session: AsyncSession, viewer: Viewer, request_id: int) -> OAuthRequest:
    row = await session.get(OAuthRequest, request_id, with_for_update=True, populate_existing=True)
    if row is None or row.user_id != viewer.user_id:
        raise RequestNotFound
    return row


def _failed(row: OAuthRequest, sentence: str) -> Pending:
    log.warning("oauth_failed", request=row.id, site_id=row.site_id, error=sentence)
    _end(row, Stage.FAILED)
    row.problem = sentence
    return _pending(row)


def _end(row: OAuthRequest, stage: Stage) -> None:
    row.stage, row.choices = stage.value, []
    row.client_secret = row.verifier = row.tokens = None


def _choices(row: OAuthRequest) -> tuple[Choice, ...]:
    def text(one: dict[str, Any], name: str) -> str:
        return str(one.get(name, ""))

    return tuple(Choice(text(one, "cloud_id"), text(one, "name"), text(one, "url")) for one in row.choices)


def _pending(row: OAuthRequest) -> Pending:
    return Pending(_id(row), Stage(row.stage), _choices(row), row.problem, row.connected_site_id, row.back)


def _local(target: str) -> str:
    """A page of ours to come back to, and nothing else."""
    parts = urlsplit(target)
    fine = target.startswith("/") and not target.startswith("//") and "\\" not in target
    if not fine or parts.netloc or not target.isprintable() or len(target) > _LONGEST:
        return "/sites"
    return "/sites" if parts.path.startswith(("/api/", "/session")) else target


def _seal(row: OAuthRequest, secret: str) -> bytes:
    return crypto.seal(secret.encode(), context=f"oauth-request:{row.id}")


def _unseal(row: OAuthRequest, sealed: bytes | None) -> bytes:
    if sealed is None:
        raise Invalid("This sign-in has ended. Begin it again.")
    return crypto.unseal(sealed, context=f"oauth-request:{row.id}")


def _id(row: OAuthRequest) -> int:
    if row.id is None:
        raise RequestNotFound
    return row.id
