"""Signed-in browsers: create, resolve, end. The cookie holds a random value; the database its hash."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypedDict, cast

from sqlalchemy import CursorResult, RowMapping, delete, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from sprintreports.identity.permissions import Role
from sprintreports.identity.secret_tokens import hash_token, new_token
from sprintreports.identity.tables import UserSession
from sprintreports.identity.viewer import Viewer

COOKIE_NAME = "sprintreports_session"
IDLE = timedelta(hours=12)
ABSOLUTE = timedelta(days=7)
_TOUCH_EVERY = timedelta(minutes=1)

_RESOLVE = text("""
SELECT s.id, s.last_seen_at, s.expires_at, u.id AS user_id, u.name, u.email, u.role
FROM user_session s JOIN user_account u ON u.id = s.user_id
WHERE s.token_hash = :token_hash AND s.expires_at > :now AND s.last_seen_at > :idle_since
  AND s.credentials_version = u.credentials_version AND u.is_active AND u.deleted_at IS NULL
""")
_CREATE = text("""
INSERT INTO user_session (token_hash, user_id, credentials_version, user_agent, address,
                          created_at, last_seen_at, expires_at)
SELECT :token_hash, id, credentials_version, :user_agent, :address, :now, :now, :expires_at
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


def cookie_options(*, secure: bool) -> CookieOptions:
    """How the session cookie is set: unseen by scripts, not sent along from other sites."""
    return {"key": COOKIE_NAME, "path": "/", "httponly": True, "samesite": "lax", "secure": secure}


async def create(
    session: AsyncSession, *, user_id: int, user_agent: str, address: str, now: datetime
) -> NewSession:
    """Sign a user's browser in. Raises LookupError for a user who is not active."""
    token = new_token()
    expires_at = now + ABSOLUTE
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


async def resolve(session: AsyncSession, token: str | None, *, now: datetime) -> Session | None:
    """The session of a cookie's value, or None when it is unknown, idle too long, over, or its user is gone.

    Notes the use, at most once a minute. One query, two when it notes.
    """
    if not token:
        return None
    parameters = {"token_hash": hash_token(token), "now": now, "idle_since": now - IDLE}
    row = (await session.execute(_RESOLVE, parameters)).mappings().one_or_none()
    if row is None:
        return None
    if now - cast("datetime", row["last_seen_at"]) >= _TOUCH_EVERY:
        await touch(session, row["id"], now=now)
    return Session(row["id"], viewer_of(row), row["last_seen_at"], row["expires_at"])


async def touch(session: AsyncSession, session_id: int, *, now: datetime) -> None:
    """Note that a session was used now, which moves its idle end."""
    statement = update(UserSession).where(col(UserSession.id) == session_id).values(last_seen_at=now)
    await session.execute(statement)


async def end(session: AsyncSession, token: str) -> bool:
    """Sign out. Returns whether there was such a session."""
    return await _deleted(session, col(UserSession.token_hash) == hash_token(token))


async def end_one(session: AsyncSession, *, user_id: int, session_id: int) -> bool:
    """End one of a user's own sessions, as the profile page does."""
    return await _deleted(session, col(UserSession.id) == session_id, col(UserSession.user_id) == user_id)


async def end_all(session: AsyncSession, *, user_id: int, but: int | None = None) -> None:
    """End a user's sessions; `but` is the id of one that stays."""
    await _deleted(session, col(UserSession.user_id) == user_id, col(UserSession.id).is_distinct_from(but))


async def listing(session: AsyncSession, *, user_id: int, now: datetime) -> list[SessionRow]:
    """A user's sessions that still hold, last used first."""
    rows = await session.execute(
        text("""
        SELECT id, user_agent, address, created_at, last_seen_at, expires_at FROM user_session
        WHERE user_id = :user_id AND expires_at > :now AND last_seen_at > :idle_since ORDER BY last_seen_at DESC, id
        """),
        {"user_id": user_id, "now": now, "idle_since": now - IDLE},
    )
    return [SessionRow(**row) for row in rows.mappings()]


async def purge(session: AsyncSession, *, now: datetime) -> int:
    """Delete sessions that are over. Returns how many."""
    over = (col(UserSession.expires_at) <= now) | (col(UserSession.last_seen_at) <= now - IDLE)
    result = await session.execute(delete(UserSession).where(over))
    return cast("CursorResult[Any]", result).rowcount


def viewer_of(row: RowMapping) -> Viewer:
    """The viewer of a row that has user_id, name, email and role."""
    return Viewer(user_id=row["user_id"], name=row["name"], email=row["email"], role=Role(row["role"]))


def printable(value: str, *, limit: int) -> str:
    """Text from a header, fit for a text column: PostgreSQL refuses NUL and lone surrogates."""
    return "".join(sign for sign in value if sign.isprintable())[:limit]


async def _deleted(session: AsyncSession, *conditions: Any) -> bool:
    result = await session.execute(delete(UserSession).where(*conditions))
    return cast("CursorResult[Any]", result).rowcount > 0
