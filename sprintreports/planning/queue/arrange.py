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
    wish = _wishes(table, pins)
    if all(wish[one] < wish[number] for number in table.taken for one in problem.before[number]):
        return sorted(table.taken, key=wish.__getitem__)
    return _as_wished(table, wish)


def _wishes(table: Deal, pins: dict[int, int]) -> list[int]:
    """For each of those in the place over all teams at which it stands if nothing waits for anything."""
    team = table.problem.team
    places: dict[int, list[int]] = {team[number]: [] for number in pins}
    lines: dict[int, list[int]] = {at: [] for at in places}
    wish = [0] * len(team)
    for at, number in enumerate(table.taken):
        wish[number] = at
        if team[number] in lines:
            places[team[number]].append(at)
            lines[team[number]].append(number)
    for at, line in lines.items():
        for place, number in zip(places[at], _placed(line, pins, table), strict=True):
            wish[number] = place
    return wish


def _as_wished(table: Deal, wish: Sequence[int]) -> list[int]:
    """By wish, but each after all that must come first."""
    problem = table.problem
    waits = {number: len(problem.before[number]) for number in table.taken}
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
