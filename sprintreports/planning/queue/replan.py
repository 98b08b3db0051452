"""Planning again when Jira moved on, with the fewest changes: what was in stays in, in its order, where that still goes.

What is pinned or hard-scheduled by now comes first all the same; room that became free is dealt by the algorithm.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from threading import Event

from sprintreports.planning.queue.generate import generate
from sprintreports.planning.queue.options import Options
from sprintreports.planning.queue.reasons import reason_in_words
from sprintreports.planning.queue.results import Placement, Queue, Side
from sprintreports.planning.queue.values import Inputs


class Move(StrEnum):
    """What happened to an issue between two queues."""

    CAME = "came"
    WENT = "went"
    ROSE = "rose"
    FELL = "fell"
    TEAM = "team"
    EARLIER = "earlier"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Change:
    """An issue that moved: where it was and where it is now. None: it was no candidate then, or is none now."""

    move: Move
    issue: int
    key: str
    before: Placement | None
    after: Placement | None


@dataclass(frozen=True, slots=True)
class Replanned:
    """The new queue, and what differs from the one before."""

    queue: Queue
    changes: tuple[Change, ...]


def replan(inputs: Inputs, options: Options, previous: Queue, *, cancelled: Event | None = None) -> Replanned:
    """The queue that keeps as much as possible of the previous one. Raises what `generate` raises."""
    inside = (one for one in previous.placements().values() if one.side is Side.IN)
    kept = [one.issue for one in sorted(inside, key=lambda one: one.place)]
    queue = generate(inputs, options, kept=kept, cancelled=cancelled)
    return Replanned(queue, changes(previous, queue))


def changes(previous: Queue, queue: Queue) -> tuple[Change, ...]:
    """What came, went, crossed the cut-line, changed team, or moved among those that stayed in; by key.

    Of those that stayed as few as possible count as moved: all but the longest run that kept its order.
    """
    old, new = previous.placements(), queue.placements()
    found = [
        Change(Move.WENT, issue, placement.key, placement, None)
        for issue, placement in old.items()
        if issue not in new
    ]
    stayed: dict[int | None, list[Placement]] = {}
    for issue, after in new.items():
        before = old.get(issue)
        if before is None or before.side is not after.side or before.team != after.team:
            move = _crossed(before, after)
            if move is not None:
                found.append(Change(move, issue, after.key, before, after))
        elif after.side is Side.IN:
            stayed.setdefault(after.team, []).append(after)
    for line in stayed.values():
        found += _reordered(line, old)
    return tuple(sorted(found, key=lambda change: (change.key, change.issue)))


def change_in_words(change: Change, queue: Queue, *, names: Mapping[int, str]) -> str:
    """What happened and why, in one or two sentences. names: of people."""
    if change.after is None:
        return f"{change.key} is no longer among the issues of this plan."
    said = {
        Move.CAME: f"{change.key} is new in this plan.",
        Move.ROSE: f"{change.key} is in now.",
        Move.FELL: f"{change.key} is not in any more.",
        Move.TEAM: f"{change.key} is planned for another team now.",
        Move.EARLIER: f"{change.key} moved up.",
        Move.LATER: f"{change.key} moved down.",
    }
    return f"{said[change.move]} {reason_in_words(change.after, queue, names=names)}"


def _crossed(before: Placement | None, after: Placement) -> Move | None:
    if before is None:
        return Move.CAME
    if before.team != after.team:
        return Move.TEAM
    if after.side is Side.IN:
        return Move.ROSE
    return Move.FELL if before.side is Side.IN else None


def _reordered(line: Sequence[Placement], old: Mapping[int, Placement]) -> list[Change]:
    order = [old[after.issue].position for after in line]
    if all(earlier < later for earlier, later in pairwise(order)):
        return []
    steady = _longest_rising(order)
    ranks = {position: at for at, position in enumerate(sorted(order))}
    return [
        Change(
            Move.EARLIER if at < ranks[order[at]] else Move.LATER,
            after.issue,
            after.key,
            old[after.issue],
            after,
        )
        for at, after in enumerate(line)
        if at not in steady
    ]


def _longest_rising(values: Sequence[int]) -> set[int]:
    """The places of a longest rising subsequence (patience sorting)."""
    tops: list[int] = []
    at_top: list[int] = []
    below: list[int] = []
    for at, value in enumerate(values):
        pile = bisect_left(tops, value)
        below.append(at_top[pile - 1] if pile else -1)
        if pile == len(tops):
            tops.append(value)
            at_top.append(at)
        else:
            tops[pile], at_top[pile] = value, at
    found: set[int] = set()
    at = at_top[-1] if at_top else -1
    while at >= 0:
        found.add(at)
        at = below[at]
    return found
