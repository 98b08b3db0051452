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
from sprintreports.planning.queue.listing import ASIDE, by_team, listed
from sprintreports.planning.queue.options import Algorithm, Options
from sprintreports.planning.queue.problem import Problem, prepare
from sprintreports.planning.queue.results import Fairness, Queue, Why
from sprintreports.planning.queue.schedule import expected
from sprintreports.planning.queue.values import Inputs


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
    lines = by_team(problem, order)
    schedule = expected(inputs, problem, order, lines)
    asked = _asked(table)
    teams = listed(table, order, lines, schedule, asked)
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


def _asked(table: Deal) -> list[dict[int, int]]:
    """Per team, what each stakeholder gets who has an issue in play there."""
    problem = table.problem
    asked: list[dict[int, int]] = [{} for _ in problem.rooms]
    aside = {number for number, reason in problem.settled.items() if reason.why in ASIDE}
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
