"""What REST takes and shows of a what-if: changes to a team's plan that are computed and stored nowhere."""

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import Annotated, Self

from pydantic import BaseModel, Field

from sprintreports.api.schemas.capacity import FigureIn, TeamCapacityOut
from sprintreports.api.schemas.planning import (
    ID,
    Day,
    HoursOfDay,
    PartOfDay,
    Percent,
    Strict,
    shown,
    shown_or_null,
    stored,
)
from sprintreports.kit.errors import FieldProblem, Invalid
from sprintreports.planning.capacity.availability import TeamPlan
from sprintreports.planning.capacity.computing import TeamCapacity
from sprintreports.planning.capacity.overrides import check_override
from sprintreports.planning.capacity.people import Member, problems_of
from sprintreports.planning.capacity.whatif import (
    difference,
    if_away,
    if_joined,
    if_left,
    if_set,
    if_there,
)

_MOST = 100
_People = Annotated[list[ID], Field(max_length=_MOST, examples=[[12]])]


class AwayIn(Strict):
    """A member is away. Without `last_day` it is one day."""

    person_id: ID
    first_day: Day
    last_day: Day | None = None
    part: PartOfDay = PartOfDay.WHOLE

    @property
    def last(self) -> date:
        return self.last_day or self.first_day


class JoinedIn(Strict):
    """Somebody more in the team."""

    name: str = Field(default="", max_length=200)
    share: Percent = 100
    part_time: Percent = 100
    hours_per_day: HoursOfDay | None = Field(default=None, description="null: the team's")
    since: Day | None = None
    until: Day | None = None

    def member(self, number: int, plan: TeamPlan) -> Member:
        hours = plan.hours_per_day if self.hours_per_day is None else Fraction(stored(self.hours_per_day))
        return Member(
            person=-number,
            name=self.name,
            share=Fraction(stored(self.share)) / 100,
            part_time=Fraction(stored(self.part_time)) / 100,
            hours_per_day=hours,
            since=self.since,
            until=self.until,
        )


class WhatIfIn(Strict):
    """What would be otherwise: of this team alone, even where somebody is in others too."""

    left: _People = Field(default_factory=list, description="members who are not in the team")
    joined: list[JoinedIn] = Field(default_factory=list, max_length=_MOST)
    there: _People = Field(default_factory=list, description="members without any of their absences")
    away: list[AwayIn] = Field(default_factory=list, max_length=_MOST)
    figures: list[FigureIn] = Field(
        default_factory=list, max_length=_MOST, description="in place of what is computed or set by hand"
    )

    def plan(self, before: TeamPlan) -> TeamPlan:
        """The plan as it would be. Raises Invalid, with all that cannot be."""
        problems = tuple(self._problems(before))
        if problems:
            raise Invalid("This cannot be tried: see the details. " + problems[0].message, details=problems)
        plan = before
        for person in self.left:
            plan = if_left(plan, person)
        for number, joining in enumerate(self.joined, start=1):
            plan = if_joined(plan, joining.member(number, before))
        for person in self.there:
            plan = if_there(plan, person)
        for away in self.away:
            plan = if_away(plan, away.person_id, away.first_day, away.last, away.part.halves)
        for figure in self.figures:
            plan = if_set(plan, figure.override("What if?"))
        return plan

    def _problems(self, plan: TeamPlan) -> Iterator[FieldProblem]:
        members = {member.person for member in plan.members}
        named = [
            *((f"left.{place}", person) for place, person in enumerate(self.left)),
            *((f"there.{place}", person) for place, person in enumerate(self.there)),
            *((f"away.{place}.person_id", away.person_id) for place, away in enumerate(self.away)),
            *(
                (f"figures.{place}.person_id", figure.person_id)
                for place, figure in enumerate(self.figures)
                if figure.person_id is not None
            ),
        ]
        for field, person in named:
            if person not in members:
                yield FieldProblem(field, "This person is not in the team. Choose a member.")
        for place, away in enumerate(self.away):
            if away.last < away.first_day:
                yield FieldProblem(
                    f"away.{place}.last_day", "The absence ends before it begins. Swap the two days."
                )
        for place, joining in enumerate(self.joined):
            for problem in problems_of(joining.member(1, plan)):
                yield FieldProblem(f"joined.{place}.{problem.field}", problem.message)
        for place, figure in enumerate(self.figures):
            try:
                check_override(figure.override("What if?"))
            except Invalid as refused:
                for problem in refused.details:
                    yield FieldProblem(f"figures.{place}.{problem.field}", problem.message)


class WhatIfOut(BaseModel):
    """The capacity as it is and as it would be, and what that changes: later minus earlier."""

    before: TeamCapacityOut
    after: TeamCapacityOut
    days: float = Field(examples=[-1.5])
    hours: float = Field(examples=[-9.6])
    amount: float | None = Field(description="null: one of the two is not known", examples=[-1.35])

    @classmethod
    def of(cls, before: TeamCapacity, after: TeamCapacity, *, sprint_id: int) -> Self:
        changed = difference(before, after)
        return cls(
            before=TeamCapacityOut.of_team(before, sprint_id=sprint_id),
            after=TeamCapacityOut.of_team(after, sprint_id=sprint_id),
            days=shown(changed.days),
            hours=shown(changed.hours),
            amount=shown_or_null(changed.amount),
        )
