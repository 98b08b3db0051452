"""Round-robin across stakeholders, per team: one eligible issue each, then the next round.

Eligible: unblocked, it fits, and it is of the phase that is being dealt. Whoever has waited longest is next, so nobody
is served twice while another has an eligible issue, also when an issue becomes free only because another
team took its blocker. Teams take turns, one issue each, which gives the order over the whole sprint.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from heapq import heapify, heappop, heappush
from threading import Event

from sprintreports.planning.queue.algorithms.recorded import NOBODY, Players, Recorded, Step
from sprintreports.planning.queue.deal import Deal
from sprintreports.planning.queue.options import Algorithm
from sprintreports.planning.queue.results import Bound, Why

_NEVER = -1


class _Team:
    """One team's line of stakeholders and their hands of issues that are ready, as places among the members of the phase.

    Who has something in the hand stands in the line; who has been served stands there again when the next one is asked for.
    """

    __slots__ = (
        "clock", "hands", "line", "load", "members", "place", "room", "round", "rounds", "served", "serving", "whose",
    )  # fmt: skip

    def __init__(self, table: Deal, room: int) -> None:
        self.whose, self.load, self.room = table.problem.who, table.problem.load, room
        self.served: dict[int, int] = {}
        self.rounds: dict[int, int] = {}
        self.round = 1
        self.clock = 0

    def begin(self, members: Sequence[int], ready: Sequence[int]) -> None:
        """Give each stakeholder a hand of what is ready in this phase."""
        self.members = members
        self.place = {number: at for at, number in enumerate(members)}
        self.serving: int | None = None
        hands: dict[int, list[int]] = {}
        for number in ready:
            hands.setdefault(self.whose[number], []).append(self.place[number])
        self.hands = hands
        self.line = [(self.served.get(who, _NEVER), hand[0], who) for who, hand in hands.items()]
        heapify(self.line)

    def add(self, number: int) -> None:
        """One more in the hand of its stakeholder."""
        who = self.whose[number]
        hand = self.hands.setdefault(who, [])
        heappush(hand, self.place[number])
        if len(hand) == 1 and who != self.serving:
            self._stand(who, hand)

    def next(self) -> Step:
        """The issue to serve next. What does not fit leaves: it never will."""
        if self.serving is not None and (hand := self.hands[self.serving]):
            self._stand(self.serving, hand)
        self.serving = None
        left: list[int] = []
        while self.line:
            who = heappop(self.line)[2]
            hand = self.hands[who]
            while hand:
                number = self.members[heappop(hand)]
                if self.load[number] <= self.room:
                    self.room -= self.load[number]
                    return number, self._turn_of(who), tuple(left)
                left.append(number)
        return NOBODY, 0, tuple(left)

    def _stand(self, who: int, hand: list[int]) -> None:
        """In the line by the last time served; who never was, by their most important issue."""
        heappush(self.line, (self.served.get(who, _NEVER), hand[0], who))

    def _turn_of(self, who: int) -> int:
        """The round in which this stakeholder is served now."""
        self.serving = who
        self.clock += 1
        self.served[who] = self.clock
        if self.rounds.get(who) == self.round:
            self.round += 1
        self.rounds[who] = self.round
        return self.round


def deal(table: Deal, _cancelled: Event) -> Bound | None:
    """Phase by phase, team by team in turns, stakeholder by stakeholder."""
    players = Players(table, Algorithm.ROUND_ROBIN, _Team)
    for phase, members in table.phases():
        _deal_phase(table, players.teams, phase, players.begin(table, members))
    players.keep()
    return None


def _deal_phase(table: Deal, teams: Sequence[Recorded], phase: int, begun: Sequence[int]) -> None:
    where, phases = table.problem.team, table.problem.phase
    waiting, active = deque(begun), set(begun)
    while waiting:
        at = waiting.popleft()
        number, turn, left = teams[at].next()
        for one in left:
            table.leave(one)
        if number == NOBODY:
            active.discard(at)
            continue
        waiting.append(at)
        for other in table.take(number, Why.TURN, turn=turn):
            if phases[other] != phase:
                continue
            place = where[other]
            teams[place].add(other)
            if place not in active:
                active.add(place)
                waiting.append(place)
