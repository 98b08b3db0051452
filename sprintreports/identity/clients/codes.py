"""Authorization codes: what a consent is exchanged for, once, within a minute, with proof (PKCE, RFC 7636)."""

import hmac
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import audit, scopes, tokens
from sprintreports.identity.clients.registry import Client
from sprintreports.identity.scopes import Scopes
from sprintreports.identity.secret_tokens import hash_token, new_token
from sprintreports.identity.viewer import Viewer

LIFETIME = timedelta(seconds=60)
_PREFIX = "sra_"
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")

_INSERT = text("""
INSERT INTO authorization_code
    (code_hash, client_id, user_id, credentials_version, redirect_uri, challenge, scopes, created_at, expires_at)
SELECT :code_hash, :client_id, id, credentials_version, :redirect_uri, :challenge, :scopes, :now, :expires_at
FROM user_account WHERE id = :user_id
""")
_FIND = text("""
SELECT a.id, a.client_id, a.user_id, a.redirect_uri, a.challenge, a.scopes, a.expires_at, a.used_at, a.family_id,
       a.credentials_version = u.credentials_version AND u.is_active AND u.deleted_at IS NULL AS user_holds
FROM authorization_code a JOIN user_account u ON u.id = a.user_id
WHERE a.code_hash = :code_hash FOR UPDATE OF a
""")
_USE = text("UPDATE authorization_code SET used_at = :now WHERE id = :id")
_NOTE_FAMILY = text("UPDATE authorization_code SET family_id = :family_id WHERE id = :id")


@dataclass(frozen=True, slots=True)
class From:
    """Where a request came from, for whoever looks at their sign-ins."""

    user_agent: str
    address: str


def is_challenge(value: str) -> bool:
    """Whether it has the form of a SHA-256 in base64url, the only method that is taken."""
    return _CHALLENGE.fullmatch(value) is not None


async def issue(
    session: AsyncSession,
    viewer: Viewer,
    client: Client,
    *,
    redirect_uri: str,
    challenge: str,
    scopes: Scopes,
    now: datetime,
) -> str:
    """A code for a person's consent, bound to client, address and challenge. Known in clear only now."""
    code = new_token(_PREFIX)
    values = {
        "code_hash": hash_token(code),
        "client_id": client.id,
        "user_id": viewer.user_id,
        "redirect_uri": redirect_uri,
        "challenge": challenge,
        "scopes": sorted(scopes),
        "now": now,
        "expires_at": now + LIFETIME,
    }
    await session.execute(_INSERT, values)
    await audit.record(
        session, viewer, audit.Action.TOKEN_ISSUED, subject=("client", client.client_id),
        after={"grant": "authorization_code", "scopes": sorted(scopes)},
    )  # fmt: skip
    return code


async def redeem(
    session: AsyncSession,
    client: Client,
    code: str,
    *,
    redirect_uri: str,
    verifier: str,
    came: From,
    now: datetime,
) -> tokens.TokenPair | None:
    """The tokens of a code, which is thereby used up, whatever comes of it. None: it does not hold, or not for this client.

    Commit the transaction whatever the outcome: a second use ends what the first one was given.
    """
    row = (await session.execute(_FIND, {"code_hash": hash_token(code)})).mappings().one_or_none()
    if row is None or row["client_id"] != client.id:
        return None
    if row["used_at"] is not None:
        if row["family_id"] is not None:
            await tokens.end_family(session, row["family_id"], reason="authorization code reused", now=now)
        return None
    await session.execute(_USE, {"id": row["id"], "now": now})
    if row["expires_at"] <= now or not row["user_holds"] or row["redirect_uri"] != redirect_uri:
        return None
    if not _proves(verifier, row["challenge"]):
        return None
    pair = await tokens.issue(
        session,
        user_id=row["user_id"],
        user_agent=came.user_agent,
        address=came.address,
        now=now,
        client=client.ref,
        scopes=scopes.known(row["scopes"]) & client.scopes,
    )
    await session.execute(_NOTE_FAMILY, {"id": row["id"], "family_id": pair.family_id})
    return pair


async def purge(session: AsyncSession, *, now: datetime) -> None:
    """Delete codes whose second use could not end anything any more."""
    statement = text("DELETE FROM authorization_code WHERE expires_at < :before")
    await session.execute(statement, {"before": now - tokens.FAMILY_LIFETIME})


def _proves(verifier: str, challenge: str) -> bool:
    if not _VERIFIER.fullmatch(verifier):
        return False
    made = urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")
    return hmac.compare_digest(made, challenge)
