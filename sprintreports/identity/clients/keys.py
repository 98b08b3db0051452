"""API keys: what a program of a user's own sends. Shown once; stored as a SHA-256 of 256 random bits.

A key never does more than its owner may do at the moment, nor more than its scopes. It ends with the credentials of its owner:
at deactivation, at a change of role and, since that is often the answer to a stolen account, at a change of password.
"""

import hmac
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import audit, notices, scopes, viewers
from sprintreports.identity.clients.registry import by_self
from sprintreports.identity.notices.kinds import ApiKeyEnds
from sprintreports.identity.permissions import Permission
from sprintreports.identity.scopes import Scopes
from sprintreports.identity.secret_tokens import hash_token, new_token
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import db
from sprintreports.kit.errors import FieldProblem, Invalid, NotFound
from sprintreports.kit.paging import Page, Sort, order_by

PREFIX = "srk_"
DEFAULT_DAYS, MOST_DAYS = 90, 366
MOST_PER_MINUTE = 100_000
_MOST_KEYS = 50
_PREFIX_LENGTH = 16
_FORM = re.compile(r"srk_[A-Za-z0-9_-]{12}_[A-Za-z0-9_-]{43}")
_NOTE_EVERY = timedelta(minutes=1)
_HOLDS = """
k.revoked_at IS NULL AND k.expires_at > :now AND k.credentials_version = u.credentials_version
AND u.is_active AND u.deleted_at IS NULL
"""
_STATE = """
CASE WHEN k.revoked_at IS NOT NULL THEN 'revoked' WHEN k.expires_at <= :now THEN 'expired'
     WHEN NOT u.is_active OR u.deleted_at IS NOT NULL OR k.credentials_version <> u.credentials_version THEN 'ended'
     ELSE 'active' END
"""
_COLUMNS = f"""
k.id, k.user_id, u.name AS owner, k.name, k.prefix, k.scopes, k.per_minute, k.created_at, k.expires_at, k.last_used_at,
k.last_address, {_STATE} AS state
"""
_FROM = "api_key k JOIN user_account u ON u.id = k.user_id"
ORDERS = {
    "name": "lower(k.name) {way}",
    "owner": "lower(u.name) {way}",
    "created_at": "k.created_at {way}",
    "expires_at": "k.expires_at {way}",
    "last_used_at": "k.last_used_at {way} NULLS LAST",
}
# Asked by every request that a key comes with: without SQLAlchemy in between it costs half.
_RESOLVE = f"""
SELECT k.id, k.secret_hash, k.scopes, k.per_minute, k.last_used_at, {viewers.COLUMNS} FROM {_FROM}
WHERE k.prefix = %(prefix)s AND {_HOLDS.replace(":now", "%(now)s")}
"""
# One request a minute notes the use, and no other one waits for it.
_NOTE = text("""
UPDATE api_key SET last_used_at = :now, last_address = :address WHERE id = (
    SELECT id FROM api_key WHERE id = :id AND (last_used_at IS NULL OR last_used_at <= :before) FOR UPDATE SKIP LOCKED
)
""")
TOLD_BEFORE = timedelta(days=7)
_ENDING = text(f"""
SELECT k.id, k.user_id, k.name, k.expires_at FROM {_FROM}
WHERE {_HOLDS} AND k.expires_at <= :until AND k.expires_at - k.created_at > :whole
  AND NOT EXISTS (SELECT FROM notice n WHERE n.user_id = k.user_id AND n.key = 'api_key_ends:' || k.id)
""")
_INSERT = text("""
INSERT INTO api_key (user_id, credentials_version, name, prefix, secret_hash, scopes, per_minute, created_at, expires_at)
SELECT id, credentials_version, :name, :prefix, :secret_hash, :scopes, :per_minute, :now, :expires_at
FROM user_account WHERE id = :user_id RETURNING id
""")


@dataclass(frozen=True, slots=True)
class Key:
    """A key as lists show it: never the key itself."""

    id: int
    user_id: int
    owner: str
    name: str
    prefix: str
    scopes: Scopes
    per_minute: int | None
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    last_address: str
    state: str  # active, expired, revoked, or ended with its owner's account, role or password


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made: `secret` is what to send, and is known only now."""

    key: Key
    secret: str


@dataclass(frozen=True, slots=True)
class Resolved:
    """Who a key speaks for, and how often it may."""

    id: int
    viewer: Viewer
    per_minute: int | None


def looks_like_one(value: str) -> bool:
    return value.startswith(PREFIX)


async def create(
    session: AsyncSession,
    viewer: Viewer,
    *,
    name: str,
    scopes: Scopes,
    days: int = DEFAULT_DAYS,
    per_minute: int | None = None,
    now: datetime,
) -> NewKey:
    """Make a key of the viewer's own. Raises Forbidden or Invalid."""
    by_self(viewer)
    _check(viewer, name=name, scopes=scopes, days=days, per_minute=per_minute)
    most = text("""
        SELECT count(*) FROM api_key WHERE user_id = :user_id AND revoked_at IS NULL AND expires_at > :now
    """)
    if (await session.scalar(most, {"user_id": viewer.user_id, "now": now}) or 0) >= _MOST_KEYS:
        raise Invalid(f"You have {_MOST_KEYS} keys already. Revoke one that you no longer need.")
    prefix = new_token(PREFIX)[:_PREFIX_LENGTH]
    secret = f"{prefix}_{new_token()}"
    values = {
        "user_id": viewer.user_id,
        "name": name.strip(),
        "prefix": prefix,
        "secret_hash": hash_token(secret),
        "scopes": sorted(scopes),
        "per_minute": per_minute,
        "now": now,
        "expires_at": now + timedelta(days=days),
    }
    key_id = (await session.execute(_INSERT, values)).scalar_one()
    key = await one(session, viewer, key_id, now=now)
    await audit.record(
        session, viewer, audit.Action.API_KEY_CREATED, subject=("api_key", key.id),
        after={"name": key.name, "prefix": prefix, "scopes": sorted(scopes), "expires_at": key.expires_at.isoformat()},
    )  # fmt: skip
    return NewKey(key, secret)


async def change(
    session: AsyncSession,
    viewer: Viewer,
    key_id: int,
    *,
    name: str | None = None,
    scopes: Scopes | None = None,
    per_minute: int | None = None,
    now: datetime,
) -> Key:
    """Change one of the viewer's own keys; its end stays. Raises NotFound, Forbidden or Invalid."""
    by_self(viewer)
    before = await one(session, viewer, key_id, now=now)
    if before.user_id != viewer.user_id:
        raise NotFound("There is no such key.")
    values = {
        "id": key_id,
        "name": before.name if name is None else name.strip(),
        "scopes": sorted(before.scopes if scopes is None else scopes),
        "per_minute": before.per_minute if per_minute is None else per_minute or None,
    }
    _check(
        viewer,
        name=str(values["name"]),
        scopes=scopes,
        days=DEFAULT_DAYS,
        per_minute=per_minute or None,
    )
    statement = text(
        "UPDATE api_key SET name = :name, scopes = :scopes, per_minute = :per_minute WHERE id = :id"
    )
    await session.execute(statement, values)
    after = await one(session, viewer, key_id, now=now)
    await audit.record(
        session, viewer, audit.Action.API_KEY_CHANGED, subject=("api_key", key_id),
        before=_told(before), after=_told(after),
    )  # fmt: skip
    return after


async def revoke(session: AsyncSession, viewer: Viewer, key_id: int, *, now: datetime) -> None:
    """End a key at once: one's own, or as an admin anybody's. Raises NotFound."""
    by_self(viewer)
    key = await one(session, viewer, key_id, now=now)
    if key.user_id != viewer.user_id:
        viewer.require(Permission.USERS_WRITE)
    statement = text("UPDATE api_key SET revoked_at = :now WHERE id = :id AND revoked_at IS NULL")
    await session.execute(statement, {"now": now, "id": key_id})
    await audit.record(
        session, viewer, audit.Action.API_KEY_REVOKED, subject=("api_key", key_id),
        before={"name": key.name, "prefix": key.prefix, "owner": key.user_id},
    )  # fmt: skip


async def listing(
    session: AsyncSession,
    viewer: Viewer,
    *,
    everybodys: bool = False,
    sort: Sort = (),
    page: int = 1,
    per_page: int = 25,
    now: datetime,
) -> Page[Key]:
    """The viewer's keys, or everybody's (for admins), the newest first. Those that ended stay for 30 days."""
    if everybodys:
        viewer.require(Permission.USERS_WRITE)
    where = "" if everybodys else "WHERE k.user_id = :user_id"
    values: dict[str, Any] = {"user_id": viewer.user_id, "now": now}
    total = await session.scalar(text(f"SELECT count(*) FROM {_FROM} {where}"), values)
    values |= {"limit": per_page, "offset": (page - 1) * per_page}
    order = order_by(sort, ORDERS, usual="k.id DESC", last="k.id")
    query = text(f"SELECT {_COLUMNS} FROM {_FROM} {where} {order} LIMIT :limit OFFSET :offset")
    rows = await session.execute(query, values)
    return Page([_key(row) for row in rows.mappings()], total=total or 0, page=page, per_page=per_page)


async def one(session: AsyncSession, viewer: Viewer, key_id: int, *, now: datetime) -> Key:
    """One's own key, or as an admin anybody's. Raises NotFound."""
    query = text(f"SELECT {_COLUMNS} FROM {_FROM} WHERE k.id = :id")
    row = (await session.execute(query, {"id": key_id, "now": now})).mappings().one_or_none()
    if row is None or (row["user_id"] != viewer.user_id and not viewer.can(Permission.USERS_WRITE)):
        raise NotFound("There is no such key.")
    return _key(row)


async def resolve(session: AsyncSession, secret: str, *, address: str, now: datetime) -> Resolved | None:
    """Who a key speaks for, or None. One query, two when it notes the use (at most once a minute)."""
    if not _FORM.fullmatch(secret):
        return None
    connection = await db.raw(session)
    values = {"prefix": secret[:_PREFIX_LENGTH], "now": now}
    row = await (await connection.execute(_RESOLVE, values, prepare=True)).fetchone()
    if row is None:
        return None
    key_id, secret_hash, names, per_minute, last_used_at, *columns = row
    if not hmac.compare_digest(secret_hash, hash_token(secret)):
        return None
    if last_used_at is None or now - last_used_at >= _NOTE_EVERY:
        noted = {"id": key_id, "now": now, "before": now - _NOTE_EVERY, "address": address[:64]}
        await session.execute(_NOTE, noted)
    viewer = viewers.viewer_of(*columns, scopes=scopes.known(names), via=f"api_key:{key_id}")
    return Resolved(key_id, viewer, per_minute)


async def tell_ending(session: AsyncSession, *, now: datetime) -> int:
    """Tell the owners of keys that end within a week, once a key; how many. A key that was made for less is not told of."""
    told = 0
    values = {"now": now, "until": now + TOLD_BEFORE, "whole": TOLD_BEFORE}
    for row in (await session.execute(_ENDING, values)).mappings().all():
        parts = ApiKeyEnds(row["id"], row["name"], row["expires_at"])
        told += await notices.tell(
            session, parts, to=row["user_id"], key=f"api_key_ends:{row['id']}", now=now
        )
    return told


async def purge(session: AsyncSession, *, now: datetime) -> None:
    """Delete keys that ended 30 days ago."""
    statement = text("DELETE FROM api_key WHERE expires_at < :before OR revoked_at < :before")
    await session.execute(statement, {"before": now - timedelta(days=30)})


def _check(viewer: Viewer, *, name: str, scopes: Scopes | None, days: int, per_minute: int | None) -> None:
    problems: list[FieldProblem] = []
    if not name.strip() or len(name.strip()) > 100 or not name.isprintable():
        problems.append(FieldProblem("name", "Enter a name of at most 100 printable characters."))
    if scopes is not None and not scopes:
        problems.append(FieldProblem("scopes", "Choose at least one scope."))
    beyond = sorted(scope for scope in scopes or () if not viewer.can(scope))
    if beyond:
        problems.append(FieldProblem("scopes", f"Your own role does not allow {', '.join(beyond)}."))
    if not 1 <= days <= MOST_DAYS:
        problems.append(FieldProblem("days", f"A key is good for 1 to {MOST_DAYS} days."))
    if per_minute is not None and not 1 <= per_minute <= MOST_PER_MINUTE:
        problems.append(
            FieldProblem("per_minute", f"Choose 1 to {MOST_PER_MINUTE} requests a minute, or none.")
        )
    if problems:
        raise Invalid(details=tuple(problems))


def _told(key: Key) -> dict[str, Any]:
    return {"name": key.name, "scopes": sorted(key.scopes), "per_minute": key.per_minute}


def _key(row: Any) -> Key:
    fields = {name: row[name] for name in Key.__slots__ if name != "scopes"}
    return Key(**fields, scopes=scopes.known(row["scopes"]))
