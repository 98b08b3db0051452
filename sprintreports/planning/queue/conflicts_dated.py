"""Conflicts with the calendar: hard-scheduled issues and deadlines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from sprintreports.planning.queue.options import Exclude, PinIssue, SetTiming
from sprintreports.planning.queue.problem import Problem
from sprintreports.planning.queue.results import (
    Conflict,
    ConflictKind,
    Placement,
    Severity,
    Side,
    Suggestion,
    Why,
)
from sprintreports.planning.queue.values import FLEXIBLE, Candidate, Inputs, Scheduling

#: Reasons that a pin to the first place can change.
_MOVABLE = frozenset(
    {Why.NO_ROOM, Why.PINNED, Why.KEPT, Why.NEEDED, Why.TURN, Why.SHARE, Why.RANK, Why.CHOSEN}
)


def dated_conflicts(inputs: Inputs, problem: Problem, placed: Mapping[int, Placement]) -> Iterator[Conflict]:
    """Hard-scheduled outside the sprint, on non-working days, overlapping or before its blocker; missed deadlines."""
    if not inputs.sprint.dated:
        yield Conflict(
            ConflictKind.NO_DATES,
            Severity.NOTE,
            "The sprint has no start and end that make sense, so nothing has an expected time. Give it dates in Jira.",
        )
    for candidate in (problem.candidates[number] for number in problem.lacking):
        if candidate.issue not in problem.options.timings:
            yield from _without_times(candidate, placed[candidate.issue])
    hard: dict[int | None, list[Candidate]] = {}
    for number in problem.timed:
        candidate = problem.candidates[number]
        placement = placed[candidate.issue]
        if placement.side is Side.ASIDE:
            continue
        if candidate.timing.kind is Scheduling.HARD:
            hard.setdefault(candidate.team, []).append(candidate)
            yield from _hard(inputs, candidate, placement)
            yield from _before_its_blocker(problem, placed, number)
        else:
            yield from _deadline(inputs, candidate, placement)
    for candidates in hard.values():
        yield from _overlaps(candidates)


def _without_times(candidate: Candidate, placement: Placement) -> Iterator[Conflict]:
    """Jira names a class that needs times, and has none that make sense."""
    if placement.side is Side.ASIDE:
        return
    hard = candidate.lacks is Scheduling.HARD
    so_far = "by its deadline" if candidate.timing.kind is Scheduling.SOFT else "as flexible"
    yield Conflict(
        ConflictKind.NO_TIMES,
        Severity.WARNING,
        f"{candidate.key} is to happen at exact times ({candidate.told}), but Jira has no planned start and end for it that "
        f"make sense. It is planned {so_far}. Give it times in Jira, or here in its details."
        if hard
        else f"{candidate.key} is to be done by a date ({candidate.told}) that Jira does not have. It is planned {so_far}. Give "
        "it a date in Jira, or here in its details.",
        (candidate.issue,),
        candidate.team,
        suggestions=_ways_out(candidate)
        if candidate.timing.kind is Scheduling.FLEXIBLE
        else (
            Suggestion(
                f"Plan {candidate.key} by its deadline.", SetTiming(candidate.issue, candidate.timing)
            ),
            *_ways_out(candidate),
        ),
    )


def _hard(inputs: Inputs, candidate: Candidate, placement: Placement) -> Iterator[Conflict]:
    start, end = candidate.timing.start, candidate.timing.end
    if start is None or end is None:
        return
    if placement.reason.why is Why.HARD_OUTSIDE:
        yield Conflict(
            ConflictKind.HARD_OUTSIDE,
            Severity.ERROR,
            f"{candidate.key} is scheduled at a time outside this sprint.",
            (candidate.issue,),
            candidate.team,
            suggestions=_ways_out(candidate),
        )
        return
    calendar = inputs.calendars.get(candidate.team)
    if calendar is not None and not calendar.stretches(start, end):
        yield Conflict(
            ConflictKind.HARD_NON_WORKING,
            Severity.WARNING,
            f"{candidate.key} is scheduled when its team does not work.",
            (candidate.issue,),
            candidate.team,
            suggestions=_ways_out(candidate),
        )


def _before_its_blocker(problem: Problem, placed: Mapping[int, Placement], number: int) -> Iterator[Conflict]:
    candidate = problem.candidates[number]
    start = candidate.timing.start
    for blocker in problem.before[number]:
        other = problem.candidates[blocker]
        finish = placed[other.issue].finish
        if start is None or finish is None or finish <= start or placed[candidate.issue].side is not Side.IN:
            continue
        yield Conflict(
            ConflictKind.BLOCKER_AFTER,
            Severity.ERROR,
            f"{candidate.key} is scheduled before {other.key}, which it waits for, is expected to be finished.",
            (candidate.issue, other.issue),
            candidate.team,
            suggestions=(
                Suggestion(f"Put {other.key} first in its team.", PinIssue(other.issue, 1)),
                *_ways_out(candidate),
            ),
        )


def _overlaps(candidates: Sequence[Candidate]) -> Iterator[Conflict]:
    """Each with the one of those before it that lasts longest: enough to name everybody who is in an overlap."""
    timed = sorted(
        (
            (candidate.timing.start, candidate.timing.end, candidate.issue, candidate)
            for candidate in candidates
            if candidate.timing.start is not None and candidate.timing.end is not None
        ),
        key=lambda one: one[:3],
    )
    if not timed:
        return
    longest = timed[0]
    for _, after in pairwise(timed):
        first, second = longest[3], after[3]
        if after[0] < longest[1]:
            yield Conflict(
                ConflictKind.HARD_OVERLAP,
                Severity.ERROR,
                f"{first.key} and {second.key} are scheduled for the same team at the same time.",
                (first.issue, second.issue),
                second.team,
                suggestions=(*_ways_out(second), *_ways_out(first)),
            )
        longest = max(longest, after, key=lambda one: one[1])


def _deadline(inputs: Inputs, candidate: Candidate, placement: Placement) -> Iterator[Conflict]:
    deadline, end = candidate.timing.end, inputs.sprint.end
    if deadline is None:
        return
    below = placement.side is Side.BELOW and (end is None or deadline <= end)
    if not below and (placement.finish is None or placement.finish <= deadline):
        return
    sooner = (Suggestion(f"Put {candidate.key} first.", PinIssue(candidate.issue, 1)),)
    yield Conflict(
        ConflictKind.DEADLINE_MISSED,
        Severity.WARNING,
        f"{candidate.key} is due in this sprint but not in."
        if below
        else f"{candidate.key} is expected to be finished after its deadline.",
        (candidate.issue,),
        candidate.team,
        suggestions=(
            *(sooner if placement.position > 1 and placement.reason.why in _MOVABLE else ()),
            Suggestion("Do without the deadline.", SetTiming(candidate.issue, FLEXIBLE)),
        ),
    )


def _ways_out(candidate: Candidate) -> tuple[Suggestion, ...]:
    return (
        Suggestion(f"Make {candidate.key} flexible.", SetTiming(candidate.issue, FLEXIBLE)),
        Suggestion(f"Leave {candidate.key} out.", Exclude(candidate.issue)),
    )
