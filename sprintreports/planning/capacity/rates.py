"""How much a team completes per available person-day, by its own history, and whether that agrees with its velocity."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sprintreports.planning.capacity.ratios import middle, ratio

#: A capacity this far from the usual velocity is worth a look.
FAR = Fraction(1, 4)
USUAL = 5


@dataclass(frozen=True, slots=True)
class PastSprint:
    """A closed sprint of the team: person-days that were available, and what was completed, in the team's unit."""

    sprint: int
    name: str
    closed_at: datetime
    days: Fraction
    completed: Fraction

    @property
    def per_day(self) -> Fraction | None:
        """None where nobody was available, so that no pace can be told."""
        done, days = self.completed, self.days
        if days.numerator <= 0:
            return None
        return ratio(done.numerator * days.denominator, done.denominator * days.numerator)


@dataclass(frozen=True, slots=True)
class Rate:
    """What the team completes per available person-day. used: the sprints it rests on, oldest first; skipped: those
    without an available day. by_hand: somebody set it."""

    per_day: Fraction
    used: tuple[PastSprint, ...] = ()
    skipped: tuple[PastSprint, ...] = ()
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class CrossCheck:
    """A capacity beside the median of what the same sprints completed. deviation: 1/4 is 25 % above it."""

    velocity: Fraction
    deviation: Fraction

    @property
    def far(self) -> bool:
        return abs(self.deviation) > FAR


def rate_of(history: Iterable[PastSprint], *, last: int = USUAL) -> Rate | None:
    """The median of completed per available person-day over the last N closed sprints that had such days.

    None without one. Raises ValueError for last < 1.
    """
    if last < 1:
        raise ValueError("A rate needs at least one sprint to look at.")
    ordered = sorted(history, key=lambda sprint: (sprint.closed_at, sprint.sprint))
    usable = [sprint for sprint in ordered if sprint.days.numerator > 0][-last:]
    paces = [pace for sprint in usable if (pace := sprint.per_day) is not None]
    if not paces:
        return None
    earliest = usable[0].closed_at
    skipped = tuple(one for one in ordered if one.days.numerator <= 0 and one.closed_at >= earliest)
    return Rate(middle(paces), tuple(usable), skipped)


def cross_check(capacity: Fraction, used: Sequence[PastSprint]) -> CrossCheck | None:
    """The capacity against the median completed of the sprints that the rate rests on; None where that is nothing."""
    if not used:
        return None
    velocity = middle([sprint.completed for sprint in used])
    return CrossCheck(velocity, capacity / velocity - 1) if velocity else None
