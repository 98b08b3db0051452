"""The inputs as arrays in one canonical order, so that every algorithm sees the same problem however it was given.

An issue is a number here, its place among the candidates by priority, Jira's rank, and the seed where those are equal.
`turn` is the order in which issues have a claim to be in: pinned and hard-scheduled, kept from an earlier
queue, carried over, due in the sprint, the others. What blocks an issue inherits its claim, so that a
blocker's turn always comes before the turns of what waits for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from sprintreports.kit.errors import Invalid
from sprintreports.planning.queue.graph import in_order, rings
from sprintreports.planning.queue.links import aside_of, links_of
from sprintreports.planning.queue.loads import Room, loads_of, overridden, rooms_of
from sprintreports.planning.queue.options import FULL_WEIGHT, Options, Pin, Unestimated
from sprintreports.planning.queue.results import Reason, Why
from sprintreports.planning.queue.values import Blocker, Candidate, Inputs, Scheduling, Sprint

_SPREAD, _WORD = 2_654_435_761, 2**32 - 1  # Knuth's multiplicative hash: equal claims in an order by the seed


class Phase(IntEnum):
    """Who comes first. A phase is dealt to its end before the next one begins."""

    FIRST = 0
    KEPT = 1
    CARRIED = 2
    DUE = 3
    OTHER = 4


@dataclass(frozen=True, slots=True)
class Problem:
    """Per issue number: team (index of `rooms`), load, who (index of `people`), phase, own phase, turn, links.

    own_phase is before inheriting. by_turn: the numbers by turn. settled: what is out or aside from the start,
    and why. worth: the rank-weighted value. weights: of stakeholders, in hundredths.
    outside: blockers that are no candidates, by the number of the issue that waits.
    """

    candidates: Sequence[Candidate]
    options: Options
    sprint: Sprint
    numbers: Mapping[int, int]
    rooms: Sequence[Room]
    team: Sequence[int]
    load: Sequence[int]
    people: Sequence[int | None]
    who: Sequence[int]
    weights: Sequence[int]
    before: Sequence[Sequence[int]]
    after: Sequence[Sequence[int]]
    phase: Sequence[int]
    own_phase: Sequence[int]
    turn: Sequence[int]
    by_turn: Sequence[int]
    worth: Sequence[int]
    settled: Mapping[int, Reason]
    cycles: Sequence[Sequence[int]]
    assumed: frozenset[int]
    unusable: frozenset[int]
    outside: Mapping[int, Sequence[Blocker]]


def prepare(inputs: Inputs, options: Options, *, kept: Sequence[int] = ()) -> Problem:
    """The problem of these inputs and decisions. kept: issue ids to be kept in if that can be, in their order.

    Raises Invalid when a candidate or a team's limit is given twice.
    """
    if len({candidate.issue for candidate in inputs.candidates}) < len(inputs.candidates):
        raise Invalid("The same issue is given twice. Give each candidate once.")
    given = overridden(inputs, options)
    mask = options.seed * _SPREAD & _WORD
    candidates = sorted(
        given,
        key=lambda c: (c.priority, not c.rank, c.rank, (c.issue ^ mask) * _SPREAD & _WORD, c.issue),
    )
    numbers = {candidate.issue: number for number, candidate in enumerate(candidates)}
    rooms = rooms_of(inputs, candidates, options)
    place = {room.team: at for at, room in enumerate(rooms)}
    loads = loads_of(candidates, {room.team: room.unit for room in rooms}, options)
    team = [place[candidate.team] for candidate in candidates]
    settled = aside_of(candidates, numbers, options)
    before, outside = links_of(candidates, numbers, settled, options)
    _refused(candidates, rooms, team, loads.loads, settled, loads.assumed, options, inputs.sprint)
    for number, blockers in outside.items():
        settled.setdefault(number, Reason(Why.BLOCKER_OUTSIDE, other=blockers[0].issue, key=blockers[0].key))
    cycles = rings(before)
    for ring in cycles:
        members = set(ring)
        for number in ring:
            other = next(one for one in before[number] if one in members)
            settled[number] = Reason(Why.CYCLE, other=candidates[other].issue, key=candidates[other].key)
    acyclic = _without_rings(before, cycles)
    order = in_order(acyclic)
    _held_back(candidates, before, order, settled)
    people = sorted({c.stakeholder for c in candidates}, key=lambda who: (who is not None, who or 0))
    seats = {person: at for at, person in enumerate(people)}
    claims = _claims(candidates, settled, options, inputs.sprint, kept)
    own_order = sorted(range(len(candidates)), key=lambda number: (*claims[number], number))
    own_phase = [claim[0] for claim in claims]
    phase, turn, by_turn = _inherited(own_phase, own_order, acyclic, order, settled)
    weights = [options.weights.get(person, FULL_WEIGHT) for person in people]
    who = [seats[candidate.stakeholder] for candidate in candidates]
    return Problem(
        candidates=candidates,
        options=options,
        sprint=inputs.sprint,
        numbers=numbers,
        rooms=rooms,
        team=team,
        load=loads.loads,
        people=people,
        who=who,
        weights=weights,
        before=before,
        after=_turned(before),
        phase=phase,
        own_phase=own_phase,
        turn=turn,
        by_turn=by_turn,
        worth=_worth(own_order, settled, loads.loads, [weights[one] for one in who], team, rooms),
        settled=settled,
        cycles=cycles,
        assumed=loads.assumed,
        unusable=loads.unusable,
        outside=outside,
    )


def _refused(
    candidates: Sequence[Candidate],
    rooms: Sequence[Room],
    team: Sequence[int],
    loads: Sequence[int],
    settled: dict[int, Reason],
    assumed: frozenset[int],
    options: Options,
    sprint: Sprint,
) -> None:
    left_out = options.unestimated is Unestimated.LEFT_OUT
    for number, candidate in enumerate(candidates):
        if number in settled:
            continue
        room = rooms[team[number]]
        if _outside(candidate, sprint):
            settled[number] = Reason(Why.HARD_OUTSIDE)
        elif room.limit <= 0:
            without = candidate.team is None and not room.known
            settled[number] = Reason(Why.NO_TEAM if without else Why.NO_CAPACITY)
        elif left_out and number in assumed:
            settled[number] = Reason(Why.UNESTIMATED)
        elif loads[number] > room.limit:
            settled[number] = Reason(Why.TOO_LARGE, needs=((room.team, loads[number] - room.limit),))


def _outside(candidate: Candidate, sprint: Sprint) -> bool:
    timing = candidate.timing
    if timing.kind is not Scheduling.HARD or timing.start is None or timing.end is None:
        return False
    early = sprint.start is not None and timing.start < sprint.start
    return early or (sprint.end is not None and timing.end > sprint.end)


def _without_rings(before: Sequence[Sequence[int]], cycles: Sequence[Sequence[int]]) -> list[Sequence[int]]:
    ring_of = {number: at for at, ring in enumerate(cycles) for number in ring}
    if not ring_of:
        return list(before)
    return [
        [one for one in links if number not in ring_of or ring_of.get(one) != ring_of[number]]
        for number, links in enumerate(before)
    ]


def _held_back(
    candidates: Sequence[Candidate],
    before: Sequence[Sequence[int]],
    order: Sequence[int],
    settled: dict[int, Reason],
) -> None:
    """What waits for something that is out from the start is out itself."""
    for number in order:
        if number in settled:
            continue
        blocker = next((one for one in before[number] if one in settled), None)
        if blocker is not None:
            other = candidates[blocker]
            settled[number] = Reason(Why.BLOCKER_OUT, other=other.issue, key=other.key)


Claim = tuple[int, int, float]


def _claims(
    candidates: Sequence[Candidate],
    settled: Mapping[int, Reason],
    options: Options,
    sprint: Sprint,
    kept: Sequence[int],
) -> list[Claim]:
    places = {issue: at for at, issue in enumerate(kept)}
    return [
        (Phase.OTHER.value, 1, 0.0)
        if number in settled
        else _claim(candidate, options.pins.get(candidate.issue), options, sprint, places)
        for number, candidate in enumerate(candidates)
    ]


def _claim(
    candidate: Candidate, pin: Pin | None, options: Options, sprint: Sprint, kept: Mapping[int, int]
) -> Claim:
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
    return (Phase.DUE.value, 0, date) if soon else (Phase.OTHER.value, 0, 0.0)


def _inherited(
    own_phase: Sequence[int],
    own_order: Sequence[int],
    acyclic: Sequence[Sequence[int]],
    order: Sequence[int],
    settled: Mapping[int, Reason],
) -> tuple[list[int], list[int], list[int]]:
    count = len(own_order)
    claim = [0] * count
    for at, number in enumerate(own_order):
        claim[number] = at
    phase = list(own_phase)
    level = [0] * count
    for at, number in enumerate(order):
        level[number] = at
    for number in reversed(order):
        if number in settled:
            continue
        for blocker in acyclic[number]:
            claim[blocker] = min(claim[blocker], claim[number])
            phase[blocker] = min(phase[blocker], phase[number])
    by_turn = sorted(range(count), key=lambda number: (claim[number], level[number]))
    turn = [0] * count
    for at, number in enumerate(by_turn):
        turn[number] = at
    return phase, turn, by_turn


def _turned(before: Sequence[Sequence[int]]) -> list[list[int]]:
    after: list[list[int]] = [[] for _ in before]
    for number, links in enumerate(before):
        for blocker in links:
            after[blocker].append(number)
    return after


def _worth(
    own_order: Sequence[int],
    settled: Mapping[int, Reason],
    loads: Sequence[int],
    weights: Sequence[int],
    team: Sequence[int],
    rooms: Sequence[Room],
) -> list[int]:
    """The rank weight, 1000 for the first in line down to 100 for the last, x load x the stakeholder's weight.

    Where teams plan in different units a load is measured in thousandths of the unit's mean load.
    """
    playing = [number for number in own_order if number not in settled]
    steps = max(1, len(playing) - 1)
    units = {room.unit for room in rooms}
    total: Counter[str] = Counter()
    times: Counter[str] = Counter()
    for number in playing:
        unit = rooms[team[number]].unit
        total[unit] += loads[number]
        times[unit] += 1
    worth = [0] * len(loads)
    for at, number in enumerate(playing):
        size = loads[number]
        if len(units) > 1:
            unit = rooms[team[number]].unit
            size = size * 1000 * times[unit] // max(1, total[unit])
        worth[number] = max(1, size) * weights[number] * (1000 - 900 * at // steps)
    return worth
