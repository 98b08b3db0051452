"""Conflicts of the people who are to do the work: too much of it, or they are away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from heapq import nsmallest

from sprintreports.planning.queue.loads import amount_in
from sprintreports.planning.queue.options import Exclude
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
)
from sprintreports.planning.queue.values import Inputs, Person, Scheduling

_SUGGESTED = 3


def people_conflicts(inputs: Inputs, problem: Problem, teams: Sequence[TeamQueue]) -> Iterator[Conflict]:
    """Assignees with more in these lists than they can do for a team, and issues in the middle of an absence."""
    people = {person.person: person for person in inputs.people if person.limits or person.absences}
    if not people:
        return
    work: dict[tuple[int, int], list[int]] = {}
    for placement in (one for team in teams for one in team.placements):
        person = people.get(placement.assignee) if placement.assignee is not None else None
        if person is None or placement.side is not Side.IN:
            continue
        number = problem.numbers[placement.issue]
        work.setdefault((person.person, problem.team[number]), []).append(number)
        if person.absences:
            yield from _away(problem, number, placement, person, inputs.names)
    for (who, team), numbers in sorted(work.items()):
        yield from _over(problem, people[who], team, sorted(numbers), inputs.names)


def _over(
    problem: Problem, person: Person, team: int, numbers: list[int], names: Mapping[int, str]
) -> Iterator[Conflict]:
    room = problem.rooms[team]
    limit = person.limits.get(room.team)
    if limit is None:
        return
    own = amount_in(limit, room.unit)
    load = sum(problem.load[number] for number in numbers)
    if load <= own:
        return
    last = nsmallest(_SUGGESTED, numbers, key=lambda number: -problem.turn[number])
    yield Conflict(
        ConflictKind.ASSIGNEE_OVER,
        Severity.WARNING,
        f"{_name(person, names)} has {amount(load, room.unit)} in the plan of {room.name} "
        f"and can do {amount(own, room.unit)}. Give some of it to somebody else in Jira.",
        tuple(problem.candidates[number].issue for number in numbers),
        room.team,
        person.person,
        suggestions=tuple(
            Suggestion(
                f"Leave {problem.candidates[number].key} out.", Exclude(problem.candidates[number].issue)
            )
            for number in last
        ),
    )


def _away(
    problem: Problem, number: int, placement: Placement, person: Person, names: Mapping[int, str]
) -> Iterator[Conflict]:
    start, finish = placement.start, placement.finish
    if start is None or finish is None:
        return
    hard = problem.candidates[number].timing.kind is Scheduling.HARD
    for absence in person.absences:
        overlapping = absence.start < finish and start < absence.end
        whole = absence.start <= start and finish <= absence.end
        if whole or (hard and overlapping):
            yield Conflict(
                ConflictKind.ASSIGNEE_ABSENT,
                Severity.WARNING,
                f"{_name(person, names)} is away when {placement.key} is to be worked on. "
                "Give it to somebody else in Jira, or plan it for another time.",
                (placement.issue,),
                placement.team,
                person.person,
                suggestions=(Suggestion(f"Leave {placement.key} out.", Exclude(placement.issue)),),
            )
            return


def _name(person: Person, names: Mapping[int, str]) -> str:
    return names.get(person.person) or f"Person {person.person}"
