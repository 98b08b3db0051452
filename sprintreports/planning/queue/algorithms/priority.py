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
    whose, where, ready, fits = table.problem.who, table.problem.team, table.ready, table.fits
    turns: dict[tuple[int, int], int] = {}
    for _, members in table.phases():
        for number in members:
            if ready(number) and fits(number):
                seat = (where[number], whose[number])
                turns[seat] = turns.get(seat, 0) + 1
                table.take(number, why, turn=turns[seat])
            else:
                table.leave(number)
