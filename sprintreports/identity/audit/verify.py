"""Walks the whole chain, archives first, and says which entry was changed, removed or inserted."""

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import retired_keys
from sprintreports.identity.audit.archive import FOLDER, Link, links_of
from sprintreports.identity.audit.canonical import PURPOSE, START, fits, linked
from sprintreports.identity.audit.chain import COLUMNS, Head, entry_of, hold

HEAD_FILE = "head"  # beside the archives: where the chain stood, kept outside of the database
_MOST = 1000  # findings
_STEP = 5000

_LINKS = text(f"""
SELECT s.position, s.hash, s.entry_id, {COLUMNS} FROM audit_seal s LEFT JOIN audit_entry e ON e.id = s.entry_id
WHERE s.position > :after ORDER BY s.position LIMIT :step
""")
_WITHOUT_SEAL = text(f"""
SELECT {COLUMNS}, u.entry_id IS NOT NULL AS waits FROM audit_entry e
LEFT JOIN audit_seal s ON s.entry_id = e.id LEFT JOIN audit_unsealed u ON u.entry_id = e.id
WHERE s.entry_id IS NULL AND e.id > :after ORDER BY e.id LIMIT :step
""")
_ARCHIVES = text("SELECT * FROM audit_archive ORDER BY first_position")


class Kind(StrEnum):
    CHANGED = "changed"
    REMOVED = "removed"
    INSERTED = "inserted"
    SEAL = "seal"
    ARCHIVE = "archive"
    HEAD = "head"


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong. entry_id and position are None where it is no single entry."""

    kind: Kind
    sentence: str
    entry_id: int | None = None
    position: int | None = None


@dataclass(slots=True)
class Verdict:
    """How many entries were looked at, where the chain ends, and what is wrong with it."""

    entries: int = 0
    archived: int = 0
    waiting: int = 0
    head: Head = field(default_factory=Head)
    findings: list[Finding] = field(default_factory=list[Finding])

    @property
    def sound(self) -> bool:
        return not self.findings


class _Walk:
    """Along the chain, link by link. After a fault it goes on with the hash that is stored."""

    def __init__(self, keys: Mapping[bytes, bytes], expected: Head | None) -> None:
        self.keys = keys
        self.expected = expected
        self.verdict = Verdict()
        self._known = True  # whether the hash before is one that we have seen

    def note(
        self, kind: Kind, sentence: str, *, entry: int | None = None, position: int | None = None
    ) -> None:
        if len(self.verdict.findings) < _MOST:
            self.verdict.findings.append(Finding(kind, sentence, entry, position))

    def gap(self, until: int) -> None:
        """Positions up to `until` are not there."""
        at = self.verdict.head.position
        if until <= at:
            return
        one = until == at + 1
        self.note(
            Kind.REMOVED,
            f"Position {until} of the chain is gone."
            if one
            else f"Positions {at + 1} to {until} of the chain are gone.",
            position=at + 1,
        )
        self.verdict.head, self._known = Head(until, START), False

    def step(self, link: Link, *, entry_id: int | None) -> None:
        self.gap(link.position - 1)
        before, position, entry = self.verdict.head.hash, link.position, link.entry
        where = f"(position {position})"
        if entry is None:
            self.note(
                Kind.REMOVED, f"Entry {entry_id} {where} was removed.", entry=entry_id, position=position
            )
        elif not entry.sealed(self.keys):
            self.note(
                Kind.CHANGED, f"Entry {entry.id} {where} was changed.", entry=entry.id, position=position
            )
        elif self._known and not fits(self.keys, link.hash, linked(before, position, entry)):
            sentence = f"The seal of entry {entry.id} {where} does not fit the one before it."
            self.note(Kind.SEAL, sentence, entry=entry.id, position=position)
        self.verdict.head, self._known = Head(position, link.hash), True
        self.verdict.entries += 1
        noted = self.expected
        if noted is not None and noted.position == position and noted.hash != link.hash:
            sentence = (
                f"Position {position} has another hash than the head that was noted: the chain was made anew."
            )
            self.note(Kind.HEAD, sentence, position=position)

    def end(self) -> None:
        if self.expected is not None and self.verdict.head.position < self.expected.position:
            self.note(
                Kind.REMOVED,
                f"The chain ends at position {self.verdict.head.position}, but it was seen at {self.expected.position}: "
                "its end was cut off.",
                position=self.verdict.head.position + 1,
            )


async def verify(session: AsyncSession, *, folder: Path, expected: Head | None = None) -> Verdict:
    """Look at every entry. `expected`: a head that was noted earlier; without it the one noted in `folder` counts."""
    await hold(session)  # nothing is sealed or archived meanwhile; writers go on
    keys = await retired_keys.all_of(session, PURPOSE)
    walk = _Walk(keys, expected or await asyncio.to_thread(noted_head, folder))
    for archive in (await session.execute(_ARCHIVES)).mappings().all():
        await _archive(walk, archive, folder / FOLDER)
    walk.verdict.archived = walk.verdict.entries
    while rows := (
        (await session.execute(_LINKS, {"after": walk.verdict.head.position, "step": _STEP})).mappings().all()
    ):
        for row in rows:
            walk.step(_link(row), entry_id=row["entry_id"])
    walk.end()
    await _without_seal(session, walk)
    return walk.verdict


def _link(row: RowMapping) -> Link:
    return Link(row["position"], bytes(row["hash"]), entry_of(row) if row["id"] is not None else None)


async def _archive(walk: _Walk, archive: RowMapping, folder: Path) -> None:
    first, last, name = archive["first_position"], archive["last_position"], archive["file"]
    walk.gap(first - 1)

    def read() -> tuple[bytes, list[Link]]:
        body = (folder / Path(name).name).read_bytes()
        return hashlib.sha256(body).digest(), list(links_of(body))

    try:
        digest, links = await asyncio.to_thread(read)
    except (OSError, EOFError, ValueError, TypeError, KeyError) as error:
        gone = isinstance(error, FileNotFoundError)
        sentence = f"The archive {name} {'is not in' if gone else 'cannot be read in'} {folder}."
        walk.note(Kind.ARCHIVE, sentence, position=first)
        walk.verdict.head = Head(last, bytes(archive["hash_after"]))
        return
    if digest != bytes(archive["digest"]):
        walk.note(Kind.ARCHIVE, f"The archive {name} is not the file that was written.", position=first)
    for link in links:
        walk.step(link, entry_id=link.entry.id if link.entry else None)
    walk.gap(last)
    walk.verdict.head = Head(last, bytes(archive["hash_after"]))


async def _without_seal(session: AsyncSession, walk: _Walk) -> None:
    after = 0
    while rows := ((await session.execute(_WITHOUT_SEAL, {"after": after, "step": _STEP})).mappings().all()):
        after = rows[-1]["id"]
        for row in rows:
            entry = entry_of(row)
            if not entry.sealed(walk.keys):
                walk.note(
                    Kind.INSERTED,
                    f"Entry {entry.id} was inserted or changed by somebody else.",
                    entry=entry.id,
                )
            elif row["waits"]:
                walk.verdict.waiting += 1
            else:
                walk.note(Kind.SEAL, f"The seal of entry {entry.id} was removed.", entry=entry.id)


def noted_head(folder: Path) -> Head | None:
    """Where the chain stood when it was last noted outside of the database; None: nowhere here."""
    try:
        return Head.of((folder / FOLDER / HEAD_FILE).read_text())
    except (OSError, ValueError):
        return None


def note_head(folder: Path, head: Head) -> None:
    """Note where the chain stands, for a later `verify` on this machine."""
    path = folder / FOLDER / HEAD_FILE
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = path.with_name(path.name + ".part")
    partial.write_text(f"{head}\n")
    partial.replace(path)
