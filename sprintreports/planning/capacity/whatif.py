"""What if: the plan with something otherwise, computed anew, and what that changes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from sprintreports.planning.capacity.availability import TeamPlan
from sprintreports.planning.capacity.computing import TeamCapacity
from sprintreports.planning.capacity.days import DayPart
from sprintreports.planning.capacity.overrides import Override
from sprintreports.planning.capacity.people import Absence, Member


@dataclass(frozen=True, slots=True)
class Difference:
    """What a change makes of a team's capacity: later minus earlier. amount None: one of the two is not known."""

    team: int
    days: Fraction
    hours: Fraction
    amount: Fraction | None


def if_away(plan: TeamPlan, person: int, first: date, last: date, part: DayPart = DayPart.WHOLE) -> TeamPlan:
    """The plan with one more absence. Of a shared person, change the plan of each of their teams."""
    return replace(plan, absences=(*plan.absences, Absence(person, first, last, part)))


def if_there(plan: TeamPlan, person: int) -> TeamPlan:
    """The plan without any absence of one person."""
    return replace(plan, absences=tuple(one for one in plan.absences if one.person != person))


def if_joined(plan: TeamPlan, member: Member) -> TeamPlan:
    """The plan with one more member."""
    return replace(plan, members=(*plan.members, member))


def if_left(plan: TeamPlan, person: int) -> TeamPlan:
    """The plan without a member."""
    return replace(plan, members=tuple(one for one in plan.members if one.person != person))


def if_set(plan: TeamPlan, override: Override) -> TeamPlan:
    """The plan with a figure set by hand, in place of one that was set before."""
    place = override.person, override.measure
    others = (one for one in plan.overrides if (one.person, one.measure) != place)
    return replace(plan, overrides=(*others, override))


def difference(before: TeamCapacity, after: TeamCapacity) -> Difference:
    """What changed between two computations of one team."""
    return Difference(
        team=after.team,
        days=after.days - before.days,
        hours=after.hours - before.hours,
        amount=None if before.amount is None or after.amount is None else after.amount - before.amount,
    )
