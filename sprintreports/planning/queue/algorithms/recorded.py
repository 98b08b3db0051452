"""A team at the table as something that is told, and answers by that alone: so what it answered once need not be worked out again.

An edit of a queue changes what few teams are told. Each team's log of the last queue of the same inputs is read along: as
long as it is told the same in the same order, the next answer stands there. At the first difference the team is dealt to in
earnest, from the beginning of its log up to there and on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol
from weakref import WeakKeyDictionary

from sprintreports.planning.queue.deal import Deal
from sprintreports.planning.queue.order import Ordered

#: The issue that is served (NOBODY: none), its round, and those that are left because they do not fit.
Step = tuple[int, int, tuple[int, ...]]
NOBODY = -1
_Begin = list[list[int]]  # the members of a phase, those of them that are ready, and the members' loads
_Log = list[Step | int | _Begin]


class Player(Protocol):
    """A team in one algorithm. It knows its own room, and asks the table nothing."""

    def begin(self, members: Sequence[int], ready: Sequence[int]) -> None:
        """A phase begins: the team's undecided issues of it, by turn, and those that wait for nothing."""
        ...

    def add(self, number: int) -> None:
        """Another one of the phase waits for nothing any more."""
        ...

    def next(self) -> Step:
        """Whom to serve."""
        ...


class Recorded:
    """A team with its log: of the last time as long as that holds, and then its own."""

    __slots__ = ("_at", "_make", "_player", "log")

    def __init__(self, make: Callable[[], Player], log: _Log | None) -> None:
        self._make = make
        self._at = 0
        self._player: Player | None = make() if log is None else None
        self.log: _Log = log or []

    def begin(self, members: list[int], ready: list[int], loads: list[int]) -> None:
        """As of `Player`; loads: of the members."""
        entry = [members, ready, loads]
        if not self._again(entry):
            self._own().begin(members, ready)
            self.log.append(entry)

    def add(self, number: int) -> None:
        """As of `Player`."""
        if not self._again(number):
            self._own().add(number)
            self.log.append(number)

    def next(self) -> Step:
        """As of `Player`."""
        if self._player is None and self._at < len(self.log):
            entry = self.log[self._at]
            if entry.__class__ is tuple:
                self._at += 1
                return entry  # type: ignore[return-value]  # a tuple in a log is a step
        step = self._own().next()
        self.log.append(step)
        return step

    def _again(self, entry: int | _Begin) -> bool:
        if self._player is None and self._at < len(self.log) and self.log[self._at] == entry:
            self._at += 1
            return True
        return False

    def _own(self) -> Player:
        """The team itself, as it stands after all that it was told."""
        if self._player is None:
            self._player = self._make()
            self.log = self.log[: self._at]
            for entry in self.log:
                if isinstance(entry, int):
                    self._player.add(entry)
                elif isinstance(entry, list):
                    self._player.begin(entry[0], entry[1])
                else:
                    self._player.next()
        return self._player


_Rules = tuple[str, tuple[int, ...]]
_known: WeakKeyDictionary[Ordered, tuple[_Rules, dict[tuple[int | None, int], _Log]]] = WeakKeyDictionary()


class Players:
    """All teams of a queue; a team that has another room than the last time begins anew. there: those in the phase."""

    def __init__(self, table: Deal, name: str, player: Callable[[Deal, int], Player]) -> None:
        problem = table.problem
        self._ordered = problem.known
        self._rules: _Rules = (name, tuple(problem.weights))
        held = _known.get(self._ordered)
        logs = held[1] if held is not None and held[0] == self._rules else {}
        self.there: Sequence[int] = ()
        self._seats = [(room.team, left) for room, left in zip(problem.rooms, table.room, strict=True)]
        self.teams = [
            Recorded(lambda room=left: player(table, room), logs.get(seat))
            for seat, left in zip(self._seats, table.room, strict=True)
        ]

    def begin(self, table: Deal, members: Sequence[int]) -> list[int]:
        """Tell each team of a phase. Returns those that have something ready."""
        problem, waits = table.problem, table.waits
        where, load = problem.team, problem.load
        mine: list[list[int]] = [[] for _ in self.teams]
        for number in members:
            mine[where[number]].append(number)
        self.there = [at for at, own in enumerate(mine) if own]
        active: list[int] = []
        for at, (team, own) in enumerate(zip(self.teams, mine, strict=True)):
            ready = [number for number in own if not waits[number]]
            team.begin(own, ready, list(map(load.__getitem__, own)))
            if ready:
                active.append(at)
        return active

    def keep(self) -> None:
        """For the next queue of the same inputs."""
        logs = {seat: team.log for seat, team in zip(self._seats, self.teams, strict=True)}
        _known[self._ordered] = (self._rules, logs)
