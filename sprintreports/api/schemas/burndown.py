"""The burndown as REST shows it."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import BaseModel, Field

from sprintreports.api.schemas.amounts import AmountOut, Known
from sprintreports.jira.reads.names import IssueName
from sprintreports.metrics.burndown import Burndown, Step
from sprintreports.metrics.scope import EventKind, ScopeEvent
from sprintreports.planning.guidelines import Guided, GuidelineBasis


class EventOut(BaseModel):
    """What changed scope or remaining work."""

    kind: EventKind
    reason: str
    jira_issue_id: int
    key: str | None
    summary: str | None
    url: str | None

    @classmethod
    def of(cls, event: ScopeEvent, *, name: IssueName | None) -> "EventOut":
        return cls(
            kind=event.kind,
            reason=event.reason,
            jira_issue_id=event.issue,
            key=name.key if name else None,
            summary=name.summary if name else None,
            url=name.url if name else None,
        )


class StepOut(BaseModel):
    at: datetime
    remaining: AmountOut
    scope: AmountOut
    done: AmountOut
    event: EventOut | None

    @classmethod
    def of(cls, step: Step, known: Known, *, names: Mapping[int, IssueName]) -> "StepOut":
        event = step.event
        return cls(
            at=step.at,
            remaining=AmountOut.of(step.remaining, known),
            scope=AmountOut.of(step.scope, known),
            done=AmountOut.of(step.done, known),
            event=None if event is None else EventOut.of(event, name=names.get(event.issue)),
        )


class GuideOut(BaseModel):
    at: datetime
    points: float | None
    hours: float | None
    count: float


class BurndownOut(BaseModel):
    """The sprint's course. Without a start there are no steps."""

    start: datetime | None
    end: datetime
    planned_end: datetime | None
    closed: bool
    zone: str
    initial: AmountOut
    steps: list[StepOut]
    guideline: list[GuideOut]
    guideline_basis: GuidelineBasis = Field(
        description="what the guideline goes by; working days too where no team's capacity is known"
    )
    guideline_note: str = Field(
        description="the same in words", examples=["The guideline goes by the working days of the board."]
    )
    working_days_left: int | None

    @classmethod
    def of(cls, guided: Guided, *, names: Mapping[int, IssueName]) -> "BurndownOut":
        burndown = guided.course
        known = _known_in(burndown)
        return cls(
            start=burndown.start,
            end=burndown.end,
            planned_end=burndown.planned_end,
            closed=burndown.closed,
            zone=burndown.zone,
            initial=AmountOut.of(burndown.initial, known),
            steps=[StepOut.of(step, known, names=names) for step in burndown.steps],
            guideline=[
                GuideOut(
                    at=corner.at,
                    points=corner.points / 1000 if known.points else None,
                    hours=corner.seconds / 3600 if known.hours else None,
                    count=corner.count,
                )
                for corner in burndown.guideline
            ],
            guideline_basis=guided.basis,
            guideline_note=guided.note,
            working_days_left=burndown.working_days_left,
        )


def _known_in(burndown: Burndown) -> Known:
    """A unit is known where a sum or an event's estimate shows it, and in a sprint without issues."""
    empty = all(step.scope.count == 0 for step in burndown.steps)
    events = [step.event for step in burndown.steps if step.event is not None]
    estimates = [found for event in events for found in (event.before, event.after) if found is not None]
    return Known(
        points=empty or burndown.initial.points != 0 or any(found.points is not None for found in estimates),
        hours=empty or burndown.initial.seconds != 0 or any(found.seconds is not None for found in estimates),
    )
