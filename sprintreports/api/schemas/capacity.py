"""What REST shows and takes of capacity: team by sprint, one team with its members, figures set by hand."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Self

from pydantic import BaseModel, Field

from sprintreports.api.schemas.amounts import AmountOut, Known
from sprintreports.api.schemas.planning import ID, Strict, shown, shown_or_null
from sprintreports.jira.reads.disciplines import DisciplineRow
from sprintreports.metrics.totals import Totals
from sprintreports.metrics.values import SprintState, Unit
from sprintreports.planning.by_hand import OverrideRow
from sprintreports.planning.capacity.availability import MemberCapacity
from sprintreports.planning.capacity.computing import Outcome, TeamCapacity
from sprintreports.planning.capacity.overrides import LONGEST_REASON, Measure, Override
from sprintreports.planning.capacity.rates import PastSprint
from sprintreports.planning.sprint_plan import NO_TEAM, CapacityTable, Column, Line

_Figure = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]


class CapacityOut(BaseModel):
    """What a team can do in a sprint, in the team's unit. Null: not known, and `message` says why and what to do."""

    outcome: Outcome
    message: str = Field(description="empty where the capacity is known")
    working_days: float = Field(description="the team's, however many members it has", examples=[8.5])
    days: float = Field(description="available person-days", examples=[23.1])
    hours: float = Field(description="the focus factor taken off", examples=[141.44])
    focus: float = Field(description="percent", examples=[80.0])
    rate: float | None = Field(description="completed per available person-day", examples=[0.9])
    rate_by_hand: bool
    amount: float | None = Field(description="the capacity", examples=[20.79])
    committed: float | None = Field(
        description="what the sprint holds; of a closed one what it set out with; null: not computed yet",
        examples=[18.0],
    )
    done: float | None = Field(description="what was completed", examples=[11.0])
    unestimated: int | None = Field(description="issues that add nothing as nobody knows", examples=[2])
    remaining: float | None = Field(description="negative: too much is committed", examples=[2.79])
    utilisation: float | None = Field(description="committed / amount, 1 is all of it", examples=[0.8658])
    too_much: bool
    overridden: list[Measure] = Field(description="what was set by hand for the team")

    @classmethod
    def of(cls, found: TeamCapacity) -> "CapacityOut":
        return cls(**_figures(found))


class WithoutTeamOut(BaseModel):
    """What a sprint holds that belongs to no team."""

    discipline_id: int | None = Field(description="null: issues without a value of the team field")
    discipline_name: str | None = Field(examples=["Ops"])
    holds: AmountOut

    @classmethod
    def of(cls, discipline: int, totals: Totals, values: Mapping[int, DisciplineRow]) -> Self:
        value = values.get(discipline)
        return cls(
            discipline_id=None if discipline == NO_TEAM else discipline,
            discipline_name=None if value is None else value.name,
            holds=AmountOut.of(totals.final, Known.of(totals)),
        )


class CapacityColumnOut(BaseModel):
    """A sprint of the table."""

    sprint_id: int
    name: str
    state: SprintState
    start: datetime | None
    end: datetime | None
    without_team: list[WithoutTeamOut]

    @classmethod
    def of(cls, column: Column, homeless: Mapping[int, Totals], values: Mapping[int, DisciplineRow]) -> Self:
        return cls(
            sprint_id=column.sprint_id,
            name=column.name,
            state=column.state,
            start=column.span.start,
            end=column.span.end,
            without_team=[WithoutTeamOut.of(one, totals, values) for one, totals in homeless.items()],
        )


class CapacityLineOut(BaseModel):
    """A team of the table."""

    team_id: int
    team_name: str = Field(examples=["QA Berlin"])
    parent_id: int | None
    unit: Unit
    cells: list[CapacityOut] = Field(description="one for each of `sprints`, in their order")

    @classmethod
    def of(cls, line: Line) -> Self:
        return cls(
            team_id=line.team.id,
            team_name=line.team.settings.name,
            parent_id=line.team.settings.parent_id,
            unit=line.team.settings.unit,
            cells=[CapacityOut.of(cell) for cell in line.cells],
        )


class CapacityTableOut(BaseModel):
    """Teams by sprints. Teams without members, work and figures by hand are left out."""

    board_id: int
    sprint_id: int = Field(description="the sprint that was asked for")
    sprints: list[CapacityColumnOut] = Field(description="in order of time")
    teams: list[CapacityLineOut] = Field(description="by name")

    @classmethod
    def of(cls, table: CapacityTable, values: Mapping[int, DisciplineRow]) -> Self:
        return cls(
            board_id=table.board_id,
            sprint_id=table.sprint_id,
            sprints=[
                CapacityColumnOut.of(column, homeless, values)
                for column, homeless in zip(table.columns, table.homeless, strict=True)
            ],
            teams=[CapacityLineOut.of(line) for line in table.lines],
        )


class MemberCapacityOut(BaseModel):
    """A member's part of a team's capacity."""

    person_id: int = Field(description="negative: they join in a what-if alone")
    name: str
    share: float = Field(description="percent", examples=[50.0])
    hours_per_day: float = Field(examples=[8.0])
    possible: float = Field(description="person-days without absences", examples=[4.25])
    absent: float = Field(description="person-days that absences take", examples=[0.25])
    days: float = Field(description="available person-days", examples=[4.0])
    hours: float = Field(examples=[19.2])
    overridden: list[Measure] = Field(description="what was set by hand")

    @classmethod
    def of(cls, member: MemberCapacity) -> Self:
        return cls(
            person_id=member.person,
            name=member.name,
            share=shown(member.share * 100),
            hours_per_day=shown(member.hours_per_day),
            possible=shown(member.possible),
            absent=shown(member.absent),
            days=shown(member.days),
            hours=shown(member.hours),
            overridden=sorted(member.overridden),
        )


class PastSprintOut(BaseModel):
    """A closed sprint that the rate rests on."""

    sprint_id: int
    name: str
    closed_at: datetime
    days: float = Field(description="person-days that were available", examples=[25.0])
    completed: float = Field(examples=[20.0])
    per_day: float | None = Field(description="null: nobody was available", examples=[0.8])

    @classmethod
    def of(cls, past: PastSprint) -> Self:
        return cls(
            sprint_id=past.sprint,
            name=past.name,
            closed_at=past.closed_at,
            days=shown(past.days),
            completed=shown(past.completed),
            per_day=shown_or_null(past.per_day),
        )


class CrossCheckOut(BaseModel):
    """The capacity beside what the same sprints completed."""

    velocity: float = Field(description="their median", examples=[20.0])
    deviation: float = Field(description="0.25: the capacity is 25 % above it", examples=[0.0395])
    far: bool = Field(description="more than 25 % off: worth a look")


class TeamCapacityOut(CapacityOut):
    """A team's capacity for a sprint, with its members and all that the figures rest on."""

    sprint_id: int
    team_id: int
    team_name: str = Field(examples=["QA Berlin"])
    unit: Unit
    members: list[MemberCapacityOut] = Field(description="who is in the team during the sprint")
    rests_on: list[PastSprintOut] = Field(description="the sprints of the rate, oldest first")
    skipped: list[PastSprintOut] = Field(description="sprints among them without an available day")
    check: CrossCheckOut | None = Field(description="null: without such sprints")

    @classmethod
    def of_team(cls, found: TeamCapacity, *, sprint_id: int) -> Self:
        check, rate = found.check, found.rate
        return cls(
            **_figures(found),
            sprint_id=sprint_id,
            team_id=found.team,
            team_name=found.name,
            unit=found.unit,
            members=[MemberCapacityOut.of(member) for member in found.members],
            rests_on=[PastSprintOut.of(past) for past in (rate.used if rate else ())],
            skipped=[PastSprintOut.of(past) for past in (rate.skipped if rate else ())],
            check=None
            if check is None
            else CrossCheckOut(
                velocity=shown(check.velocity), deviation=shown(check.deviation), far=check.far
            ),
        )


class CapacityOverrideOut(BaseModel):
    """A figure set by hand for a sprint. It holds until it ends: taken back, or replaced by another one."""

    id: int
    sprint_id: int
    team_id: int
    person_id: int | None = Field(description="null: of the team as a whole")
    measure: Measure
    value: float = Field(description="share and focus in percent", examples=[50.0])
    reason: str = Field(examples=["Half of them are at a conference."])
    created_by: int
    created_at: datetime
    ended_by: int | None = Field(description="null: it holds")
    ended_at: datetime | None

    @classmethod
    def of(cls, row: OverrideRow) -> Self:
        return cls(
            id=row.id,
            sprint_id=row.sprint_id,
            team_id=row.team_id,
            person_id=row.override.person,
            measure=row.override.measure,
            value=shown(row.override.value),
            reason=row.override.reason,
            created_by=row.created_by,
            created_at=row.created_at,
            ended_by=row.ended_by,
            ended_at=row.ended_at,
        )


class FigureIn(Strict):
    """A figure of a member (share, hours, days) or of the team (days, focus, rate, amount)."""

    measure: Measure
    value: _Figure = Field(description="share and focus in percent")
    person_id: ID | None = Field(default=None, description="null: of the team as a whole")

    def override(self, reason: str) -> Override:
        value = Fraction(Decimal(str(round(self.value, 3))))
        return Override(self.measure, value, self.person_id, reason)


class CapacityOverrideIn(FigureIn):
    """A figure that holds in place of what is computed, with its reason."""

    reason: str = Field(max_length=LONGEST_REASON)
    replaces: ID | None = Field(
        default=None,
        description="the id of the one that holds now; null: none. Where that is no longer so: 409",
    )


class CopyIn(Strict):
    from_sprint_id: ID | None = Field(
        default=None, description="null: the one just before it on its board, closed or still open"
    )


class CopiedOut(BaseModel):
    """How many rates were copied: shares, hours, focus factor, rate; never days, nor what is set already."""

    from_sprint_id: int
    copied: int


def _figures(found: TeamCapacity) -> dict[str, Any]:
    load, rate = found.load, found.rate
    return {
        "outcome": found.outcome,
        "message": found.outcome.sentence,
        "working_days": shown(found.working_days),
        "days": shown(found.days),
        "hours": shown(found.hours),
        "focus": shown(found.focus * 100),
        "rate": None if rate is None else shown(rate.per_day),
        "rate_by_hand": rate is not None and rate.by_hand,
        "amount": shown_or_null(found.amount),
        "committed": None if load is None else shown(load.committed),
        "done": None if load is None else shown(load.done),
        "unestimated": None if load is None else load.unestimated,
        "remaining": shown_or_null(found.remaining),
        "utilisation": shown_or_null(found.utilisation),
        "too_much": found.too_much,
        "overridden": sorted(found.overridden),
    }
