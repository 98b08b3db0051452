"""The sprint report as REST shows it."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from sprintreports.api.schemas.amounts import AmountOut, Known, Points
from sprintreports.jira.reads.names import Names
from sprintreports.metrics.basis import Basis, SprintBasis
from sprintreports.metrics.predictability import churn, say_do
from sprintreports.metrics.sprint_report import Breakdown, Dimension, SprintReport
from sprintreports.metrics.totals import Totals
from sprintreports.metrics.values import SprintState, Unit, Window

_BY_ID = (Dimension.TEAM, Dimension.ASSIGNEE, Dimension.STAKEHOLDER)


class TotalsOut(BaseModel):
    """final = initial + added - removed + reestimated + transferred, exactly."""

    initial: AmountOut
    added: AmountOut
    removed: AmountOut
    removed_initial: AmountOut
    reestimated: AmountOut
    transferred: AmountOut
    final: AmountOut
    completed: AmountOut
    completed_initial: AmountOut
    not_completed: AmountOut
    not_completed_initial: AmountOut
    outside: AmountOut = Field(description="completed outside the sprint")
    issues: int = Field(
        description="all rows of the report, removed ones among them; those in scope: `final.count`"
    )
    unestimated: int = Field(description="issues in the final scope without story points")
    untimed: int = Field(description="issues in the final scope without a time estimate")
    excluded: int = Field(description="members of the sprint that the report leaves out")

    @classmethod
    def of(cls, totals: Totals) -> "TotalsOut":
        known = Known.of(totals)
        counters = {"issues", "unestimated", "untimed", "excluded"}
        amounts = {
            name: AmountOut.of(getattr(totals, name), known)
            for name in cls.model_fields
            if name not in counters
        }
        return cls(**amounts, **{name: getattr(totals, name) for name in counters})  # pyright: ignore[reportArgumentType]  # by name


class BasisOut(BaseModel):
    """The issues behind one figure, and how many of them add nothing because nobody estimated them."""

    issues: int
    without_points: int
    without_hours: int

    @classmethod
    def of(cls, basis: Basis) -> "BasisOut":
        return cls(
            issues=basis.issues, without_points=basis.without_points, without_hours=basis.without_hours
        )


class SprintBasisOut(BaseModel):
    """What each figure rests on. /api/v1/boards/{board_id}/data-quality names the issues that are doubtful."""

    commitment: BasisOut
    added: BasisOut
    removed: BasisOut
    completed: BasisOut
    not_completed: BasisOut
    say_do: BasisOut = Field(description="issues committed, completed or both")
    reestimated_points: int = Field(description="issues whose points are others than at the start or entry")
    reestimated_hours: int = Field(description="the same of time estimates")
    left_out: int = Field(description="members of the sprint that the report leaves out")

    @classmethod
    def of(cls, basis: SprintBasis) -> "SprintBasisOut":
        return cls(
            commitment=BasisOut.of(basis.commitment),
            added=BasisOut.of(basis.added),
            removed=BasisOut.of(basis.removed),
            completed=BasisOut.of(basis.completed),
            not_completed=BasisOut.of(basis.not_completed),
            say_do=BasisOut.of(basis.say_do),
            reestimated_points=basis.reestimated_points,
            reestimated_hours=basis.reestimated_hours,
            left_out=basis.left_out,
        )


class PartOut(BaseModel):
    """The sums of one label of a dimension. `id` is the team's or person's; null: none, or not that kind."""

    id: int | None
    label: str
    totals: TotalsOut

    @classmethod
    def of(cls, part: Breakdown, *, names: Names) -> "PartOut":
        named = part.dimension in _BY_ID and part.label not in {"", "0"}
        return cls(
            id=int(part.label) if named else None, label=names.label(part), totals=TotalsOut.of(part.totals)
        )


class WindowOut(BaseModel):
    """The interval that counts: after `start`, up to and with `end`. start null: the sprint has not begun."""

    start: datetime | None
    end: datetime
    closed: bool

    @classmethod
    def of(cls, window: Window) -> "WindowOut":
        return cls(start=window.start, end=window.end, closed=window.closed)


class TransferOut(BaseModel):
    """Issues that changed the team during the sprint, by their initial estimates. null: a team that you may not see."""

    source_team_id: int | None
    target_team_id: int | None
    amount: AmountOut


class SprintReportOut(BaseModel):
    """A sprint on a board."""

    board_id: int
    sprint_id: int
    sprint_name: str
    state: SprintState
    window: WindowOut
    zone: str
    totals: TotalsOut
    unit: Unit = Field(description="of say_do and churn: the unit asked for, else the board's")
    say_do: float | None = Field(
        description="completed / commitment; 1.0 is 100 %, null without a commitment"
    )
    churn: float | None = Field(description="(added + removed) / commitment; null without a commitment")
    teams: list[PartOut]
    transfers: list[TransferOut]
    types: list[PartOut]
    statuses: list[PartOut]
    priorities: list[PartOut]
    assignees: list[PartOut]
    stakeholders: list[PartOut]
    excluded: dict[str, int] = Field(description="how many members are left out, by reason")
    basis: SprintBasisOut
    definitions: int = Field(description="version of the definitions in docs/metrics.md")

    @property
    def labels(self) -> int:
        """How many parts it has."""
        parts = (self.teams, self.types, self.statuses, self.priorities, self.assignees, self.stakeholders)
        return sum(map(len, parts))

    @classmethod
    def of(cls, report: SprintReport, basis: SprintBasis, *, names: Names, unit: Unit) -> "SprintReportOut":
        def parts(dimension: Dimension) -> list[PartOut]:
            return [PartOut.of(part, names=names) for part in report.of(dimension)]

        known = Known.of(report.totals)
        return cls(
            board_id=report.board_id,
            sprint_id=report.sprint_id,
            sprint_name=report.sprint_name,
            state=report.state,
            window=WindowOut.of(report.window),
            zone=report.zone,
            totals=TotalsOut.of(report.totals),
            unit=unit,
            say_do=say_do(report.totals, unit=unit),
            churn=churn(report.totals, unit=unit),
            teams=parts(Dimension.TEAM),
            transfers=[
                TransferOut(
                    source_team_id=moved.source,
                    target_team_id=moved.target,
                    amount=AmountOut.of(moved.amount, known),
                )
                for moved in report.transfers
            ],
            types=parts(Dimension.TYPE),
            statuses=parts(Dimension.STATUS),
            priorities=parts(Dimension.PRIORITY),
            assignees=parts(Dimension.ASSIGNEE),
            stakeholders=parts(Dimension.STAKEHOLDER),
            excluded=dict(report.excluded),
            basis=SprintBasisOut.of(basis),
            definitions=report.definitions,
        )


class TeamAnalysis(BaseModel):
    """One discipline team's share of a sprint's final scope."""

    total_issues: int
    total_story_points: Points
    completed_issues: int
    completed_story_points: Points
    unestimated_issues: int

    @classmethod
    def of(cls, totals: Totals) -> "TeamAnalysis":
        return cls(
            total_issues=totals.final.count,
            total_story_points=totals.final.points / 1000,
            completed_issues=totals.completed.count,
            completed_story_points=totals.completed.points / 1000,
            unestimated_issues=totals.unestimated,
        )


class SprintAnalysis(BaseModel):
    """A sprint's final scope by discipline team; the teams add up to the totals exactly."""

    sprint_id: int
    board_id: int
    analysis_type: Literal["discipline_team"] = "discipline_team"
    total_issues: int
    total_story_points: Points
    discipline_breakdown: dict[str, TeamAnalysis]
    created_at: datetime | None = Field(description="end of the last complete sync; null: not yet")

    @classmethod
    def of(cls, report: SprintReport, *, names: Names, as_of: datetime | None) -> "SprintAnalysis":
        whole = TeamAnalysis.of(report.totals)
        return cls(
            sprint_id=report.sprint_id,
            board_id=report.board_id,
            total_issues=whole.total_issues,
            total_story_points=whole.total_story_points,
            discipline_breakdown={
                names.label(part): TeamAnalysis.of(part.totals) for part in report.of(Dimension.TEAM)
            },
            created_at=as_of,
        )
