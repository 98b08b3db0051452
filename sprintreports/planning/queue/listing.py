"""The lists: for every candidate its placement, with the reason why it is there.

Placements are made a column at a time, and a list is told again as long as nothing has changed that it says: an edit of a
queue of 10,000 issues changes few teams' lists, but the place in the whole sprint of nearly all issues.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from itertools import accumulate, repeat
from weakref import WeakKeyDictionary

from sprintreports.planning.queue.deal import IN, Deal
from sprintreports.planning.queue.fairness import fairness_of
from sprintreports.planning.queue.loads import Room
from sprintreports.planning.queue.needs import blocked, no_room, shortfall
from sprintreports.planning.queue.order import Ordered
from sprintreports.planning.queue.problem import Problem
from sprintreports.planning.queue.results import Placement, Reason, Side, TeamQueue, Why
from sprintreports.planning.queue.schedule import Schedule

ASIDE = frozenset({Why.DONE, Why.EXCLUDED, Why.SUBTASK, Why.HAS_SUBTASKS})
_NEEDS_TELL = frozenset({Why.TOO_LARGE, Why.BLOCKER_OUT, Why.NO_CAPACITY})


@dataclass(frozen=True, slots=True)
class Order:
    """Who is in, over all teams in their order, and by team; place: of each number from 1, 0 unless in.

    outside: by team who is not in, by turn.
    """

    taken: Sequence[int]
    lines: Sequence[Sequence[int]]
    outside: Sequence[Sequence[int]]
    place: Sequence[int]


@dataclass(frozen=True, slots=True)
class _Said:
    """All that a list says but the places: of all its numbers, those in before those below before those aside.

    rounds: of those in.
    """

    room: Room
    weights: Sequence[int]
    inside: int
    counted: int
    numbers: list[int]
    loads: list[int]
    rounds: list[int]
    reasons: list[Reason]
    starts: list[datetime | None]
    finishes: list[datetime | None]


@dataclass(frozen=True, slots=True)
class TeamList:
    """A team's list, and what each stakeholder gets who has an issue in play there. before, after: of those in, what
    placements say before and after their places, a column each."""

    queue: TeamQueue
    asked: Mapping[int, int]
    said: _Said
    places: list[int]
    before: tuple[Sequence[object], ...]
    after: tuple[Sequence[object], ...]


_known: WeakKeyDictionary[Ordered, dict[int | None, TeamList]] = WeakKeyDictionary()


def in_lines(table: Deal, taken: Sequence[int]) -> Order:
    """The order and what follows from it."""
    problem = table.problem
    team, decided = problem.team, table.decided
    lines: list[list[int]] = [[] for _ in problem.rooms]
    outside: list[list[int]] = [[] for _ in problem.rooms]
    place = [0] * len(team)
    for at, number in enumerate(taken, start=1):
        lines[team[number]].append(number)
        place[number] = at
    for number in problem.by_turn:
        if decided[number] != IN:
            outside[team[number]].append(number)
    return Order(taken, lines, outside, place)


def listed(
    table: Deal, order: Order, schedule: Schedule, teams: Iterable[int] | None = None
) -> list[TeamList]:
    """Each team's list: those in, then those below the cut-line, then those aside. teams: these rooms alone."""
    known = _known.setdefault(table.problem.known, {})
    return [
        _listed(known, table, order, schedule, at)
        for at in (range(len(table.problem.rooms)) if teams is None else teams)
    ]


def _listed(
    known: dict[int | None, TeamList], table: Deal, order: Order, schedule: Schedule, at: int
) -> TeamList:
    said = _said(table, order, schedule, at)
    places = list(map(order.place.__getitem__, order.lines[at]))
    held = known.get(said.room.team)
    if held is not None and held.said == said:
        found = held if held.places == places else _moved(held, places)
    else:
        found = _made(table.problem, said, places)
    known[said.room.team] = found
    return found


def _said(table: Deal, order: Order, schedule: Schedule, at: int) -> _Said:
    problem, line = table.problem, order.lines[at]
    below: list[int] = []
    aside: list[int] = []
    reasons: dict[int, Reason] = {}
    waits, settled, load = table.waits, problem.settled, problem.load
    team, left = problem.rooms[at].team, table.room[at]
    for number in order.outside[at]:
        if waits[number] or number in settled:
            reason = reasons[number] = _reason_out(table, number)
            (aside if reason.why in ASIDE else below).append(number)
        else:
            reasons[number] = no_room(team, load[number] - left)
            below.append(number)
    numbers = [*line, *below, *aside]
    rounds = list(map(table.round.__getitem__, line))
    inside = map(_reason_in, map(table.why.__getitem__, line), rounds)
    return _Said(
        room=problem.rooms[at],
        weights=problem.weights,
        inside=len(line),
        counted=len(line) + len(below),
        numbers=numbers,
        loads=list(map(load.__getitem__, numbers)),
        rounds=rounds,
        reasons=[*inside, *map(reasons.__getitem__, numbers[len(line) :])],
        starts=list(map(schedule.starts.__getitem__, numbers)),
        finishes=list(map(schedule.finishes.__getitem__, numbers)),
    )


def _made(problem: Problem, said: _Said, places: list[int]) -> TeamList:
    """The list, made anew."""
    room, inside, counted, numbers = said.room, said.inside, said.counted, said.numbers
    line = numbers[:inside]
    out = len(numbers) - inside
    running = list(accumulate(said.loads[:counted]))
    load = running[inside - 1] if inside else 0
    whole = running[-1] if running else 0
    issues, keys, stakeholders, assignees = (
        list(map(column.__getitem__, numbers)) for column in problem.known.facts
    )
    sides = [Side.IN] * inside + [Side.BELOW] * (counted - inside) + [Side.ASIDE] * (len(numbers) - counted)
    positions = [*range(1, counted + 1), *repeat(0, len(numbers) - counted)]
    before = (issues, keys, [room.team] * len(numbers), stakeholders, assignees, sides, positions)
    sums = running + [whole] * (len(numbers) - counted)
    after = (said.rounds + [0] * out, said.loads, sums, said.reasons, said.starts, said.finishes)
    asked = dict.fromkeys(map(problem.who.__getitem__, numbers[:counted]), 0)
    for number, amount in zip(line, said.loads, strict=False):
        asked[problem.who[number]] += amount
    queue = TeamQueue(
        team=room.team,
        name=room.name,
        unit=room.unit,
        capacity=room.limit,
        load=load,
        below=whole - load,
        stakeholders=len(asked),
        fairness=fairness_of(asked, problem.weights, list(map(problem.who.__getitem__, line))),
        placements=tuple(map(Placement, *before, places + [0] * out, *after)),
    )
    return TeamList(queue, asked, said, places, before, after)


def _moved(held: TeamList, places: list[int]) -> TeamList:
    """The same list, at other places of the whole sprint."""
    moved = map(Placement, *held.before, places, *held.after)  # ends with the places: those in
    placements = (*moved, *held.queue.placements[len(places) :])
    return replace(held, queue=replace(held.queue, placements=placements), places=places)


@lru_cache(maxsize=1 << 14)
def _reason_in(why: Why, turn: int) -> Reason:
    """One for all who share it."""
    return Reason(why, round=turn)


def _reason_out(table: Deal, number: int) -> Reason:
    problem = table.problem
    settled = problem.settled.get(number)
    if settled is not None:
        needs = shortfall(table, number) if settled.why in _NEEDS_TELL else settled.needs
        return Reason(settled.why, settled.other, settled.key, settled.round, needs)
    missing = (one for one in problem.before[number] if not table.is_in(one))
    return blocked(table, number, min(missing, key=problem.turn.__getitem__))
