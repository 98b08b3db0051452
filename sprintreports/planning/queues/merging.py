"""Two people change one draft: what touches different things is applied, what touches the same thing is a clash that
names both sides.

A draft is the options it began with and an ordered list of edits. Undo and redo are edits too: they say of an earlier one
that it does not hold, or holds again in its old place, so that taking back one's own step never takes away somebody else's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sprintreports.kit.errors import Invalid
from sprintreports.planning.queue.options import Options
from sprintreports.planning.queues.changes import Change, Touch, touch_of


class Step(StrEnum):
    """CHANGE: something new. UNDO: an earlier change does not hold. REDO: it holds again."""

    CHANGE = "change"
    UNDO = "undo"
    REDO = "redo"


@dataclass(frozen=True, slots=True)
class Made:
    """An edit that was made. number: its place in the draft, from 1. of: of UNDO and REDO, the change's number.

    by: the account; seen: the last edit that they had seen. token: what their browser called it.
    """

    number: int
    step: Step
    change: Change
    of: int | None
    by: int
    at: datetime
    seen: int
    token: str = ""


@dataclass(frozen=True, slots=True)
class Clash:
    """Somebody wants a change of a thing that others have changed since they last looked.

    head: the last edit there is. To have it one's own way, make the change again having seen that one; to leave it
    to the others, do nothing.
    """

    mine: Change
    theirs: tuple[Made, ...]
    head: int


@dataclass(frozen=True, slots=True)
class Merge:
    """What becomes of changes: applied in their order; there already, by others; clashing."""

    applied: tuple[Change, ...]
    agreed: tuple[Change, ...]
    clashes: tuple[Clash, ...]


def standing(edits: Sequence[Made]) -> dict[int, Made]:
    """The changes that hold, by number, in the order in which they were first made."""
    changes = {one.number: one for one in edits if one.step is Step.CHANGE}
    holds = dict.fromkeys(changes, True)
    for one in edits:
        if one.of is not None and one.of in holds:
            holds[one.of] = one.step is Step.REDO
    return {number: one for number, one in changes.items() if holds[number]}


def options_after(base: Options, edits: Sequence[Made]) -> Options:
    """The options that a draft amounts to."""
    options = base
    for one in standing(edits).values():
        options = one.change.applied(options)
    return options


def merge(edits: Sequence[Made], wanted: Sequence[Change], *, by: int, seen: int) -> Merge:
    """Changes by somebody who last saw the edit `seen`. Raises Invalid when there is no such edit yet.

    What others did since and took back again counts as not done; one's own edits are never in one's way.
    """
    head = edits[-1].number if edits else 0
    if not 0 <= seen <= head:
        raise Invalid("This was made on a state of the queue that there has not been. Load the queue again.")
    moved = _moved(edits, by=by, seen=seen)
    holding = {one.change for one in standing(edits).values() if one.number > seen and one.by != by}
    applied: list[Change] = []
    agreed: list[Change] = []
    clashes: list[Clash] = []
    for change in wanted:
        theirs = moved.get(touch_of(change), ())
        if not theirs:
            applied.append(change)
        elif change in holding and all(one.change == change for one in theirs):
            agreed.append(change)
        else:
            clashes.append(Clash(change, theirs, head))
    return Merge(tuple(applied), tuple(agreed), tuple(clashes))


def overtaken(edits: Sequence[Made], change: Change, *, by: int, seen: int) -> tuple[Made, ...]:
    """What others have done since to the thing that a change is about, and that still makes a difference."""
    return _moved(edits, by=by, seen=seen).get(touch_of(change), ())


def undoable(edits: Sequence[Made], *, by: int) -> Made | None:
    """Somebody's last change that still holds."""
    return max(
        (one for one in standing(edits).values() if one.by == by), key=lambda one: one.number, default=None
    )


def redoable(edits: Sequence[Made], *, by: int) -> Made | None:
    """What somebody undid last, unless they did it again or something new since."""
    changes = {one.number: one for one in edits if one.step is Step.CHANGE}
    undone: list[int] = []
    for one in edits:
        if one.by != by:
            continue
        if one.step is Step.CHANGE:
            undone.clear()
        elif one.step is Step.UNDO and one.of is not None:
            undone.append(one.of)
        elif one.of in undone:
            undone.remove(one.of)
    still = [number for number in undone if number not in standing(edits)]
    return changes[still[-1]] if still else None


def _moved(edits: Sequence[Made], *, by: int, seen: int) -> dict[Touch, tuple[Made, ...]]:
    """By thing, the edits of others since then that left something different from what was seen."""
    before = set(standing([one for one in edits if one.number <= seen]))
    now = set(standing(edits))
    different = before ^ now
    found: dict[Touch, tuple[Made, ...]] = {}
    for one in edits:
        change = one.number if one.step is Step.CHANGE else one.of
        if one.number > seen and one.by != by and change in different:
            touch = touch_of(one.change)
            found[touch] = (*found.get(touch, ()), one)
    return found
