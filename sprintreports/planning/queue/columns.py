"""What few edits change of the candidates: their teams, loads and who is not flexible, kept from one edit to the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from sprintreports.metrics.values import Estimate, Unit
from sprintreports.planning.queue.loads import Loads, Room, loads_of, rooms_of
from sprintreports.planning.queue.options import FULL_WEIGHT, Options, Unestimated
from sprintreports.planning.queue.order import Ordered, changed
from sprintreports.planning.queue.values import Candidate, Inputs, Timing

_Decided = tuple[
    Mapping[int, int | None],
    Mapping[int, Timing],
    Mapping[int, Estimate],
    Unit | None,
    Unestimated,
    tuple[int | None, ...],
    Mapping[int | None, int],
]


@dataclass(frozen=True, slots=True)
class Columns:
    """The candidates as the manager wants them seen, and a column each of what is asked of all of them.

    team: index of the rooms; heaviest: the largest load of each team; weights: of the stakeholders, in hundredths;
    weighed: load, or 1 of one without, times its stakeholder's weight.
    """

    candidates: Sequence[Candidate]
    timed: Sequence[int]
    team: Sequence[int]
    loads: Loads
    heaviest: Sequence[int]
    weights: Sequence[int]
    weighed: Sequence[int]


_known: WeakKeyDictionary[Ordered, tuple[_Decided, Columns]] = WeakKeyDictionary()


def columns_of(known: Ordered, inputs: Inputs, options: Options) -> tuple[Columns, list[Room]]:
    """The columns, those of the last time where they still hold, and the rooms. Raises Invalid for a limit given twice."""
    held = _known.get(known)
    named = (options.teams, options.timings, options.estimates, options.unit, options.unestimated)
    if held is not None and held[0][:5] == named:
        rooms = rooms_of(inputs, held[0][5], options)
        if held[0][6] == options.weights:
            return held[1], rooms
    candidates, timed = changed(known, options)
    teams = tuple({candidate.team for candidate in candidates})
    rooms = rooms_of(inputs, teams, options)
    found = _columns(known, candidates, timed, rooms, options)
    _known[known] = ((*named, teams, options.weights), found)
    return found, rooms


def _columns(
    known: Ordered,
    candidates: Sequence[Candidate],
    timed: Sequence[int],
    rooms: Sequence[Room],
    options: Options,
) -> Columns:
    place = {room.team: at for at, room in enumerate(rooms)}
    loads = loads_of(candidates, {room.team: room.unit for room in rooms}, options)
    team = [place[candidate.team] for candidate in candidates]
    heaviest = [0] * len(rooms)
    for at, load in zip(team, loads.loads, strict=True):
        heaviest[at] = max(heaviest[at], load)
    weights = [options.weights.get(person, FULL_WEIGHT) for person in known.people]
    weighed = [(load or 1) * weights[who] for load, who in zip(loads.loads, known.who, strict=True)]
    return Columns(candidates, timed, team, loads, heaviest, weights, weighed)
