"""The table at which an algorithm deals: it keeps the rules, so that no algorithm can break them.

An issue can be taken only when all that blocks it has been taken and its team has room. Room only shrinks, so
what does not fit once never will: that is why each issue is looked at only once or twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sprintreports.planning.queue.claims import Phase
from sprintreports.planning.queue.problem import Problem
from sprintreports.planning.queue.results import Why


class Deal:
    """What has been taken so far. `taken` is the order, over all teams; `room` what is left of each team."""

    def __init__(self, problem: Problem) -> None:
        count = len(problem.candidates)
        self.problem = problem
        self.room = [room.limit for room in problem.rooms]
        self.waits = list(map(len, problem.before))
        self.taken: list[int] = []
        self.round = [0] * count
        self.why: dict[int, Why] = {}
        self._team, self._load, self._after = problem.team, problem.load, problem.after
        self._out = bytearray(count)
        self._in = bytearray(count)
        for number in problem.settled:
            self._out[number] = 1

    def open(self, number: int) -> bool:
        """Whether nothing has been decided about the issue."""
        return not (self._in[number] or self._out[number])

    def is_in(self, number: int) -> bool:
        """Whether the issue has been taken."""
        return bool(self._in[number])

    def ready(self, number: int) -> bool:
        """Whether it is undecided and nothing that must come first is missing."""
        return not (self.waits[number] or self._in[number] or self._out[number])

    def fits(self, number: int) -> bool:
        """Whether its team has room for it."""
        return self._load[number] <= self.room[self._team[number]]

    def take(self, number: int, why: Why, *, turn: int = 0) -> Sequence[int]:
        """Put the issue next. Returns those that wait for nothing any more because of it.

        Raises ValueError when it is not ready or does not fit: the rules hold for every algorithm.
        """
        team, load, waits = self._team[number], self._load[number], self.waits
        if waits[number] or self._in[number] or self._out[number] or load > self.room[team]:
            raise ValueError(f"{self.problem.candidates[number].key} cannot be next: it waits or has no room")
        self._in[number] = 1
        self.room[team] -= load
        self.taken.append(number)
        self.round[number] = turn
        self.why[number] = why
        after = self._after[number]
        for other in after:
            waits[other] -= 1
        return [other for other in after if self.ready(other)] if after else after

    def leave(self, number: int) -> None:
        """The issue stays out."""
        self._out[number] = 1

    def phases(self) -> Iterator[tuple[int, list[int]]]:
        """The phases that are left to an algorithm, with their undecided issues by turn."""
        members: dict[int, list[int]] = {}
        phase, done, left = self.problem.phase, self._in, self._out
        for number in self.problem.by_turn:
            if not (done[number] or left[number]):
                members.setdefault(phase[number], []).append(number)
        yield from sorted(members.items())

    def seat_first(self) -> None:
        """Pinned, hard-scheduled and kept issues, with what they need, by turn: the same for every algorithm."""
        problem = self.problem
        for number in problem.by_turn:
            phase = problem.phase[number]
            if phase > Phase.KEPT:
                return
            if self.ready(number) and self.fits(number):
                self.take(number, self._why_first(number))
            elif self.open(number):
                self.leave(number)

    def _why_first(self, number: int) -> Why:
        problem = self.problem
        own = problem.own_phase[number]
        if own == Phase.FIRST:
            return Why.PINNED if problem.candidates[number].issue in problem.options.pins else Why.HARD
        return Why.KEPT if own == Phase.KEPT else Why.NEEDED
