"""What is kept of a queue: versions made and planned again, read part by part, compared, and as files."""

import asyncio
from typing import Annotated

from fastapi import Depends, Path, Query, Request, Response

from sprintreports.api.answers import Many, One, arranged, cut, many, one
from sprintreports.api.door import Asked, needs
from sprintreports.api.listing import Asking, listed
from sprintreports.api.parameters import Id
from sprintreports.api.routes import queues_shown
from sprintreports.api.routes.queues_shown import (
    CONFLICT_ORDERS,
    ISSUE_ORDERS,
    MOVE_ORDERS,
    ConflictFilters,
    IssueFilters,
    TeamChoice,
)
from sprintreports.api.routing import Router
from sprintreports.api.schemas.queue_results import (
    QueueConflictOut,
    QueueIssueOut,
    QueueMoveOut,
    QueueResultOut,
    QueueVersionResultOut,
    ReplannedOut,
)
from sprintreports.api.schemas.queues import NoteIn, QueueVersionOut
from sprintreports.api.steps import Steps, in_steps
from sprintreports.identity.permissions import Permission
from sprintreports.kit.errors import FieldProblem, Invalid
from sprintreports.planning.queue.replan import Move, changes
from sprintreports.planning.queues import files, serving, store, versions
from sprintreports.planning.queues.files import MEDIA, Format
from sprintreports.planning.queues.store import QueueInfo
from sprintreports.planning.queues.versions import Stored

router = Router(prefix="/api/v1/queues/{queue_id}", tags=["queues"])

_ORDERS = ("number", "created_at", "head")
_SHOWN = 100  # of what moved

Reader = Annotated[Asked, needs(Permission.QUEUES_READ)]
Maker = Annotated[Steps, in_steps(Permission.QUEUES_WRITE)]
Exporter = Annotated[Steps, in_steps(Permission.QUEUES_READ)]
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
Zone = Annotated[
    str | None,
    Query(
        max_length=64,
        description="that times are told in; default: yours, else the board's",
        examples=["Europe/Berlin"],
    ),
]
Dry = Annotated[bool, Query(description="only try: nothing is kept")]
Against = Annotated[
    int | None, Query(ge=1, le=2**31 - 1, description="the earlier version; default: the one before it")
]
OtherQueue = Annotated[
    int | None,
    Query(ge=1, le=2**63 - 1, description="of this queue of the same sprint; default: the same queue"),
]


@router.get("/versions")
async def listing(
    request: Request,
    queue_id: Id,
    asked: Reader,
    asking: Annotated[Asking, listed(QueueVersionOut, _ORDERS)],
) -> Many[QueueVersionOut]:
    """What was kept of a queue, the last version first."""
    found = await versions.listing(asked.session, asked.viewer, queue_id)
    return arranged(request, map(QueueVersionOut.of, found), asking)


@router.post("/versions", status_code=201)
async def generate(
    request: Request, response: Response, queue_id: Id, steps: Maker, body: NoteIn | None = None
) -> One[QueueVersionResultOut]:
    """Make the queue from its draft and what Jira has now, and keep it. Where it is edited meanwhile: 409."""
    async with steps.reading() as asked:
        await store.hold(asked.session, asked.viewer, queue_id, editing=True)
        basis = await serving.basis(asked.session, asked.viewer, queue_id, now=asked.now)
    queue = await steps.beside(serving.made(basis))
    asked = await steps.last()
    note = "" if body is None else body.note
    version = await serving.keep(asked.session, asked.viewer, basis, queue, note=note, now=asked.now)
    response.headers["Location"] = f"/api/v1/queues/{queue_id}/versions/{version.number}"
    return one(request, await asyncio.to_thread(QueueVersionResultOut.with_result, version, queue))


@router.post("/replan")
async def replan(
    request: Request, queue_id: Id, steps: Maker, body: NoteIn | None = None, *, dry: Dry = False
) -> One[ReplannedOut]:
    """Make the queue anew with the fewest changes against its last version, keep it, and say what moved and why."""
    async with steps.reading() as asked:
        await store.hold(asked.session, asked.viewer, queue_id, editing=True)
        basis = await serving.basis(asked.session, asked.viewer, queue_id, now=asked.now)
        last = await serving.last(asked.session, asked.viewer, queue_id)
    found = await steps.beside(serving.replanned(basis, last.queue))
    asked = await steps.last()
    version = None
    if not dry:
        note = "" if body is None else body.note
        version = await serving.keep(
            asked.session, asked.viewer, basis, found.queue, note=note, now=asked.now
        )
    first = found.changes[:_SHOWN]
    return one(
        request,
        ReplannedOut(
            version=None if version is None else QueueVersionOut.of(version),
            against=last.version.number,
            result=await asyncio.to_thread(QueueResultOut.of, found.queue),
            moved_total=len(found.changes),
            moved=await queues_shown.moved(asked, basis.draft.info, last.queue, found.queue, first),
        ),
    )


@router.get("/versions/{number}")
async def single(request: Request, queue_id: Id, number: Number, asked: Reader) -> One[QueueVersionResultOut]:
    """One version: every team with its cut-line, fairness, how many conflicts."""
    _, stored = await _read(asked, queue_id, number)
    shown = await asyncio.to_thread(QueueVersionResultOut.with_result, stored.version, stored.queue)
    return one(request, shown)


@router.get("/versions/{number}/issues")
async def issues(
    request: Request,
    queue_id: Id,
    number: Number,
    asked: Reader,
    filters: Annotated[IssueFilters, Depends()],
    asking: Annotated[Asking, listed(QueueIssueOut, ISSUE_ORDERS, per_page=100)],
) -> Many[QueueIssueOut]:
    """The issues of a version, team by team in the order of the plan, each with the reason why it is there."""
    info, stored = await _read(asked, queue_id, number)
    return await queues_shown.issues(request, asked, info, stored.queue, filters, asking)


@router.get("/versions/{number}/conflicts")
async def conflicts(
    request: Request,
    queue_id: Id,
    number: Number,
    asked: Reader,
    filters: Annotated[ConflictFilters, Depends()],
    asking: Annotated[Asking, listed(QueueConflictOut, CONFLICT_ORDERS, per_page=100)],
) -> Many[QueueConflictOut]:
    """What does not go together in a version, the worst first, with changes that would settle it."""
    info, stored = await _read(asked, queue_id, number)
    return await queues_shown.conflicts(request, asked, info, stored.queue, filters, asking)


@router.get("/versions/{number}/changes")
async def compare(
    request: Request,
    queue_id: Id,
    number: Number,
    asked: Reader,
    asking: Annotated[Asking, listed(QueueMoveOut, MOVE_ORDERS, per_page=100)],
    *,
    against: Against = None,
    queue: OtherQueue = None,
    team: TeamChoice = None,
    move: Annotated[Move | None, Query()] = None,
) -> Many[QueueMoveOut]:
    """What is otherwise than in an earlier version, or in a version of another queue of the sprint: what came, went, moved, and why."""
    info, after = await _read(asked, queue_id, number)
    other = info if queue is None else await store.one(asked.session, asked.viewer, queue)
    before = await _earlier(asked, info, other, number, against)
    found = await asyncio.to_thread(changes, before.queue, after.queue)
    page = cut(queues_shown.moves(found, team=team, move=move, sort=asking.sort), asking)
    rows = await queues_shown.moved(asked, info, before.queue, after.queue, page.items)
    places = {id(change): row for change, row in zip(page.items, rows, strict=True)}
    return many(request, page, lambda change: places[id(change)], asking.fields)


@router.get(
    "/versions/{number}/export",
    response_class=Response,
    responses={200: {"content": {media.partition(";")[0]: {} for media in MEDIA.values()}}},
)
async def export(
    queue_id: Id,
    number: Number,
    steps: Exporter,
    *,
    form: Annotated[Format, Query(alias="format")] = Format.CSV,
    zone: Zone = None,
) -> Response:
    """A version as a file: a row for each issue (csv), a sheet for each team (xlsx), the whole (json), what has times of its own (ical), a page to print (html)."""
    async with steps.reading() as asked:
        reader = serving.reader(asked.viewer)
        content = await files.read(asked.session, reader, queue_id, form=form, number=number, zone=zone)
    body = await steps.beside(files.written(content, form))
    headers = {"Content-Disposition": f'attachment; filename="{content.named(form)}"'}
    return Response(body, media_type=MEDIA[form], headers=headers)


async def _read(asked: Asked, queue_id: int, number: int) -> tuple[QueueInfo, Stored]:
    info = await store.one(asked.session, asked.viewer, queue_id)
    return info, await versions.read(asked.session, serving.reader(asked.viewer), queue_id, number=number)


async def _earlier(
    asked: Asked, info: QueueInfo, other: QueueInfo, number: int, against: int | None
) -> Stored:
    """Raises NotFound, Invalid."""
    problem: FieldProblem | None = None
    if other.sprint_id != info.sprint_id:
        problem = FieldProblem(
            "queue", "This queue belongs to another sprint. Choose one of the same sprint."
        )
    elif other.id == info.id and against is None and number == 1:
        problem = FieldProblem("against", "This is the first version. Name the one to compare it with.")
    if problem is not None:
        raise Invalid(problem.message, details=(problem,))
    wanted = number - 1 if against is None and other.id == info.id else against
    return await versions.read(asked.session, serving.reader(asked.viewer), other.id, number=wanted)
