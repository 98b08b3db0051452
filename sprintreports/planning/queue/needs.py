"""How much more capacity would make room for an issue that is out: "3 more QA points would bring in ABC-12"."""

from __future__ import annotations

from functools import lru_cache

from sprintreports.planning.queue.deal import Deal
from sprintreports.planning.queue.results import Reason, Why

_LONGEST_CHAIN = 20
_ROOM_HELPS = frozenset({Why.NO_ROOM, Why.TOO_LARGE, Why.NO_CAPACITY, Why.BLOCKER_OUT})


def blocked(table: Deal, number: int, by: int) -> Reason:
    """The reason of an issue that was not taken, nor settled from the start, because another is out."""
    other = table.problem.candidates[by]
    return Reason(Why.BLOCKER_OUT, other=other.issue, key=other.key, needs=shortfall(table, number))


@lru_cache(maxsize=1 << 14)
def no_room(team: int | None, missing: int) -> Reason:
    """The reason of one that waits for nothing but so much more room in its team: one for all who share it."""
    return Reason(Why.NO_ROOM, needs=((team, missing),) if missing > 0 else ())


def shortfall(table: Deal, number: int) -> tuple[tuple[int | None, int], ...]:
    """What each team lacks before the issue, with all that must come first, has room behind what is in.

    Empty when something else than room is missing, or when over 20 issues would have to come along.
    """
    problem = table.problem
    chain = [number]
    seen = {number}
    extra: dict[int, int] = {}
    for one in chain:
        reason = problem.settled.get(one)
        if reason is not None and reason.why not in _ROOM_HELPS:
            return ()
        extra[problem.team[one]] = extra.get(problem.team[one], 0) + problem.load[one]
        for blocker in problem.before[one]:
            if blocker not in seen and not table.is_in(blocker):
                seen.add(blocker)
                chain.append(blocker)
        if len(chain) > _LONGEST_CHAIN:
            return ()
    lacking = ((team, load - table.room[team]) for team, load in sorted(extra.items()))
    return tuple((problem.rooms[team].team, missing) for team, missing in lacking if missing > 0)
