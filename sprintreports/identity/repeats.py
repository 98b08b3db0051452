"""Requests that were sent with an idempotency key: the first answer is kept for a day, and given again to the same sender.

It is kept in the transaction of what it tells about: either both are there or neither is. It is sealed, since it may hold
what is shown once.
"""

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.viewer import Viewer
from sprintreports.kit import crypto
from sprintreports.kit.error_codes import Code
from sprintreports.kit.errors import Conflict, Invalid

KEPT = timedelta(hours=24)
_PURPOSE = "repeated-request"

# As long as the first transaction lasts, nobody else gets it.
_ALONE = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:name, 409))")
_FIND = text("""
SELECT request_code, status, answer FROM repeated_request
WHERE user_id = :user_id AND via = :via AND key_digest = :digest AND created_at > :since
""")
_KEEP = text("""
INSERT INTO repeated_request (user_id, via, key_digest, request_code, status, answer, created_at)
VALUES (:user_id, :via, :digest, :code, :status, :answer, :now)
ON CONFLICT (user_id, via, key_digest) DO UPDATE SET
    request_code = excluded.request_code, status = excluded.status, answer = excluded.answer,
    created_at = excluded.created_at
""")


class StillRunning(Conflict):
    """The first request with this Idempotency-Key is still being worked on. Ask again in a moment."""

    code = Code.REQUEST_RUNNING


class KeyReused(Invalid):
    """This Idempotency-Key came with another request before. Use a new one for a new request."""

    code = Code.IDEMPOTENCY_KEY_REUSED


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered: the headers are those of its own alone."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Claim:
    """A request that is the first with its key, until its transaction ends."""

    user_id: int
    via: str
    digest: str
    code: str


async def claim(
    session: AsyncSession, viewer: Viewer, *, key: str, request: bytes, now: datetime
) -> Claim | Answer:
    """The right to be first, or what the first was answered. Raises StillRunning, KeyReused.

    `request`: all that must be the same for it to be the same request.
    """
    digest = hashlib.sha256(key.encode()).hexdigest()
    claimed = Claim(viewer.user_id, viewer.via, digest, crypto.code(_PURPOSE, request).hex())
    if not await session.scalar(_ALONE, {"name": f"{claimed.user_id} {claimed.via} {digest}"}):
        raise StillRunning
    values = {"user_id": claimed.user_id, "via": claimed.via, "digest": digest, "since": now - KEPT}
    found = (await session.execute(_FIND, values)).one_or_none()
    if found is None:
        return claimed
    if not _is_of(found.request_code, request):
        raise KeyReused
    plain = crypto.unseal(bytes(found.answer), context=context(claimed.user_id, claimed.via, digest))
    head, _, body = plain.partition(b"\n")
    return Answer(found.status, json.loads(head), body)


async def keep(session: AsyncSession, claimed: Claim, answer: Answer, *, now: datetime) -> None:
    """Keep the answer, together with what the session's transaction does."""
    plain = json.dumps(answer.headers).encode() + b"\n" + answer.body
    sealed_for = context(claimed.user_id, claimed.via, claimed.digest)
    values = {
        "user_id": claimed.user_id, "via": claimed.via, "digest": claimed.digest, "code": claimed.code,
        "status": answer.status, "answer": crypto.seal(plain, context=sealed_for), "now": now,
    }  # fmt: skip
    await session.execute(_KEEP, values)


async def purge(session: AsyncSession, *, now: datetime) -> None:
    """Delete what is no longer given again."""
    statement = text("DELETE FROM repeated_request WHERE created_at <= :before")
    await session.execute(statement, {"before": now - KEPT})


def context(user_id: int, via: str, digest: str) -> str:
    """What an answer is sealed for."""
    return f"repeated_request:{user_id}:{via}:{digest}"


def _is_of(stored: str, request: bytes) -> bool:
    """Whether a code is that of this request, also when the key that made it has been followed by another."""
    known = bytes.fromhex(stored)
    return any(
        hmac.compare_digest(known, name + hmac.new(key, request, hashlib.sha256).digest())
        for name, key in crypto.derived(_PURPOSE).items()
    )
