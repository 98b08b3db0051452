"""A queue as it would be made just now, kept nowhere; how its last version fares; and the algorithms that there are."""

import asyncio
from typing import Annotated

import msgspec
from fastapi import Depends, Query, Request

from sprintreports.api.answers import Many, One, arranged, cut, many, one
from sprintreports.api.door import Asked, needs
from sprintreports.api.listing import Asking, listed
from sprintreports.api.parameters import Id
from sprintreports.api.routes import queues_shown
from sprintreports.api.routes.queues_shown import (
    CONFLICT_ORDERS,
    ISSUE_ORDERS,
    ConflictFilters,
    IssueFilters,
    TeamChoice,
)
from sprintreports.api.routing import Router
from sprintreports.api.schemas.queue_algorithms import QueueAlgorithmOut, algorithms
from sprintreports.api.schemas.queue_results import (
    QueueConflictOut,
    QueueIssueOut,
    QueuePreviewOut,
    QueueProgressIssueOut,
    QueueProgressOut,
    QueueResultOut,
)
from sprintreports.api.steps import Steps, in_steps
from sprintreports.identity.permissions import Permission
from sprintreports.kit.cache import Kept
from sprintreports.planning.queue.results import Queue
from sprintreports.planning.queues import serving, store, versions
from sprintreports.planning.queues.encoding import options_json
from sprintreports.planning.queues.progress import Progress, Standing
from sprintreports.planning.queues.serving import Basis
from sprintreports.planning.queues.versions import Stored

router = Router(prefix="/api/v1/queues/{queue_id}", tags=["queues"])
known = Router(prefix="/api/v1/queue-algorithms", tags=["queues"])

_PROGRESS_ORDERS = ("position", "key", "team_name", "standing", "late", "start", "finish")

Reader = Annotated[Asked, needs(Permission.QUEUES_READ)]
Looker = Annotated[Steps, in_steps(Permission.QUEUES_READ)]
Late = Annotated[bool | None, Query(description="only what is late, or only what is not")]

# Page after page of one preview is cut from one queue, for as long as nothing that it is made from has changed.
_previews = Kept[Queue](most=60_000, weigh=lambda queue: sum(len(team.placements) for team in queue.teams))


@router.get("/preview")
async def preview(request: Request, queue_id: Id, steps: Looker) -> One[QueuePreviewOut]:
    """The queue as it would be kept just now: every team with its cut-line, fairness, how many conflicts, what the inputs lack."""
    asked, basis, queue = await _made(steps, queue_id)
    shown = QueuePreviewOut(
        head=basis.draft.info.head,
        fingerprint=basis.fingerprint.hex(),
        notes=list(basis.found.notes) if asked.viewer.team_ids is None else [],
        result=await asyncio.to_thread(QueueResultOut.of, queue),
    )
    return one(request, shown)


@router.get("/preview/issues")
async def preview_issues(
    request: Request,
    queue_id: Id,
    steps: Looker,
    filters: Annotated[IssueFilters, Depends()],
    asking: Annotated[Asking, listed(QueueIssueOut, ISSUE_ORDERS, per_page=100)],
) -> Many[QueueIssueOut]:
    """The issues as they would stand, team by team, each with its reason."""
    asked, basis, queue = await _made(steps, queue_id)
    return await queues_shown.issues(request, asked, basis.draft.info, queue, filters, asking)


@router.get("/preview/conflicts")
async def preview_conflicts(
    request: Request,
    queue_id: Id,
    steps: Looker,
    filters: Annotated[ConflictFilters, Depends()],
    asking: Annotated[Asking, listed(QueueConflictOut, CONFLICT_ORDERS, per_page=100)],
) -> Many[QueueConflictOut]:
    """What would not go together, the worst first, with changes that would settle it."""
    asked, basis, queue = await _made(steps, queue_id)
    return await queues_shown.conflicts(request, asked, basis.draft.info, queue, filters, asking)


@router.get("/progress")
async def progress(request: Request, queue_id: Id, asked: Reader) -> One[QueueProgressOut]:
    """The last version against now: per team what is done, what is next, what slipped; what joined the sprint since."""
    stored, found = await _progress(asked, queue_id)
    return one(request, await asyncio.to_thread(QueueProgressOut.of, stored.version, stored.queue, found))


@router.get("/progress/issues")
async def progress_issues(
    request: Request,
    queue_id: Id,
    asked: Reader,
    asking: Annotated[Asking, listed(QueueProgressIssueOut, _PROGRESS_ORDERS, per_page=100)],
    *,
    team: TeamChoice = None,
    standing: Annotated[Standing | None, Query()] = None,
    late: Late = None,
) -> Many[QueueProgressIssueOut]:
    """The issues that the last version has in, and how far each is."""
    _, found = await _progress(asked, queue_id)
    rows = [
        (each, item)
        for each in found.teams
        if team is None or (each.team or 0) == team
        for item in each.items
        if (standing is None or item.standing is standing) and (late is None or item.late is late)
    ]
    if asking.sort:
        shown = await asyncio.to_thread(lambda: [QueueProgressIssueOut.of(*row) for row in rows])
        return arranged(request, shown, asking)
    return many(request, cut(rows, asking), lambda row: QueueProgressIssueOut.of(*row), asking.fields)


@known.get("")
async def listing(
    request: Request,
    asked: Reader,
    asking: Annotated[Asking, listed(QueueAlgorithmOut, ("name",))],
) -> Many[QueueAlgorithmOut]:
    """How a queue can be made: each algorithm with the rules that it heeds and what these can be."""
    del asked
    return arranged(request, algorithms(), asking)


async def _made(steps: Steps, queue_id: int) -> tuple[Asked, Basis, Queue]:
    """What the viewer sees of the queue as it would be made, and the transaction that looks up its names."""
    async with steps.reading() as asked:
        basis = await serving.basis(asked.session, asked.viewer, queue_id, now=asked.now)
    rules = msgspec.json.encode(options_json(basis.draft.options))
    key = queue_id, basis.fingerprint, rules
    queue = await steps.beside(_previews.get(key, lambda: serving.made(basis)))
    asked = await steps.last()
    await store.one(asked.session, asked.viewer, queue_id)
    return (
        asked,
        basis,
        await versions.part_of(asked.session, serving.reader(asked.viewer), queue),
    )


async def _progress(asked: Asked, queue_id: int) -> tuple[Stored, Progress]:
    info = await store.one(asked.session, asked.viewer, queue_id)
    stored = await versions.read(asked.session, serving.reader(asked.viewer), queue_id)
    return stored, await serving.progress_now(asked.session, asked.viewer, info, stored, now=asked.now)
