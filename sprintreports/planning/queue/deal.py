"""The table at which an algorithm deals: it keeps the rules, so that no algorithm can break them.

An issue can be taken only when all that blocks it has been taken and its team has room. Room only shrinks, so
what does not fit once never will: that is why each issue is looked at only once or twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from sprintreports.planning.queue.claims import Phase
from sprintreports.planning.queue.problem import Problem
from sprintreports.planning.queue.results import Why

IN, OUT = 1, 2


class Deal:
    """What has been taken so far. `taken` is the order, over all teams; `room` what is left of each team; `decided`: per
    number, nothing yet (0), taken (IN), or left (OUT). An algorithm may read them all, and changes them by `take` and `leave`.
    """

    def __init__(self, problem: Problem) -> None:
        count = len(problem.candidates)
        self.problem = problem
        self.room = [room.limit for room in problem.rooms]
        self.waits = list(map(len, problem.before))
        self.taken: list[int] = []
        self.round = [0] * count
        self.why: list[Why | None] = [None] * count
        self.decided = bytearray(count)
        self._team, self._load, self._after = problem.team, problem.load, problem.after
        for number in problem.settled:
            self.decided[number] = OUT

    def open(self, number: int) -> bool:
        """Whether nothing has been decided about the issue."""
        return not self.decided[number]

    def is_in(self, number: int) -> bool:
        """Whether the issue has been taken."""
        return self.decided[number] == IN

    def ready(self, number: int) -> bool:
        """Whether it is undecided and nothing that must come first is missing."""
        return not (self.waits[number] or self.decided[number])

    def fits(self, number: int) -> bool:
        """Whether its team has room for it."""
        return self._load[number] <= self.room[self._team[number]]

    def take(self, number: int, why: Why, *, turn: int = 0) -> Sequence[int]:
        """Put the issue next. Returns those that wait for nothing any more because of it.

        Raises ValueError when it is not ready or does not fit: the rules hold for every algorithm.
        """
        team, load, waits = self._team[number], self._load[number], self.waits
        if waits[number] or self.decided[number] or load > self.room[team]:
            raise ValueError(f"{self.problem.candidates[number].key} cannot be next: it waits or has no room")
        self.decided[number] = IN
        self.room[team] -= load
        self.taken.append(number)
        self.round[number] = turn
        self.why[number] = why
        after = self._after[number]
        if not after:
            return after
        for other in after:
            waits[other] -= 1
        return [other for other in after if self.ready(other)]

    def leave(self, number: int) -> None:
        """The issue stays out."""
        self.decided[number] = OUT

    def phases(self) -> Iterator[tuple[int, list[int]]]:
        """The phases that are left to an algorithm, with their undecided issues by turn. By turn is by phase, too."""
        decided = self.decided
        todo = [number for number in self.problem.by_turn if not decided[number]]
        for phase, members in groupby(todo, key=self.problem.phase.__getitem__):
            yield phase, list(members)

    def seat_first(self) -> None:
        """Pinned, hard-scheduled and kept issues, with what they need, by turn: the same for every algorithm."""
        problem, waits, decided, room = self.problem, self.waits, self.decided, self.room
        team, load, phases, own = problem.team, problem.load, problem.phase, problem.own_phase
        kept = Phase.KEPT.value
        for number in problem.by_turn:
            if phases[number] > kept:
                return
            if decided[number]:
                continue
            if waits[number] or load[number] > room[team[number]]:
                self.leave(number)
            else:
                self.take(number, Why.KEPT if own[number] == kept else self._why_first(number))

    def _why_first(self, number: int) -> Why:
        problem = self.problem
        if problem.own_phase[number] != Phase.FIRST:
            return Why.NEEDED
        return Why.PINNED if problem.candidates[number].issue in problem.options.pins else Why.HARD
