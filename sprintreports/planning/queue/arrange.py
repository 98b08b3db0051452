"""Pinned positions: an issue moves to its place in its team, as near as what blocks what allows."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heapify, heappop, heappush

from sprintreports.planning.queue.deal import Deal


def arranged(table: Deal) -> Sequence[int]:
    """Those taken, over all teams, with pinned positions heeded; blockers stay before what they block."""
    problem = table.problem
    pins = {
        problem.numbers[issue]: pin.position
        for issue, pin in problem.options.pins.items()
        if pin.position is not None and issue in problem.numbers and table.is_in(problem.numbers[issue])
    }
    if not pins:
        return table.taken
    places: dict[int, list[int]] = {}
    lines: dict[int, list[int]] = {}
    for at, number in enumerate(table.taken):
        places.setdefault(problem.team[number], []).append(at)
        lines.setdefault(problem.team[number], []).append(number)
    wish = [0] * len(problem.candidates)
    for team, line in lines.items():
        for at, number in zip(places[team], _placed(line, pins, table), strict=True):
            wish[number] = at
    waits = {number: sum(1 for one in problem.before[number] if table.is_in(one)) for number in table.taken}
    ready = [(wish[number], number) for number, count in waits.items() if not count]
    heapify(ready)
    order: list[int] = []
    while ready:
        _, number = heappop(ready)
        order.append(number)
        for other in problem.after[number]:
            if other in waits:
                waits[other] -= 1
                if not waits[other]:
                    heappush(ready, (wish[other], other))
    return order


def _placed(line: Sequence[int], pins: dict[int, int], table: Deal) -> list[int]:
    """A team's line with each pinned issue at its position, or at the next free one; the others keep their order."""
    slots: list[int | None] = [None] * len(line)
    pinned = sorted(
        (number for number in line if number in pins),
        key=lambda number: (pins[number], table.problem.turn[number]),
    )
    free = len(line)
    for number in pinned:
        at = min(pins[number], len(line)) - 1
        while at < len(line) and slots[at] is not None:
            at += 1
        if at == len(line):
            at = max(spot for spot in range(free) if slots[spot] is None)
        slots[at] = number
    rest = iter(number for number in line if number not in pins)
    return [number if number is not None else next(rest) for number in slots]
