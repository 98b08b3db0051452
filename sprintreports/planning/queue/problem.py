"""The inputs as arrays in one canonical order, so that every algorithm sees the same problem however it was given.

An issue is a number here, its place among the candidates by priority, Jira's rank, and the seed where those are equal.
`turn` is the order in which issues have a claim to be in: pinned and hard-scheduled, kept from an earlier
queue, carried over, due in the sprint, the others. What blocks an issue inherits its claim, so that a
blocker's turn always comes before the turns of what waits for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sprintreports.metrics.values import Unit
from sprintreports.planning.queue.claims import claims_of, inherited
from sprintreports.planning.queue.columns import Columns, columns_of
from sprintreports.planning.queue.links import Web, web_of
from sprintreports.planning.queue.loads import Room
from sprintreports.planning.queue.options import Options, Unestimated
from sprintreports.planning.queue.order import Ordered, ordered
from sprintreports.planning.queue.results import Reason, Why
from sprintreports.planning.queue.values import Blocker, Candidate, Inputs, Scheduling, Sprint


@dataclass(frozen=True, slots=True)
class Problem:
    """Per issue number: team (index of `rooms`), load, who (index of `people`), phase, own phase, turn, links.

    own_phase is before inheriting. by_turn: the numbers by turn. settled: what is out or aside from the start,
    and why. worth: the rank-weighted value. weights: of stakeholders, in hundredths.
    outside: blockers that are no candidates, by the number of the issue that waits. timed: who is not flexible;
    odd: whose estimate or place something may be wrong with. waiting: who waits for something, each after those; lacking: whose times Jira lacks. known: as in `order`.
    """

    known: Ordered

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
    timed: Sequence[int]
    odd: Sequence[int]
    waiting: Sequence[int]
    lacking: Sequence[int]


def prepare(inputs: Inputs, options: Options, *, kept: Sequence[int] = ()) -> Problem:
    """The problem of these inputs and decisions. kept: issue ids to be kept in if that can be, in their order.

    Raises Invalid when a candidate or a team's limit is given twice.
    """
    known = ordered(inputs, options.seed)
    numbers, who = known.numbers, known.who
    columns, rooms = columns_of(known, inputs, options)
    candidates, timed, team, loads = columns.candidates, columns.timed, columns.team, columns.loads
    web = web_of(known, options)
    settled = dict(web.aside)
    left_out = loads.assumed if options.unestimated is Unestimated.LEFT_OUT else frozenset[int]()
    _refused(columns, rooms, settled, left_out, inputs.sprint)
    for number, blockers in web.outside.items():
        settled.setdefault(number, Reason(Why.BLOCKER_OUTSIDE, other=blockers[0].issue, key=blockers[0].key))
    for ring in web.rings:
        members = set(ring)
        for number in ring:
            other = candidates[next(one for one in web.before[number] if one in members)]
            settled[number] = Reason(Why.CYCLE, other=other.issue, key=other.key)
    if settled:
        _held_back(candidates, web, settled)
    own_phase, own_order = claims_of(known, candidates, timed, settled, options, inputs.sprint, kept)
    phase, turn, by_turn = inherited(own_phase, own_order, web, settled)
    playing = own_order[: len(own_order) - len(settled)]
    return Problem(
        known=known,
        candidates=candidates,
        options=options,
        sprint=inputs.sprint,
        numbers=numbers,
        rooms=rooms,
        team=team,
        load=loads.loads,
        people=known.people,
        who=who,
        weights=columns.weights,
        before=web.before,
        after=web.after,
        phase=phase,
        own_phase=own_phase,
        turn=turn,
        by_turn=by_turn,
        worth=_worth(playing, columns, rooms, who),
        settled=settled,
        cycles=web.rings,
        assumed=loads.assumed,
        unusable=loads.unusable,
        outside=web.outside,
        timed=timed,
        odd=sorted({*loads.assumed, *settled, *known.elsewhere, *known.subtasks}),
        waiting=web.waiting,
        lacking=known.lacking,
    )


def _refused(
    columns: Columns,
    rooms: Sequence[Room],
    settled: dict[int, Reason],
    left_out: frozenset[int],
    sprint: Sprint,
) -> None:
    candidates, team, loads = columns.candidates, columns.team, columns.loads.loads
    limits = [room.limit for room in rooms]
    hindered: Iterable[int] = ()
    if any(not 0 < limit >= most for limit, most in zip(limits, columns.heaviest, strict=True)):
        pairs = enumerate(zip(team, loads, strict=True))
        hindered = (number for number, (at, load) in pairs if not 0 < limits[at] >= load)
    for number in {*hindered, *left_out, *columns.timed} - settled.keys():
        candidate, room = candidates[number], rooms[team[number]]
        if _outside(candidate, sprint):
            settled[number] = Reason(Why.HARD_OUTSIDE)
        elif room.limit <= 0:
            without = candidate.team is None and not room.known
            settled[number] = Reason(Why.NO_TEAM if without else Why.NO_CAPACITY)
        elif number in left_out:
            settled[number] = Reason(Why.UNESTIMATED)
        elif loads[number] > room.limit:
            settled[number] = Reason(Why.TOO_LARGE, needs=((room.team, loads[number] - room.limit),))


def _outside(candidate: Candidate, sprint: Sprint) -> bool:
    timing = candidate.timing
    if timing.kind is not Scheduling.HARD or timing.start is None or timing.end is None:
        return False
    early = sprint.start is not None and timing.start < sprint.start
    return early or (sprint.end is not None and timing.end > sprint.end)


def _held_back(candidates: Sequence[Candidate], web: Web, settled: dict[int, Reason]) -> None:
    """What waits for something that is out from the start is out itself."""
    for number in web.waiting:
        if number in settled:
            continue
        blocker = next((one for one in web.before[number] if one in settled), None)
        if blocker is not None:
            other = candidates[blocker]
            settled[number] = Reason(Why.BLOCKER_OUT, other=other.issue, key=other.key)


def _worth(playing: Sequence[int], columns: Columns, rooms: Sequence[Room], who: Sequence[int]) -> list[int]:
    """The rank weight, 1000 for the first in line down to 100 for the last, x load x the stakeholder's weight.

    Where teams plan in different units a load is measured in thousandths of the unit's mean load.
    """
    steps = max(1, len(playing) - 1)
    weighed = columns.weighed
    if len({room.unit for room in rooms}) > 1:
        sizes = _in_thousandths(playing, columns.loads.loads, [rooms[at].unit for at in columns.team])
        weighed = [(size or 1) * columns.weights[one] for size, one in zip(sizes, who, strict=True)]
    worth = [0] * len(weighed)
    for at, number in enumerate(playing):
        worth[number] = weighed[number] * (1000 - 900 * at // steps)
    return worth


def _in_thousandths(playing: Sequence[int], loads: Sequence[int], units: Sequence[Unit]) -> list[int]:
    total: Counter[Unit] = Counter()
    times: Counter[Unit] = Counter()
    for number in playing:
        total[units[number]] += loads[number]
        times[units[number]] += 1
    return [load * 1000 * times[unit] // max(1, total[unit]) for load, unit in zip(loads, units, strict=True)]
