"""A draft that several people edit: its edits read, made, taken back and made again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import audit
from sprintreports.identity.viewer import Viewer
from sprintreports.kit.errors import FieldProblem, Invalid
from sprintreports.planning.queue.options import Options
from sprintreports.planning.queues import store
from sprintreports.planning.queues.changes import Change, check
from sprintreports.planning.queues.encoding import change_json, change_of
from sprintreports.planning.queues.merging import (
    Clash,
    Made,
    Step,
    merge,
    options_after,
    overtaken,
    redoable,
    standing,
    undoable,
)
from sprintreports.planning.queues.store import QueueInfo
from sprintreports.planning.queues.tables import LONGEST_TOKEN

MOST_AT_ONCE = 500
MOST_EDITS = 20_000


@dataclass(frozen=True, slots=True)
class Draft:
    """A queue with all of its edits, and the options that these amount to."""

    info: QueueInfo
    edits: tuple[Made, ...]
    options: Options


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of changes. made: edits that came of them, those of an earlier try included; head: the last edit now.

    draft: as it stands with them. agreed: what others had done already. clashes: what was not applied, since others changed
    the same thing.
    """

    head: int
    made: tuple[Made, ...]
    draft: Draft
    agreed: tuple[Change, ...] = ()
    clashes: tuple[Clash, ...] = ()


_EDITS = text("""
SELECT number, step, change, of_number, created_by, created_at, seen, token, place FROM queue_edit
WHERE queue_id = :id ORDER BY number
""")
_INSERT = text("""
INSERT INTO queue_edit (queue_id, number, step, change, of_number, seen, token, place, created_by, created_at)
VALUES (:id, :number, :step, CAST(:change AS jsonb), :of, :seen, :token, :place, :by, :now)
""")
_HEAD = text("UPDATE queue SET head = :head, updated_at = :now WHERE id = :id")


async def read(session: AsyncSession, viewer: Viewer, queue_id: int) -> Draft:
    """Raises Forbidden, NotFound."""
    info = await store.one(session, viewer, queue_id)
    edits = tuple(made for made, _ in await _edits(session, queue_id))
    return Draft(info, edits, options_after(info.base, edits))


async def apply(
    session: AsyncSession,
    viewer: Viewer,
    queue_id: int,
    changes: Sequence[Change],
    *,
    seen: int,
    token: str,
    now: datetime,
) -> Applied:
    """Make changes on the state `seen` (the last edit that their maker knew), in their order.

    token: a name that the maker gives to this try: what was lost on the way is sent again under it and made once.
    Raises Forbidden, NotFound, NotEditable, Invalid.
    """
    info = await store.hold(session, viewer, queue_id, editing=True)
    _check(changes, token)
    rows = await _edits(session, queue_id)
    edits = [made for made, _ in rows]
    before = {place: made for made, place in rows if made.token == token and made.by == viewer.user_id}
    left = [place for place in range(len(changes)) if place not in before]
    merged = merge(edits, [changes[place] for place in left], by=viewer.user_id, seen=seen)
    waiting = list(merged.applied)
    made: list[tuple[Made, int]] = []
    for place in left:
        if waiting and changes[place] is waiting[0]:
            number = info.head + len(made) + 1
            change = waiting.pop(0)
            made.append((Made(number, Step.CHANGE, change, None, viewer.user_id, now, seen, token), place))
    new = tuple(one for one, _ in made)
    draft = _after(info, edits, new, now=now)
    head = await _write(session, viewer, info, made, now=now)
    return Applied(head, (*before.values(), *new), draft, merged.agreed, merged.clashes)


async def undo(
    session: AsyncSession,
    viewer: Viewer,
    queue_id: int,
    *,
    seen: int,
    token: str,
    number: int | None = None,
    now: datetime,
) -> Applied:
    """Take back one's last change that holds; or, by its number, any one. Nothing to take back: nothing happens.

    Raises Forbidden, NotFound, NotEditable, Invalid.
    """
    info, edits, done = await _held(session, viewer, queue_id, token)
    if done:
        return Applied(info.head, done, _after(info, edits, (), now=now))
    found = undoable(edits, by=viewer.user_id) if number is None else standing(edits).get(number)
    return await _step(session, viewer, info, edits, Step.UNDO, found, seen=seen, token=token, now=now)


async def redo(
    session: AsyncSession, viewer: Viewer, queue_id: int, *, seen: int, token: str, now: datetime
) -> Applied:
    """Make again what one undid last, in its old place. Raises Forbidden, NotFound, NotEditable, Invalid."""
    info, edits, done = await _held(session, viewer, queue_id, token)
    if done:
        return Applied(info.head, done, _after(info, edits, (), now=now))
    found = redoable(edits, by=viewer.user_id)
    return await _step(session, viewer, info, edits, Step.REDO, found, seen=seen, token=token, now=now)


async def _held(
    session: AsyncSession, viewer: Viewer, queue_id: int, token: str
) -> tuple[QueueInfo, list[Made], tuple[Made, ...]]:
    info = await store.hold(session, viewer, queue_id, editing=True)
    _check((), token)
    edits = [made for made, _ in await _edits(session, queue_id)]
    done = tuple(one for one in edits if one.token == token and one.by == viewer.user_id)
    return info, edits, done


async def _step(
    session: AsyncSession,
    viewer: Viewer,
    info: QueueInfo,
    edits: Sequence[Made],
    step: Step,
    change: Made | None,
    *,
    seen: int,
    token: str,
    now: datetime,
) -> Applied:
    if change is None:
        return Applied(info.head, (), _after(info, edits, (), now=now))
    theirs = overtaken(edits, change.change, by=viewer.user_id, seen=seen)
    if theirs:
        draft = _after(info, edits, (), now=now)
        return Applied(info.head, (), draft, clashes=(Clash(change.change, theirs, info.head),))
    made = Made(info.head + 1, step, change.change, change.number, viewer.user_id, now, seen, token)
    draft = _after(info, edits, (made,), now=now)
    head = await _write(session, viewer, info, [(made, 0)], now=now)
    return Applied(head, (made,), draft)


def _after(info: QueueInfo, edits: Sequence[Made], new: tuple[Made, ...], *, now: datetime) -> Draft:
    """A held draft with further edits. Raises Invalid."""
    edited = replace(info, head=new[-1].number, updated_at=now) if new else info
    every = (*edits, *new)
    return Draft(edited, every, options_after(info.base, every))


async def _edits(session: AsyncSession, queue_id: int) -> list[tuple[Made, int]]:
    """With each the place that it had among what was sent with it."""
    return [_made(row) for row in await session.execute(_EDITS, {"id": queue_id})]


async def _write(
    session: AsyncSession,
    viewer: Viewer,
    info: QueueInfo,
    made: Sequence[tuple[Made, int]],
    *,
    now: datetime,
) -> int:
    if not made:
        return info.head
    head = made[-1][0].number
    if head > MOST_EDITS:
        raise Invalid(f"This queue has had {MOST_EDITS:,} edits. Begin a new one from it.")
    await session.execute(_INSERT, [_values(info.id, one, place) for one, place in made])
    await session.execute(_HEAD, {"id": info.id, "head": head, "now": now})
    await audit.record(
        session,
        viewer,
        audit.Action.QUEUE_CHANGED,
        subject=("queue", info.id),
        before={"head": info.head},
        after={
            "head": head,
            "edits": [{"step": one.step.value, **change_json(one.change)} for one, _ in made],
        },
    )
    await store.announce(session, info.id)
    return head


def _check(changes: Sequence[Change], token: str) -> None:
    problem: FieldProblem | None = None
    if not token or len(token) > LONGEST_TOKEN or "\0" in token:
        problem = FieldProblem("token", f"Name this try with 1 to {LONGEST_TOKEN} characters.")
    elif len(changes) > MOST_AT_ONCE:
        problem = FieldProblem("changes", f"At most {MOST_AT_ONCE} changes at once.")
    if problem is not None:
        raise Invalid(problem.message, details=(problem,))
    for change in changes:
        check(change)


def _values(queue_id: int, one: Made, place: int) -> dict[str, Any]:
    return {
        "id": queue_id,
        "number": one.number,
        "step": one.step.value,
        "change": msgspec.json.encode(change_json(one.change)).decode(),
        "of": one.of,
        "seen": one.seen,
        "token": one.token,
        "place": place,
        "by": one.by,
        "now": one.at,
    }


def _made(row: Sequence[Any]) -> tuple[Made, int]:
    number, step, change, of, by, at, seen, token, place = row
    return Made(number, Step(step), change_of(change), of, by, at, seen, token), place
