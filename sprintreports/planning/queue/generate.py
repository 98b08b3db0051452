"""From inputs and options to a queue: prepare, seat what comes first, deal, and say for every candidate why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Event

from sprintreports.planning.queue.algorithms import dealer_of
from sprintreports.planning.queue.algorithms.priority import by_rank
from sprintreports.planning.queue.arrange import arranged
from sprintreports.planning.queue.conflicts import conflicts_of
from sprintreports.planning.queue.deal import Deal
from sprintreports.planning.queue.fairness import fairness_of
from sprintreports.planning.queue.listing import Order, in_lines, listed
from sprintreports.planning.queue.options import Algorithm, Options
from sprintreports.planning.queue.problem import Problem, prepare
from sprintreports.planning.queue.results import Bound, Fairness, Queue, Why
from sprintreports.planning.queue.schedule import Schedule, expected
from sprintreports.planning.queue.values import Inputs


@dataclass(frozen=True, slots=True)
class Dealt:
    """Who is in, in which order and when: all that the lists are told from."""

    inputs: Inputs
    table: Deal
    order: Order
    schedule: Schedule
    bound: Bound | None


def dealt(
    inputs: Inputs, options: Options, *, kept: Sequence[int] = (), cancelled: Event | None = None
) -> Dealt:
    """The first half of `generate`."""
    dealer = dealer_of(options.algorithm)
    table = Deal(prepare(inputs, options, kept=kept))
    table.seat_first()
    bound = dealer(table, cancelled or Event())
    by_rank(table, why=Why.RANK)  # whatever a plugin has not decided
    order = in_lines(table, arranged(table))
    return Dealt(inputs, table, order, expected(inputs, table.problem, table.decided, order.lines), bound)


def told(found: Dealt) -> Queue:
    """The second half."""
    problem, order = found.table.problem, found.order
    lists = listed(found.table, order, found.schedule)
    teams = tuple(one.queue for one in lists)
    return Queue(
        options=problem.options,
        teams=teams,
        fairness=_overall(problem, [one.asked for one in lists], order.taken),
        conflicts=conflicts_of(found.inputs, problem, teams, late=found.schedule.late),
        value=sum(map(problem.worth.__getitem__, order.taken)),
        bound=found.bound,
        in_jira=problem.known.in_jira,
    )


def generate(
    inputs: Inputs, options: Options, *, kept: Sequence[int] = (), cancelled: Event | None = None
) -> Queue:
    """The queue of these inputs and decisions; the same whatever the order in which they are given.

    kept: issue ids that stay in, in their order, as far as room and blockers allow. cancelled: set it from another
    thread and `optimal` answers at once with the best it has. Raises Invalid for input that cannot be meant:
    an issue or a limit given twice, an unknown algorithm.
    """
    return told(dealt(inputs, options, kept=kept, cancelled=cancelled))


def preview(inputs: Inputs, options: Options, *, kept: Sequence[int] = ()) -> Queue:
    """At once what `optimal` begins with: the plain greedy choice. Its options are those asked for."""
    queue = generate(inputs, replace(options, algorithm=Algorithm.PRIORITY), kept=kept)
    return replace(queue, options=options)


def _overall(problem: Problem, asked: Sequence[Mapping[int, int]], order: Sequence[int]) -> Fairness:
    """Over all teams; where these plan in different units, loads count in millionths of their team's capacity."""
    mixed = len({room.unit for room in problem.rooms}) > 1
    total: dict[int, int] = {}
    for mine, room in zip(asked, problem.rooms, strict=True):
        for who, got in mine.items():
            total[who] = total.get(who, 0) + (got * 1_000_000 // max(1, room.limit) if mixed else got)
    return fairness_of(total, problem.weights, [problem.who[number] for number in order])
