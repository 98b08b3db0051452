"""Some teams alone: an edit of one team's list need not wait until all the others' have been told.

Teams are tied by what waits for what and by sub-tasks. Those that hang together are evaluated together (`part`), where they
are few; else all are dealt, and these teams' lists are told first (`glance`). Either way they come out as they do in the whole:
the same order, rounds, loads, times, reasons and conflicts. What is of the sprint as a whole (place, value, overall fairness)
follows with it. `tests/unit/planning/queue/test_parts.py` holds one against the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Event
from weakref import WeakKeyDictionary

from sprintreports.planning.queue.conflicts import conflicts_among, in_gravity
from sprintreports.planning.queue.generate import Dealt, generate
from sprintreports.planning.queue.graph import Groups
from sprintreports.planning.queue.listing import listed
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
    most: int | None = None,
    cancelled: Event | None = None,
) -> Part | None:
    """These teams with all that are tied to them. None: that cannot be told, or saves nothing; make the whole then.

    most: how many issues at most it is worth while for. Raises what `generate` raises.
    """
    if options.algorithm not in BY_TEAM:
        return None
    known = ordered(inputs, options.seed)
    candidates, _ = changed(known, options)
    tied, count = _tied(known, candidates, options, teams)
    many = count == len(candidates) or (most is not None and count > most)
    if many or _guessed_by_others(inputs, options, candidates, tied):
        return None
    places = [number for number, one in enumerate(candidates) if one.team in tied]
    mine = {candidates[number].issue for number in places}
    part_inputs = replace(
        inputs,
        candidates=[known.candidates[number] for number in places],
        calendars={team: calendar for team, calendar in inputs.calendars.items() if team in tied},
    )
    part_options = replace(options, pins={issue: pin for issue, pin in options.pins.items() if issue in mine})
    queue = generate(
        part_inputs, part_options, kept=[issue for issue in kept if issue in mine], cancelled=cancelled
    )
    return Part(
        tied,
        tuple(team for team in queue.teams if team.team in tied),
        tuple(one for one in queue.conflicts if _of(one, mine, tied)),
    )


def glance(found: Dealt, teams: Collection[int | None]) -> Part:
    """These teams alone of a queue that has been dealt: what is known of all of them is there, and few lists are told."""
    problem, order = found.table.problem, found.order
    mine = {at for at, room in enumerate(problem.rooms) if room.team in teams}
    # Conflicts name what an issue waits for, with its reason and times.
    beside = {
        problem.team[blocker]
        for at in mine
        for number in (*order.lines[at], *order.outside[at])
        for blocker in problem.before[number]
    } - mine
    lists = [one.queue for one in listed(found.table, order, found.schedule, sorted(mine | beside))]
    asked = [one for one in lists if one.team in teams]
    others = [one for one in lists if one.team not in teams]
    issues = {one.issue for team in asked for one in team.placements}
    conflicts = conflicts_among(found.inputs, problem, asked, others, late=found.schedule.late)
    tied = frozenset(teams)
    return Part(tied, tuple(asked), tuple(one for one in conflicts if _of(one, issues, tied)))


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


@dataclass(frozen=True, slots=True)
class _Groups:
    """The teams that have candidates: which of them hang together, and how many issues each has. decided: by which options."""

    decided: tuple[Mapping[int, int | None], frozenset[tuple[int, int]]]
    of: Mapping[int | None, int]
    sizes: Mapping[int | None, int]


_known: WeakKeyDictionary[Ordered, _Groups] = WeakKeyDictionary()


def _tied(
    known: Ordered, candidates: Sequence[Candidate], options: Options, teams: Collection[int | None]
) -> tuple[frozenset[int | None], int]:
    """The teams asked for and those that hang together with them, and how many issues these have."""
    held = _known.get(known)
    decided = (options.teams, options.ignored)
    if held is None or held.decided != decided:
        sizes = Counter(one.team for one in candidates)
        held = _known[known] = _Groups(decided, _groups(known, candidates, options), sizes)
    wanted = {held.of[team] for team in teams if team in held.of}
    tied = frozenset({*teams, *(team for team, group in held.of.items() if group in wanted)})
    return tied, sum(held.sizes.get(team, 0) for team in tied)


def _groups(known: Ordered, candidates: Sequence[Candidate], options: Options) -> dict[int | None, int]:
    """The teams that have candidates, and which of them hang together."""
    every = list(dict.fromkeys(one.team for one in candidates))
    place = {team: at for at, team in enumerate(every)}
    groups = Groups(len(every))
    for number in {*known.blocked, *known.subtasks}:
        one = candidates[number]
        for other in _neighbours(one, options):
            if other in known.numbers:
                groups.join(place[one.team], place[candidates[known.numbers[other]].team])
    return {team: groups.find(at) for team, at in place.items()}


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
