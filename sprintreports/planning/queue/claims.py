"""Whose turn it is: what claim each issue has to be in, and how what blocks it inherits that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum
from itertools import compress

from sprintreports.planning.queue.links import Web
from sprintreports.planning.queue.options import Options, Pin
from sprintreports.planning.queue.order import Ordered
from sprintreports.planning.queue.results import Reason
from sprintreports.planning.queue.values import Candidate, Scheduling, Sprint

_Claim = tuple[int, int, float]


class Phase(IntEnum):
    """Who comes first. A phase is dealt to its end before the next one begins."""

    FIRST = 0
    KEPT = 1
    CARRIED = 2
    DUE = 3
    OTHER = 4


_NONE: _Claim = (Phase.OTHER.value, 0, 0.0)


def claims_of(
    known: Ordered,
    candidates: Sequence[Candidate],
    timed: Sequence[int],
    settled: Mapping[int, Reason],
    options: Options,
    sprint: Sprint,
    kept: Sequence[int],
) -> tuple[list[int], list[int]]:
    """Each candidate's phase by its own claim, and all of them by these claims: who is settled comes last."""
    numbers = known.numbers
    places = {issue: at for at, issue in enumerate(kept)}
    claims: dict[int, _Claim] = {}
    maybe = {*timed, *(known.carried if options.carry_over_first else ())}
    maybe.update(numbers[issue] for issue in options.pins if issue in numbers)
    for number in maybe - settled.keys():
        candidate = candidates[number]
        claim = _claim(candidate, options.pins.get(candidate.issue), options, sprint, places)
        if claim != _NONE and claim[0] != Phase.KEPT:
            claims[number] = claim
    staying = [numbers[issue] for issue in sorted(places, key=places.__getitem__) if issue in numbers]
    staying = [number for number in staying if number not in claims and number not in settled]
    phase = [_NONE[0]] * len(candidates)
    plain = bytearray(b"\x01") * len(candidates)
    for number, claim in claims.items():
        phase[number] = claim[0]
        plain[number] = 0
    for number in staying:
        phase[number] = Phase.KEPT.value
        plain[number] = 0
    for number in settled:
        plain[number] = 0
    claiming = sorted(sorted(claims), key=claims.__getitem__)
    first = [number for number in claiming if phase[number] < Phase.KEPT]
    others = claiming[len(first) :]
    rest = compress(range(len(candidates)), plain)
    return phase, [*first, *staying, *others, *rest, *sorted(settled)]


def _claim(
    candidate: Candidate, pin: Pin | None, options: Options, sprint: Sprint, kept: Mapping[int, int]
) -> _Claim:
    timing = candidate.timing
    if timing.kind is Scheduling.HARD and timing.start is not None:
        return Phase.FIRST.value, 0, timing.start.timestamp()
    if pin is not None:
        return Phase.FIRST.value, 1, float("inf") if pin.position is None else float(pin.position)
    if candidate.issue in kept:
        return Phase.KEPT.value, 0, float(kept[candidate.issue])
    due = timing.kind is Scheduling.SOFT and timing.end is not None
    soon = due and (sprint.end is None or timing.end is None or timing.end <= sprint.end)
    date = timing.end.timestamp() if soon and timing.end is not None else 0.0
    if options.carry_over_first and candidate.carry_over:
        return Phase.CARRIED.value, 0 if soon else 1, date
    return (Phase.DUE.value, 0, date) if soon else _NONE


def inherited(
    own_phase: Sequence[int],
    own_order: list[int],
    web: Web,
    settled: Mapping[int, Reason],
) -> tuple[list[int], list[int], list[int]]:
    """Phase, turn and the numbers by turn, when each blocker has the best claim of all that wait for it."""
    count = len(own_order)
    claim = [0] * count
    for at, number in enumerate(own_order):
        claim[number] = at
    phase = list(own_phase)
    raised = False
    for number in reversed(web.waiting):
        if number in settled:
            continue
        for blocker in web.acyclic[number]:
            if claim[number] < claim[blocker]:
                claim[blocker] = claim[number]
                raised = True
            phase[blocker] = min(phase[blocker], phase[number])
    if not raised:
        return phase, claim, own_order
    place = [own * count + at for own, at in zip(claim, web.place, strict=True)]
    by_turn = sorted(own_order, key=place.__getitem__)
    turn = [0] * count
    for at, number in enumerate(by_turn):
        turn[number] = at
    return phase, turn, by_turn
