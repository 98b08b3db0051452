"""Webhooks that we register ourselves, which Cloud allows to connections by OAuth 2.0: kept, renewed, taken back.

A job makes what Jira has equal to what is wanted, however often it runs: one webhook at this site's address, for the
projects that the chosen boards show, never nearer to its end than ten days. Such a webhook tells of issues alone: sprints
and boards come with the syncs. Where it cannot be had, the syncs bring everything, later.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from psycopg import AsyncConnection
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from sprintreports.identity import audit
from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.jira import oauth, sites, sync
from sprintreports.jira.client import Auth
from sprintreports.jira.errors import JiraError, JiraForbidden, JiraNotFound, JiraRefused
from sprintreports.jira.oauth.grants import UnitOfWork
from sprintreports.jira.oauth.tables import DynamicWebhook, OAuthGrant
from sprintreports.jira.sync.errors import NoBoardChosen, SitePaused
from sprintreports.jira.tables import Site
from sprintreports.jira.webhooks.registry import EVENTS, Hook, Registry
from sprintreports.jira.webhooks.setup import PATH, address
from sprintreports.kit import db, queue
from sprintreports.kit.errors import Conflict
from sprintreports.observability import logs
from sprintreports.settings import settings

DYNAMIC_JOB = "jira.dynamic_webhooks"
RENEW_BEFORE = timedelta(days=10)
MOST_TRIES = 6  # to take a webhook back: after that it ends by itself, within 30 days
_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(hours=6)
_FAILURES_KEPT = timedelta(hours=72)

Clock = Callable[[], datetime]

_DUE = """
    SELECT w.site_id FROM dynamic_webhook w JOIN site s ON s.id = w.site_id LEFT JOIN oauth_grant g ON g.site_id = s.id
    WHERE (w.not_before IS NULL OR w.not_before <= :now) AND (
        s.deleted_at IS NOT NULL OR s.auth <> 'oauth'
        OR (NOT w.wanted AND w.hook_id IS NOT NULL AND g.problem = '')
        OR (w.wanted AND g.problem = '' AND s.paused_at IS NULL AND s.last_synced_at IS NOT NULL
            AND (w.checked_at IS NULL OR w.checked_at < s.last_synced_at OR w.expires_at < :soon))
    )
    ORDER BY w.site_id
"""
_PROJECTS = """
    SELECT i.project_key FROM issue i WHERE i.site_id = %(site)s AND i.deleted_at IS NULL AND EXISTS (
        SELECT 1 FROM board_issue x JOIN board b ON b.site_id = x.site_id AND b.jira_board_id = x.jira_board_id
        WHERE x.site_id = i.site_id AND x.jira_issue_id = i.jira_issue_id AND x.seen_to IS NULL
        AND b.selected AND b.deleted_at IS NULL)
    UNION SELECT project_key FROM board
    WHERE site_id = %(site)s AND selected AND deleted_at IS NULL AND project_key IS NOT NULL
    ORDER BY 1
"""

log = logs.get("jira.webhooks")


class NotByOAuth(Conflict):
    """Only a Jira Cloud site that is connected by “Sign in with Atlassian” lets us register webhooks. For any other one,
    a Jira admin enters the webhook: the values are on the site's page."""


@dataclass(frozen=True, slots=True)
class Registration:
    """How the webhook that we register stands. `problem`: why there is none, and what brings the changes instead."""

    wanted: bool
    registered: bool
    projects: tuple[str, ...]
    expires_at: datetime | None
    checked_at: datetime | None
    problem: str
    url: str


@dataclass(slots=True)
class _Plan:
    site: Site
    cloud_id: str
    wanted: bool
    hook_id: int | None
    url: str
    jql: str
    failures_after: datetime
    renew_before: datetime
    outcome: dict[str, Any] = field(default_factory=dict[str, Any])


async def shown(session: AsyncSession, viewer: Viewer, site_id: int) -> Registration | None:
    """None for a site that is connected otherwise. Raises SiteNotFound."""
    viewer.require(Permission.SETTINGS_READ)
    site = await sites.load(session, site_id)
    row = await session.get(DynamicWebhook, site_id, populate_existing=True)
    if row is None or site.auth != Auth.OAUTH:
        return None
    projects = tuple(part.strip('" ') for part in row.jql.partition("(")[2].rstrip(")").split(",") if part)
    known = row.hook_id is not None
    return Registration(
        row.wanted, known, projects if known else (), row.expires_at, row.checked_at, row.problem, address(site_id)
    )  # fmt: skip


async def want(session: AsyncSession, viewer: Viewer, site_id: int, *, wanted: bool) -> None:
    """Switch it on or off; a job does the rest. Raises SiteNotFound, NotByOAuth."""
    viewer.require(Permission.SETTINGS_WRITE)
    site = await sites.load(session, site_id)
    row = await session.get(DynamicWebhook, site_id, with_for_update=True)
    if row is None or site.auth != Auth.OAUTH:
        raise NotByOAuth
    await audit.record_change(
        session, viewer, audit.Action.WEBHOOK_CHANGED, subject=("site", site_id),
        before={"registered": row.wanted}, after={"registered": wanted},
    )  # fmt: skip
    row.wanted, row.checked_at, row.not_before, row.tries, row.problem = wanted, None, None, 0, ""
    await enqueue(session, site_id)


async def due(session: AsyncSession, *, now: datetime) -> Sequence[int]:
    """The sites whose webhook may not be as it should; each gets a job."""
    found = (await session.execute(text(_DUE), {"now": now, "soon": now + RENEW_BEFORE})).scalars().all()
    for site_id in found:
        await enqueue(session, site_id)
    return found


async def enqueue(session: AsyncSession, site_id: int) -> None:
    """Have it looked at; one waiting job is enough, and no two at once."""
    waiting = f"{DYNAMIC_JOB}:{site_id}"
    await queue.defer(session, DYNAMIC_JOB, {"site_id": site_id}, lock=waiting, queueing_lock=waiting)


async def settle(unit: UnitOfWork, site_id: int, *, now: Clock) -> None:
    """Make Jira's webhook what it should be. Whatever fails is noted on the site and tried again later."""
    async with unit() as session:
        plan = await _plan(session, site_id, now())
    if plan is None:
        return
    leaving = plan.site.deleted_at is not None or plan.site.auth != Auth.OAUTH
    try:
        await _work(plan, wanted=plan.wanted and not leaving)
    except JiraError as error:
        async with unit() as session:
            await _note(session, plan, error, leaving=leaving, now=now())
        return
    async with unit() as session:
        row = await _locked(session, site_id)
        if row is None:
            return
        if leaving:
            await session.delete(row)
            await oauth.forget(session, site_id)
            return
        lost = plan.outcome.pop("lost", 0)
        for name, value in plan.outcome.items():
            setattr(row, name, value)
        row.checked_at, row.not_before, row.tries, row.problem = now(), None, 0, ""
        if lost:
            await _catch_up(session, site_id, lost)


async def _plan(session: AsyncSession, site_id: int, now: datetime) -> _Plan | None:
    site = await session.scalar(select(Site).where(col(Site.id) == site_id))
    row = await _locked(session, site_id)
    grant = await session.get(OAuthGrant, site_id)
    if site is None or row is None:
        return None
    if grant is None:
        await session.delete(row)
        return None
    names = await _projects(await db.raw(session), site_id)
    jql = f"project in ({', '.join(_quoted(name) for name in names)})" if names else ""
    after = max(row.failures_read_until or row.checked_at or now, now - _FAILURES_KEPT)
    return _Plan(
        site, grant.cloud_id, row.wanted, row.hook_id, address(site_id), jql, after, now + RENEW_BEFORE
    )


async def _projects(connection: AsyncConnection[Any], site_id: int) -> list[str]:
    cursor = await connection.execute(_PROJECTS, {"site": site_id})
    return [name for (name,) in await cursor.fetchall()]


async def _work(plan: _Plan, *, wanted: bool) -> None:
    site_id = plan.site.id or 0
    registry = Registry(oauth.gateway(plan.cloud_id), oauth.GrantTransport(site_id))
    try:
        found = await registry.listing()
        ours = [hook for hook in found if hook.id == plan.hook_id or _leads_here(hook)]
        if not wanted or not plan.jql:
            await registry.delete([hook.id for hook in ours])
            plan.outcome = {"hook_id": None, "jql": "", "expires_at": None}
            return
        kept = next((hook for hook in ours if _is_right(hook, plan)), None)
        others = [hook.id for hook in ours if kept is None or hook.id != kept.id]
        if kept is None and any(hook.url != plan.url for hook in ours):
            # One address is all that Jira takes of an app: the old one has to go first.
            await registry.delete(others)
            others = []
        # The new one first, so that nothing is missed in between.
        hook_id = kept.id if kept else await registry.register(url=plan.url, jql=plan.jql)
        await registry.delete(others)
        expires = kept.expires_at if kept else None
        if expires is None or expires < plan.renew_before:
            expires = await registry.refresh(hook_id)
        plan.outcome = {"hook_id": hook_id, "jql": plan.jql, "url": plan.url, "expires_at": expires}
        if plan.hook_id is not None:
            await _read_failures(registry, plan)
        log.info("dynamic_webhook_kept", site_id=site_id, fresh=kept is None)
    finally:
        await registry.aclose()


async def _read_failures(registry: Registry, plan: _Plan) -> None:
    """Whether deliveries were lost. Atlassian's specification leaves it open whether OAuth apps may ask."""
    try:
        failures = await registry.failures(after=plan.failures_after)
    except (JiraForbidden, JiraRefused, JiraNotFound) as error:
        log.info("dynamic_webhook_failures_unknown", site_id=plan.site.id, reason=error.message)
        return
    lost = [one for one in failures if one.url.rstrip("/") == plan.url]
    if failures:
        newest = max(one.time for one in failures)
        zone = plan.failures_after.tzinfo
        plan.outcome["failures_read_until"] = datetime.fromtimestamp(newest / 1000, zone)
    plan.outcome["lost"] = len(lost)


async def _catch_up(session: AsyncSession, site_id: int, lost: int) -> None:
    log.warning("dynamic_webhooks_lost", site_id=site_id, deliveries=lost)
    try:
        await sync.request(session, Viewer.system(), site_id)
    except (NoBoardChosen, SitePaused) as error:
        log.info("dynamic_webhooks_not_caught_up", site_id=site_id, reason=error.message)


async def _note(
    session: AsyncSession, plan: _Plan, error: JiraError, *, leaving: bool, now: datetime
) -> None:
    row = await _locked(session, plan.site.id or 0)
    if row is None:
        return
    row.tries += 1
    row.not_before = now + min(_FIRST_WAIT * 2 ** (row.tries - 1), _LONGEST_WAIT)
    log.warning("dynamic_webhook_failed", site_id=row.site_id, tries=row.tries, error=error.message)
    over = isinstance(error, oauth.ReconnectNeeded)
    if leaving and (over or row.tries >= MOST_TRIES):
        await session.delete(row)
        await oauth.forget(session, row.site_id)
        return
    row.problem = f"{error.message} Until then, changes arrive with the syncs instead."
    if over and not leaving:
        site = await session.get(Site, row.site_id, with_for_update=True, populate_existing=True)
        if site is not None:
            site.status, site.status_message = "problem", error.message


async def _locked(session: AsyncSession, site_id: int) -> DynamicWebhook | None:
    return await session.get(DynamicWebhook, site_id, with_for_update=True, populate_existing=True)


def _is_right(hook: Hook, plan: _Plan) -> bool:
    return hook.url == plan.url and hook.jql == plan.jql and set(hook.events) == set(EVENTS)


def _leads_here(hook: Hook) -> bool:
    """Ours, or left over from a site that is gone: in one Jira, one site of ours is all there is."""
    return hook.url.startswith(f"{settings().public_url.rstrip('/')}{PATH}/")


def _quoted(key: str) -> str:
    escaped = key.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
