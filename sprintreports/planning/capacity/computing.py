"""The capacity of a team for a sprint: person-days, hours and what they amount to in the team's unit.

All figures are exact fractions; whoever shows them rounds. docs/capacity.md has the definitions and an example by hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from sprintreports.metrics.values import Unit
from sprintreports.planning.capacity.availability import (
    NOTHING,
    Available,
    MemberCapacity,
    TeamPlan,
    available,
)
from sprintreports.planning.capacity.days import Span
from sprintreports.planning.capacity.overrides import Measure, Overrides
from sprintreports.planning.capacity.rates import CrossCheck, Rate, cross_check


class Outcome(StrEnum):
    """Whether a capacity could be computed, else why not."""

    READY = "ready"
    NO_DATES = "no_dates"
    BACKWARDS = "backwards"
    ABSURD_DATES = "absurd_dates"
    NO_MEMBERS = "no_members"
    NO_WORKING_DAY = "no_working_day"
    NOBODY_AVAILABLE = "nobody_available"
    NO_RATE = "no_rate"
    NOTHING_COMPLETED = "nothing_completed"

    @property
    def sentence(self) -> str:
        """What to do about it; empty where there is nothing to do."""
        return _SENTENCES[self]


_SENTENCES = {
    Outcome.READY: "",
    Outcome.NO_DATES: "This sprint has no dates yet. Give it a start and an end in Jira, or set the capacity by hand.",
    Outcome.BACKWARDS: "This sprint ends before it starts. Correct its dates in Jira, then sync again.",
    Outcome.ABSURD_DATES: "This sprint lasts over a year, or is not between 2000 and 2100. Correct its dates in Jira, then sync again.",
    Outcome.NO_MEMBERS: "Nobody is in this team during the sprint. Add members, or set the capacity by hand.",
    Outcome.NO_WORKING_DAY: "The team has no working day in this sprint. Look at its weekdays, holidays and days off.",
    Outcome.NOBODY_AVAILABLE: "Nobody of the team is available in this sprint: everybody is away, or gives it no time.",
    Outcome.NO_RATE: "How much the team completes in a day is not known yet: no closed sprint shows it. Set a rate by "
    "hand, or plan in hours.",
    Outcome.NOTHING_COMPLETED: "In most of the sprints that its rate rests on the team completed nothing, so no amount can "
    "be worked out from them. Set a rate by hand, or plan in hours, which are known.",
}


@dataclass(frozen=True, slots=True)
class Load:
    """What the sprint holds for the team, in its unit. unestimated: issues that add nothing because nobody knows."""

    committed: Fraction = NOTHING
    done: Fraction = NOTHING
    unestimated: int = 0


@dataclass(frozen=True, slots=True)
class TeamCapacity:
    """A team's capacity for a sprint. amount: in the team's unit, None where it cannot be told (see outcome)."""

    team: int
    name: str
    unit: Unit
    outcome: Outcome
    members: tuple[MemberCapacity, ...]
    working_days: Fraction
    days: Fraction
    hours: Fraction
    focus: Fraction
    rate: Rate | None
    amount: Fraction | None
    overridden: frozenset[Measure] = frozenset()
    load: Load | None = None

    @property
    def remaining(self) -> Fraction | None:
        """What still fits; negative when there is too much. None where capacity or load is not known."""
        return None if self.amount is None or self.load is None else self.amount - self.load.committed

    @property
    def utilisation(self) -> Fraction | None:
        """The committed part of the capacity, 1 is all of it; None of no capacity, which no load can be measured by."""
        if self.load is None or not self.amount:
            return None
        return self.load.committed / self.amount

    @property
    def too_much(self) -> bool:
        """Whether more is committed than fits; without a known capacity nothing can be said."""
        remaining = self.remaining
        return remaining is not None and remaining < 0

    @property
    def check(self) -> CrossCheck | None:
        """The amount beside what the same past sprints completed; None without such sprints."""
        return None if self.amount is None or self.rate is None else cross_check(self.amount, self.rate.used)


def capacity(
    plan: TeamPlan,
    span: Span,
    *,
    rate: Rate | None = None,
    load: Load | None = None,
    given: Available | None = None,
) -> TeamCapacity:
    """The capacity of a team for a sprint. given: `available` of the same two, where it is known already.

    Amount: hours as they are, points and issues as days times `rate`, which rests on sprints that knew distraction too,
    so focus does not come in again. Raises Invalid for holidays of an unknown country.
    """
    there = available(plan, span) if given is None else given
    overrides = Overrides.of(plan.overrides)
    by_hand = overrides.value(Measure.RATE)
    pace = rate if by_hand is None else Rate(by_hand, rate.used if rate else (), by_hand=True)
    set_by_hand = overrides.value(Measure.AMOUNT)
    outcome = Outcome.READY if set_by_hand is not None else _outcome(plan, span, there, pace)
    return TeamCapacity(
        team=plan.team,
        name=plan.name,
        unit=plan.unit,
        outcome=outcome,
        members=there.members,
        working_days=there.working_days,
        days=there.days,
        hours=there.hours,
        focus=there.focus,
        rate=pace,
        amount=_amount(plan.unit, outcome, there, pace) if set_by_hand is None else set_by_hand,
        overridden=overrides.measures(),
        load=load,
    )


def _outcome(plan: TeamPlan, span: Span, there: Available, rate: Rate | None) -> Outcome:
    if there.days.numerator > 0:
        return Outcome.READY if plan.unit is Unit.HOURS else _by_rate(rate)
    if span.start is None or span.end is None:
        return Outcome.NO_DATES
    if span.end <= span.start:
        return Outcome.BACKWARDS
    if span.absurd:
        return Outcome.ABSURD_DATES
    if not there.present:
        return Outcome.NO_MEMBERS
    return Outcome.NOBODY_AVAILABLE if there.working_days else Outcome.NO_WORKING_DAY


def _by_rate(rate: Rate | None) -> Outcome:
    if rate is None:
        return Outcome.NO_RATE
    return Outcome.READY if rate.per_day or rate.by_hand else Outcome.NOTHING_COMPLETED


_UNKNOWN = frozenset(
    {
        Outcome.NO_DATES,
        Outcome.BACKWARDS,
        Outcome.ABSURD_DATES,
        Outcome.NO_RATE,
        Outcome.NOTHING_COMPLETED,
    }
)


def _amount(unit: Unit, outcome: Outcome, there: Available, rate: Rate | None) -> Fraction | None:
    """Nobody there is a capacity of nothing, which is known; a sprint without dates is not."""
    if outcome in _UNKNOWN:
        return None
    if unit is Unit.HOURS:
        return there.hours
    return there.days * rate.per_day if rate is not None else NOTHING
