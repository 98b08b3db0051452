"""Tokens of API clients: signed access tokens of 30 minutes, refresh tokens of 7 days that rotate.

All tokens that follow from one sign-in are a family. A refresh token that is used twice was stolen, from us or from the
client, so its family ends: its refresh tokens and its access tokens, at once. A family may belong to a registered client and
be limited to scopes; it ends with its client.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

from sqlalchemy import Uuid, bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import audit, scopes, signing, viewers
from sprintreports.identity.scopes import Scopes
from sprintreports.identity.secret_tokens import hash_token, new_token
from sprintreports.identity.sessions import printable
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import db
from sprintreports.observability import logs
from sprintreports.settings import settings

log = logs.get("identity.tokens")

ACCESS_LIFETIME = timedelta(minutes=30)
REFRESH_LIFETIME = timedelta(days=7)
FAMILY_LIFETIME = timedelta(days=30)
AUDIENCE = "sprintreports-api"
_REFRESH_PREFIX = "srr_"

_START = text("""
INSERT INTO token_family (id, user_id, credentials_version, client_id, scopes, user_agent, address, created_at, expires_at)
SELECT :id, id, credentials_version, :client_id, CAST(:scopes AS varchar[]), :user_agent, :address, :now, :expires_at
FROM user_account WHERE id = :user_id AND is_active AND deleted_at IS NULL
RETURNING user_id
""")
_ADD = text("""
INSERT INTO refresh_token (family_id, token_hash, created_at, expires_at)
VALUES (:family_id, :token_hash, :now, :expires_at)
""")
FAMILY = """
token_family f JOIN user_account u ON u.id = f.user_id LEFT JOIN api_client c ON c.id = f.client_id
"""
FAMILY_HOLDS = """
f.ended_at IS NULL AND f.expires_at > :now AND f.credentials_version = u.credentials_version
AND u.is_active AND u.deleted_at IS NULL AND c.ended_at IS NULL
"""
_FIND = text(f"""
SELECT r.id, r.used_at, r.expires_at, r.family_id, f.user_id, f.expires_at AS family_expires_at,
       f.client_id, c.client_id AS client_name, f.scopes, {FAMILY_HOLDS} AS family_holds
FROM {FAMILY} JOIN refresh_token r ON r.family_id = f.id
WHERE r.token_hash = :token_hash FOR UPDATE OF r, f
""")
_USE = text("UPDATE refresh_token SET used_at = :now WHERE id = :id")
_END = text(
    "UPDATE token_family SET ended_at = :now, end_reason = :reason WHERE id = :id AND ended_at IS NULL RETURNING user_id"
)
# Asked by every request of an API client: without SQLAlchemy in between it costs half.
_RESOLVE = re.sub(
    r":(\w+)",
    r"%(\1)s",
    f"""
    SELECT {viewers.COLUMNS}, c.scopes, c.client_id FROM {FAMILY}
    WHERE f.id = :family_id AND u.id = :user_id AND {FAMILY_HOLDS} AND {signing.HOLDS}
    """,
).encode()


@dataclass(frozen=True, slots=True)
class ClientRef:
    """A registered client that tokens are issued to: the key of its row, and the name that it goes by."""

    id: int
    client_id: str


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What a client gets: known in clear only now."""

    access_token: str
    refresh_token: str  # empty: none is issued
    expires_in: int  # seconds of the access token
    scopes: Scopes | None = None  # None: all that the user may do
    family_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class _Family:
    id: UUID
    user_id: int
    expires_at: datetime
    client: ClientRef | None


def issuer() -> str:
    """Who says that these tokens hold (RFC 8414): our own address."""
    return settings().public_url.rstrip("/")


async def issue(
    session: AsyncSession,
    *,
    user_id: int,
    user_agent: str,
    address: str,
    now: datetime,
    client: ClientRef | None = None,
    scopes: Scopes | None = None,
    refreshable: bool = True,
) -> TokenPair:
    """Start a family for a user who has just proved who they are. Raises LookupError for one who is not active."""
    lifetime = FAMILY_LIFETIME if refreshable else ACCESS_LIFETIME
    family = _Family(uuid4(), user_id, now + lifetime, client)
    values = {
        "id": family.id,
        "user_id": user_id,
        "client_id": client.id if client else None,
        "scopes": None if scopes is None else sorted(scopes),
        "user_agent": printable(user_agent, limit=400),
        "address": printable(address, limit=64),
        "now": now,
        "expires_at": family.expires_at,
    }
    if (await session.execute(_START, values)).one_or_none() is None:
        raise LookupError(f"user {user_id} is not active")
    return await _pair(session, family, scopes=scopes, refreshable=refreshable, now=now)


async def refresh(
    session: AsyncSession,
    refresh_token: str,
    *,
    now: datetime,
    client: ClientRef | None = None,
    scopes: Scopes | None = None,
) -> TokenPair | None:
    """A new pair for a refresh token, which is thereby used up. None: unknown, over, another client's, or used before.

    Commit the transaction whatever the outcome: a second use ends the family. `scopes` narrows the access token alone;
    raises ScopeTooWide.
    """
    found = await session.execute(_FIND, {"token_hash": hash_token(refresh_token), "now": now})
    row = found.mappings().one_or_none()
    if row is None or row["client_id"] != (client.id if client else None):
        return None
    if row["used_at"] is not None:
        await end_family(session, row["family_id"], reason="refresh token reused", now=now)
        return None
    if row["expires_at"] <= now or not row["family_holds"]:
        return None
    family = _Family(row["family_id"], row["user_id"], row["family_expires_at"], client)
    limits = _scopes(row["scopes"])
    if scopes is not None:
        limits = _narrowed(scopes, limits)
    await session.execute(_USE, {"id": row["id"], "now": now})
    return await _pair(session, family, scopes=limits, refreshable=True, now=now)


async def end_family(session: AsyncSession, family_id: UUID, *, reason: str, now: datetime) -> None:
    """End all tokens of a family, because one of them turned up where it must not."""
    ended = await session.execute(_END, {"id": family_id, "now": now, "reason": reason})
    user_id = ended.scalar_one_or_none()
    if user_id is None:
        return
    log.warning("token_reused", user_id=user_id, family=str(family_id), reason=reason)
    await audit.record(
        session, None, audit.Action.TOKEN_REUSED, subject=("user", user_id), outcome=audit.Outcome.REFUSED,
        after={"family": str(family_id), "reason": reason},
    )  # fmt: skip


async def revoke(session: AsyncSession, token: str, *, now: datetime) -> None:
    """End the family of a refresh or access token. A token that is no longer good is nothing to complain about."""
    owner = await owner_of(session, token)
    if owner.family_id is not None:
        await session.execute(_END, {"id": owner.family_id, "now": now, "reason": "revoked"})


@dataclass(frozen=True, slots=True)
class Owner:
    """Which family a token is of, be it over or not, and which registered client that belongs to."""

    family_id: UUID | None = None
    client: int | None = None


async def owner_of(session: AsyncSession, token: str) -> Owner:
    """Whose a refresh or access token is that we made."""
    verified = await signing.verify(session, token)
    family_id = _uuid(verified.claims.get("fam")) if verified else None
    query = text("""
        SELECT f.id, f.client_id FROM token_family f
        WHERE f.id = coalesce(:family_id, (SELECT family_id FROM refresh_token WHERE token_hash = :token_hash))
    """).bindparams(bindparam("family_id", type_=Uuid))
    row = (
        await session.execute(query, {"family_id": family_id, "token_hash": hash_token(token)})
    ).one_or_none()
    return Owner() if row is None else Owner(*row)


async def revoke_all(session: AsyncSession, *, user_id: int, now: datetime) -> None:
    """End all families of a user."""
    statement = text(
        "UPDATE token_family SET ended_at = :now, end_reason = 'signed out everywhere' "
        "WHERE user_id = :user_id AND ended_at IS NULL"
    )
    await session.execute(statement, {"user_id": user_id, "now": now})


async def resolve(session: AsyncSession, access_token: str, *, now: datetime) -> Viewer | None:
    """The viewer of an access token, or None. One query: role and scopes are those of this moment, and the end of a
    family, of an account, of its credentials, of its client or of the signing key is the end of the token.
    """
    verified = await signing.verify(session, access_token)
    if verified is None or not claims_hold(verified.claims, now=now):
        return None
    claims = verified.claims
    family_id, user_id = _uuid(claims.get("fam")), _number(claims.get("sub"))
    if family_id is None or user_id is None:
        return None
    parameters = {"family_id": family_id, "user_id": user_id, "kid": verified.kid, "now": now}
    connection = await db.raw(session)
    cursor = await connection.execute(_RESOLVE, parameters, prepare=True)
    row = await cursor.fetchone()
    if row is None:
        return None
    *columns, client_scopes, client_id = row
    via = f"client:{client_id}" if client_id else ""
    return viewers.viewer_of(*columns, scopes=_limits(claims.get("scope"), client_scopes), via=via)


async def purge(session: AsyncSession, *, now: datetime) -> None:
    """Delete families that are over for a month: until then they show who was signed in. Those of programs alone, which
    last half an hour and are many, go after a day.
    """
    statement = text("""
        DELETE FROM token_family WHERE expires_at < :before OR ended_at < :before
        OR (client_id IS NOT NULL AND expires_at < :yesterday AND expires_at - created_at <= :short)
    """)
    await session.execute(
        statement,
        {
            "before": now - timedelta(days=30),
            "yesterday": now - timedelta(days=1),
            "short": ACCESS_LIFETIME,
        },
    )


def claims_hold(claims: dict[str, Any], *, now: datetime) -> bool:
    """Whether a token that we signed was made for here and is not over."""
    expires = claims.get("exp")
    return (
        claims.get("iss") == issuer()
        and claims.get("aud") == AUDIENCE
        and isinstance(expires, int)
        and expires > now.timestamp()
    )


async def _pair(
    session: AsyncSession, family: _Family, *, scopes: Scopes | None, refreshable: bool, now: datetime
) -> TokenPair:
    refresh_token = new_token(_REFRESH_PREFIX) if refreshable else ""
    if refreshable:
        values = {
            "family_id": family.id,
            "token_hash": hash_token(refresh_token),
            "now": now,
            "expires_at": min(now + REFRESH_LIFETIME, family.expires_at),
        }
        await session.execute(_ADD, values)
    issued = int(now.timestamp())
    claims: dict[str, Any] = {
        "iss": issuer(),
        "aud": AUDIENCE,
        "sub": str(family.user_id),
        "fam": str(family.id),
        "jti": str(uuid4()),
        "iat": issued,
        "exp": issued + int(ACCESS_LIFETIME.total_seconds()),
    }
    if family.client is not None:
        claims["client_id"] = family.client.client_id
    if scopes is not None:
        claims["scope"] = " ".join(sorted(scopes))
    access_token = await signing.sign(session, claims, now=now)
    return TokenPair(
        access_token, refresh_token, int(ACCESS_LIFETIME.total_seconds()), scopes, family_id=family.id
    )


def _limits(claim: object, of_client: list[str] | None) -> Scopes | None:
    """What the token was limited to, and its client is at this moment."""
    if claim is None and of_client is None:
        return None
    asked = scopes.known(str(claim).split(" ")) if claim is not None else None
    if of_client is None:
        return asked
    most = scopes.known(of_client)
    return most if asked is None else asked & most


def _scopes(stored: object) -> Scopes | None:
    return None if stored is None else scopes.known(cast("list[str]", stored))


def _narrowed(asked: Scopes, limits: Scopes | None) -> Scopes:
    return asked if limits is None else scopes.narrowed(asked, limits)


def _uuid(value: object) -> UUID | None:
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _number(value: object) -> int | None:
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else None
