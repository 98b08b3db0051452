"""Which issues of a list must have changed for its order to be what it is. Pure.

Cloud gives ids in large pages and times in small ones. A list of ids alone, the last changed first, tells by its order
which of the times that we hold are out of date: whoever stands before an issue that changed later has changed since.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence


def out_of_order(stamps: Sequence[int]) -> list[int]:
    """The fewest positions without which `stamps`, newest first, are in order (the rest is a longest such run)."""
    if sorted(stamps, reverse=True) == list(stamps):
        return []
    ends: list[int] = []
    last: list[int] = []
    before = [-1] * len(stamps)
    for position, stamp in enumerate(stamps):
        place = bisect_right(ends, -stamp)
        before[position] = last[place - 1] if place else -1
        if place == len(ends):
            ends.append(-stamp)
            last.append(position)
        else:
            ends[place], last[place] = -stamp, position
    kept: set[int] = set()
    position = last[-1]
    while position >= 0:
        kept.add(position)
        position = before[position]
    return [position for position in range(len(stamps)) if position not in kept]


def overtaking(stamps: Sequence[int], told: Mapping[int, int]) -> list[int]:
    """Positions whose stamp is older than what Jira told (`told`, by position) of one behind them: they have changed.

    Together with those told of, no issue is left out that overtook one which stayed as it was.
    """
    found: list[int] = []
    newest: int | None = None
    for position in range(max(told, default=-1), -1, -1):
        if newest is not None and position not in told and stamps[position] < newest:
            found.append(position)
        known = told.get(position)
        if known is not None and (newest is None or known > newest):
            newest = known
    return found[::-1]
