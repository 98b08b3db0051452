"""Strict rank with skipping: the most important issue that fits is next, and what does not fit is passed over.

Turns inherit (see `problem`), so a blocker always stands before what it blocks, and one pass is enough.
"""

from __future__ import annotations

from threading import Event

from sprintreports.planning.queue.deal import Deal
from sprintreports.planning.queue.results import Bound, Why


def deal(table: Deal, _cancelled: Event) -> Bound | None:
    """By turn; round is the how manieth issue of its stakeholder in its team this is."""
    by_rank(table, why=Why.RANK)
    return None


def by_rank(table: Deal, *, why: Why) -> None:
    """Take all that fits, by turn."""
    problem = table.problem
    whose, where, load = problem.who, problem.team, problem.load
    waits, room, take, leave = table.waits, table.room, table.take, table.leave
    turns: list[dict[int, int]] = [{} for _ in room]
    for _, members in table.phases():
        for number in members:
            team = where[number]
            if waits[number] or load[number] > room[team]:
                leave(number)
                continue
            who, mine = whose[number], turns[team]
            turn = mine[who] = mine.get(who, 0) + 1
            take(number, why, turn=turn)
