"""From inputs and options to a queue: prepare, seat what comes first, deal, and say for every candidate why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from threading import Event

from sprintreports.planning.queue.algorithms import dealer_of
from sprintreports.planning.queue.algorithms.priority import by_rank
from sprintreports.planning.queue.arrange import arranged
from sprintreports.planning.queue.conflicts import conflicts_of
from sprintreports.planning.queue.deal import Deal
from sprintreports.planning.queue.fairness import fairness_of
from sprintreports.planning.queue.needs import reason_out, shortfall
from sprintreports.planning.queue.options import Algorithm, Options
from sprintreports.planning.queue.problem import Problem, prepare
from sprintreports.planning.queue.results import Fairness, Placement, Queue, Reason, Side, TeamQueue, Why
from sprintreports.planning.queue.schedule import Times, expected
from sprintreports.planning.queue.values import Inputs

_ASIDE = frozenset({Why.DONE, Why.EXCLUDED, Why.SUBTASK, Why.HAS_SUBTASKS})
_NEEDS_TELL = frozenset({Why.TOO_LARGE, Why.BLOCKER_OUT, Why.NO_CAPACITY})


def generate(
    inputs: Inputs, options: Options, *, kept: Sequence[int] = (), cancelled: Event | None = None
) -> Queue:
    """The queue of these inputs and decisions; the same whatever the order in which they are given.

    kept: issue ids that stay in, in their order, as far as room and blockers allow. cancelled: set it from another
    thread and `optimal` answers at once with the best it has. Raises Invalid for input that cannot be meant:
    an issue or a limit given twice, an unknown algorithm.
    """
    dealer = dealer_of(options.algorithm)
    problem = prepare(inputs, options, kept=kept)
    table = Deal(problem)
    table.seat_first()
    bound = dealer(table, cancelled or Event())
    by_rank(table, why=Why.RANK)  # whatever a plugin has not decided
    order = arranged(table)
    schedule = expected(inputs, problem, order)
    asked = _asked(table)
    teams = _teams(table, order, schedule.times, asked)
    return Queue(
        options=options,
        teams=teams,
        fairness=_overall(problem, asked, order),
        conflicts=conflicts_of(inputs, problem, teams, late=schedule.late),
        value=sum(problem.worth[number] for number in order),
        bound=bound,
    )


def preview(inputs: Inputs, options: Options, *, kept: Sequence[int] = ()) -> Queue:
    """At once what `optimal` begins with: the plain greedy choice. Its options are those asked for."""
    queue = generate(inputs, replace(options, algorithm=Algorithm.PRIORITY), kept=kept)
    return replace(queue, options=options)


def _teams(
    table: Deal, order: Sequence[int], times: Mapping[int, Times], asked: Sequence[Mapping[int, int]]
) -> tuple[TeamQueue, ...]:
    problem = table.problem
    placed: list[list[Placement]] = [[] for _ in problem.rooms]
    running = [0] * len(problem.rooms)
    served: list[list[int]] = [[] for _ in problem.rooms]
    for at, number in enumerate(order):
        team = problem.team[number]
        running[team] += problem.load[number]
        served[team].append(problem.who[number])
        turn = table.round[number]
        reason = Reason(table.why[number], round=turn)
        placed[team].append(
            _placement(
                problem, number, Side.IN, len(placed[team]) + 1, at + 1, turn, running[team], reason, times
            )
        )
    loads = list(running)
    aside: list[tuple[int, Reason]] = []
    for number in problem.by_turn:
        if table.is_in(number):
            continue
        reason = _reason_out(table, number)
        if reason.why in _ASIDE:
            aside.append((number, reason))
            continue
        team = problem.team[number]
        running[team] += problem.load[number]
        placed[team].append(
            _placement(problem, number, Side.BELOW, len(placed[team]) + 1, 0, 0, running[team], reason, times)
        )
    for number, reason in aside:
        team = problem.team[number]
        placed[team].append(_placement(problem, number, Side.ASIDE, 0, 0, 0, running[team], reason, times))
    return tuple(
        TeamQueue(
            team=room.team,
            name=room.name,
            unit=room.unit,
            capacity=room.limit,
            load=loads[at],
            below=running[at] - loads[at],
            stakeholders=len(asked[at]),
            fairness=fairness_of(asked[at], problem.weights, served[at]),
            placements=tuple(placed[at]),
        )
        for at, room in enumerate(problem.rooms)
    )


def _placement(
    problem: Problem,
    number: int,
    side: Side,
    position: int,
    place: int,
    turn: int,
    running: int,
    reason: Reason,
    times: Mapping[int, Times],
) -> Placement:
    candidate = problem.candidates[number]
    start, finish = times.get(number, (None, None))
    return Placement(
        candidate.issue,
        candidate.key,
        candidate.team,
        candidate.stakeholder,
        candidate.assignee,
        side,
        position,
        place,
        turn,
        problem.load[number],
        running,
        reason,
        start,
        finish,
    )


def _reason_out(table: Deal, number: int) -> Reason:
    problem = table.problem
    settled = problem.settled.get(number)
    if settled is not None:
        return replace(settled, needs=shortfall(table, number)) if settled.why in _NEEDS_TELL else settled
    missing = [one for one in problem.before[number] if not table.is_in(one)]
    return reason_out(table, number, min(missing, key=lambda one: problem.turn[one]) if missing else None)


def _asked(table: Deal) -> list[dict[int, int]]:
    """Per team, what each stakeholder gets who has an issue in play there."""
    problem = table.problem
    asked: list[dict[int, int]] = [{} for _ in problem.rooms]
    aside = {number for number, reason in problem.settled.items() if reason.why in _ASIDE}
    for number, (team, who) in enumerate(zip(problem.team, problem.who, strict=True)):
        if who not in asked[team] and number not in aside:
            asked[team][who] = 0
    for number in table.taken:
        asked[problem.team[number]][problem.who[number]] += problem.load[number]
    return asked


def _overall(problem: Problem, asked: Sequence[Mapping[int, int]], order: Sequence[int]) -> Fairness:
    """Over all teams; where these plan in different units, loads count in millionths of their team's capacity."""
    mixed = len({room.unit for room in problem.rooms}) > 1
    total: dict[int, int] = {}
    for mine, room in zip(asked, problem.rooms, strict=True):
        for who, got in mine.items():
            total[who] = total.get(who, 0) + (got * 1_000_000 // max(1, room.limit) if mixed else got)
    return fairness_of(total, problem.weights, [problem.who[number] for number in order])
