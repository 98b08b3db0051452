"""Conflicts of what must come first: rings, blockers that are out, elsewhere, or done too late."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sprintreports.planning.queue.options import AddCapacity, Edit, Exclude, IgnoreLink, PinIssue
from sprintreports.planning.queue.problem import Problem
from sprintreports.planning.queue.reasons import amount
from sprintreports.planning.queue.results import (
    Conflict,
    ConflictKind,
    Placement,
    Severity,
    Suggestion,
    Why,
)
from sprintreports.planning.queue.values import Whereabouts

_SHOWN = 8


def link_conflicts(
    problem: Problem, placed: Mapping[int, Placement], *, late: frozenset[int]
) -> Iterator[Conflict]:
    """Rings, blockers below the cut-line, in later sprints or outside, and those expected too late."""
    yield from _rings(problem)
    yield from _below(problem, placed)
    yield from _elsewhere(problem)
    for number in sorted(late):
        yield _too_late(problem, placed, number)


def _rings(problem: Problem) -> Iterator[Conflict]:
    for ring in problem.cycles:
        members = set(ring)
        keys = [problem.candidates[number].key for number in ring]
        shown = ", ".join(keys[:_SHOWN]) + (f" and {len(keys) - _SHOWN} more" if len(keys) > _SHOWN else "")
        links = [
            _ignore(problem, blocker, number)
            for number in ring
            for blocker in problem.before[number]
            if blocker in members
        ]
        yield Conflict(
            ConflictKind.CYCLE,
            Severity.ERROR,
            f"{shown} wait for each other, so none of them can begin. Remove one of the links.",
            tuple(problem.candidates[number].issue for number in ring),
            suggestions=tuple(links[:_SHOWN]),
        )


def _below(problem: Problem, placed: Mapping[int, Placement]) -> Iterator[Conflict]:
    rooms = {room.team: room for room in problem.rooms}
    for number in problem.waiting:
        candidate = problem.candidates[number]
        placement = placed[candidate.issue]
        if placement.reason.why is not Why.BLOCKER_OUT or placement.reason.other is None:
            continue
        blocker = problem.numbers[placement.reason.other]
        other = problem.candidates[blocker]
        edits: list[tuple[str, Edit]] = []
        if placed[other.issue].reason.why is Why.NO_ROOM:
            edits.append((f"Pin {other.key}.", PinIssue(other.issue)))
        if len(placement.reason.needs) == 1:
            ((team, more),) = placement.reason.needs
            room = rooms[team]
            edits.append((f"Give {room.name} {amount(more, room.unit)} more.", AddCapacity(team, more)))
        edits.append((f"Leave {candidate.key} out.", Exclude(candidate.issue)))
        yield Conflict(
            ConflictKind.BLOCKER_BELOW,
            Severity.WARNING,
            f"{candidate.key} waits for {other.key}, which is not in.",
            (candidate.issue, other.issue),
            candidate.team,
            suggestions=(
                *(Suggestion(words, edit) for words, edit in edits),
                _ignore(problem, blocker, number),
            ),
        )


def _elsewhere(problem: Problem) -> Iterator[Conflict]:
    for number, blockers in sorted(problem.outside.items()):
        candidate = problem.candidates[number]
        for blocker in blockers:
            later = blocker.where is Whereabouts.LATER_SPRINT
            place = {
                Whereabouts.LATER_SPRINT: "planned for a later sprint",
                Whereabouts.EARLIER_SPRINT: "left in an earlier sprint and not done",
                Whereabouts.OUTSIDE: "in no sprint and not done",
            }[blocker.where]
            yield Conflict(
                ConflictKind.BLOCKER_LATER_SPRINT if later else ConflictKind.BLOCKER_OUTSIDE,
                Severity.ERROR,
                f"{candidate.key} waits for {blocker.key}, which is {place}. Bring that into the sprint.",
                (candidate.issue,),
                candidate.team,
                suggestions=(
                    Suggestion(f"Leave {candidate.key} out.", Exclude(candidate.issue)),
                    Suggestion(
                        f"Plan as if {candidate.key} did not wait for {blocker.key}.",
                        IgnoreLink(blocker.issue, candidate.issue),
                    ),
                ),
            )


def _too_late(problem: Problem, placed: Mapping[int, Placement], number: int) -> Conflict:
    candidate = problem.candidates[number]
    blocker = _last(problem, placed, number)
    other = problem.candidates[blocker]
    sooner = (Suggestion(f"Put {other.key} first in its team.", PinIssue(other.issue, 1)),)
    return Conflict(
        ConflictKind.BLOCKER_AFTER,
        Severity.WARNING,
        f"{other.key} is expected to be finished too late for {candidate.key}, which waits for it.",
        (candidate.issue, other.issue),
        candidate.team,
        suggestions=(
            *(sooner if placed[other.issue].position > 1 else ()),
            Suggestion(f"Leave {candidate.key} out.", Exclude(candidate.issue)),
            _ignore(problem, blocker, number),
        ),
    )


def _last(problem: Problem, placed: Mapping[int, Placement], number: int) -> int:
    """The blocker that is expected to be finished last."""
    timed = [
        (finish, blocker)
        for blocker in problem.before[number]
        if (finish := placed[problem.candidates[blocker].issue].finish) is not None
    ]
    return max(timed)[1]


def _ignore(problem: Problem, blocker: int, blocked: int) -> Suggestion:
    first, second = problem.candidates[blocker], problem.candidates[blocked]
    return Suggestion(
        f"Plan as if {second.key} did not wait for {first.key}.", IgnoreLink(first.issue, second.issue)
    )
