"""What the figures of a sprint rest on: how many issues, and how many of them add nothing because nobody estimated them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sprintreports.metrics.scope import Outcome
from sprintreports.metrics.values import Bucket, Estimate, Unit


@dataclass(frozen=True, slots=True)
class Basis:
    """The issues behind one figure; of these, how many have no points, and how many no time estimate, and so add 0."""

    issues: int = 0
    without_points: int = 0
    without_hours: int = 0

    def __add__(self, other: Basis) -> Basis:
        return Basis(
            self.issues + other.issues,
            self.without_points + other.without_points,
            self.without_hours + other.without_hours,
        )

    def without(self, unit: Unit) -> int:
        """Issues that add nothing in this unit because nobody estimated them. Counting issues needs no estimate."""
        if unit is Unit.POINTS:
            return self.without_points
        return self.without_hours if unit is Unit.HOURS else 0


NO_ISSUE = Basis()
_NONE = Estimate(None, None)


@dataclass(frozen=True, slots=True)
class SprintBasis:
    """By figure, as `Totals` names them. left_out: members that the report leaves out.

    say_do: issues committed, completed or both; without an estimate where one of the two needs it.
    reestimated_points, reestimated_hours: issues whose estimate is another one than at the start or entry.
    """

    commitment: Basis = NO_ISSUE
    added: Basis = NO_ISSUE
    removed: Basis = NO_ISSUE
    completed: Basis = NO_ISSUE
    not_completed: Basis = NO_ISSUE
    say_do: Basis = NO_ISSUE
    reestimated_points: int = 0
    reestimated_hours: int = 0
    left_out: int = 0

    def reestimated(self, unit: Unit) -> int:
        """How many issues were estimated anew in this unit."""
        if unit is Unit.POINTS:
            return self.reestimated_points
        return self.reestimated_hours if unit is Unit.HOURS else 0


@dataclass(frozen=True, slots=True)
class Alike:
    """Issues that count alike, and how many they are. bucket None: left out of the report.

    entered, ended: whether the team at the start or entry, and the team at the end, are among those that are asked about.
    """

    number: int
    bucket: Bucket | None
    committed: bool = False
    added: bool = False
    initial: Estimate = _NONE
    final: Estimate = _NONE
    entered: bool = True
    ended: bool = True

    @classmethod
    def of(cls, outcome: Outcome) -> Alike:
        """One issue of a whole sprint."""
        return cls(
            1, outcome.bucket, outcome.committed, outcome.added, outcome.initial, outcome.final
        )  # fmt: skip


def sprint_basis(issues: Iterable[Alike]) -> SprintBasis:
    """What the figures rest on. As in `Totals`, commitment and additions belong to the team at the start or entry, all
    else to the team at the end, and estimates are those of the moment that the figure goes by.
    """
    by = dict.fromkeys(("commitment", "added", "say_do", *_IN_BUCKET.values()), NO_ISSUE)
    points = hours = left_out = 0
    for one in issues:
        if one.entered and (one.committed or one.added):
            name = "commitment" if one.committed else "added"
            by[name] += _basis(one.number, one.initial)
        by["say_do"] += _of_say_do(one)
        if not one.ended:
            continue
        if one.bucket is None:
            left_out += one.number
        elif one.bucket in _IN_BUCKET:
            by[_IN_BUCKET[one.bucket]] += _basis(one.number, one.final)
            if not (one.committed or one.added):
                continue
            points += one.number * ((one.initial.points or 0) != (one.final.points or 0))
            hours += one.number * ((one.initial.seconds or 0) != (one.final.seconds or 0))
    return SprintBasis(**by, reestimated_points=points, reestimated_hours=hours, left_out=left_out)


_IN_BUCKET = {
    Bucket.COMPLETED: "completed",
    Bucket.NOT_COMPLETED: "not_completed",
    Bucket.REMOVED: "removed",
}


def _of_say_do(one: Alike) -> Basis:
    said = one.entered and one.committed
    done = one.ended and one.bucket is Bucket.COMPLETED
    if not said and not done:
        return NO_ISSUE
    needed = [estimate for estimate, wanted in ((one.initial, said), (one.final, done)) if wanted]
    return Basis(
        one.number,
        one.number * any(estimate.points is None for estimate in needed),
        one.number * any(estimate.seconds is None for estimate in needed),
    )


def _basis(number: int, estimate: Estimate) -> Basis:
    return Basis(number, number * (estimate.points is None), number * (estimate.seconds is None))
