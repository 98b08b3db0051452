"""Some teams alone: an edit of one team's list need not wait for all the others, where nothing ties these to it.

Teams are tied by what waits for what and by sub-tasks. Those that hang together are evaluated together, and come out as they
do in the whole: the same order, rounds, loads, times, reasons and conflicts. Only what is of the sprint as a whole (place,
value, overall fairness) is not known from a part. `tests/unit/planning/queue/test_parts.py` holds one against the other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from threading import Event

from sprintreports.planning.queue.conflicts import in_gravity
from sprintreports.planning.queue.generate import generate
from sprintreports.planning.queue.graph import Groups
from sprintreports.planning.queue.loads import estimate_in
from sprintreports.planning.queue.options import Algorithm, Options, Unestimated
from sprintreports.planning.queue.order import Ordered, changed, ordered
from sprintreports.planning.queue.results import Conflict, Queue, TeamQueue
from sprintreports.planning.queue.values import Candidate, Inputs

#: Those that look at one team at a time. What `optimal` does in one team depends on what a point is worth in all.
BY_TEAM = frozenset({Algorithm.ROUND_ROBIN, Algorithm.WEIGHTED_FAIR, Algorithm.PRIORITY})


@dataclass(frozen=True, slots=True)
class Part:
    """Some teams' lists as the whole queue would have them, except for `place`, and the conflicts that are theirs.

    tied: all that were looked at; one of them without a list has neither a limit nor an issue any more.
    """

    tied: frozenset[int | None]
    teams: tuple[TeamQueue, ...]
    conflicts: tuple[Conflict, ...]


def part(
    inputs: Inputs,
    options: Options,
    teams: Collection[int | None],
    *,
    kept: Sequence[int] = (),
    cancelled: Event | None = None,
) -> Part | None:
    """These teams with all that are tied to them. None: that cannot be told, or saves nothing; make the whole then.

    Raises what `generate` raises.
    """
    if options.algorithm not in BY_TEAM:
        return None
    known = ordered(inputs, options.seed)
    candidates, _ = changed(known, options)
    tied = _tied(known, candidates, options, teams)
    places = [number for number, one in enumerate(candidates) if one.team in tied]
    mine = {candidates[number].issue for number in places}
    if len(mine) == len(candidates) or _guessed_by_others(inputs, options, candidates, tied):
        return None
    part_inputs = replace(inputs, candidates=[known.candidates[number] for number in places])
    part_options = replace(options, pins={issue: pin for issue, pin in options.pins.items() if issue in mine})
    queue = generate(
        part_inputs, part_options, kept=[issue for issue in kept if issue in mine], cancelled=cancelled
    )
    return Part(
        tied,
        tuple(team for team in queue.teams if team.team in tied),
        tuple(one for one in queue.conflicts if _of(one, mine, tied)),
    )


def spliced(queue: Queue, options: Options, found: Part) -> Queue:
    """The queue with this part in place of what it had there: for the screen, until the whole has been made anew.

    Place, value and overall fairness are still those of before, and so are the loads of teams that guess them from others, and
    which teams are suggested to an issue that has none.
    """
    others = [team for team in queue.teams if team.team not in found.tied]
    before = [team for team in queue.teams if team.team in found.tied]
    mine = {one.issue for team in (*before, *found.teams) for one in team.placements}
    conflicts = [one for one in queue.conflicts if not _of(one, mine, found.tied)]
    return replace(
        queue,
        options=options,
        teams=tuple(sorted((*others, *found.teams), key=lambda team: (team.team is None, team.team or 0))),
        conflicts=in_gravity((*conflicts, *found.conflicts)),
    )


def _of(conflict: Conflict, issues: Collection[int], teams: Collection[int | None]) -> bool:
    """Whether the conflict is about these; one of the sprint as a whole is about no team."""
    if conflict.issues:
        return conflict.issues[0] in issues
    return conflict.team is not None and conflict.team in teams


def _tied(
    known: Ordered, candidates: Sequence[Candidate], options: Options, teams: Collection[int | None]
) -> frozenset[int | None]:
    """The teams asked for and those that hang together with them."""
    every = list(dict.fromkeys([*teams, *(one.team for one in candidates)]))
    place = {team: at for at, team in enumerate(every)}
    groups = Groups(len(every))
    for number in {*known.blocked, *known.subtasks}:
        one = candidates[number]
        for other in _neighbours(one, options):
            if other in known.numbers:
                groups.join(place[one.team], place[candidates[known.numbers[other]].team])
    wanted = {groups.find(place[team]) for team in teams}
    return frozenset(team for team in every if groups.find(place[team]) in wanted)


def _neighbours(one: Candidate, options: Options) -> Iterable[int]:
    if one.is_subtask and one.parent is not None:
        yield one.parent
    for blocker in one.blockers:
        if (blocker.issue, one.issue) not in options.ignored:
            yield blocker.issue


def _guessed_by_others(
    inputs: Inputs, options: Options, candidates: Sequence[Candidate], tied: frozenset[int | None]
) -> bool:
    """Whether one of these teams has nothing but issues without an estimate, which then weigh what is usual elsewhere."""
    if options.unestimated is not Unestimated.MEDIAN:
        return False
    units = {limit.team: limit.unit for limit in inputs.limits}
    estimated: set[int | None] = set()
    missing: set[int | None] = set()
    for one in candidates:
        if one.team not in tied:
            continue
        unit = options.unit or units.get(one.team)
        load = estimate_in(one.estimate, unit) if unit is not None else one.estimate.points
        (missing if load is None or load < 0 else estimated).add(one.team)
    return bool(missing - estimated)
