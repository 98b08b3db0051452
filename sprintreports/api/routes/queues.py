"""Sprint queues: list, begin, read, rename, take to their next state, delete; the draft with its edits, made, undone and redone."""

import asyncio
from secrets import token_hex
from typing import Annotated

from fastapi import Query, Request, Response

from sprintreports.api.answers import Many, One, arranged, cut, many, one
from sprintreports.api.door import Asked, needs
from sprintreports.api.listing import Asking, listed
from sprintreports.api.parameters import Id
from sprintreports.api.routing import Router
from sprintreports.api.schemas.queue_changes import changes_of
from sprintreports.api.schemas.queues import (
    AppliedOut,
    DraftOut,
    EditOut,
    EditsIn,
    QueueChange,
    QueueIn,
    QueueOut,
    SeenIn,
    UndoIn,
)
from sprintreports.identity import names as accounts
from sprintreports.identity.permissions import Permission
from sprintreports.jira.reads import candidates, sprints
from sprintreports.kit.errors import Conflict, FieldProblem
from sprintreports.planning.queue.options import Options
from sprintreports.planning.queue.results import Fairness, Queue
from sprintreports.planning.queue_inputs.reading import Sources
from sprintreports.planning.queues import deleting, drafts, serving, states, store, versions
from sprintreports.planning.queues.changes import SetWeight
from sprintreports.planning.queues.drafts import Applied
from sprintreports.planning.queues.words import clash_in_words

around = Router(prefix="/api/v1/sprints/{sprint_id}/queues", tags=["queues"])
router = Router(prefix="/api/v1/queues/{queue_id}", tags=["queues"])

_ORDERS = ("name", "state", "created_at", "updated_at", "versions")
_EDIT_ORDERS = ("number",)

Reader = Annotated[Asked, needs(Permission.QUEUES_READ)]
Manager = Annotated[Asked, needs(Permission.QUEUES_WRITE)]
Archived = Annotated[bool, Query(description="with those that were archived")]
Since = Annotated[
    int, Query(ge=0, le=drafts.MOST_EDITS, description="only edits after this one", examples=[3])
]


class Clashing(Conflict):
    """Others have changed the same things since you looked, so nothing was changed: see the details. Read the draft again; to
    have it your way, send it again with its `head` as `seen`."""


@around.get("")
async def listing(
    request: Request,
    sprint_id: Id,
    asked: Reader,
    asking: Annotated[Asking, listed(QueueOut, _ORDERS)],
    *,
    archived: Archived = False,
) -> Many[QueueOut]:
    """A sprint's queues: the active one, drafts, completed ones, each the newest first."""
    await sprints.one(asked.session, serving.reader(asked.viewer), sprint_id)
    found = await store.listing(asked.session, asked.viewer, sprint_id=sprint_id, archived=archived)
    return arranged(request, map(QueueOut.of, found), asking)


@around.post("", status_code=201)
async def create(
    request: Request, response: Response, sprint_id: Id, body: QueueIn, asked: Manager
) -> One[QueueOut]:
    """Begin a draft for a sprint that is active or planned."""
    options, subtasks, sources = Options(), None, Sources()
    if body.like is not None:
        like = await drafts.read(asked.session, asked.viewer, body.like)
        options, sources = like.options, like.info.sources
        subtasks = options.include_subtasks
    if body.options is not None:
        options, subtasks = body.options.options(), body.options.include_subtasks
    made = await serving.begin(
        asked.session,
        asked.viewer,
        sprint_id=sprint_id,
        board_id=body.board_id,
        name=body.name,
        options=options,
        subtasks=subtasks,
        sources=sources if body.sources is None else body.sources.value(),
        now=asked.now,
    )
    response.headers["Location"] = f"/api/v1/queues/{made.id}"
    return one(request, QueueOut.of(made))


@router.get("")
async def single(request: Request, queue_id: Id, asked: Reader) -> One[QueueOut]:
    """One queue."""
    return one(request, QueueOut.of(await store.one(asked.session, asked.viewer, queue_id)))


@router.patch("")
async def change(request: Request, queue_id: Id, body: QueueChange, asked: Manager) -> One[QueueOut]:
    """Rename a queue, or take it to its next state. Only one queue of a sprint is active, and all of its edits are in a version."""
    found = await store.hold(asked.session, asked.viewer, queue_id)
    if body.name is not None:
        found = await store.rename(asked.session, asked.viewer, queue_id, body.name, now=asked.now)
    if body.state is not None:
        found = await states.become(asked.session, asked.viewer, queue_id, body.state, now=asked.now)
    return one(request, QueueOut.of(found))


@router.delete("", status_code=204)
async def delete(queue_id: Id, asked: Manager) -> None:
    """Delete a draft or an archived queue. The active one and completed ones stay: 409, with what to do first."""
    await deleting.delete(asked.session, asked.viewer, queue_id, now=asked.now)


@router.post("/restore")
async def restore(request: Request, queue_id: Id, asked: Manager) -> One[QueueOut]:
    """Take back that a queue was deleted: it is as it was, with its edits and versions."""
    found = await deleting.restore(asked.session, asked.viewer, queue_id, now=asked.now)
    return one(request, QueueOut.of(found))


@router.get("/draft")
async def draft(request: Request, queue_id: Id, asked: Reader) -> One[DraftOut]:
    """What the queue is at: its options with all edits, and the number of the last one."""
    found = await drafts.read(asked.session, asked.viewer, queue_id)
    return one(request, await asyncio.to_thread(DraftOut.of, found, by=asked.viewer.user_id))


@router.get("/edits")
async def edits(
    request: Request,
    queue_id: Id,
    asked: Reader,
    asking: Annotated[Asking, listed(EditOut, _EDIT_ORDERS, per_page=100)],
    *,
    since: Since = 0,
) -> Many[EditOut]:
    """All edits of a queue, the first one first."""
    found = await drafts.read(asked.session, asked.viewer, queue_id)
    made = [edit for edit in found.edits if edit.number > since]
    if any(by.descending for by in asking.sort):
        made.reverse()
    return many(request, cut(made, asking), EditOut.of, asking.fields)


@router.post("/edits")
async def edit(request: Request, queue_id: Id, body: EditsIn, asked: Manager) -> One[AppliedOut]:
    """Change a draft: all of it, or nothing where others have changed the same thing since (409, with both sides)."""
    applied = await drafts.apply(
        asked.session,
        asked.viewer,
        queue_id,
        changes_of(body.changes),
        seen=body.seen,
        token=_token(body),
        now=asked.now,
    )
    return one(request, await _settled(asked, queue_id, applied))


@router.post("/undo")
async def undo(request: Request, queue_id: Id, body: UndoIn, asked: Manager) -> One[AppliedOut]:
    """Take back your last change that holds, or any one by its number. Where there is none, nothing happens."""
    applied = await drafts.undo(
        asked.session,
        asked.viewer,
        queue_id,
        seen=body.seen,
        token=_token(body),
        number=body.number,
        now=asked.now,
    )
    return one(request, await _settled(asked, queue_id, applied))


@router.post("/redo")
async def redo(request: Request, queue_id: Id, body: SeenIn, asked: Manager) -> One[AppliedOut]:
    """Make again what you undid last, in its old place. Where there is nothing, nothing happens."""
    applied = await drafts.redo(
        asked.session, asked.viewer, queue_id, seen=body.seen, token=_token(body), now=asked.now
    )
    return one(request, await _settled(asked, queue_id, applied))


def _token(body: SeenIn) -> str:
    return body.token or token_hex(16)


async def _settled(asked: Asked, queue_id: int, applied: Applied) -> AppliedOut:
    """Raises Clashing, in words that name both sides; the transaction then ends without a change."""
    if not applied.clashes:
        return AppliedOut.of(applied)
    info = await store.one(asked.session, asked.viewer, queue_id)
    last = Queue(info.base, (), Fairness(None, 0), (), 0, None)
    if info.versions:
        last = (await versions.read(asked.session, serving.reader(asked.viewer), queue_id)).queue
    mine = [clash.mine for clash in applied.clashes]
    weighed = {one.person for one in mine if isinstance(one, SetWeight) and one.person is not None}
    people = await candidates.people_of(asked.session, weighed)
    makers = {made.by for clash in applied.clashes for made in clash.theirs}
    known = await accounts.named(asked.session, makers)
    raise Clashing(
        details=tuple(
            FieldProblem("changes", clash_in_words(clash, last, people=people, accounts=known))
            for clash in applied.clashes
        )
    )
