"""What is kept of a queue for good: each version with its author, its note, what it was made from, and the whole result."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec
from msgspec import structs
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import audit
from sprintreports.identity.viewer import Viewer
from sprintreports.kit.cache import Kept
from sprintreports.kit.errors import Conflict, FieldProblem, Invalid, NotFound
from sprintreports.planning import access
from sprintreports.planning.queue.results import Fairness, Queue, Severity, Side, TeamQueue
from sprintreports.planning.queue_inputs.reading import Sources
from sprintreports.planning.queues import drafts, store
from sprintreports.planning.queues.stored_results import FORMAT, packed, unpacked
from sprintreports.planning.queues.tables import LONGEST_NOTE

MOST_VERSIONS = 1_000
# What is read page by page is unpacked once; kept by what was stored, it cannot be another version's.
_unpacked: Kept[Queue] = Kept(
    most=120_000, weigh=lambda queue: sum(len(team.placements) for team in queue.teams)
)


class EditedMeanwhile(Conflict):
    """The draft was edited while this was made from it. Look at the edits, and make it again."""


class Summary(msgspec.Struct, frozen=True):
    """A version in a few figures, over all teams. proven: of `optimal`, whether it is the best there is."""

    algorithm: str
    inside: int
    below: int
    aside: int
    errors: int
    warnings: int
    fairness: float | None
    proven: bool | None


@dataclass(frozen=True, slots=True)
class Version:
    """A version without its result. head: the last edit that is in it. summary None: the viewer sees some teams alone."""

    queue_id: int
    number: int
    head: int
    note: str
    sources: Sources
    fingerprint: bytes
    summary: Summary | None
    created_by: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Stored:
    """A version with its result, cut to the teams that the viewer sees."""

    version: Version
    queue: Queue


_COLUMNS = (
    "v.queue_id, v.number, v.head, v.note, v.sources, v.fingerprint, v.summary, v.created_by, v.created_at"
)
_LISTING = text(f"SELECT {_COLUMNS} FROM queue_version v WHERE v.queue_id = :id ORDER BY v.number DESC")
_LATEST = text(f"""
SELECT DISTINCT ON (v.queue_id) {_COLUMNS} FROM queue_version v WHERE v.queue_id = ANY(:ids) ORDER BY v.queue_id, v.number DESC
""")
_ONE = text(f"""
SELECT {_COLUMNS}, v.format, v.result FROM queue_version v
WHERE v.queue_id = :id AND (CAST(:number AS integer) IS NULL OR v.number = :number) ORDER BY v.number DESC LIMIT 1
""")
_INSERT = text("""
INSERT INTO queue_version (queue_id, number, head, note, sources, fingerprint, format, result, summary, created_by, created_at)
VALUES (:id, :number, :head, :note, CAST(:sources AS jsonb), :fingerprint, :format, :result, CAST(:summary AS jsonb), :by, :now)
""")
_GROWN = text(
    "UPDATE queue SET versions = :number, sources = CAST(:sources AS jsonb), updated_at = :now WHERE id = :id"
)
_TEAMS = text(f"SELECT t.id FROM team t WHERE {access.VISIBLE}")


async def keep(
    session: AsyncSession,
    viewer: Viewer,
    queue_id: int,
    queue: Queue,
    *,
    head: int,
    fingerprint: bytes,
    sources: Sources,
    note: str = "",
    now: datetime,
) -> Version:
    """Keep what was made from the draft as of its edit `head`. Raises Forbidden, NotFound, NotEditable, Invalid, EditedMeanwhile."""
    info = await store.hold(session, viewer, queue_id, editing=True)
    draft = await drafts.read(session, viewer, queue_id)
    if head != info.head or queue.options != draft.options:
        raise EditedMeanwhile
    if len(note) > LONGEST_NOTE or "\0" in note:
        problem = FieldProblem("note", f"A note has at most {LONGEST_NOTE:,} characters.")
        raise Invalid(problem.message, details=(problem,))
    if info.versions >= MOST_VERSIONS:
        raise Invalid(f"This queue has {MOST_VERSIONS:,} versions. Begin a new one from it.")
    number = info.versions + 1
    sources_text = store.sources_text(sources)
    values = {
        "id": queue_id,
        "number": number,
        "head": head,
        "note": note.strip(),
        "sources": sources_text,
        "fingerprint": fingerprint,
        "format": FORMAT,
        "result": await asyncio.to_thread(packed, queue),
        "summary": msgspec.json.encode(summary_of(queue)).decode(),
        "by": viewer.user_id,
        "now": now,
    }
    await session.execute(_INSERT, values)
    await session.execute(_GROWN, {"id": queue_id, "number": number, "sources": sources_text, "now": now})
    await audit.record(
        session,
        viewer,
        audit.Action.QUEUE_CHANGED,
        subject=("queue", queue_id),
        after={"version": number, "head": head, "note": note.strip()},
    )
    await store.announce(session, queue_id)
    return (await listing(session, viewer, queue_id))[0]


async def listing(session: AsyncSession, viewer: Viewer, queue_id: int) -> list[Version]:
    """A queue's versions, the last one first. Raises Forbidden, NotFound."""
    await store.one(session, viewer, queue_id)
    return [_version(row, viewer) for row in await session.execute(_LISTING, {"id": queue_id})]


async def latest(
    session: AsyncSession, viewer: Viewer, queues: Iterable[store.QueueInfo]
) -> dict[int, Version]:
    """The last version of each of these queues, by queue; one of which none was kept is left out."""
    ids = [one.id for one in queues]
    return {row[0]: _version(row, viewer) for row in await session.execute(_LATEST, {"ids": ids})}


async def read(session: AsyncSession, viewer: Viewer, queue_id: int, *, number: int | None = None) -> Stored:
    """A version, the last one unless named, with its result. Raises Forbidden, NotFound, Unreadable."""
    await store.one(session, viewer, queue_id)
    found = await session.execute(_ONE, {"id": queue_id, "number": number})
    row = found.one_or_none()
    if row is None:
        raise NotFound(
            "This queue has no such version. Choose one from the list of its versions, or keep a first one."
        )
    body, format_ = bytes(row[10]), int(row[9])

    async def unpack() -> Queue:
        return await asyncio.to_thread(unpacked, body, format_=format_)

    queue = await _unpacked.get((format_, sha256(body).digest()), unpack)
    return Stored(_version(row[:9], viewer), await part_of(session, viewer, queue))


async def part_of(session: AsyncSession, viewer: Viewer, queue: Queue) -> Queue:
    """What the viewer sees of a queue: who is limited to some teams sees their lists and conflicts, and no figures of all."""
    if viewer.team_ids is None:
        return queue
    teams = set(await session.scalars(_TEAMS, {"seen": await access.seen(session, viewer)}))
    return cut_to(queue, teams)


def cut_to(queue: Queue, teams: set[int]) -> Queue:
    """The queue of these teams alone, without issues of no team."""
    mine = tuple(_alone(team, teams) for team in queue.teams if team.team in teams)
    issues = {placement.issue for team in mine for placement in team.placements}
    conflicts = tuple(
        one for one in queue.conflicts if (one.issues or one.team in teams) and issues.issuperset(one.issues)
    )
    in_jira = {issue: one for issue, one in queue.in_jira.items() if issue in issues}
    return replace(
        queue,
        teams=mine,
        conflicts=conflicts,
        fairness=Fairness(None, 0),
        value=0,
        bound=None,
        in_jira=in_jira,
    )


def _alone(team: TeamQueue, teams: set[int]) -> TeamQueue:
    """What other teams lack is no reason that is told here."""
    return replace(
        team,
        placements=tuple(
            structs.replace(one, reason=structs.replace(one.reason, needs=()))
            if any(other not in teams for other, _ in one.reason.needs)
            else one
            for one in team.placements
        ),
    )


def summary_of(queue: Queue) -> Summary:
    """A queue in a few figures."""
    sides = Counter(placement.side for team in queue.teams for placement in team.placements)
    severities = Counter(conflict.severity for conflict in queue.conflicts)
    return Summary(
        algorithm=str(queue.options.algorithm),
        inside=sides[Side.IN],
        below=sides[Side.BELOW],
        aside=sides[Side.ASIDE],
        errors=severities[Severity.ERROR],
        warnings=severities[Severity.WARNING],
        fairness=queue.fairness.index,
        proven=None if queue.bound is None else queue.bound.proven,
    )


def _version(row: Sequence[Any], viewer: Viewer) -> Version:
    queue_id, number, head, note, sources, fingerprint, summary, by, at = row
    figures = msgspec.convert(summary, Summary) if viewer.team_ids is None else None
    return Version(
        queue_id, number, head, note, store.sources_of(sources), bytes(fingerprint), figures, by, at
    )
