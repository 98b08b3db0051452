"""Failed sign-ins slow the next try down: per pair of account and address, per account, per address.

The delay grows but ends, and the pair's limit is far stricter than the account's: a stranger who guesses from
elsewhere cannot lock the owner out for long.
"""

import hashlib
import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from sprintreports.identity.tables import SignInThrottle

_FORGET_AFTER = timedelta(hours=24)
_KNOWN_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Limit:
    """After `free` failures each further one doubles the delay, from one second up to `longest`."""

    kind: str
    free: int
    longest: timedelta

    def delay(self, failures: int) -> timedelta:
        beyond = failures - self.free
        if beyond < 0:
            return timedelta()
        return min(timedelta(seconds=2 ** min(beyond, 20)), self.longest)


PAIR = Limit("pair", free=5, longest=timedelta(minutes=15))
ACCOUNT = Limit("account", free=50, longest=timedelta(seconds=30))
ADDRESS = Limit("address", free=100, longest=timedelta(minutes=5))
# Six digits are guessed sooner than a password, and only who has the password gets to try.
CODES = Limit("codes", free=10, longest=timedelta(minutes=15))

_TAKE = text("""
INSERT INTO sign_in_throttle AS t (key, failures, updated_at) VALUES (:key, 1, :now)
ON CONFLICT (key) DO UPDATE SET
  failures = CASE WHEN t.blocked_until > :now THEN t.failures WHEN t.updated_at < :forgotten THEN 1
             ELSE t.failures + 1 END,
  updated_at = CASE WHEN t.blocked_until > :now THEN t.updated_at ELSE :now END
RETURNING failures, blocked_until, succeeded_at
""")
_BLOCK = text("UPDATE sign_in_throttle SET blocked_until = :until WHERE key = :key")
_CLEAR_PAIR = text("""
UPDATE sign_in_throttle SET failures = 0, blocked_until = NULL, succeeded_at = :now WHERE key = :key
""")
_CLEAR_OTHER = text("""
UPDATE sign_in_throttle SET failures = greatest(failures - 1, 0), blocked_until = NULL WHERE key = :key
""")


async def take(
    session: AsyncSession, *, account: str, address: str, now: datetime, per_account: Limit = ACCOUNT
) -> int:
    """Count a try before it is made. Returns 0, or the seconds to wait: the try must then be refused unseen.

    Counting first, under the row's lock, keeps tries sent all at once from slipping through together. The account's
    limit does not hold at an address where the account signed in lately.
    """
    wait, known_here = await _take_one(session, PAIR, f"{account}\0{address}", now=now)
    if not wait and not known_here:
        wait, _ = await _take_one(session, per_account, account, now=now)
    if not wait:
        wait, _ = await _take_one(session, ADDRESS, address, now=now)
    return wait


async def clear(
    session: AsyncSession, *, account: str, address: str, now: datetime, per_account: Limit = ACCOUNT
) -> None:
    """The sign-in succeeded: forget this pair's failures, and take back the try that was counted elsewhere."""
    await session.execute(_CLEAR_PAIR, {"key": _key(PAIR, f"{account}\0{address}"), "now": now})
    await session.execute(_CLEAR_OTHER, {"key": _key(per_account, account)})
    await session.execute(_CLEAR_OTHER, {"key": _key(ADDRESS, address)})


async def purge(session: AsyncSession, *, now: datetime) -> None:
    """Delete what is long forgotten."""
    await session.execute(delete(SignInThrottle).where(col(SignInThrottle.updated_at) < now - _KNOWN_FOR))


async def _take_one(session: AsyncSession, limit: Limit, subject: str, *, now: datetime) -> tuple[int, bool]:
    """The seconds to wait, and whether the subject succeeded lately."""
    key = _key(limit, subject)
    parameters = {"key": key, "now": now, "forgotten": now - _FORGET_AFTER}
    row = (await session.execute(_TAKE, parameters)).mappings().one()
    known = row["succeeded_at"] is not None and row["succeeded_at"] > now - _KNOWN_FOR
    blocked_until: datetime | None = row["blocked_until"]
    if blocked_until is not None and blocked_until > now:
        return max(1, math.ceil((blocked_until - now).total_seconds())), known
    delay = limit.delay(row["failures"])
    if delay:
        await session.execute(_BLOCK, {"key": key, "until": now + delay})
    return 0, known


def _key(limit: Limit, subject: str) -> bytes:
    return hashlib.sha256(f"{limit.kind}\0{subject}".encode("utf-8", "surrogatepass")).digest()
