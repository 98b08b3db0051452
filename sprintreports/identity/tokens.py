"""Tokens of API clients: signed access tokens of 30 minutes, refresh tokens of 7 days that rotate.

All tokens that follow from one sign-in are a family. A refresh token that is used twice was stolen, from us or from the
client, so its family ends: its refresh tokens and its access tokens, at once.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import signing
from sprintreports.identity.permissions import Role
from sprintreports.identity.secret_tokens import hash_token, new_token
from sprintreports.identity.sessions import printable
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import db
from sprintreports.observability import logs

log = logs.get("identity.tokens")

ACCESS_LIFETIME = timedelta(minutes=30)
REFRESH_LIFETIME = timedelta(days=7)
FAMILY_LIFETIME = timedelta(days=30)
_ISSUER = "sprintreports"
_AUDIENCE = "sprintreports-api"
_REFRESH_PREFIX = "srr_"

_START = text("""
INSERT INTO token_family (id, user_id, credentials_version, user_agent, address, created_at, expires_at)
SELECT :id, id, credentials_version, :user_agent, :address, :now, :expires_at
FROM user_account WHERE id = :user_id AND is_active AND deleted_at IS NULL
RETURNING user_id
""")
_ADD = text("""
INSERT INTO refresh_token (family_id, token_hash, created_at, expires_at)
VALUES (:family_id, :token_hash, :now, :expires_at)
""")
_FAMILY_HOLDS = """
f.ended_at IS NULL AND f.expires_at > :now AND f.credentials_version = u.credentials_version
AND u.is_active AND u.deleted_at IS NULL
"""
_FIND = text(f"""
SELECT r.id, r.used_at, r.expires_at, r.family_id, f.user_id, f.expires_at AS family_expires_at,
       {_FAMILY_HOLDS} AS family_holds
FROM refresh_token r JOIN token_family f ON f.id = r.family_id JOIN user_account u ON u.id = f.user_id
WHERE r.token_hash = :token_hash FOR UPDATE OF r, f
""")
_USE = text("UPDATE refresh_token SET used_at = :now WHERE id = :id")
_END = text(
    "UPDATE token_family SET ended_at = :now, end_reason = :reason WHERE id = :id AND ended_at IS NULL"
)
# Asked by every request of an API client: without SQLAlchemy in between it costs half.
_RESOLVE = f"""
SELECT u.id, u.name, u.email, u.role FROM token_family f JOIN user_account u ON u.id = f.user_id
WHERE f.id = %(family_id)s AND u.id = %(user_id)s AND {_FAMILY_HOLDS.replace(":now", "%(now)s")}
"""


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What a client gets: known in clear only now."""

    access_token: str
    refresh_token: str
    expires_in: int  # seconds of the access token


async def issue(
    session: AsyncSession, *, user_id: int, user_agent: str, address: str, now: datetime
) -> TokenPair:
    """Start a family for a user who has just proved who they are. Raises LookupError for one who is not active."""
    family_id = uuid4()
    expires_at = now + FAMILY_LIFETIME
    values = {
        "id": family_id,
        "user_id": user_id,
        "user_agent": printable(user_agent, limit=400),
        "address": printable(address, limit=64),
        "now": now,
        "expires_at": expires_at,
    }
    if (await session.execute(_START, values)).one_or_none() is None:
        raise LookupError(f"user {user_id} is not active")
    return await _pair(session, family_id, user_id=user_id, family_expires_at=expires_at, now=now)


async def refresh(session: AsyncSession, refresh_token: str, *, now: datetime) -> TokenPair | None:
    """A new pair for a refresh token, which is thereby used up. None: unknown, over, or used before.

    Commit the transaction whatever the outcome: a second use ends the family.
    """
    found = await session.execute(_FIND, {"token_hash": hash_token(refresh_token), "now": now})
    row = found.mappings().one_or_none()
    if row is None:
        return None
    if row["used_at"] is not None:
        await session.execute(_END, {"id": row["family_id"], "now": now, "reason": "refresh token reused"})
        log.warning("refresh_reused", user_id=row["user_id"], family=str(row["family_id"]))
        return None
    if row["expires_at"] <= now or not row["family_holds"]:
        return None
    await session.execute(_USE, {"id": row["id"], "now": now})
    return await _pair(
        session, row["family_id"], user_id=row["user_id"], family_expires_at=row["family_expires_at"], now=now
    )


async def revoke(session: AsyncSession, token: str, *, now: datetime) -> None:
    """End the family of a refresh or access token. A token that is no longer good is nothing to complain about."""
    family_id = _family_of_access(token)
    if family_id is None:
        query = text("SELECT family_id FROM refresh_token WHERE token_hash = :token_hash")
        family_id = (await session.execute(query, {"token_hash": hash_token(token)})).scalar_one_or_none()
    if family_id is not None:
        await session.execute(_END, {"id": family_id, "now": now, "reason": "revoked"})


async def revoke_all(session: AsyncSession, *, user_id: int, now: datetime) -> None:
    """End all families of a user."""
    statement = text(
        "UPDATE token_family SET ended_at = :now, end_reason = 'signed out everywhere' "
        "WHERE user_id = :user_id AND ended_at IS NULL"
    )
    await session.execute(statement, {"user_id": user_id, "now": now})


async def resolve(session: AsyncSession, access_token: str, *, now: datetime) -> Viewer | None:
    """The viewer of an access token, or None. One query: the role is the one of this moment, and the end of a family,
    of an account or of its credentials is the end of the token.
    """
    claims = signing.verify(access_token)
    if claims is None or not _claims_hold(claims, now=now):
        return None
    family_id, user_id = _uuid(claims.get("fam")), _number(claims.get("sub"))
    if family_id is None or user_id is None:
        return None
    parameters = {"family_id": family_id, "user_id": user_id, "now": now}
    connection = await db.raw(session)
    cursor = await connection.execute(_RESOLVE, parameters, prepare=True)
    row = await cursor.fetchone()
    return None if row is None else Viewer(*row[:3], role=Role(row[3]))


async def purge(session: AsyncSession, *, now: datetime) -> None:
    """Delete families that are over for a month: until then they show who was signed in."""
    statement = text("DELETE FROM token_family WHERE expires_at < :before OR ended_at < :before")
    await session.execute(statement, {"before": now - timedelta(days=30)})


async def _pair(
    session: AsyncSession, family_id: UUID, *, user_id: int, family_expires_at: datetime, now: datetime
) -> TokenPair:
    refresh_token = new_token(_REFRESH_PREFIX)
    await session.execute(
        _ADD,
        {
            "family_id": family_id,
            "token_hash": hash_token(refresh_token),
            "now": now,
            "expires_at": min(now + REFRESH_LIFETIME, family_expires_at),
        },
    )
    issued = int(now.timestamp())
    claims = {
        "iss": _ISSUER,
        "aud": _AUDIENCE,
        "sub": str(user_id),
        "fam": str(family_id),
        "jti": str(uuid4()),
        "iat": issued,
        "exp": issued + int(ACCESS_LIFETIME.total_seconds()),
    }
    return TokenPair(signing.sign(claims), refresh_token, int(ACCESS_LIFETIME.total_seconds()))


def _claims_hold(claims: dict[str, Any], *, now: datetime) -> bool:
    expires = claims.get("exp")
    return (
        claims.get("iss") == _ISSUER
        and claims.get("aud") == _AUDIENCE
        and isinstance(expires, int)
        and expires > now.timestamp()
    )


def _family_of_access(token: str) -> UUID | None:
    claims = signing.verify(token)
    return _uuid(claims.get("fam")) if claims else None


def _uuid(value: object) -> UUID | None:
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _number(value: object) -> int | None:
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else None
