"""The Jiras that we are connected to: create, test, change, forget. Secrets are sealed and never come out again."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from sprintreports.identity import audit
from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.jira import circuits
from sprintreports.jira.client import ATTEMPTS, Auth, Credentials, JiraClient, connect, normalise_url
from sprintreports.jira.diagnosis import Diagnosis, diagnose, probe, refused
from sprintreports.jira.errors import JiraError
from sprintreports.jira.oauth import open_granted, release
from sprintreports.jira.tables import Site, SyncRun
from sprintreports.kit import crypto
from sprintreports.kit.errors import Conflict, FieldProblem, Invalid, NotFound
from sprintreports.observability import logs

log = logs.get("jira.sites")


class SiteNotFound(NotFound):
    """There is no such site. It may have been removed: load the list of sites again."""


class SiteExists(Conflict):
    """This Jira is connected already. Open it in the list of sites and change it there."""


@dataclass(frozen=True, slots=True)
class Connection:
    """How to reach a Jira, as somebody entered it."""

    base_url: str
    auth: Auth
    account: str = ""
    secret: str = field(default="", repr=False)

    def checked(self) -> "Connection":
        """The same with its address normalised. Raises Invalid for what cannot work."""
        problems: list[FieldProblem] = []
        if self.auth is Auth.OAUTH:
            problems.append(
                FieldProblem("auth", "Begin the sign-in with Atlassian instead: it has no token to enter.")
            )
        elif not self.secret:
            problems.append(FieldProblem("secret", "Enter the API token, access token or password."))
        if self.auth is Auth.BASIC and not self.account.strip():
            problems.append(FieldProblem("account", "Enter the account: an e-mail address on Cloud."))
        if not (self.account + self.secret).isprintable():
            problems.append(
                FieldProblem("secret", "The token holds characters that no token has. Paste it again.")
            )
        if problems:
            raise Invalid("The connection is not complete.", details=tuple(problems))
        return Connection(normalise_url(self.base_url), self.auth, self.account.strip(), self.secret.strip())

    @property
    def credentials(self) -> Credentials:
        return Credentials(self.auth, self.account, self.secret)


async def test_connection(viewer: Viewer, connection: Connection) -> Diagnosis:
    """Diagnose a connection before it is stored. Raises Invalid; what Jira says is in the diagnosis."""
    viewer.require(Permission.SETTINGS_WRITE)
    checked = connection.checked()
    return await probe(checked.base_url, checked.credentials)


async def create(session: AsyncSession, viewer: Viewer, connection: Connection, *, name: str = "") -> int:
    """Connect a Jira and return the site's id. Raises a JiraError when it cannot be reached or does not let us in."""
    viewer.require(Permission.SETTINGS_WRITE)
    checked = connection.checked()
    await refuse_second(session, checked.base_url)
    client = await connect(checked.base_url, checked.credentials)
    try:
        person = await client.myself()
    finally:
        await client.aclose()
    site = Site(
        name=name.strip() or client.server.server_title or checked.base_url.split("://", 1)[1],
        base_url=checked.base_url,
        dialect=client.dialect,
        auth=checked.auth,
        account=checked.account,
        time_zone=person.time_zone or "UTC",
        status="connected",
        mapping={},
        settings={},
        circuit={},
    )
    session.add(site)
    await session.flush()
    site.secret = seal_secret(_id(site), checked.secret)
    await session.flush()
    await audit.record(
        session, viewer, audit.Action.SITE_CONNECTED, subject=("site", site.id), after=_told(site)
    )
    log.info("site_created", site_id=site.id, base_url=site.base_url, dialect=site.dialect)
    return _id(site)


async def change(
    session: AsyncSession,
    viewer: Viewer,
    site_id: int,
    *,
    name: str | None = None,
    connection: Connection | None = None,
    now: datetime,
) -> None:
    """Rename a site, or connect it anew (an empty secret keeps the stored one). Raises as `create` does."""
    viewer.require(Permission.SETTINGS_WRITE)
    site = await load(session, site_id)
    before = _told(site)
    if name is not None:
        if not name.strip():
            raise Invalid("A site needs a name.", details=(FieldProblem("name", "Enter a name."),))
        site.name = name.strip()
    if connection is not None:
        await _reconnect(session, site, connection)
    site.updated_at = now
    await session.flush()
    after = _told(site) | ({"credentials": "entered again"} if connection and connection.secret else {})
    subject = ("site", site_id)
    await audit.record_change(
        session, viewer, audit.Action.SITE_CHANGED, subject=subject, before=before, after=after
    )


def _told(site: Site) -> dict[str, Any]:
    """What of a site the audit log tells: no secret, and no account, which is a person's."""
    return {
        "name": site.name,
        "base_url": site.base_url,
        "auth": str(site.auth),
        "dialect": str(site.dialect),
    }


async def _reconnect(session: AsyncSession, site: Site, connection: Connection) -> None:
    kept = connection.secret or unseal_secret(site)
    checked = Connection(connection.base_url, connection.auth, connection.account, kept).checked()
    if checked.base_url != site.base_url:
        await refuse_second(session, checked.base_url)
        if not connection.secret:
            # A stored secret goes to the address that it was entered for and nowhere else.
            problem = FieldProblem("secret", "Enter the token again: the address has changed.")
            raise Invalid("The connection is not complete.", details=(problem,))
    client = await connect(checked.base_url, checked.credentials)
    try:
        person = await client.myself()
    finally:
        await client.aclose()
    site.base_url, site.auth, site.account = checked.base_url, checked.auth, checked.account
    site.dialect, site.time_zone = client.dialect, person.time_zone or "UTC"
    site.secret = seal_secret(_id(site), checked.secret)
    site.status, site.status_message = "connected", ""
    await release(session, _id(site))
    circuits.note(site, None, now=site.updated_at)


async def delete(session: AsyncSession, viewer: Viewer, site_id: int, *, now: datetime) -> None:
    """Forget a site: its secret goes at once, its numbers stay readable for reports that rest on them."""
    viewer.require(Permission.SETTINGS_WRITE)
    site = await load(session, site_id)
    site.deleted_at, site.secret, site.updated_at = now, None, now
    await release(session, site_id)
    await session.execute(
        update(SyncRun)
        .where(col(SyncRun.site_id) == site_id, col(SyncRun.state).in_(("queued", "running")))
        .values(cancel_requested=True, updated_at=now)
    )
    await audit.record(
        session, viewer, audit.Action.SITE_DELETED, subject=("site", site_id), before=_told(site)
    )
    log.info("site_deleted", site_id=site_id)


async def test(session: AsyncSession, viewer: Viewer, site_id: int, *, now: datetime) -> Diagnosis:
    """Diagnose a stored site and keep its outcome as the site's status."""
    viewer.require(Permission.SETTINGS_WRITE)
    site = await load(session, site_id)
    if site.auth == Auth.OAUTH:
        try:
            client = await open_client(site)
        except JiraError as error:
            diagnosis = refused(error)
        else:
            try:
                diagnosis = await diagnose(client, auth=Auth.OAUTH, known_zone=site.time_zone)
            finally:
                await client.aclose()
    else:
        diagnosis = await probe(site.base_url, credentials_of(site), known_zone=site.time_zone)
    site.status = "connected" if diagnosis.ok else "problem"
    site.status_message = "" if diagnosis.ok else diagnosis.summary
    if diagnosis.ok:
        circuits.note(site, None, now=now)
    site.updated_at = now
    return diagnosis


async def load(session: AsyncSession, site_id: int) -> Site:
    """The site's row. Raises SiteNotFound."""
    found = await session.scalar(select(Site).where(col(Site.id) == site_id, col(Site.deleted_at).is_(None)))
    if found is None:
        raise SiteNotFound
    return found


async def open_client(site: Site, *, attempts: int = ATTEMPTS) -> JiraClient:
    """A client with the site's own credentials. Raises a JiraError; close it with `aclose`."""
    if site.auth == Auth.OAUTH:
        return await open_granted(_id(site), attempts=attempts)
    return await connect(site.base_url, credentials_of(site), attempts=attempts)


def credentials_of(site: Site) -> Credentials:
    return Credentials(Auth(site.auth), site.account, unseal_secret(site))


def seal_secret(site_id: int, secret: str) -> bytes:
    return crypto.seal(secret.encode(), context=f"site:{site_id}")


def unseal_secret(site: Site) -> str:
    if site.secret is None:
        problem = FieldProblem("secret", "Enter the token of this site again.")
        raise Invalid(f"The site “{site.name}” has no stored token.", details=(problem,))
    return crypto.unseal(site.secret, context=f"site:{site.id}").decode()


async def refuse_second(session: AsyncSession, base_url: str) -> None:
    """Raises SiteExists."""
    query = select(col(Site.id)).where(col(Site.base_url) == base_url, col(Site.deleted_at).is_(None))
    if await session.scalar(query) is not None:
        raise SiteExists


def _id(site: Site) -> int:
    if site.id is None:
        raise SiteNotFound
    return site.id
