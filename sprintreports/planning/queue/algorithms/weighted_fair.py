"""Deficit round robin by amount (Shreedhar and Varghese 1995), per team, with a weight for each stakeholder.

Each round adds quantum x weight to a stakeholder's deficit, and their most important ready issue is taken when the
deficit pays for it. The quantum is the team's median load. Rounds in which nobody can pay are not
walked through: a heap knows the round in which each stakeholder can next.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from statistics import median_low
from threading import Event

from sprintreports.planning.queue.algorithms.recorded import NOBODY, Players, Step
from sprintreports.planning.queue.deal import Deal
from sprintreports.planning.queue.options import FULL_WEIGHT, Algorithm
from sprintreports.planning.queue.results import Bound, Why


@dataclass(slots=True)
class _Share:
    """A stakeholder at a team. credit: what is saved, as of round `since`; pace: what a round adds."""

    pace: int
    order: int
    since: int
    credit: int = 0
    hand: list[int] = field(default_factory=list[int])
    version: int = 0


class _Team:
    """One team, its stakeholders' hands as places among the members of the phase; every phase begins with round 1."""

    __slots__ = ("heap", "load", "members", "place", "quantum", "room", "round", "shares", "weights", "who")

    def __init__(self, table: Deal, room: int) -> None:
        problem = table.problem
        self.load, self.weights, self.who, self.room = problem.load, problem.weights, problem.who, room

    def begin(self, members: Sequence[int], ready: Sequence[int]) -> None:
        """Give each stakeholder a hand of what is ready in this phase."""
        self.members = members
        self.place = {number: at for at, number in enumerate(members)}
        self.round = 1
        loads = [self.load[number] for number in members if self.load[number]]
        self.quantum = median_low(loads) if loads else 1
        self.shares: dict[int, _Share] = {}
        self.heap: list[tuple[int, int, int, int]] = []
        for number in ready:
            self._share(self.who[number], self.place[number]).hand.append(self.place[number])
        for who, share in self.shares.items():
            self._plan(who, share)

    def add(self, number: int) -> None:
        """An issue of its stakeholder is ready. Who comes new, or comes back, starts without a deficit."""
        who, place = self.who[number], self.place[number]
        share = self._share(who, place)
        if not share.hand:
            share.credit, share.since = 0, self.round - 1
        heappush(share.hand, place)
        if share.hand[0] == place:
            self._plan(who, share)

    def next(self) -> Step:
        """The issue that is paid for next. What does not fit leaves: it never will."""
        heap, shares, left = self.heap, self.shares, list[int]()
        while heap:
            due, _, who, version = heappop(heap)
            share = shares[who]
            if version != share.version:
                continue
            self.round = due
            share.credit += (due - share.since) * share.pace
            share.since = due
            number = self.members[heappop(share.hand)]
            load = self.load[number]
            fits = load <= self.room
            if fits:
                share.credit -= load * FULL_WEIGHT
                self.room -= load
            else:
                left.append(number)
            self._plan(who, share)
            if fits:
                return number, due, tuple(left)
        return NOBODY, self.round, tuple(left)

    def _share(self, who: int, place: int) -> _Share:
        share = self.shares.get(who)
        if share is None:
            share = self.shares[who] = _Share(self.quantum * self.weights[who], place, self.round - 1)
        return share

    def _plan(self, who: int, share: _Share) -> None:
        """Enter the round in which the stakeholder can pay for the next issue; an earlier entry counts no more."""
        share.version += 1
        if not share.hand:
            return
        lacking = self.load[self.members[share.hand[0]]] * FULL_WEIGHT - share.credit
        due = share.since + -(-lacking // share.pace) if lacking > 0 else share.since
        heappush(self.heap, (due if due > self.round else self.round, share.order, who, share.version))  # noqa: FURB136


def deal(table: Deal, _cancelled: Event) -> Bound | None:
    """Phase by phase; teams take turns, one issue each, which gives the order over the whole sprint."""
    players = Players(table, Algorithm.WEIGHTED_FAIR, _Team)
    last = [0] * len(players.teams)
    for phase, members in table.phases():
        rounds = _deal_phase(table, players, phase, players.begin(table, members), last)
        # A team that has nothing in a phase goes on counting its rounds where it was.
        for at in players.there:
            last[at] += rounds.get(at, 1)
    players.keep()
    return None


def _deal_phase(
    table: Deal, players: Players, phase: int, waiting: Sequence[int], last: Sequence[int]
) -> dict[int, int]:
    """Returns the round that each team has come to."""
    teams, where, phases = players.teams, table.problem.team, table.problem.phase
    rounds: dict[int, int] = {}
    while waiting:
        still: list[int] = []
        woken: list[int] = []
        for at in waiting:
            number, turn, left = teams[at].next()
            for one in left:
                table.leave(one)
            if number == NOBODY:
                rounds[at] = turn
                continue
            still.append(at)
            for other in table.take(number, Why.SHARE, turn=last[at] + turn):
                if phases[other] == phase:
                    teams[where[other]].add(other)
                    woken.append(where[other])
        waiting = sorted({*still, *woken}) if woken else still
    return rounds
