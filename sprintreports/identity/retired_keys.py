"""Derived keys outlive the master key that they came from: kept sealed, so that what they made can still be checked."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.kit import crypto

# What is checked for years: the audit log, and who is not to be named again.
PURPOSES = ("audit", "privacy")

_ALL = text("SELECT key_id, sealed FROM retired_key WHERE purpose = :purpose")
_KEEP = text("""
INSERT INTO retired_key (key_id, purpose, sealed, retired_at) VALUES (:key_id, :purpose, :sealed, :now)
ON CONFLICT DO NOTHING
""")


def context(key_id: bytes, purpose: str) -> str:
    return f"retired-key:{purpose}:{key_id.hex()}"


async def all_of(session: AsyncSession, purpose: str) -> dict[bytes, bytes]:
    """Every key that was ever derived for a purpose, by the id of its master key; the present one first."""
    keys = crypto.derived(purpose)
    for row in (await session.execute(_ALL, {"purpose": purpose})).all():
        key_id = bytes(row.key_id)
        if key_id not in keys:
            keys[key_id] = crypto.unseal(bytes(row.sealed), context=context(key_id, purpose))
    return keys


async def keep(session: AsyncSession, *, now: datetime) -> None:
    """Keep what is derived from the keys that are about to leave."""
    for purpose in PURPOSES:
        keys = crypto.derived(purpose)
        for key_id in crypto.key_ids()[1:]:
            sealed = crypto.seal(keys[key_id], context=context(key_id, purpose))
            values = {"key_id": key_id, "purpose": purpose, "sealed": sealed, "now": now}
            await session.execute(_KEEP, values)
