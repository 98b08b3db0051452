"""One way to a provider and back: bound to one browser, good for ten minutes and for one use."""

import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from sprintreports.identity.secret_tokens import hash_token, new_token
from sprintreports.identity.sso.errors import SignInRefused
from sprintreports.identity.sso.tables import SeenAssertion, SignInAttempt
from sprintreports.kit import crypto
from sprintreports.kit.errors import NotFound, TooManyRequests

LIFETIME = timedelta(minutes=10)
_RESULT_LIFETIME = timedelta(hours=1)
_OPEN_AT_ONCE = (
    2000  # of one address: a company's office may sign in at nine o'clock, a flood may not fill the disk
)


class Purpose(StrEnum):
    SIGN_IN = "sign_in"
    TEST = "test"
    LINK = "link"


class Secrets(msgspec.Struct, frozen=True):
    """What has to fit when the browser comes back. Sealed at rest."""

    nonce: str = ""
    verifier: str = ""
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that was taken, and so is used up."""

    id: int
    provider_id: int
    purpose: Purpose
    user_id: int | None
    target: str
    secrets: Secrets = field(repr=False)


@dataclass(frozen=True, slots=True)
class Ticket:
    """A prepared test or link of somebody who is signed in: what `start` is called with."""

    id: int
    token: str


@dataclass(frozen=True, slots=True)
class Trial:
    """What a test has brought. `result` is None while nobody has come back."""

    id: int
    provider_id: int
    result: dict[str, Any] | None
    over: bool


def _context(state_digest: bytes) -> str:
    return f"sign_in_attempt:{state_digest.hex()}"


async def prepare(
    session: AsyncSession, provider_id: int, purpose: Purpose, *, user_id: int, now: datetime
) -> Ticket:
    """Make a test or link that only this user can start."""
    token = new_token()
    row = SignInAttempt(
        provider_id=provider_id, state_digest=hash_token(token), purpose=purpose.value, user_id=user_id,
        created_at=now, expires_at=now + LIFETIME,
    )  # fmt: skip
    session.add(row)
    await session.flush()
    assert row.id is not None  # noqa: S101  # for the type checker: flushed
    return Ticket(row.id, token)


async def redeem(
    session: AsyncSession, token: str, *, provider_id: int, user_id: int | None, now: datetime
) -> int:
    """The id of a prepared attempt, by its ticket, for the user who made it; good once. Raises SignInRefused."""
    query = (
        select(SignInAttempt).where(col(SignInAttempt.state_digest) == hash_token(token)).with_for_update()
    )
    row = await session.scalar(query)
    held = row is not None and row.browser is None and row.expires_at > now and row.provider_id == provider_id
    if row is None or row.id is None or not held or user_id is None or row.user_id != user_id:
        raise SignInRefused(
            "This link is too old or was used before. Start again from where you came.", reason="ticket"
        )
    return row.id


async def begin(
    session: AsyncSession,
    provider_id: int,
    *,
    state: str,
    browser: str,
    secrets: Secrets,
    target: str,
    address: str,
    now: datetime,
    prepared: int | None = None,
) -> None:
    """Keep what has to fit when the browser comes back. `prepared`: the attempt that a ticket stands for."""
    digest = hash_token(state)
    sealed = crypto.seal(msgspec.json.encode(secrets), context=_context(digest))
    if prepared is not None:
        row = await session.get(SignInAttempt, prepared, with_for_update=True)
        if row is None or row.browser is not None:
            raise SignInRefused(reason="ticket")
        row.state_digest, row.browser, row.secrets = digest, hash_token(browser), sealed
        row.target, row.address, row.expires_at = target, address[:64], now + LIFETIME
        return
    await _bound(session, address, now)
    row = SignInAttempt(
        provider_id=provider_id, state_digest=digest, browser=hash_token(browser), secrets=sealed,
        purpose=Purpose.SIGN_IN.value, target=target, address=address[:64], created_at=now, expires_at=now + LIFETIME,
    )  # fmt: skip
    session.add(row)


async def take(
    session: AsyncSession, *, state: str, browser: str | None, provider_id: int, now: datetime
) -> Attempt:
    """Use an attempt up. Raises SignInRefused: unknown, too old, used, another provider's, or another browser's."""
    query = (
        select(SignInAttempt)
        .where(col(SignInAttempt.state_digest) == hash_token(state), col(SignInAttempt.used_at).is_(None))
        .with_for_update()
    )
    row = await session.scalar(query) if state else None
    if row is None or row.id is None or row.secrets is None or row.browser is None or row.expires_at <= now:
        raise SignInRefused(
            "This answer belongs to no sign-in that is under way: it came too late, was used before, or was not asked "
            "for. Start again from the sign-in page.",
            reason="state",
        )
    if row.provider_id != provider_id:
        raise SignInRefused(
            "This answer came to the address of another identity provider. Start again from the sign-in page.",
            reason="mix_up",
        )
    if browser is None or not hmac.compare_digest(row.browser, hash_token(browser)):
        raise SignInRefused(
            "This sign-in was begun in another browser, or this browser keeps no cookies. Start again from the sign-in "
            "page, in one browser.",
            reason="browser",
        )
    secrets = msgspec.json.decode(
        crypto.unseal(row.secrets, context=_context(row.state_digest)), type=Secrets
    )
    row.used_at, row.secrets = now, None
    return Attempt(row.id, row.provider_id, Purpose(row.purpose), row.user_id, row.target, secrets)


async def keep_result(
    session: AsyncSession, attempt: Attempt, result: dict[str, Any], *, now: datetime
) -> None:
    """Keep what a test has brought for an hour, for the admin who made it."""
    row = await session.get(SignInAttempt, attempt.id)
    if row is not None:
        row.result, row.expires_at = result, now + _RESULT_LIFETIME


async def result_of(
    session: AsyncSession, attempt_id: int, *, user_id: int, now: datetime, provider_id: int | None = None
) -> Trial:
    """What a test of this user has brought. Raises NotFound."""
    row = await session.get(SignInAttempt, attempt_id)
    other = row is None or provider_id not in {None, row.provider_id}
    if row is None or other or row.purpose != Purpose.TEST.value or row.user_id != user_id or row.id is None:
        raise NotFound("There is no such test any more. Run it again.")
    return Trial(row.id, row.provider_id, row.result, over=row.expires_at <= now)


async def first_seen(session: AsyncSession, provider_id: int, assertion_id: str, *, until: datetime) -> None:
    """Remember an assertion until it expires. Raises SignInRefused when it was seen before."""
    statement = text(
        "INSERT INTO seen_assertion (digest, expires_at) VALUES (:digest, :until) ON CONFLICT DO NOTHING RETURNING digest"
    )
    values = {"digest": hash_token(f"{provider_id}:{assertion_id}"), "until": until}
    if (await session.execute(statement, values)).one_or_none() is None:
        raise SignInRefused(
            "This answer of the identity provider was used before. Start again from the sign-in page.",
            reason="replayed",
        )


async def purge(session: AsyncSession, *, now: datetime) -> None:
    """Delete attempts and assertions that are over."""
    await session.execute(delete(SignInAttempt).where(col(SignInAttempt.expires_at) <= now))
    await session.execute(delete(SeenAssertion).where(col(SeenAssertion.expires_at) <= now))


async def _bound(session: AsyncSession, address: str, now: datetime) -> None:
    count = select(func.count()).where(
        col(SignInAttempt.address) == address[:64], col(SignInAttempt.created_at) > now - LIFETIME
    )
    if (await session.scalar(count) or 0) >= _OPEN_AT_ONCE:
        raise TooManyRequests(
            "Too many sign-ins were begun from here. Wait ten minutes and try again.", retry_after=600
        )
