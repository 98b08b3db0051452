"""Puts entries into the chain: each one's hash rests on the hash before it, keyed by what the database does not have.

Writers do not wait for it: what they wrote is sealed a moment later, by one at a time, in the order of sealing.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import retired_keys
from sprintreports.identity.audit.canonical import PURPOSE, START, Entry, linked
from sprintreports.kit import crypto
from sprintreports.observability import logs

BATCH = 2000
COLUMNS = (
    "e.id, e.at, e.action, e.outcome, e.actor_id, e.subject_kind, e.subject_id, e.before, e.after, e.address, "
    "e.request_id, e.mac"
)
_LOCK = 0x6175646974  # "audit"

log = logs.get("audit.chain")

_WAITING = text(f"""
SELECT {COLUMNS} FROM audit_unsealed u JOIN audit_entry e ON e.id = u.entry_id ORDER BY e.id LIMIT :limit
""")
_LAST = text("""
(SELECT position, hash FROM audit_seal ORDER BY position DESC LIMIT 1)
UNION ALL (SELECT last_position, hash_after FROM audit_archive ORDER BY last_position DESC LIMIT 1)
ORDER BY position DESC LIMIT 1
""")
_AT = text("SELECT hash FROM audit_seal WHERE position = :position")
_ARCHIVED = text(
    "SELECT EXISTS (SELECT FROM audit_archive WHERE :position BETWEEN first_position AND last_position)"
)
_SEAL = text("""
INSERT INTO audit_seal (position, entry_id, hash, sealed_at)
SELECT *, :now FROM unnest(CAST(:positions AS bigint[]), CAST(:entries AS bigint[]), CAST(:hashes AS bytea[]))
""")
_TAKEN = text("DELETE FROM audit_unsealed WHERE entry_id = ANY(:entries)")


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain: how many entries it has ever had, and the hash of the last one."""

    position: int = 0
    hash: bytes = START

    def __str__(self) -> str:
        return f"{self.position}:{self.hash.hex()}"

    @classmethod
    def of(cls, written: str) -> "Head":
        """Raises ValueError."""
        position, _, code = written.strip().partition(":")
        return cls(int(position), bytes.fromhex(code))


def entry_of(row: RowMapping) -> Entry:
    return Entry(**{name: row[name] for name in Entry.__slots__ if name != "mac"}, mac=bytes(row["mac"]))


async def head(session: AsyncSession) -> Head:
    """Where the chain ends."""
    row = (await session.execute(_LAST)).one_or_none()
    return Head(row.position, bytes(row.hash)) if row else Head()


async def holds(session: AsyncSession, noted: Head) -> bool:
    """Whether the chain still has the link that was noted. Inside an archive, which `verify` reads, it counts as there."""
    if noted.position == 0:
        return True
    found = (await session.execute(_AT, {"position": noted.position})).scalar_one_or_none()
    if found is not None:
        return bytes(found) == noted.hash
    return bool(await session.scalar(_ARCHIVED, {"position": noted.position}))


async def locked(session: AsyncSession) -> bool:
    """Whether nobody else works on the chain until this transaction ends."""
    return bool(await session.scalar(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": _LOCK}))


async def hold(session: AsyncSession) -> None:
    """Wait until nobody else works on the chain, and keep it so until this transaction ends."""
    await session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


async def seal(session: AsyncSession, *, now: datetime, limit: int = BATCH) -> Head | None:
    """Seal entries that wait, at most `limit`; where the chain ends then, None if nothing was sealed.

    An entry that none of us wrote gets no seal: `verify` finds it.
    """
    if not await locked(session):
        return None
    rows = (await session.execute(_WAITING, {"limit": limit})).mappings().all()
    if not rows:
        return None
    keys = await retired_keys.all_of(session, PURPOSE)
    at = await head(session)
    positions, entries, hashes = list[int](), list[int](), list[bytes]()
    for entry in map(entry_of, rows):
        if not entry.sealed(keys):
            log.error("audit_entry_forged", entry_id=entry.id)
            continue
        at = Head(at.position + 1, crypto.code(PURPOSE, linked(at.hash, at.position + 1, entry)))
        positions.append(at.position)
        entries.append(entry.id)
        hashes.append(at.hash)
    if positions:
        values = {"positions": positions, "entries": entries, "hashes": hashes, "now": now}
        await session.execute(_SEAL, values)
    await session.execute(_TAKEN, {"entries": [row["id"] for row in rows]})
    if not positions:
        return None
    log.info("audit_sealed", entries=len(positions), head=str(at))
    return at
