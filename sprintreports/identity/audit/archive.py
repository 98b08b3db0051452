"""Retention: entries that are old enough go to a compressed file, a JSON object a line, and the chain goes on."""

import asyncio
import gzip
import hashlib
import io
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.audit.canonical import START, Entry
from sprintreports.identity.audit.chain import COLUMNS, entry_of, locked
from sprintreports.observability import logs

FOLDER = "audit"  # in the data directory
MOST = 20_000  # entries of a file

log = logs.get("audit.archive")

_OLDEST = text(f"""
SELECT s.position, s.hash, {COLUMNS} FROM audit_seal s JOIN audit_entry e ON e.id = s.entry_id
ORDER BY s.position LIMIT :limit
""")
_BEFORE = text("SELECT hash_after FROM audit_archive ORDER BY last_position DESC LIMIT 1")
_ANY_OLD = text("SELECT EXISTS (SELECT FROM audit_entry WHERE at < :before)")
_KEEP = text("""
INSERT INTO audit_archive (first_position, last_position, first_at, last_at, hash_before, hash_after, file, digest,
                           archived_at)
VALUES (:first, :last, :first_at, :last_at, :hash_before, :hash_after, :file, :digest, :now)
""")
# The triggers let these rows go because the archive's own row covers them.
_ENTRIES_GO = text("""
DELETE FROM audit_entry WHERE id IN (SELECT entry_id FROM audit_seal WHERE position BETWEEN :first AND :last)
""")
_SEALS_GO = text("DELETE FROM audit_seal WHERE position BETWEEN :first AND :last")


@dataclass(frozen=True, slots=True)
class Link:
    """An entry with its place in the chain. `entry` None: the database has its seal and not it."""

    position: int
    hash: bytes
    entry: Entry | None


async def archive(session: AsyncSession, *, folder: Path, days: int, now: datetime, most: int = MOST) -> int:
    """Move the oldest entries to a file when they are older than `days`, at most `most`; how many.

    The file is on the disk before the rows go. Called again after a crash it writes the same file once more.
    """
    before = now - timedelta(days=days)
    if not days or not await session.scalar(_ANY_OLD, {"before": before}) or not await locked(session):
        return 0
    rows = (await session.execute(_OLDEST, {"limit": most})).mappings().all()
    links: list[Link] = []
    for row in rows:
        if row["at"] >= before:
            break
        links.append(Link(row["position"], bytes(row["hash"]), entry_of(row)))
    if not links:
        return 0
    first, last = links[0].position, links[-1].position
    name = f"audit-{first:012d}-{last:012d}.jsonl.gz"
    digest = await asyncio.to_thread(_write, folder / FOLDER / name, links)
    times = [link.entry.at for link in links if link.entry]
    await session.execute(
        _KEEP,
        {
            "first": first, "last": last, "first_at": min(times), "last_at": max(times),
            "hash_before": await session.scalar(_BEFORE) or START, "hash_after": links[-1].hash, "file": name,
            "digest": digest, "now": now,
        },
    )  # fmt: skip
    await session.execute(_ENTRIES_GO, {"first": first, "last": last})
    await session.execute(_SEALS_GO, {"first": first, "last": last})
    log.info("audit_archived", entries=len(links), file=name, head=f"{last}:{links[-1].hash.hex()}")
    return len(links)


def links_of(body: bytes) -> Iterator[Link]:
    """What an archive holds. Raises ValueError, OSError or EOFError where it is not one."""
    with gzip.open(io.BytesIO(body), "rt", encoding="utf-8") as lines:
        for line in lines:
            said: dict[str, Any] = json.loads(line)
            position, code = int(said.pop("position")), bytes.fromhex(said.pop("hash"))
            at, mac = datetime.fromisoformat(said.pop("at")), bytes.fromhex(said.pop("mac"))
            yield Link(position, code, Entry(**said, at=at, mac=mac))


def _write(path: Path, links: Sequence[Link]) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    body = gzip.compress("".join(map(_line, links)).encode(), compresslevel=6, mtime=0)
    partial = path.with_name(path.name + ".part")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    return hashlib.sha256(body).digest()


def _line(link: Link) -> str:
    entry = link.entry
    if entry is None:
        raise ValueError("an archive holds whole entries")
    said: dict[str, Any] = {name: getattr(entry, name) for name in Entry.__slots__}
    said |= {"at": entry.at.isoformat(), "mac": entry.mac.hex()}
    return json.dumps({"position": link.position, "hash": link.hash.hex(), **said}, ensure_ascii=True) + "\n"
