"""Deficit round robin by amount (Shreedhar and Varghese 1995), per team, with a weight for each stakeholder.

Each round adds quantum x weight to a stakeholder's deficit, and their most important ready issue is taken when the
deficit pays for it. The quantum is the team's median load. Rounds in which nobody can pay are not
walked through: a heap knows the round in which each stakeholder can next.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from heapq import heappop, heappush
from statistics import median_low
from threading import Event

from sprintreports.planning.queue.deal import Deal
from sprintreports.planning.queue.options import FULL_WEIGHT
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
    __slots__ = ("by_turn", "heap", "load", "quantum", "round", "shares", "table", "turn", "weights", "who")

    def __init__(self, table: Deal, members: list[int]) -> None:
        problem = table.problem
        self.table = table
        self.by_turn, self.load, self.turn = problem.by_turn, problem.load, problem.turn
        self.weights, self.who = problem.weights, problem.who
        self.round = 1
        loads = [problem.load[number] for number in members if problem.load[number]]
        self.quantum = median_low(loads) if loads else 1
        self.shares: dict[int, _Share] = {}
        self.heap: list[tuple[int, int, int, int]] = []

    def add(self, number: int) -> None:
        """An issue of its stakeholder is ready. Who comes new, or comes back, starts without a deficit."""
        who, turn = self.who[number], self.turn[number]
        share = self.shares.get(who)
        if share is None:
            share = _Share(self.quantum * self.weights[who], turn, self.round - 1)
            self.shares[who] = share
        elif not share.hand:
            share.credit, share.since = 0, self.round - 1
        heappush(share.hand, turn)
        if share.hand[0] == turn:
            self.plan(who, share)

    def plan(self, who: int, share: _Share) -> None:
        """Enter the round in which the stakeholder can pay for the next issue; an earlier entry counts no more."""
        share.version += 1
        if not share.hand:
            return
        lacking = self.load[self.by_turn[share.hand[0]]] * FULL_WEIGHT - share.credit
        due = share.since + -(-lacking // share.pace) if lacking > 0 else share.since
        heappush(self.heap, (due if due > self.round else self.round, share.order, who, share.version))  # noqa: FURB136

    def next(self) -> int | None:
        """The issue that is paid for next, or none."""
        table = self.table
        while self.heap:
            due, _, who, version = heappop(self.heap)
            share = self.shares[who]
            if version != share.version:
                continue
            self.round = due
            share.credit += (due - share.since) * share.pace
            share.since = due
            number = self.by_turn[heappop(share.hand)]
            fits = table.fits(number)
            if fits:
                share.credit -= self.load[number] * FULL_WEIGHT
            else:
                table.leave(number)
            self.plan(who, share)
            if fits:
                return number
        return None


def deal(table: Deal, _cancelled: Event) -> Bound | None:
    """Phase by phase; teams take turns, one issue each, which gives the order over the whole sprint."""
    problem = table.problem
    last = [0] * len(problem.rooms)
    for phase, members in table.phases():
        by_team: list[list[int]] = [[] for _ in problem.rooms]
        for number in members:
            by_team[problem.team[number]].append(number)
        teams = [_Team(table, mine) for mine in by_team]
        for number in members:
            if table.ready(number):
                teams[problem.team[number]].add(number)
        _deal_phase(table, teams, phase, last)
        # A team that has nothing in a phase goes on counting its rounds where it was.
        last = [
            before + (team.round if mine else 0)
            for before, team, mine in zip(last, teams, by_team, strict=True)
        ]
    return None


def _deal_phase(table: Deal, teams: list[_Team], phase: int, last: list[int]) -> None:
    problem = table.problem
    waiting = [at for at, team in enumerate(teams) if team.heap]
    while waiting:
        still: list[int] = []
        woken: list[int] = []
        for at in waiting:
            number = teams[at].next()
            if number is None:
                continue
            still.append(at)
            for other in table.take(number, Why.SHARE, turn=last[at] + teams[at].round):
                if problem.phase[other] == phase:
                    teams[problem.team[other]].add(other)
                    woken.append(problem.team[other])
        waiting = sorted({*still, *woken})
