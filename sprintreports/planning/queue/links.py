"""Who takes part in a queue, and who must come before whom among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sprintreports.planning.queue.options import Options
from sprintreports.planning.queue.results import Reason, Why
from sprintreports.planning.queue.values import Blocker, Candidate


def aside_of(
    candidates: Sequence[Candidate], numbers: Mapping[int, int], options: Options
) -> dict[int, Reason]:
    """Who takes no part. A sub-task and its parent are never both counted."""
    found: dict[int, Reason] = {}
    for number, candidate in enumerate(candidates):
        if candidate.done:
            found[number] = Reason(Why.DONE)
        elif candidate.issue in options.exclusions:
            found[number] = Reason(Why.EXCLUDED)

    def done(number: int) -> bool:
        return candidates[number].done

    for number, candidate in enumerate(candidates):
        above = numbers.get(candidate.parent, number) if candidate.parent is not None else number
        if number in found or not candidate.is_subtask or above == number or done(above):
            continue
        if options.include_subtasks:
            found.setdefault(above, Reason(Why.HAS_SUBTASKS))
        else:
            found[number] = Reason(Why.SUBTASK, other=candidate.parent, key=candidates[above].key)
    return found


class _Standing:
    """Which candidates stand for which: a sub-task that counts with its parent is the parent, a parent that counts by
    its sub-tasks is these, and what is done is nobody."""

    def __init__(
        self, candidates: Sequence[Candidate], numbers: Mapping[int, int], aside: Mapping[int, Reason]
    ) -> None:
        self._numbers = numbers
        self._aside = aside
        self._children: dict[int, list[int]] = {}
        for number, candidate in enumerate(candidates):
            if candidate.is_subtask and candidate.parent is not None and number not in aside:
                above = numbers.get(candidate.parent)
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
    candidates: Sequence[Candidate], numbers: Mapping[int, int], aside: Mapping[int, Reason], options: Options
) -> tuple[list[list[int]], dict[int, list[Blocker]]]:
    """For each candidate those that must come first, sorted; and the blockers that are no candidates.

    A link of an issue to itself is none, and so is one between a parent and its sub-tasks, or among these where
    they stand for the parent.
    """
    standing = _Standing(candidates, numbers, aside)
    before: list[list[int]] = [[] for _ in candidates]
    outside: dict[int, list[Blocker]] = {}
    for number, candidate in enumerate(candidates):
        if not candidate.blockers or (number in aside and aside[number].why is not Why.HAS_SUBTASKS):
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
        siblings = set(mine)
        for one in mine:
            before[one] = sorted({*before[one], *(first - siblings - {one})})
    return before, {
        number: sorted(set(blockers), key=lambda one: (one.issue, one.key))
        for number, blockers in outside.items()
    }
