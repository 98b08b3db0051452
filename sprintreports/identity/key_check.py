"""Whether the secret key is the one that this data was stored with: looked at before anything starts."""

from collections.abc import Callable, Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import repeats, retired_keys
from sprintreports.kit import crypto, sealed
from sprintreports.kit.crypto import SecretKeyWrong
from sprintreports.kit.sealed import SealedColumn

CONTEXT = "installation:key-check"
_KNOWN = b"the key that opens this is the key of this installation"

_READ = text("SELECT key_check FROM installation WHERE id = 1")
_KEEP = text("""
INSERT INTO installation (id, key_check) VALUES (1, :sealed)
ON CONFLICT (id) DO UPDATE SET key_check = coalesce(installation.key_check, excluded.key_check)
""")


def bound_to(name: str) -> Callable[[object], str]:
    """The context of a column whose secrets are bound to a row: its name and the row's own."""
    return lambda key: f"{name}:{key}"


def _check(_id: int) -> str:
    return CONTEXT


def _retired(key_id: bytes, purpose: str) -> str:
    return retired_keys.context(bytes(key_id), purpose)


def _attempt(digest: bytes) -> str:
    return f"sign_in_attempt:{bytes(digest).hex()}"


# Every column of sealed secrets of this layer: a test finds one that is missing here.
COLUMNS: tuple[SealedColumn, ...] = (
    SealedColumn("installation", "key_check", _check),
    SealedColumn("retired_key", "sealed", _retired, key=("key_id", "purpose")),
    SealedColumn("repeated_request", "answer", repeats.context, key=("user_id", "via", "key_digest")),
    SealedColumn("second_factor", "secret", bound_to("second_factor"), key=("user_id",)),
    SealedColumn("second_factor", "pending_secret", bound_to("second_factor"), key=("user_id",)),
    SealedColumn("sign_in_provider", "client_secret", bound_to("sign_in_provider")),
    SealedColumn("sign_in_provider", "signing_key", bound_to("sign_in_provider")),
    SealedColumn("sign_in_attempt", "secrets", _attempt, key=("state_digest",)),
    SealedColumn("signing_key", "private_sealed", bound_to("signing_key"), key=("kid",)),
)


class KeyOfOtherData(SecretKeyWrong):
    """The secret key is not the one that this database was made with. Set SPRINTREPORTS_SECRET_KEY, its file or its
    command to that key; if the key has just been changed, name the earlier one in SPRINTREPORTS_SECRET_KEY_OLD."""


async def ensure(session: AsyncSession, columns: Sequence[SealedColumn]) -> None:
    """Open what was sealed at the first start; at the first start, seal it. Raises KeyOfOtherData, SecretKeyMissing.

    Data from before there was such a check is opened itself: a key that opens none of it does not become its key.
    """
    crypto.load()
    try:
        if await session.scalar(_READ) is None:
            await _open_any(session, columns)
            await session.execute(_KEEP, {"sealed": crypto.seal(_KNOWN, context=CONTEXT)})
        # Another process with another key may have been first.
        crypto.unseal(bytes((await session.execute(_READ)).scalar_one()), context=CONTEXT)
    except SecretKeyWrong as error:
        raise KeyOfOtherData from error


async def _open_any(session: AsyncSession, columns: Sequence[SealedColumn]) -> None:
    """Raises SecretKeyWrong when there are secrets and none of those looked at opens."""
    problem: SecretKeyWrong | None = None
    for place in columns:
        found = await sealed.sample(session, place)
        if found is None:
            continue
        try:
            crypto.unseal(found[0], context=found[1])
        except SecretKeyWrong as error:
            problem = error
        else:
            return
    if problem is not None:
        raise problem
