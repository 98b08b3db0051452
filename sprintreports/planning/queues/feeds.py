"""Private links by which a calendar program subscribes to a queue: what is at exact times, and deadlines.

Whoever has a link sees what its maker may see at that moment, and nothing once that person is deactivated, has lost the right
or has changed the password. A link is known by a hash of 256 random bits, is shown once, and ends by itself.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import audit, viewers
from sprintreports.identity.clients.registry import by_self
from sprintreports.identity.permissions import Permission
from sprintreports.identity.secret_tokens import hash_token, new_token
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import limits
from sprintreports.kit.errors import Conflict, FieldProblem, Forbidden, Invalid, NotFound
from sprintreports.kit.paging import Page, Sort, order_by
from sprintreports.planning.queues import naming, store, versions
from sprintreports.planning.queues.exports.calendar import Source, as_ical, timed_part
from sprintreports.planning.queues.store import QueueInfo
from sprintreports.planning.queues.tables import QueueState
from sprintreports.settings import settings

PATH, PREFIX, ENDING = "/api/v1/queue-feeds", "srf_", ".ics"
DEFAULT_DAYS, MOST_DAYS, LONGEST_NAME = 90, 366, 100
MOST_LINKS = 10  # of one person for one queue
PER_MINUTE = 30  # a calendar program asks a few times an hour
_NOTE_EVERY = timedelta(minutes=1)
_FORM = re.compile(r"srf_[A-Za-z0-9_-]{43}")
# A plan that was completed stays in the calendars that show it; what is a draft or was put away is nobody's plan.
_SHOWN = frozenset({QueueState.ACTIVE, QueueState.COMPLETED})

_HOLDS = """
f.revoked_at IS NULL AND f.expires_at > :now AND f.credentials_version = u.credentials_version
AND u.is_active AND u.deleted_at IS NULL
"""
_FROM = "queue_feed f JOIN user_account u ON u.id = f.user_id"
_COLUMNS = f"""
f.id, f.queue_id, f.user_id, u.name AS owner, f.name, f.created_at, f.expires_at, f.last_used_at,
CASE WHEN f.revoked_at IS NOT NULL THEN 'revoked' WHEN f.expires_at <= :now THEN 'expired'
     WHEN {_HOLDS} THEN 'active' ELSE 'ended' END AS state
"""
ORDERS = {
    "name": "lower(f.name) {way}",
    "created_at": "f.created_at {way}",
    "expires_at": "f.expires_at {way}",
    "last_used_at": "f.last_used_at {way} NULLS LAST",
}
_MINE = "f.queue_id = :queue AND (:all OR f.user_id = :user)"
_TOTAL = text(f"SELECT count(*) FROM {_FROM} WHERE {_MINE}")
_ONE = text(f"SELECT {_COLUMNS} FROM {_FROM} WHERE {_MINE} AND f.id = :id")
_COUNT = text(f"SELECT count(*) FROM {_FROM} WHERE f.queue_id = :queue AND f.user_id = :user AND {_HOLDS}")
_INSERT = text("""
INSERT INTO queue_feed (queue_id, user_id, credentials_version, name, token_digest, created_at, expires_at)
SELECT :queue, id, credentials_version, :name, :digest, :now, :until FROM user_account WHERE id = :user RETURNING id
""")
_REVOKE = text("UPDATE queue_feed SET revoked_at = :now WHERE id = :id AND revoked_at IS NULL")
_FIND = text(
    f"SELECT f.id, f.queue_id, {viewers.COLUMNS} FROM {_FROM} WHERE f.token_digest = :digest AND {_HOLDS}"
)
# One request a minute notes the use, and no other one waits for it.
_NOTE = text("""
UPDATE queue_feed SET last_used_at = :now WHERE id = (
    SELECT id FROM queue_feed WHERE id = :id AND (last_used_at IS NULL OR last_used_at <= :before) FOR UPDATE SKIP LOCKED
)
""")


class NotActive(Conflict):
    """Only the active queue of a sprint can be subscribed to. Make this queue the sprint's plan first."""


class DeadLink(NotFound):
    """This link shows nothing: it was revoked, has ended, or never was one. Make a new one beside the queue."""


@dataclass(frozen=True, slots=True)
class Feed:
    """A link without its address. state: active, expired, revoked, or ended with its owner's account or password."""

    id: int
    queue_id: int
    user_id: int
    owner: str
    name: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    state: str


@dataclass(frozen=True, slots=True)
class NewFeed:
    """A link just made: its address is known only now."""

    feed: Feed
    url: str


@dataclass(frozen=True, slots=True)
class Calendar:
    """What a calendar program gets. changed: when the version that it shows was kept."""

    body: bytes
    changed: datetime


async def make(
    session: AsyncSession,
    viewer: Viewer,
    queue_id: int,
    *,
    name: str,
    days: int = DEFAULT_DAYS,
    now: datetime,
) -> NewFeed:
    """A link of the viewer's own for an active queue. Raises Forbidden, NotFound, NotActive, Invalid."""
    by_self(viewer)
    info = await store.one(session, viewer, queue_id)
    if info.state is not QueueState.ACTIVE:
        raise NotActive
    wanted = _checked(name, days)
    asked = {"queue": queue_id, "user": viewer.user_id, "now": now}
    if (await session.scalar(_COUNT, asked) or 0) >= MOST_LINKS:
        raise Invalid(
            f"You have {MOST_LINKS} links to this queue already. Revoke one that you no longer need."
        )
    token = new_token(PREFIX)
    values = {**asked, "name": wanted, "digest": hash_token(token), "until": now + timedelta(days=days)}
    feed_id = (await session.execute(_INSERT, values)).scalar_one()
    made = await one(session, viewer, queue_id, feed_id, now=now)
    await audit.record(
        session,
        viewer,
        audit.Action.QUEUE_LINK_MADE,
        subject=("queue", queue_id),
        after={"link": feed_id, "name": wanted, "expires_at": made.expires_at.isoformat()},
    )
    return NewFeed(made, address(token))


async def listing(
    session: AsyncSession,
    viewer: Viewer,
    queue_id: int,
    *,
    sort: Sort = (),
    page: int = 1,
    per_page: int = 25,
    now: datetime,
) -> Page[Feed]:
    """The viewer's own links to a queue, and everybody's for who may change it, the newest first. Raises Forbidden, NotFound."""
    asked = await _asked(session, viewer, queue_id, now=now)
    total = await session.scalar(_TOTAL, asked)
    order = order_by(sort, ORDERS, usual="f.id DESC", last="f.id")
    query = text(f"SELECT {_COLUMNS} FROM {_FROM} WHERE {_MINE} {order} LIMIT :limit OFFSET :offset")
    rows = await session.execute(query, {**asked, "limit": per_page, "offset": (page - 1) * per_page})
    return Page([Feed(**row) for row in rows.mappings()], total=total or 0, page=page, per_page=per_page)


async def one(session: AsyncSession, viewer: Viewer, queue_id: int, feed_id: int, *, now: datetime) -> Feed:
    """Raises Forbidden, NotFound."""
    asked = await _asked(session, viewer, queue_id, now=now)
    row = (await session.execute(_ONE, {**asked, "id": feed_id})).mappings().one_or_none()
    if row is None:
        raise NotFound("There is no such link. Choose one from the list of the queue's links.")
    return Feed(**row)


async def revoke(
    session: AsyncSession, viewer: Viewer, queue_id: int, feed_id: int, *, now: datetime
) -> None:
    """End a link at once: one's own, or anybody's where one may change the queue. Raises Forbidden, NotFound."""
    by_self(viewer)
    found = await one(session, viewer, queue_id, feed_id, now=now)
    await session.execute(_REVOKE, {"id": feed_id, "now": now})
    await audit.record(
        session,
        viewer,
        audit.Action.QUEUE_LINK_REVOKED,
        subject=("queue", queue_id),
        before={"link": feed_id, "name": found.name, "owner": found.user_id},
    )


async def fetch(session: AsyncSession, token: str, *, now: datetime) -> Calendar:
    """The calendar behind a link, as its maker may see it now. Raises DeadLink, TooFast, Unreadable."""
    if not _FORM.fullmatch(token):
        raise DeadLink
    row = (await session.execute(_FIND, {"digest": hash_token(token), "now": now})).mappings().one_or_none()
    if row is None:
        raise DeadLink
    feed_id, queue_id = row["id"], row["queue_id"]
    (await limits.hit("queue feed", str(feed_id), per_minute=PER_MINUTE)).require()
    viewer = replace(viewers.of_row(dict(row)), via=f"queue_feed:{feed_id}")
    try:
        info = await store.one(session, viewer, queue_id)
        if info.state not in _SHOWN:
            raise DeadLink
        found = await _calendar(session, viewer, info)
    except (Forbidden, NotFound) as error:
        raise DeadLink from error
    await session.execute(_NOTE, {"id": feed_id, "now": now, "before": now - _NOTE_EVERY})
    return found


async def purge(session: AsyncSession, *, now: datetime) -> None:
    """Delete links that ended 30 days ago."""
    statement = text("DELETE FROM queue_feed WHERE expires_at < :before OR revoked_at < :before")
    await session.execute(statement, {"before": now - timedelta(days=30)})


def address(token: str) -> str:
    """Where a calendar program finds it."""
    return f"{settings().public_url.rstrip('/')}{PATH}/{token}{ENDING}"


async def _calendar(session: AsyncSession, viewer: Viewer, info: QueueInfo) -> Calendar:
    stored = await versions.read(session, viewer, info.id)
    queue = timed_part(stored.queue)
    names = await naming.names_of(session, viewer, info, queue)
    version = stored.version
    source = Source(info.id, version.number, info.name, version.created_at)
    return Calendar(await asyncio.to_thread(as_ical, queue, names, source), version.created_at)


async def _asked(session: AsyncSession, viewer: Viewer, queue_id: int, *, now: datetime) -> dict[str, Any]:
    info = await store.one(session, viewer, queue_id)
    try:
        viewer.require(Permission.QUEUES_WRITE, board_id=info.board_id)
        everybodys = True
    except Forbidden:
        everybodys = False
    return {"queue": queue_id, "user": viewer.user_id, "all": everybodys, "now": now}


def _checked(name: str, days: int) -> str:
    """The name without blanks around it. Raises Invalid."""
    wanted = name.strip()
    problems: list[FieldProblem] = []
    if not wanted or len(wanted) > LONGEST_NAME or not wanted.isprintable():
        problems.append(
            FieldProblem("name", f"Give the link a name of 1 to {LONGEST_NAME} printable characters.")
        )
    if not 1 <= days <= MOST_DAYS:
        problems.append(FieldProblem("days", f"A link is good for 1 to {MOST_DAYS} days."))
    if problems:
        raise Invalid(problems[0].message, details=tuple(problems))
    return wanted
