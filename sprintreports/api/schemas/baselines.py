"""What REST shows and takes of baselines, and of the rules by which they are taken."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, Field

from sprintreports.api.schemas.amounts import AmountOut, Known
from sprintreports.api.schemas.planning import ID, Strict
from sprintreports.metrics.totals import Totals
from sprintreports.metrics.values import SprintState, Unit
from sprintreports.reports.baselines.keeping import LONGEST_NOTE
from sprintreports.reports.baselines.ledger import Baseline, Figures, Reason
from sprintreports.reports.baselines.rules import EVERYWHERE, MOST_EVERY, MOST_KEPT, Rule, RuleInForce


class BaselineIn(Strict):
    """A state to freeze."""

    sprint_id: ID
    board_id: ID | None = Field(default=None, description="null: the sprint's own")
    moment: AwareDatetime | None = Field(
        default=None,
        description="a moment that has passed, to which the sprint is rebuilt from its history; null: as it is now",
        examples=["2026-03-02T09:00:00Z"],
    )
    note: Annotated[str, Field(max_length=LONGEST_NOTE, examples=["Before the demo."])] = ""


class BaselineFiguresOut(BaseModel):
    """A state in a few figures, over all teams."""

    unit: Unit
    issues: int = Field(
        description="all that the state knows, removed ones among them; those in scope: `scope.count`"
    )
    commitment: AmountOut
    scope: AmountOut = Field(description="what is in the sprint at the moment")
    completed: AmountOut

    @classmethod
    def of(cls, figures: Figures) -> Self:
        known = Known.of(
            Totals(
                initial=figures.commitment,
                final=figures.scope,
                completed=figures.completed,
                unestimated=figures.unestimated,
                untimed=figures.untimed,
            )
        )
        return cls(
            unit=figures.unit,
            issues=figures.issues,
            commitment=AmountOut.of(figures.commitment, known),
            scope=AmountOut.of(figures.scope, known),
            completed=AmountOut.of(figures.completed, known),
        )


class BaselineOut(BaseModel):
    """A state of a sprint that is kept unchanged."""

    id: int
    board_id: int
    board_name: str
    sprint_id: int
    sprint_name: str
    state: SprintState
    reason: Reason = Field(description="manual, or by which rule it was taken")
    note: str
    moment: datetime = Field(description="of what it speaks; of a closed sprint its close")
    schema_version: int = Field(description="of its content")
    sha256: str = Field(description="of the canonical JSON that `/raw` gives to who sees all teams")
    size: int = Field(description="of that JSON, in bytes")
    used: bool = Field(description="a report or a schedule rests on it, so that it is not deleted")
    figures: BaselineFiguresOut | None = Field(description="null for who sees some teams alone")
    created_by: int = Field(description="0: taken by rule")
    created_at: datetime
    deleted_at: datetime | None = Field(description="it can be restored for 30 days from then on")

    @classmethod
    def of(cls, one: Baseline) -> Self:
        return cls(
            id=one.id,
            board_id=one.board_id,
            board_name=one.board_name,
            sprint_id=one.sprint_id,
            sprint_name=one.sprint_name,
            state=one.state,
            reason=one.reason,
            note=one.note,
            moment=one.moment,
            schema_version=one.schema,
            sha256=one.digest,
            size=one.size,
            used=one.used,
            figures=None if one.figures is None else BaselineFiguresOut.of(one.figures),
            created_by=one.created_by,
            created_at=one.created_at,
            deleted_at=one.deleted_at,
        )


class BaselineRuleIn(Strict):
    """When baselines are taken, and how long those of days and plans are kept."""

    at_planning: bool = Field(default=False, description="when a sprint queue becomes the plan")
    at_start: bool = False
    at_close: bool = False
    every_days: int = Field(
        default=0, ge=0, le=MOST_EVERY, description="at the end of every n-th day; 0: on no day"
    )
    keep_days: int = Field(
        default=0,
        ge=0,
        le=MOST_KEPT,
        description="how long baselines of days and plans are kept; 0: for good. The others are, always",
    )

    def rule(self) -> Rule:
        return Rule(self.at_planning, self.at_start, self.at_close, self.every_days, self.keep_days)


class BaselineRuleOut(BaseModel):
    """The rule that holds for a board."""

    board_id: int = Field(description="0: the rule for all boards without their own")
    own: bool = Field(description="false: the rule for all boards holds for this one")
    at_planning: bool
    at_start: bool
    at_close: bool
    every_days: int
    keep_days: int
    since: datetime | None = Field(description="what happened before is not taken")

    @classmethod
    def of(cls, found: RuleInForce) -> Self:
        rule = found.rule
        return cls(
            board_id=found.board_id,
            own=found.own and found.board_id != EVERYWHERE,
            at_planning=rule.at_planning,
            at_start=rule.at_start,
            at_close=rule.at_close,
            every_days=rule.every_days,
            keep_days=rule.keep_days,
            since=found.since,
        )
