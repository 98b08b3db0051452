"""From a draft to a version that is kept, in the steps that every door takes: read in one transaction, make without any, keep in another.

`basis` reads, `made` and `replanned` work beside the event loop, `keep` writes and refuses what was made from an older draft.
Who sees some teams alone gets their part of what these give: `versions.part_of` cuts it.
"""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.jira.reads import access
from sprintreports.planning.queue.options import Options
from sprintreports.planning.queue.replan import Replanned
from sprintreports.planning.queue.results import Queue
from sprintreports.planning.queue_inputs import reading
from sprintreports.planning.queue_inputs.reading import ReadInputs, Sources
from sprintreports.planning.queues import drafts, making, progress, store, versions
from sprintreports.planning.queues.drafts import Draft
from sprintreports.planning.queues.fingerprints import fingerprint
from sprintreports.planning.queues.progress import Progress
from sprintreports.planning.queues.store import QueueInfo
from sprintreports.planning.queues.versions import Stored, Version


@dataclass(frozen=True, slots=True)
class Basis:
    """What a queue is made from: the draft, and the inputs with the name of their state."""

    draft: Draft
    found: ReadInputs
    fingerprint: bytes


def reader(viewer: Viewer) -> Viewer:
    """Who reads what a queue shows: the scope for queues, which a door has asked for, covers its issues, teams and people."""
    return replace(viewer, scopes=None)


def planner(viewer: Viewer) -> Viewer:
    """Who reads what a queue is made from: a plan is one for all teams of its board, whoever asks for their part of it."""
    return replace(viewer, scopes=None, team_ids=None)


async def begin(
    session: AsyncSession,
    viewer: Viewer,
    *,
    sprint_id: int,
    board_id: int | None = None,
    name: str,
    options: Options,
    subtasks: bool | None = None,
    sources: Sources,
    now: datetime,
) -> QueueInfo:
    """Begin a draft. Raises what `prepare` raises, and Invalid for its name."""
    ready = await prepare(
        session,
        viewer,
        sprint_id=sprint_id,
        board_id=board_id,
        options=options,
        subtasks=subtasks,
        sources=sources,
        now=now,
    )
    return await store.create(
        session,
        reader(viewer),
        sprint_id=sprint_id,
        board_id=ready.found.place.board_id,
        name=name,
        options=ready.options,
        sources=sources,
        now=now,
    )


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a queue that has not begun yet would be made from."""

    found: ReadInputs
    options: Options
    sources: Sources

    async def made(self) -> Queue:
        """The whole queue, as `made` makes it of a draft. Raises TookTooLong, Invalid."""
        return await making.made(self.found.inputs, self.options)


async def begin_with(
    session: AsyncSession,
    viewer: Viewer,
    ready: Prepared,
    queue: Queue,
    *,
    name: str,
    note: str,
    now: datetime,
) -> QueueInfo:
    """Begin a draft whose first version is made already. Raises Forbidden, NotFound, Invalid."""
    begun = await store.create(
        session,
        reader(viewer),
        sprint_id=ready.found.place.sprint_id,
        board_id=ready.found.place.board_id,
        name=name,
        options=ready.options,
        sources=ready.sources,
        now=now,
    )
    mark = await asyncio.to_thread(fingerprint, ready.found.steady)
    await keep(
        session,
        viewer,
        Basis(Draft(begun, (), ready.options), ready.found, mark),
        queue,
        note=note,
        now=now,
    )
    return begun


async def prepare(
    session: AsyncSession,
    viewer: Viewer,
    *,
    sprint_id: int,
    board_id: int | None = None,
    options: Options,
    subtasks: bool | None = None,
    sources: Sources,
    now: datetime,
) -> Prepared:
    """What a new queue is made from. subtasks: whether these are planned, None: as the board counts.

    Raises Forbidden, NotFound, Invalid for a closed sprint too.
    """
    viewer.require(Permission.QUEUES_WRITE)
    place = await access.place(session, reader(viewer), sprint_id=sprint_id, board_id=board_id)
    viewer.require(Permission.QUEUES_WRITE, board_id=place.board_id)
    found = await reading.read(
        session,
        planner(viewer),
        sprint_id=sprint_id,
        board_id=place.board_id,
        sources=sources,
        unit=options.unit,
        now=now,
    )
    chosen = found.subtasks if subtasks is None else subtasks
    return Prepared(found, replace(options, include_subtasks=chosen), sources)


async def basis(session: AsyncSession, viewer: Viewer, queue_id: int, *, now: datetime) -> Basis:
    """Raises Forbidden, NotFound, Invalid for a closed sprint."""
    draft = await drafts.read(session, viewer, queue_id)
    info = draft.info
    found = await reading.read(
        session,
        planner(viewer),
        sprint_id=info.sprint_id,
        board_id=info.board_id,
        sources=info.sources,
        unit=draft.options.unit,
        now=now,
    )
    return Basis(draft, found, await asyncio.to_thread(fingerprint, found.steady))


async def last(session: AsyncSession, viewer: Viewer, queue_id: int) -> Stored:
    """The last version, of all teams: what is planned again. Raises Forbidden, NotFound, Unreadable."""
    return await versions.read(session, planner(viewer), queue_id)


async def made(basis: Basis) -> Queue:
    """The whole queue. Cancelling ends the work. Raises TookTooLong, Invalid."""
    return await making.made(basis.found.inputs, basis.draft.options)


async def replanned(basis: Basis, previous: Queue) -> Replanned:
    """The whole queue with the fewest changes, and what moved. Raises TookTooLong, Invalid."""
    return await making.replanned(basis.found.inputs, basis.draft.options, previous)


async def keep(
    session: AsyncSession, viewer: Viewer, basis: Basis, queue: Queue, *, note: str = "", now: datetime
) -> Version:
    """Keep what was made. Raises Forbidden, NotFound, NotEditable, Invalid, EditedMeanwhile."""
    info = basis.draft.info
    return await versions.keep(
        session,
        viewer,
        info.id,
        queue,
        head=info.head,
        fingerprint=basis.fingerprint,
        sources=info.sources,
        note=note,
        now=now,
    )


async def progress_now(
    session: AsyncSession, viewer: Viewer, info: QueueInfo, stored: Stored, *, now: datetime
) -> Progress:
    """The version that the viewer sees, held against the issues as they are now. Raises Forbidden, NotFound."""
    held = await reading.issues_now(
        session,
        planner(viewer),
        sprint_id=info.sprint_id,
        board_id=info.board_id,
        sources=stored.version.sources,
    )
    found = await asyncio.to_thread(progress.progress_of, stored.queue, held, now=now)
    if viewer.team_ids is None:
        return found
    theirs = await reading.issues_now(
        session,
        reader(viewer),
        sprint_id=info.sprint_id,
        board_id=info.board_id,
        sources=stored.version.sources,
    )
    seen = {one.issue for one in theirs}
    return replace(
        found,
        extra=tuple(issue for issue in found.extra if issue in seen),
        fresh=tuple(
            issue for issue in found.fresh if issue in seen and issue not in stored.queue.placements()
        ),
    )
