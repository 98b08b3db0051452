"""What a token is good for at this moment (RFC 7662), told to whoever it concerns and to nobody else."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import scopes, signing, tokens
from sprintreports.identity.secret_tokens import hash_token

_ACCESS = text(f"""
SELECT f.user_id, u.username, f.client_id, c.client_id AS client_name, c.scopes AS client_scopes FROM {tokens.FAMILY}
WHERE f.id = :family_id AND {tokens.FAMILY_HOLDS} AND {signing.HOLDS}
""")
_REFRESH = text(f"""
SELECT f.user_id, u.username, f.client_id, c.client_id AS client_name, c.scopes AS client_scopes, f.scopes,
       r.expires_at, r.created_at
FROM {tokens.FAMILY} JOIN refresh_token r ON r.family_id = f.id
WHERE r.token_hash = :token_hash AND r.used_at IS NULL AND r.expires_at > :now AND {tokens.FAMILY_HOLDS}
""")


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: a registered client about tokens of its own, or a person about theirs."""

    client: int | None = None
    user: int | None = None


async def describe(
    session: AsyncSession, token: str, asker: Asker, *, now: datetime
) -> dict[str, Any] | None:
    """The token's members by RFC 7662, or None: not good, or none of the asker's business."""
    verified = await signing.verify(session, token)
    if verified is not None:
        return await _access(session, verified, asker, now=now)
    found = await session.execute(_REFRESH, {"token_hash": hash_token(token), "now": now})
    row = found.mappings().one_or_none()
    if row is None or not _concerns(row, asker):
        return None
    told = _told(row, token_type="refresh_token")  # noqa: S106  # the name of a kind of token
    if row["scopes"] is not None:
        told["scope"] = scopes.text_of(
            scopes.known(row["scopes"]) & scopes.known(row["client_scopes"] or row["scopes"])
        )
    return {**told, "iat": int(row["created_at"].timestamp()), "exp": int(row["expires_at"].timestamp())}


async def _access(
    session: AsyncSession, verified: signing.Verified, asker: Asker, *, now: datetime
) -> dict[str, Any] | None:
    claims = verified.claims
    if not tokens.claims_hold(claims, now=now):
        return None
    values = {"family_id": UUID(str(claims["fam"])), "kid": verified.kid, "now": now}
    row = (await session.execute(_ACCESS, values)).mappings().one_or_none()
    if row is None or not _concerns(row, asker):
        return None
    told = _told(row, token_type="Bearer")  # noqa: S106  # the name of a scheme
    if "scope" in claims:
        limits = scopes.known(str(claims["scope"]).split(" "))
        most = limits if row["client_scopes"] is None else scopes.known(row["client_scopes"])
        told["scope"] = scopes.text_of(limits & most)
    return {**told, **{name: claims[name] for name in ("iat", "exp", "jti", "aud")}}


def _concerns(row: Any, asker: Asker) -> bool:
    if asker.client is not None:
        return bool(row["client_id"] == asker.client)
    return asker.user is not None and bool(row["user_id"] == asker.user)


def _told(row: Any, *, token_type: str) -> dict[str, Any]:
    told = {
        "active": True,
        "iss": tokens.issuer(),
        "sub": str(row["user_id"]),
        "username": row["username"],
        "token_type": token_type,
    }
    return {**told, "client_id": row["client_name"]} if row["client_name"] else told
