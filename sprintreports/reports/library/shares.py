"""Links that show a report to whoever has them, without an account: read-only, for a time, with a password where wanted.

A link shows what its maker may see at that moment, and nothing once that person is deactivated, has lost the right or has changed
the password, or the report is gone. It is known by a hash of 256 random bits and is shown once. What is expired, revoked or never
was looks the same from outside.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import audit, passwords, throttle, viewers
from sprintreports.identity.clients.registry import by_self
from sprintreports.identity.permissions import Permission
from sprintreports.identity.secret_tokens import hash_token, new_token
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import limits
from sprintreports.kit.errors import (
    FieldProblem,
    Forbidden,
    Invalid,
    NotFound,
    TooManyRequests,
    Unauthenticated,
)
from sprintreports.kit.paging import Page, Sort, order_by
from sprintreports.reports.document.blocks import Document
from sprintreports.reports.library import documents, reports
from sprintreports.reports.library.sizes import LONGEST_LINK_NAME
from sprintreports.settings import settings

PATH, PREFIX = "/shared", "srl_"
DEFAULT_DAYS, MOST_DAYS = 30, 366
SHORTEST_PASSWORD, LONGEST_PASSWORD = 8, 256
MOST_LINKS = 20  # of one person for one report
PER_MINUTE = 60  # of one link, from wherever it is opened
PER_ADDRESS = 60  # of one address, whatever it asks for
_FORM = re.compile(r"srl_[A-Za-z0-9_-]{43}")
# Whoever opens a link reads: what its maker could do besides does not come with it.
_READING = frozenset(
    {Permission.REPORTS_READ, Permission.SPRINTS_READ, Permission.CAPACITY_READ, Permission.QUEUES_READ}
)

_HOLDS = """
l.revoked_at IS NULL AND l.expires_at > :now AND l.credentials_version = u.credentials_version
AND u.is_active AND u.deleted_at IS NULL
"""
_FROM = "share_link l JOIN user_account u ON u.id = l.user_id"
_COLUMNS = f"""
l.id, l.report_id, l.user_id, u.name AS owner, l.name, l.password_hash IS NOT NULL AS with_password, l.opens, l.created_at,
l.expires_at, l.last_used_at,
CASE WHEN l.revoked_at IS NOT NULL THEN 'revoked' WHEN l.expires_at <= :now THEN 'expired'
     WHEN {_HOLDS} THEN 'active' ELSE 'ended' END AS state
"""
ORDERS = {
    "name": "lower(l.name) {way}",
    "created_at": "l.created_at {way}",
    "expires_at": "l.expires_at {way}",
    "last_used_at": "l.last_used_at {way} NULLS LAST",
    "opens": "l.opens {way}",
}
_MINE = "l.report_id = :report AND (:all OR l.user_id = :user)"
_TOTAL = text(f"SELECT count(*) FROM {_FROM} WHERE {_MINE}")
_ONE = text(f"SELECT {_COLUMNS} FROM {_FROM} WHERE {_MINE} AND l.id = :id")
_COUNT = text(f"SELECT count(*) FROM {_FROM} WHERE l.report_id = :report AND l.user_id = :user AND {_HOLDS}")
_INSERT = text("""
INSERT INTO share_link (report_id, user_id, credentials_version, name, token_digest, password_hash, created_at, expires_at)
SELECT :report, id, credentials_version, :name, :digest, :password, :now, :until FROM user_account WHERE id = :user RETURNING id
""")
_REVOKE = text("UPDATE share_link SET revoked_at = :now WHERE id = :id AND revoked_at IS NULL")
_FIND = text(f"""
SELECT l.id, l.report_id, l.password_hash, {viewers.COLUMNS} FROM {_FROM} WHERE l.token_digest = :digest AND {_HOLDS}
""")
_STILL = text(f"SELECT l.id FROM {_FROM} WHERE l.id = :id AND {_HOLDS}")
_NOTE = text("UPDATE share_link SET opens = opens + 1, last_used_at = :now WHERE id = :id")


class DeadLink(NotFound):
    """This link shows nothing: it has ended, was revoked, or never was one. Ask whoever gave it to you for a new one."""


class PasswordNeeded(Unauthenticated):
    """This report is protected by a password. Ask for it whoever gave you the link."""


class WrongPassword(Unauthenticated):
    """This is not the password of this link. Check it and try again."""


class TooManyTries(TooManyRequests):
    """Too many wrong passwords. Wait a little and try again."""


@dataclass(frozen=True, slots=True)
class ShareLink:
    """A link without its address. state: active, expired, revoked, or ended with its maker's account or password."""

    id: int
    report_id: int
    user_id: int
    owner: str
    name: str
    with_password: bool
    opens: int
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    state: str


@dataclass(frozen=True, slots=True)
class NewShareLink:
    """A link just made: its address is known only now."""

    link: ShareLink
    url: str


@dataclass(frozen=True, slots=True)
class Found:
    """A link that holds. viewer: its maker, who reads and does nothing else."""

    id: int
    report_id: int
    password_hash: str | None
    viewer: Viewer


async def make(
    session: AsyncSession,
    viewer: Viewer,
    report_id: int,
    *,
    name: str,
    days: int = DEFAULT_DAYS,
    password: str = "",
    now: datetime,
) -> NewShareLink:
    """A link of the viewer's own to a report that they see and may publish. Raises Forbidden, NotFound, Invalid."""
    by_self(viewer)
    reports.require_publishing(viewer, await reports.one(session, viewer, report_id))
    wanted = _checked(name, days, password)
    asked = {"report": report_id, "user": viewer.user_id, "now": now}
    if (await session.scalar(_COUNT, asked) or 0) >= MOST_LINKS:
        raise Invalid(
            f"You have {MOST_LINKS} links to this report already. Revoke one that is no longer needed."
        )
    token = new_token(PREFIX)
    values = {
        **asked,
        "name": wanted,
        "digest": hash_token(token),
        "password": await passwords.hashed(password) if password else None,
        "until": now + timedelta(days=days),
    }
    link_id = (await session.execute(_INSERT, values)).scalar_one()
    made = await one(session, viewer, report_id, link_id, now=now)
    await audit.record(
        session,
        viewer,
        audit.Action.SHARE_LINK_MADE,
        subject=("report", report_id),
        after={
            "link": link_id,
            "name": wanted,
            "expires_at": made.expires_at.isoformat(),
            "protected": made.with_password,
        },
    )
    return NewShareLink(made, f"{settings().public_url.rstrip('/')}{PATH}/{token}")


async def listing(
    session: AsyncSession,
    viewer: Viewer,
    report_id: int,
    *,
    sort: Sort = (),
    page: int = 1,
    per_page: int = 25,
    now: datetime,
) -> Page[ShareLink]:
    """The viewer's own links to a report, and everybody's for who may change it, the newest first. Raises Forbidden, NotFound."""
    asked = await _asked(session, viewer, report_id, now=now)
    total = await session.scalar(_TOTAL, asked)
    order = order_by(sort, ORDERS, usual="l.id DESC", last="l.id")
    query = text(f"SELECT {_COLUMNS} FROM {_FROM} WHERE {_MINE} {order} LIMIT :limit OFFSET :offset")
    rows = await session.execute(query, {**asked, "limit": per_page, "offset": (page - 1) * per_page})
    return Page([ShareLink(**row) for row in rows.mappings()], total=total or 0, page=page, per_page=per_page)


async def one(
    session: AsyncSession, viewer: Viewer, report_id: int, link_id: int, *, now: datetime
) -> ShareLink:
    """Raises Forbidden, NotFound."""
    asked = await _asked(session, viewer, report_id, now=now)
    row = (await session.execute(_ONE, {**asked, "id": link_id})).mappings().one_or_none()
    if row is None:
        raise NotFound("There is no such link. Choose one from the list of the report's links.")
    return ShareLink(**row)


async def revoke(
    session: AsyncSession, viewer: Viewer, report_id: int, link_id: int, *, now: datetime
) -> None:
    """End a link at once: one's own, or anybody's where one may change the report. Raises Forbidden, NotFound."""
    by_self(viewer)
    found = await one(session, viewer, report_id, link_id, now=now)
    await session.execute(_REVOKE, {"id": link_id, "now": now})
    await audit.record(
        session,
        viewer,
        audit.Action.SHARE_LINK_REVOKED,
        subject=("report", report_id),
        before={"link": link_id, "name": found.name, "owner": found.user_id},
    )


async def find(session: AsyncSession, token: str, *, now: datetime) -> Found:
    """The link behind a token. Raises DeadLink, TooFast."""
    if not _FORM.fullmatch(token):
        raise DeadLink
    row = (await session.execute(_FIND, {"digest": hash_token(token), "now": now})).mappings().one_or_none()
    if row is None:
        raise DeadLink
    (await limits.hit("share link", str(row["id"]), per_minute=PER_MINUTE)).require()
    viewer = viewers.of_row(dict(row), scopes=_READING)
    viewer = replace(viewer, via=f"share_link:{row['id']}")
    return Found(row["id"], row["report_id"], row["password_hash"], viewer)


async def unlock(
    session: AsyncSession, found: Found, password: str | None, *, address: str, now: datetime
) -> None:
    """Whether the password opens the link; tries are counted before they are made. None: none was given yet.

    Raises PasswordNeeded, WrongPassword, TooManyTries: the transaction is to be kept all the same, so that tries count.
    """
    if found.password_hash is None:
        return
    if password is None:
        raise PasswordNeeded
    account = f"share_link:{found.id}"
    wait = await throttle.take(session, account=account, address=address, now=now, per_account=throttle.CODES)
    if wait:
        raise TooManyTries(retry_after=wait)
    if not await passwords.matches(password, found.password_hash):
        raise WrongPassword
    await throttle.clear(session, account=account, address=address, now=now, per_account=throttle.CODES)


async def opened(session: AsyncSession, found: Found, *, now: datetime) -> Document:
    """The report as the link's maker, who must still be one that may publish it, sees it now; the opening is noted. Raises
    DeadLink, Invalid.

    That the link holds is asked again: since it was found, whoever opens it may have waited for their turn.
    """
    if await session.scalar(_STILL, {"id": found.id, "now": now}) is None:
        raise DeadLink
    try:
        info = await reports.one(session, found.viewer, found.report_id)
        reports.require_publishing(replace(found.viewer, scopes=None), info)
        document = await documents.of_report(session, found.viewer, found.report_id, link="", now=now)
    except (Forbidden, NotFound) as error:
        raise DeadLink from error
    await session.execute(_NOTE, {"id": found.id, "now": now})
    return document


async def purge(session: AsyncSession, *, now: datetime) -> None:
    """Delete links that ended 30 days ago."""
    statement = text("DELETE FROM share_link WHERE expires_at < :before OR revoked_at < :before")
    await session.execute(statement, {"before": now - timedelta(days=30)})


async def _asked(session: AsyncSession, viewer: Viewer, report_id: int, *, now: datetime) -> dict[str, Any]:
    info = await reports.one(session, viewer, report_id)
    everybodys = reports.may_change(viewer, info)
    return {"report": report_id, "user": viewer.user_id, "all": everybodys, "now": now}


def _checked(name: str, days: int, password: str) -> str:
    """The name without blanks around it. Raises Invalid."""
    wanted = name.strip()
    problems: list[FieldProblem] = []
    if not wanted or len(wanted) > LONGEST_LINK_NAME or not wanted.isprintable():
        sentence = f"Give the link a name of 1 to {LONGEST_LINK_NAME} printable characters."
        problems.append(FieldProblem("name", sentence))
    if not 1 <= days <= MOST_DAYS:
        problems.append(FieldProblem("days", f"A link is good for 1 to {MOST_DAYS} days."))
    if password and not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        sentence = f"A link's password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters."
        problems.append(FieldProblem("password", sentence))
    if problems:
        raise Invalid(problems[0].message, details=tuple(problems))
    return wanted
