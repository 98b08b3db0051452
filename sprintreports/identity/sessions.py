"""Signed-in browsers: create, resolve, end. The cookie holds a random value; the database its hash.

A session ends when it is not used for `idle()`, and `longest()` after it began, whatever happens. Both are settings.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypedDict, cast

from sqlalchemy import CursorResult, delete, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from sprintreports.identity import viewers
from sprintreports.identity.secret_tokens import hash_token, new_token
from sprintreports.identity.tables import UserSession
from sprintreports.identity.viewer import Viewer
from sprintreports.settings import settings

COOKIE_NAME = "sprintreports_session"  # over http; `cookie_name` knows the one over https
PROVED_FOR = timedelta(minutes=10)  # how long a password counts for what changes how one signs in
_TOUCH_EVERY = timedelta(minutes=1)
_HOLDS = """s.expires_at > :now AND s.last_seen_at > :idle_since
  AND s.credentials_version = u.credentials_version AND u.is_active AND u.deleted_at IS NULL"""

_RESOLVE = text(f"""
SELECT s.id, s.last_seen_at, s.expires_at, s.proved_at, {viewers.COLUMNS}
FROM user_session s JOIN user_account u ON u.id = s.user_id
WHERE s.token_hash = :token_hash AND {_HOLDS}
""")
_HOLDING = text(f"""
SELECT s.id FROM user_session s JOIN user_account u ON u.id = s.user_id WHERE s.id = ANY(:ids) AND {_HOLDS}
""")
_CREATE = text("""
INSERT INTO user_session (token_hash, user_id, credentials_version, user_agent, address,
                          created_at, last_seen_at, proved_at, expires_at)
SELECT :token_hash, id, credentials_version, :user_agent, :address, :now, :now, :now, :expires_at
FROM user_account WHERE id = :user_id AND is_active AND deleted_at IS NULL
RETURNING id
""")


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session just made: `token` is the cookie's value and is known only now."""

    id: int
    token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """A session that holds: who it belongs to, and when it was last used."""

    id: int
    viewer: Viewer
    last_seen_at: datetime
    expires_at: datetime
    proved_at: datetime

    def proved_lately(self, now: datetime) -> bool:
        """Whether its user showed who they are so lately that they may change how they sign in."""
        return now - self.proved_at < PROVED_FOR


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One of a user's sessions, for the profile page."""

    id: int
    user_agent: str
    address: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime


class CookieOptions(TypedDict):
    """Keyword arguments of Starlette's `set_cookie` and `delete_cookie`, besides the value and its age."""

    key: str
    path: str
    httponly: bool
    samesite: Any  # Starlette wants its own literal type
    secure: bool


def idle() -> timedelta:
    """How long a session lives without being used."""
    return timedelta(minutes=settings().session_idle_minutes)


def longest() -> timedelta:
    """How long a session lives at most."""
    return timedelta(hours=settings().session_longest_hours)


def over_tls() -> bool:
    """Whether browsers reach us over https, so that cookies need it too."""
    return settings().public_url.startswith("https://")


def cookie_name(base: str = COOKIE_NAME) -> str:
    """The name of a cookie. With `__Host-` a browser takes it from this host alone, over https, for all paths."""
    return f"__Host-{base}" if over_tls() else base


def cookie_of(cookies: Mapping[str, str]) -> str | None:
    """The session cookie's value among a request's cookies."""
    return cookies.get(cookie_name())


def cookie_options(*, secure: bool | None = None, base: str = COOKIE_NAME) -> CookieOptions:
    """How a cookie of ours is set: unseen by scripts, not sent along from other sites."""
    secure = over_tls() if secure is None else secure
    key = f"__Host-{base}" if secure else base
    return {"key": key, "path": "/", "httponly": True, "samesite": "lax", "secure": secure}


async def create(
    session: AsyncSession, *, user_id: int, user_agent: str, address: str, now: datetime
) -> NewSession:
    """Sign a user's browser in. Raises LookupError for a user who is not active."""
    token = new_token()
    expires_at = now + longest()
    result = await session.execute(
        _CREATE,
        {
            "token_hash": hash_token(token),
            "user_id": user_id,
            "user_agent": printable(user_agent, limit=400),
            "address": printable(address, limit=64),
            "now": now,
            "expires_at": expires_at,
        },
    )
    session_id = result.scalar_one_or_none()
    if session_id is None:
        raise LookupError(f"user {user_id} is not active")
    return NewSession(id=session_id, token=token, expires_at=expires_at)


async def resolve(
    session: AsyncSession, token: str | None, *, now: datetime, notes: bool = True
) -> Session | None:
    """The session of a cookie's value, or None when it is unknown, idle too long, over, or its user is gone.

    Notes the use, at most once a minute; not where `notes` is False, as nobody did anything. One query, two when it notes.
    """
    if not token:
        return None
    parameters = {"token_hash": hash_token(token), "now": now, "idle_since": now - idle()}
    row = (await session.execute(_RESOLVE, parameters)).mappings().one_or_none()
    if row is None:
        return None
    if notes and now - cast("datetime", row["last_seen_at"]) >= _TOUCH_EVERY:
        await touch(session, row["id"], now=now)
    return Session(
        row["id"], viewers.of_row(cast("Any", row)), row["last_seen_at"], row["expires_at"], row["proved_at"]
    )


async def touch(session: AsyncSession, session_id: int, *, now: datetime) -> None:
    """Note that a session was used now, which moves its idle end."""
    statement = update(UserSession).where(col(UserSession.id) == session_id).values(last_seen_at=now)
    await session.execute(statement)


async def prove(session: AsyncSession, session_id: int, *, now: datetime) -> str:
    """Note that a session's user has just shown who they are. Returns the cookie's new value: the old one is dead."""
    token = new_token()
    changes = {"token_hash": hash_token(token), "proved_at": now, "last_seen_at": now}
    await session.execute(update(UserSession).where(col(UserSession.id) == session_id).values(**changes))
    return token


async def holding(session: AsyncSession, ids: Collection[int], *, now: datetime) -> frozenset[int]:
    """Those of these sessions that still hold."""
    rows = await session.execute(_HOLDING, {"ids": list(ids), "now": now, "idle_since": now - idle()})
    return frozenset(rows.scalars())


async def end(session: AsyncSession, token: str) -> bool:
    """Sign out. Returns whether there was such a session."""
    return await _deleted(session, col(UserSession.token_hash) == hash_token(token))


async def end_one(session: AsyncSession, *, user_id: int, session_id: int) -> bool:
    """End one of a user's own sessions, as the profile page does."""
    return await _deleted(session, col(UserSession.id) == session_id, col(UserSession.user_id) == user_id)


async def end_all(session: AsyncSession, *, user_id: int, but: int | None = None) -> int:
    """End a user's sessions; `but` is the id of one that stays. Returns how many ended."""
    conditions = (col(UserSession.user_id) == user_id, col(UserSession.id).is_distinct_from(but))
    result = await session.execute(delete(UserSession).where(*conditions))
    return cast("CursorResult[Any]", result).rowcount


async def listing(session: AsyncSession, *, user_id: int, now: datetime) -> list[SessionRow]:
    """A user's sessions that still hold, last used first."""
    rows = await session.execute(
        text("""
        SELECT id, user_agent, address, created_at, last_seen_at, expires_at FROM user_session
        WHERE user_id = :user_id AND expires_at > :now AND last_seen_at > :idle_since
          AND credentials_version = (SELECT credentials_version FROM user_account WHERE id = :user_id)
        ORDER BY last_seen_at DESC, id
        """),
        {"user_id": user_id, "now": now, "idle_since": now - idle()},
    )
    return [SessionRow(**row) for row in rows.mappings()]


async def purge(session: AsyncSession, *, now: datetime) -> int:
    """Delete sessions that are over. Returns how many."""
    over = (col(UserSession.expires_at) <= now) | (col(UserSession.last_seen_at) <= now - idle())
    result = await session.execute(delete(UserSession).where(over))
    return cast("CursorResult[Any]", result).rowcount


def printable(value: str, *, limit: int) -> str:
    """Text from a header, fit for a text column: PostgreSQL refuses NUL and lone surrogates."""
    return "".join(sign for sign in value if sign.isprintable())[:limit]


async def _deleted(session: AsyncSession, *conditions: Any) -> bool:
    result = await session.execute(delete(UserSession).where(*conditions))
    return cast("CursorResult[Any]", result).rowcount > 0
