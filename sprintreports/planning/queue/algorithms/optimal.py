"""The choice with the most rank-weighted value, by mixed-integer programming, then put in order by turn.

Teams that no link joins are solved apart, each group in a thread of a small pool. What is pinned, hard-scheduled
or kept has been seated before: the optimum is over the rest. Ties and order come from the turns.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event
from time import monotonic

from sprintreports.planning.queue.algorithms.priority import by_rank
from sprintreports.planning.queue.deal import Deal
from sprintreports.planning.queue.graph import Groups
from sprintreports.planning.queue.results import Bound, Why
from sprintreports.planning.queue.solver import Program, Solution, solve

_MOST_THREADS = 4
_SMALL = 50


@dataclass(frozen=True, slots=True)
class _Part:
    """A group of teams with its issues, as a program, and the plain greedy choice to start from."""

    numbers: Sequence[int]
    program: Program
    start: Sequence[bool]


def deal(table: Deal, cancelled: Event) -> Bound | None:
    """Solve each group, take what was chosen by turn, then whatever still fits."""
    problem = table.problem
    options = problem.options
    parts = _parts(table, _possible(table))
    deadline = monotonic() + options.seconds

    def solved(part: _Part) -> Solution:
        if all(part.start):
            return Solution(part.start, sum(part.program.values), proven=True)
        left = deadline - monotonic()
        gap = options.gap / 1_000_000
        return solve(part.program, part.start, gap=gap, seconds=left, seed=options.seed, cancelled=cancelled)

    threads = max(1, min(_MOST_THREADS, os.cpu_count() or 1, len(parts)))
    with ThreadPoolExecutor(threads, thread_name_prefix="queue") as pool:
        solutions = list(pool.map(solved, parts))
    fixed = sum(problem.worth[number] for number in table.taken)
    chosen = {
        number
        for part, solution in zip(parts, solutions, strict=True)
        for number, one in zip(part.numbers, solution.chosen, strict=True)
        if one
    }
    turns: dict[tuple[int, int], int] = {}
    for number in problem.by_turn:
        if number in chosen and table.ready(number) and table.fits(number):
            seat = (problem.team[number], problem.who[number])
            turns[seat] = turns.get(seat, 0) + 1
            table.take(number, Why.CHOSEN, turn=turns[seat])
    by_rank(table, why=Why.CHOSEN)
    value = sum(problem.worth[number] for number in table.taken)
    bound = max(value, fixed + sum(solution.bound for solution in solutions))
    proven = all(solution.proven for solution in solutions) or bound == value
    return Bound(value, bound, proven, stopped=cancelled.is_set())


def _possible(table: Deal) -> list[int]:
    """Who could be in, by turn: it fits alone, and so could all that must come first."""
    problem = table.problem
    could = bytearray(len(problem.candidates))
    found: list[int] = []
    for number in problem.by_turn:
        if not table.open(number) or not table.fits(number):
            continue
        if all(could[blocker] or table.is_in(blocker) for blocker in problem.before[number]):
            could[number] = 1
            found.append(number)
    return found


def _parts(table: Deal, possible: Sequence[int]) -> list[_Part]:
    problem = table.problem
    groups = Groups(len(problem.rooms))
    for number in possible:
        for blocker in problem.before[number]:
            if table.open(blocker):
                groups.join(problem.team[number], problem.team[blocker])
    members: dict[int, list[int]] = {}
    for number in possible:
        members.setdefault(groups.find(problem.team[number]), []).append(number)
    return [_part(table, numbers) for numbers in _together([group for _, group in sorted(members.items())])]


def _together(groups: Sequence[Sequence[int]]) -> list[Sequence[int]]:
    """Small groups share a program, since starting the solver takes longer than solving them."""
    found: list[Sequence[int]] = []
    gathered: list[int] = []
    for group in groups:
        if len(group) >= _SMALL:
            found.append(group)
            continue
        gathered.extend(group)
        if len(gathered) >= _SMALL:
            found.append(gathered)
            gathered = []
    return [*found, gathered] if gathered else found


def _part(table: Deal, numbers: Sequence[int]) -> _Part:
    problem = table.problem
    column = {number: at for at, number in enumerate(numbers)}
    teams: dict[int, tuple[list[int], list[int]]] = {}
    links: list[tuple[int, int]] = []
    start: list[bool] = []
    room = {problem.team[number]: table.room[problem.team[number]] for number in numbers}
    for at, number in enumerate(numbers):
        team, load = problem.team[number], problem.load[number]
        columns, loads = teams.setdefault(team, ([], []))
        columns.append(at)
        loads.append(load)
        mine = [column[blocker] for blocker in problem.before[number] if blocker in column]
        links.extend((blocker, at) for blocker in mine)
        fits = load <= room[team] and all(start[blocker] for blocker in mine)
        start.append(fits)
        if fits:
            room[team] -= load
    rows = [(table.room[team], columns, loads) for team, (columns, loads) in sorted(teams.items())]
    return _Part(numbers, Program([problem.worth[number] for number in numbers], rows, links), start)
