"""Signs and checks access tokens: Ed25519, with keys that rotate. One signs; retired ones verify until they end.

Private keys are stored sealed. Public ones are kept in the process by their id, which is the thumbprint of the key and so
never means another; whether a key still counts is asked of the database with each token (`HOLDS`).
"""

import base64
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, cast

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import audit
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import crypto
from sprintreports.observability import logs

log = logs.get("identity.signing")

ROTATE_EVERY = timedelta(days=90)
# An access token's half hour, and a little for clocks that differ.
VERIFIES_FOR = timedelta(minutes=35)
ALGORITHM = "Ed25519"
# For a query about a token: whether the key of `kid` still counts at `now`.
HOLDS = "EXISTS (SELECT FROM signing_key k WHERE k.kid = :kid AND (k.ends_at IS NULL OR k.ends_at > :now))"
_TYPE = "at+jwt"  # RFC 9068: an access token is never taken for another kind of token
_RAW = (serialization.Encoding.Raw, serialization.PublicFormat.Raw)
_MOST_KNOWN = 64

_ACTIVE = text("SELECT kid, private_sealed FROM signing_key WHERE retired_at IS NULL")
_PUBLIC = text("SELECT public_key FROM signing_key WHERE kid = :kid")
_PUBLISHED = text("""
SELECT kid, public_key FROM signing_key WHERE ends_at IS NULL OR ends_at > :now ORDER BY created_at DESC
""")
_ADD = text("""
INSERT INTO signing_key (kid, public_key, private_sealed, created_at) VALUES (:kid, :public_key, :sealed, :now)
ON CONFLICT DO NOTHING
""")
_RETIRE = text("""
UPDATE signing_key SET retired_at = :now, ends_at = :ends_at WHERE retired_at IS NULL AND created_at <= :before
RETURNING kid
""")
_END = text("UPDATE signing_key SET ends_at = :now WHERE ends_at > :now")

_known: dict[str, OKPKey] = {}


@dataclass(frozen=True, slots=True)
class Verified:
    """What a token says that one of our keys signed. Times, audience and the key's own end are the caller's to check."""

    kid: str
    claims: dict[str, Any]


async def sign(session: AsyncSession, claims: dict[str, Any], *, now: datetime) -> str:
    """A signed JSON Web Token with these claims. The first one of an installation makes its first key."""
    row = (await session.execute(_ACTIVE)).one_or_none()
    if row is None:
        await _add(session, now=now)
        row = (await session.execute(_ACTIVE)).one()
    kid, sealed = row
    key = _private(crypto.unseal(sealed, context=_context(kid)), kid)
    header = {"alg": ALGORITHM, "typ": _TYPE, "kid": kid}
    return jwt.encode(header, claims, key, algorithms=[ALGORITHM])


async def verify(session: AsyncSession, token: str) -> Verified | None:
    """What a token of ours says, or None. Asks the database only for a key that this process has not met yet."""
    kid = _kid(token)
    if kid is None:
        return None
    if kid not in _known and not await _load(session, kid):
        return None
    try:
        return Verified(kid, dict(_verified(token, kid)))
    except (JoseError, ValueError):
        return None


async def rotate(session: AsyncSession, viewer: Viewer, *, now: datetime, at_once: bool = False) -> str:
    """Sign with a new key from now on; returns its id. `at_once`: tokens of the old keys end this moment."""
    await _retire(session, viewer, now=now, before=now, at_once=at_once)
    await _add(session, now=now)
    return (await session.execute(_ACTIVE)).one()[0]


async def rotate_when_due(session: AsyncSession, viewer: Viewer, *, now: datetime) -> bool:
    """Rotate a key that has signed for 90 days; forget those that ended a month ago. Returns whether it rotated."""
    forgotten = text("DELETE FROM signing_key WHERE ends_at < :before")
    await session.execute(forgotten, {"before": now - timedelta(days=30)})
    if not await _retire(session, viewer, now=now, before=now - ROTATE_EVERY):
        return False
    await _add(session, now=now)
    return True


async def published(session: AsyncSession, *, now: datetime) -> list[dict[str, str]]:
    """The public keys that tokens of now may be signed with, as a JSON Web Key Set lists them."""
    rows = (await session.execute(_PUBLISHED, {"now": now})).all()
    if not rows:
        await _add(session, now=now)
        rows = (await session.execute(_PUBLISHED, {"now": now})).all()
    return [
        {"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": ALGORITHM, "kid": kid, "x": _base64(public)}
        for kid, public in rows
    ]


async def _retire(
    session: AsyncSession, viewer: Viewer, *, now: datetime, before: datetime, at_once: bool = False
) -> bool:
    ends_at = now if at_once else now + VERIFIES_FOR
    if at_once:
        await session.execute(_END, {"now": now})
    row = (await session.execute(_RETIRE, {"now": now, "ends_at": ends_at, "before": before})).one_or_none()
    if row is None:
        return False
    log.info("signing_key_retired", kid=row[0], at_once=at_once)
    await audit.record(
        session, viewer, audit.Action.SIGNING_KEY_ROTATED, subject=("signing_key", row[0]),
        after={"verifies_until": ends_at.isoformat()},
    )  # fmt: skip
    return True


async def _add(session: AsyncSession, *, now: datetime) -> None:
    """Add the key that signs, unless another process has just done so."""
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes(*_RAW)
    kid = _public(public).thumbprint()
    sealed = crypto.seal(private.private_bytes_raw(), context=_context(kid))
    await session.execute(_ADD, {"kid": kid, "public_key": public, "sealed": sealed, "now": now})


async def _load(session: AsyncSession, kid: str) -> bool:
    public = (await session.execute(_PUBLIC, {"kid": kid})).scalar_one_or_none()
    if public is None:
        return False
    if len(_known) >= _MOST_KNOWN:
        _known.clear()
    _known[kid] = _public(public)
    return True


@lru_cache(maxsize=2_048)
def _verified(token: str, kid: str) -> dict[str, Any]:
    """The claims, kept: a client sends the same token again and again, and who signed it does not change.

    What raises is not kept, so that bad tokens take no good one's place.
    """
    decoded = jwt.decode(token, _known[kid], algorithms=[ALGORITHM])
    if decoded.header.get("typ") != _TYPE:
        raise ValueError("another kind of token")
    return decoded.claims


@lru_cache(maxsize=2_048)
def _kid(token: str) -> str | None:
    """The key that a token says it is signed with; what it says is checked with that key."""
    head, _, _ = token.partition(".")
    try:
        header: object = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except (ValueError, RecursionError):
        return None
    kid = cast("dict[str, object]", header).get("kid") if isinstance(header, dict) else None
    return kid if isinstance(kid, str) and len(kid) == 43 and kid.isascii() and kid.isprintable() else None


@lru_cache(maxsize=4)
def _private(raw: bytes, kid: str) -> OKPKey:
    pem = Ed25519PrivateKey.from_private_bytes(raw).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return OKPKey.import_key(pem, {"kid": kid})


def _public(raw: bytes) -> OKPKey:
    pem = Ed25519PublicKey.from_public_bytes(raw).public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return OKPKey.import_key(pem)


def _context(kid: str) -> str:
    return f"signing_key:{kid}"


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
