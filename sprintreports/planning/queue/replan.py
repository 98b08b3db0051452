"""Planning again when Jira moved on, with the fewest changes: what was in stays in, in its order, where that still goes.

What is pinned or hard-scheduled by now comes first all the same; room that became free is dealt by the algorithm.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from threading import Event

from sprintreports.planning.queue.generate import generate
from sprintreports.planning.queue.options import Options
from sprintreports.planning.queue.reasons import reason_in_words
from sprintreports.planning.queue.results import Placement, Queue, Side
from sprintreports.planning.queue.values import FLEXIBLE, Inputs, Scheduling, Timing


class Move(StrEnum):
    """What happened to an issue between two queues."""

    CAME = "came"
    WENT = "went"
    ROSE = "rose"
    FELL = "fell"
    TEAM = "team"
    EARLIER = "earlier"
    LATER = "later"
    TIMED = "timed"


@dataclass(frozen=True, slots=True)
class Change:
    """An issue that moved: where it was and where it is now. None: it was no candidate then, or is none now.

    timed: Jira schedules it otherwise now, which is all there is to say of Move.TIMED. was, now: how, where that is so.
    """

    move: Move
    issue: int
    key: str
    before: Placement | None
    after: Placement | None
    was: Timing = FLEXIBLE
    now: Timing = FLEXIBLE

    @property
    def timed(self) -> bool:
        return self.was != self.now


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
    """What came, went, crossed the cut-line, changed team, moved among those that stayed in, or has another timing; by key.

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
    found = _timed(found, previous, queue, old, new)
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
    why = reason_in_words(change.after, queue, names=names)
    timed = _timed_in_words(change, queue)
    return (
        f"{timed} {why}"
        if change.move is Move.TIMED
        else " ".join(filter(None, (said[change.move], timed, why)))
    )


def _timed(
    found: list[Change],
    previous: Queue,
    queue: Queue,
    old: Mapping[int, Placement],
    new: Mapping[int, Placement],
) -> list[Change]:
    """With what is scheduled otherwise than before, whether it moved for that or stayed where it was."""
    told = {*previous.in_jira, *queue.in_jira, *previous.options.timings, *queue.options.timings}
    others = {
        issue: (previous.timing_of(issue), queue.timing_of(issue))
        for issue in told
        if issue in old and issue in new and previous.timing_of(issue) != queue.timing_of(issue)
    }
    moved = {change.issue for change in found}
    said = [
        replace(one, was=others[one.issue][0], now=others[one.issue][1]) if one.issue in others else one
        for one in found
    ]
    stayed = [
        Change(Move.TIMED, issue, new[issue].key, old[issue], new[issue], was, now)
        for issue, (was, now) in others.items()
        if issue not in moved and new[issue].side is not Side.ASIDE
    ]
    return [*said, *stayed]


def _timed_in_words(change: Change, queue: Queue) -> str:
    """How its scheduling differs, with the days where they say it: those of UTC, since a plan has no clock of its own."""
    if not change.timed:
        return ""
    told = queue.told_of(change.issue)
    by = f" by Jira ({told})" if told else ""
    if change.was.kind is change.now.kind:
        if change.now.kind is Scheduling.SOFT:
            return f"The deadline of {change.key} was moved{_from_to(change.was.end, change.now.end)}{by}."
        return f"{change.key} is at other exact times now{_from_to(change.was.start, change.now.start)}{by}."
    return f"{change.key} is scheduled {_CLASSES[change.now.kind]} now{by}; before it was scheduled {_CLASSES[change.was.kind]}."


def _from_to(was: datetime | None, now: datetime | None) -> str:
    if was is None or now is None or was.date() == now.date():
        return ""
    return f" from {was:%Y-%m-%d} to {now:%Y-%m-%d}"


_CLASSES = {
    Scheduling.HARD: "at exact times",
    Scheduling.SOFT: "with a deadline",
    Scheduling.FLEXIBLE: "as flexible",
}


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
