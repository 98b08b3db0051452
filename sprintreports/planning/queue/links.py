"""Who takes part in a queue, and who must come before whom among them: the same from edit to edit, for the most part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from sprintreports.planning.queue.graph import in_order, rings, turned
from sprintreports.planning.queue.options import Options
from sprintreports.planning.queue.order import Ordered
from sprintreports.planning.queue.results import Reason, Why
from sprintreports.planning.queue.values import Blocker


@dataclass(frozen=True, slots=True)
class Web:
    """Who is aside and why; for each number those that must come first, and those that wait for it; blockers outside.

    rings: who wait for each other. acyclic: `before` without the links within these. order: every number after those that
    come before it there, and place: where in it each is; waiting: those of it that have some.
    """

    aside: Mapping[int, Reason]
    before: Sequence[Sequence[int]]
    after: Sequence[Sequence[int]]
    outside: Mapping[int, Sequence[Blocker]]
    rings: Sequence[Sequence[int]]
    acyclic: Sequence[Sequence[int]]
    order: Sequence[int]
    place: Sequence[int]
    waiting: Sequence[int]


_Decided = tuple[bool, frozenset[int], frozenset[tuple[int, int]]]
_known: WeakKeyDictionary[Ordered, tuple[_Decided, Web]] = WeakKeyDictionary()


def web_of(known: Ordered, options: Options) -> Web:
    """The web of these candidates. The last one is kept with them, since few edits change what it is made from."""
    decided = (options.include_subtasks, options.exclusions, options.ignored)
    held = _known.get(known)
    if held is None or held[0] != decided:
        held = _known[known] = (decided, _web(known, options))
    return held[1]


def _web(known: Ordered, options: Options) -> Web:
    aside = aside_of(known, options)
    before, outside = links_of(known, aside, options)
    after = turned(before)
    acyclic, cycles, order = before, list[list[int]](), in_order(before, after)
    if len(order) < len(before):
        cycles = rings(before)
        acyclic = _without_rings(before, cycles)
        order = in_order(acyclic, turned(acyclic))
    waiting = [number for number in order if acyclic[number]]
    place = [0] * len(order)
    for at, number in enumerate(order):
        place[number] = at
    return Web(aside, before, after, outside, cycles, acyclic, order, place, waiting)


def aside_of(known: Ordered, options: Options) -> dict[int, Reason]:
    """Who takes no part. A sub-task and its parent are never both counted."""
    candidates, numbers = known.candidates, known.numbers
    found = {numbers[issue]: Reason(Why.EXCLUDED) for issue in options.exclusions if issue in numbers}
    for number in known.done:
        found[number] = Reason(Why.DONE)
    for number in known.subtasks:
        candidate = candidates[number]
        above = numbers.get(candidate.parent, number) if candidate.parent is not None else number
        if number in found or above == number or candidates[above].done:
            continue
        if options.include_subtasks:
            found.setdefault(above, Reason(Why.HAS_SUBTASKS))
        else:
            found[number] = Reason(Why.SUBTASK, other=candidate.parent, key=candidates[above].key)
    return found


class _Standing:
    """Which candidates stand for which: a sub-task that counts with its parent is the parent, a parent that counts by
    its sub-tasks is these, and what is done is nobody."""

    def __init__(self, known: Ordered, aside: Mapping[int, Reason]) -> None:
        self._numbers = known.numbers
        self._aside = aside
        self._children: dict[int, list[int]] = {}
        for number in known.subtasks:
            parent = known.candidates[number].parent
            above = known.numbers.get(parent) if parent is not None and number not in aside else None
            if above is not None:
                self._children.setdefault(above, []).append(number)

    def of(self, number: int) -> list[int]:
        """Those who stand for a candidate."""
        reason = self._aside.get(number)
        if reason is None or reason.why is Why.EXCLUDED:
            return [number]
        if reason.why is Why.HAS_SUBTASKS:
            return self._children.get(number, [])
        if reason.why is Why.SUBTASK and reason.other is not None:
            return [self._numbers[reason.other]]
        return []


def links_of(
    known: Ordered, aside: Mapping[int, Reason], options: Options
) -> tuple[list[Sequence[int]], dict[int, list[Blocker]]]:
    """For each candidate those that must come first, sorted; and the blockers that are no candidates.

    A link of an issue to itself is none, and so is one between a parent and its sub-tasks, or among these where
    they stand for the parent.
    """
    candidates, numbers = known.candidates, known.numbers
    standing = _Standing(known, aside)
    before: list[Sequence[int]] = [()] * len(candidates)
    outside: dict[int, list[Blocker]] = {}
    for number in known.blocked:
        candidate = candidates[number]
        if number in aside and aside[number].why is not Why.HAS_SUBTASKS:
            continue
        mine = standing.of(number)
        first: set[int] = set()
        for blocker in candidate.blockers:
            if (blocker.issue, candidate.issue) in options.ignored:
                continue
            if blocker.issue in numbers:
                first.update(standing.of(numbers[blocker.issue]))
            elif not blocker.done:
                for one in mine:
                    outside.setdefault(one, []).append(blocker)
        first.difference_update(mine)
        if first:
            for one in mine:
                before[one] = sorted(first.union(before[one]))
    return before, {
        number: sorted(set(blockers), key=lambda one: (one.issue, one.key))
        for number, blockers in outside.items()
    }


def _without_rings(
    before: Sequence[Sequence[int]], cycles: Sequence[Sequence[int]]
) -> Sequence[Sequence[int]]:
    ring_of = {number: at for at, ring in enumerate(cycles) for number in ring}
    return [
        [one for one in links if number not in ring_of or ring_of.get(one) != ring_of[number]]
        for number, links in enumerate(before)
    ]
