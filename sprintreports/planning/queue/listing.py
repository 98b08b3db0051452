"""The lists: for every candidate its placement, with the reason why it is there.

Placements are made a column at a time: a queue of 10,000 issues is made anew at every edit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate, chain, repeat

from sprintreports.planning.queue.deal import Deal
from sprintreports.planning.queue.fairness import fairness_of
from sprintreports.planning.queue.needs import reason_out, shortfall
from sprintreports.planning.queue.problem import Problem
from sprintreports.planning.queue.results import Placement, Reason, Side, TeamQueue, Why
from sprintreports.planning.queue.schedule import Schedule

ASIDE = frozenset({Why.DONE, Why.EXCLUDED, Why.SUBTASK, Why.HAS_SUBTASKS})
_NEEDS_TELL = frozenset({Why.TOO_LARGE, Why.BLOCKER_OUT, Why.NO_CAPACITY})
_UNSAID = Reason(Why.NO_ROOM)


def by_team(problem: Problem, order: Sequence[int]) -> list[list[int]]:
    """The numbers of each team, in this order."""
    lines: list[list[int]] = [[] for _ in problem.rooms]
    team = problem.team
    for number in order:
        lines[team[number]].append(number)
    return lines


def listed(
    table: Deal,
    order: Sequence[int],
    lines: Sequence[Sequence[int]],
    schedule: Schedule,
    asked: Sequence[Mapping[int, int]],
) -> tuple[TeamQueue, ...]:
    """Each team's list: those in, in this order (lines: the same by team), then those below, then those aside."""
    problem = table.problem
    reasons, below, aside = _reasons(table, order)
    place = [0] * len(reasons)
    for at, number in enumerate(order, start=1):
        place[number] = at
    issues, keys, stakeholders, assignees = problem.facts
    found: list[TeamQueue] = []
    for at, room in enumerate(problem.rooms):
        line, more, beside = lines[at], below[at], aside[at]
        numbers = [*line, *more, *beside]
        counted = len(line) + len(more)
        running = list(accumulate(map(problem.load.__getitem__, numbers[:counted])))
        load = running[len(line) - 1] if line else 0
        whole = running[-1] if running else 0
        placements = map(
            Placement,
            map(issues.__getitem__, numbers),
            map(keys.__getitem__, numbers),
            repeat(room.team),
            map(stakeholders.__getitem__, numbers),
            map(assignees.__getitem__, numbers),
            chain(repeat(Side.IN, len(line)), repeat(Side.BELOW, len(more)), repeat(Side.ASIDE)),
            chain(range(1, counted + 1), repeat(0)),
            map(place.__getitem__, numbers),
            map(table.round.__getitem__, numbers),
            map(problem.load.__getitem__, numbers),
            chain(running, repeat(whole)),
            map(reasons.__getitem__, numbers),
            map(schedule.starts.__getitem__, numbers),
            map(schedule.finishes.__getitem__, numbers),
        )
        found.append(
            TeamQueue(
                team=room.team,
                name=room.name,
                unit=room.unit,
                capacity=room.limit,
                load=load,
                below=whole - load,
                stakeholders=len(asked[at]),
                fairness=fairness_of(asked[at], problem.weights, list(map(problem.who.__getitem__, line))),
                placements=tuple(placements),
            )
        )
    return tuple(found)


def _reasons(table: Deal, order: Sequence[int]) -> tuple[list[Reason], list[list[int]], list[list[int]]]:
    """A reason for every number, and by team those below the cut-line and those aside, by turn."""
    problem = table.problem
    reasons = [_UNSAID] * len(problem.candidates)
    said: dict[tuple[Why, int], Reason] = {}
    for number in order:
        kind = (table.why[number], table.round[number])
        reason = said.get(kind)
        if reason is None:
            reason = said[kind] = Reason(kind[0], round=kind[1])
        reasons[number] = reason
    below: list[list[int]] = [[] for _ in problem.rooms]
    aside: list[list[int]] = [[] for _ in problem.rooms]
    for number in problem.by_turn:
        if reasons[number] is _UNSAID:
            reason = reasons[number] = _reason_out(table, number)
            (aside if reason.why in ASIDE else below)[problem.team[number]].append(number)
    return reasons, below, aside


def _reason_out(table: Deal, number: int) -> Reason:
    problem = table.problem
    settled = problem.settled.get(number)
    if settled is not None:
        needs = shortfall(table, number) if settled.why in _NEEDS_TELL else settled.needs
        return Reason(settled.why, settled.other, settled.key, settled.round, needs)
    missing = [one for one in problem.before[number] if not table.is_in(one)]
    return reason_out(table, number, min(missing, key=problem.turn.__getitem__) if missing else None)
