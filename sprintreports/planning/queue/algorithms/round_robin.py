"""Round-robin across stakeholders, per team: one eligible issue each, then the next round.

Eligible: unblocked, it fits, and it is of the phase that is being dealt. Whoever has waited longest is next, so nobody
is served twice while another has an eligible issue, also when an issue becomes free only because another
team took its blocker. Teams take turns, one issue each, which gives the order over the whole sprint.
"""

from __future__ import annotations

from collections import deque
from heapq import heappop, heappush
from threading import Event

from sprintreports.planning.queue.deal import Deal
from sprintreports.planning.queue.results import Bound, Why

_NEVER = -1


class _Team:
    """One team's line of stakeholders and their hands of issues that are ready."""

    __slots__ = ("hands", "line", "round", "rounds", "served", "standing")

    def __init__(self) -> None:
        self.hands: dict[int, list[int]] = {}
        self.line: list[tuple[int, int, int]] = []
        self.standing: set[int] = set()
        self.served: dict[int, int] = {}
        self.rounds: dict[int, int] = {}
        self.round = 1

    def stand(self, who: int) -> None:
        """In the line by the last time served; who never was, by their most important issue."""
        hand = self.hands[who]
        if hand and who not in self.standing:
            self.standing.add(who)
            heappush(self.line, (self.served.get(who, _NEVER), hand[0], who))

    def turn_of(self, who: int) -> int:
        """The round in which this stakeholder is served now."""
        if self.rounds.get(who) == self.round:
            self.round += 1
        self.rounds[who] = self.round
        return self.round


def deal(table: Deal, _cancelled: Event) -> Bound | None:
    """Phase by phase, team by team in turns, stakeholder by stakeholder."""
    teams = [_Team() for _ in table.problem.rooms]
    clock = 0
    for phase, members in table.phases():
        clock = _deal_phase(table, teams, phase, members, clock)
    return None


def _deal_phase(table: Deal, teams: list[_Team], phase: int, members: list[int], clock: int) -> int:
    whose, where, turns, phases = (
        table.problem.who,
        table.problem.team,
        table.problem.turn,
        table.problem.phase,
    )
    _begin(table, teams, members)
    waiting = deque(at for at, team in enumerate(teams) if team.line)
    active = set(waiting)
    while waiting:
        at = waiting.popleft()
        team = teams[at]
        number = _next(table, team)
        if number is None:
            active.discard(at)
            continue
        who = whose[number]
        clock += 1
        team.served[who] = clock
        freed = table.take(number, Why.TURN, turn=team.turn_of(who))
        waiting.append(at)
        for other in freed:
            if phases[other] != phase:
                continue
            place = where[other]
            its = teams[place]
            heappush(its.hands.setdefault(whose[other], []), turns[other])
            its.stand(whose[other])
            if place not in active:
                active.add(place)
                waiting.append(place)
        team.stand(who)
    return clock


def _next(table: Deal, team: _Team) -> int | None:
    """The issue to serve next. What does not fit leaves: it never will."""
    by_turn, fits = table.problem.by_turn, table.fits
    while team.line:
        who = heappop(team.line)[2]
        team.standing.discard(who)
        hand = team.hands[who]
        while hand:
            number = by_turn[heappop(hand)]
            if fits(number):
                return number
            table.leave(number)
    return None


def _begin(table: Deal, teams: list[_Team], members: list[int]) -> None:
    """Give each stakeholder a hand of what is ready in this phase."""
    whose, where, turns, ready = table.problem.who, table.problem.team, table.problem.turn, table.ready
    for team in teams:
        team.hands, team.line, team.standing = {}, [], set()
    for number in members:
        if ready(number):
            hands, who = teams[where[number]].hands, whose[number]
            hand = hands.get(who)
            if hand is None:
                hands[who] = [turns[number]]
            else:
                hand.append(turns[number])
    for team in teams:
        for who in team.hands:
            team.stand(who)
