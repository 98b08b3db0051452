"""What does not go together in a queue, each with what could be done about it (DOMAIN: conflicts)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from operator import attrgetter

from sprintreports.metrics.values import Estimate, Unit
from sprintreports.planning.queue.conflicts_dated import dated_conflicts
from sprintreports.planning.queue.conflicts_links import link_conflicts
from sprintreports.planning.queue.conflicts_people import people_conflicts
from sprintreports.planning.queue.options import AddCapacity, Exclude, SetEstimate, SetTeam, Unpin
from sprintreports.planning.queue.problem import Problem
from sprintreports.planning.queue.reasons import amount
from sprintreports.planning.queue.results import (
    Conflict,
    ConflictKind,
    Placement,
    Severity,
    Side,
    Suggestion,
    TeamQueue,
    Why,
)
from sprintreports.planning.queue.values import Inputs, Scheduling

_ISSUE = attrgetter("issue")
_GRAVITY = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}


def conflicts_of(
    inputs: Inputs, problem: Problem, teams: Sequence[TeamQueue], *, late: frozenset[int]
) -> tuple[Conflict, ...]:
    """All conflicts of a queue, the gravest first. late: numbers whose blockers are finished too late for them."""
    placed = _placed(teams)
    return _conflicts(inputs, problem, teams, placed, late)


def conflicts_among(
    inputs: Inputs,
    problem: Problem,
    teams: Sequence[TeamQueue],
    beside: Sequence[TeamQueue],
    *,
    late: frozenset[int],
) -> tuple[Conflict, ...]:
    """Those of a queue that are about these teams' issues, or about these teams; and some of the sprint as a whole.

    beside: the teams of what these issues wait for.
    """
    placed = _placed((*beside, *teams))
    mine = {problem.numbers[one.issue] for team in teams for one in team.placements}
    pins = {
        issue: pin for issue, pin in problem.options.pins.items() if problem.numbers.get(issue, -1) in mine
    }

    def of(numbers: Sequence[int]) -> list[int]:
        return [number for number in numbers if number in mine]

    narrow = replace(
        problem,
        options=replace(problem.options, pins=pins),
        odd=of(problem.odd),
        waiting=of(problem.waiting),
        lacking=of(problem.lacking),
        timed=of(problem.timed),
        cycles=[ring for ring in problem.cycles if ring[0] in mine],
        outside={number: blockers for number, blockers in problem.outside.items() if number in mine},
    )
    return _conflicts(inputs, narrow, teams, placed, late & mine)


def _placed(teams: Iterable[TeamQueue]) -> dict[int, Placement]:
    placed: dict[int, Placement] = {}
    for team in teams:
        placed.update(zip(map(_ISSUE, team.placements), team.placements, strict=True))
    return placed


def _conflicts(
    inputs: Inputs,
    problem: Problem,
    teams: Sequence[TeamQueue],
    placed: Mapping[int, Placement],
    late: frozenset[int],
) -> tuple[Conflict, ...]:
    rooms = {team.team: team for team in teams}
    found = [
        *_of_issues(problem, placed, rooms),
        *_of_teams(problem, teams),
        *_of_the_first(problem, placed, rooms),
        *_of_pins(problem, placed),
        *link_conflicts(problem, placed, late=late),
        *dated_conflicts(inputs, problem, placed),
        *people_conflicts(inputs, problem, teams),
    ]
    return in_gravity(found)


def in_gravity(conflicts: Iterable[Conflict]) -> tuple[Conflict, ...]:
    """The gravest first."""
    return tuple(sorted(conflicts, key=lambda one: (_GRAVITY[one.severity], one.kind, one.issues, one.words)))


def _of_issues(
    problem: Problem, placed: Mapping[int, Placement], rooms: Mapping[int | None, TeamQueue]
) -> Iterator[Conflict]:
    for number in problem.odd:
        candidate = problem.candidates[number]
        placement = placed[candidate.issue]
        if placement.side is Side.ASIDE:
            continue
        key, issue = candidate.key, (candidate.issue,)
        leave = Suggestion(f"Leave {key} out.", Exclude(candidate.issue))
        why = placement.reason.why
        if number in problem.unusable:
            yield Conflict(
                ConflictKind.UNUSABLE_ESTIMATE,
                Severity.ERROR,
                f"{key} has a negative estimate. It counts as not estimated until that is corrected in Jira.",
                issue,
                candidate.team,
                suggestions=(_estimated(problem, number), leave),
            )
        elif number in problem.assumed:
            yield Conflict(
                ConflictKind.UNESTIMATED,
                Severity.WARNING,
                f"{key} has no estimate; the plan counts {_load(problem, number)} for it.",
                issue,
                candidate.team,
                suggestions=(_estimated(problem, number), leave),
            )
        if why is Why.NO_TEAM:
            yield Conflict(
                ConflictKind.NO_TEAM,
                Severity.WARNING,
                f"{key} has no discipline team, so nobody can do it.",
                issue,
                suggestions=(*_other_teams(problem, number), leave),
            )
        elif why is Why.TOO_LARGE:
            room = rooms[candidate.team]
            more = placement.load - room.capacity
            yield Conflict(
                ConflictKind.TOO_LARGE,
                Severity.ERROR,
                f"{key} is estimated at {_load(problem, number)}; {room.name} has {amount(room.capacity, room.unit)} "
                "in the whole sprint. Split it.",
                issue,
                candidate.team,
                suggestions=(
                    leave,
                    Suggestion(
                        f"Give {room.name} {amount(more, room.unit)} more.", AddCapacity(room.team, more)
                    ),
                ),
            )
        if candidate.other_sprints:
            yield Conflict(
                ConflictKind.TWO_SPRINTS,
                Severity.WARNING,
                f"{key} is also in {', '.join(candidate.other_sprints)}. Take it out of one of them in Jira.",
                issue,
                candidate.team,
                suggestions=(leave,),
            )
        if candidate.is_subtask and (candidate.parent is None or candidate.parent not in problem.numbers):
            yield Conflict(
                ConflictKind.ORPHAN_SUBTASK,
                Severity.NOTE,
                f"{key} is a sub-task whose parent is not in this plan, so it counts by itself.",
                issue,
                candidate.team,
                suggestions=(leave,),
            )


def _of_teams(problem: Problem, teams: Sequence[TeamQueue]) -> Iterator[Conflict]:
    if not any(reason.why is Why.NO_CAPACITY for reason in problem.settled.values()):
        return
    for team in teams:
        idle = [one for one in team.placements if one.reason.why is Why.NO_CAPACITY]
        if idle:
            need = max(one.load for one in idle)
            yield Conflict(
                ConflictKind.NO_CAPACITY,
                Severity.ERROR,
                f"{team.name} has no capacity in this sprint, but {len(idle)} "
                f"{'issue' if len(idle) == 1 else 'issues'} to do. Check its members and their absences.",
                tuple(one.issue for one in idle),
                team.team,
                suggestions=(
                    Suggestion(
                        f"Give {team.name} {amount(need, team.unit)}.", AddCapacity(team.team, max(1, need))
                    ),
                ),
            )


def _of_the_first(
    problem: Problem, placed: Mapping[int, Placement], rooms: Mapping[int | None, TeamQueue]
) -> Iterator[Conflict]:
    """What comes before all else, and has no room nevertheless."""
    candidates = [problem.candidates[number] for number in problem.timed]
    hard = (one.issue for one in candidates if one.timing.kind is Scheduling.HARD)
    for issue in {*problem.options.pins, *hard}:
        one = placed.get(issue)
        if one is None or one.team not in rooms or one.reason.why not in (Why.NO_ROOM, Why.BLOCKER_OUT):
            continue
        team = rooms[one.team]
        more = sum(missing for at, missing in one.reason.needs if at == team.team)
        enough = Suggestion(f"Give {team.name} {amount(more, team.unit)} more.", AddCapacity(team.team, more))
        yield Conflict(
            ConflictKind.OVERFLOW,
            Severity.ERROR,
            f"{one.key} is pinned or scheduled at exact times, but it is not in: "
            f"{team.name} has no room for it and what comes before it.",
            (one.issue,),
            team.team,
            suggestions=(
                *((enough,) if more else ()),
                Suggestion(f"Leave {one.key} out.", Exclude(one.issue)),
            ),
        )


def _of_pins(problem: Problem, placed: Mapping[int, Placement]) -> Iterator[Conflict]:
    for issue, pin in sorted(problem.options.pins.items()):
        placement = placed.get(issue)
        if placement is None or placement.side is Side.ASIDE:
            yield Conflict(
                ConflictKind.PIN_GONE,
                Severity.NOTE,
                "A pinned issue takes no part in this plan any more."
                if placement is None
                else f"{placement.key} is pinned but takes no part in this plan.",
                () if placement is None else (issue,),
                suggestions=(Suggestion("Remove the pin.", Unpin(issue)),),
            )
        elif placement.side is Side.IN and pin.position not in (None, placement.position):
            yield Conflict(
                ConflictKind.PIN_MOVED,
                Severity.NOTE,
                f"{placement.key} is pinned to position {pin.position} but stands at {placement.position}, "
                "because of other pins, of what blocks what, or because the list is shorter.",
                (issue,),
                placement.team,
                suggestions=(Suggestion("Remove the pin.", Unpin(issue)),),
            )


def _load(problem: Problem, number: int) -> str:
    return amount(problem.load[number], problem.rooms[problem.team[number]].unit)


def _estimated(problem: Problem, number: int) -> Suggestion:
    load = problem.load[number]
    hours = problem.rooms[problem.team[number]].unit is Unit.HOURS
    candidate = problem.candidates[number]
    points, seconds = candidate.estimate.points, candidate.estimate.seconds
    estimate = Estimate(points, load) if hours else Estimate(load, seconds)
    return Suggestion(
        f"Plan {candidate.key} with {_load(problem, number)}.", SetEstimate(candidate.issue, estimate)
    )


def _other_teams(problem: Problem, number: int) -> Iterator[Suggestion]:
    """The three teams with the most room for it at the start."""
    load = problem.load[number]
    fitting = sorted(
        (room for room in problem.rooms if room.team is not None and room.known and room.limit >= load),
        key=lambda room: (-room.limit, room.name),
    )
    candidate = problem.candidates[number]
    for room in fitting[:3]:
        yield Suggestion(f"Plan {candidate.key} for {room.name}.", SetTeam(candidate.issue, room.team))
