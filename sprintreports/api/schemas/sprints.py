"""Sprints and their issues as REST shows them."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, Field

from sprintreports.api.schemas.amounts import AmountOut, EstimateOut, Known
from sprintreports.api.schemas.reports import TotalsOut
from sprintreports.jira.reads.burndowns import ScopeChangeRow
from sprintreports.jira.reads.sprint_issues import SprintIssueRow
from sprintreports.jira.reads.sprints import SprintRow
from sprintreports.metrics.scope import EventKind
from sprintreports.metrics.values import Bucket, SprintState, Unit


# Closed sets as enumerations: the document lists them, and anything else is a 422 that names the parameter.
class IssueBucket(StrEnum):
    COMPLETED = "completed"
    NOT_COMPLETED = "not_completed"
    REMOVED = "removed"
    OUTSIDE = "outside"
    EXCLUDED = "excluded"


class SprintOut(BaseModel):
    """A sprint, once, however many boards show it."""

    id: int
    site_id: int
    site_name: str
    jira_sprint_id: int
    name: str
    state: SprintState
    goal: str | None
    start_date: datetime | None = Field(
        description="the real start where Jira knows it, else the planned one"
    )
    end_date: datetime | None = Field(description="the planned end")
    complete_date: datetime | None = Field(description="the real close")
    delivered: bool = Field(description="false: no board lists it, only issues refer to it")
    note: str | None
    board_id: int | None = Field(description="where its report is read unless a board is given")
    board_name: str | None
    board_ids: list[int]
    unit: Unit
    as_of: datetime | None = Field(description="end of the site's last complete sync; null: never")
    totals: TotalsOut | None = Field(description="null: not computed")

    @classmethod
    def of(cls, row: SprintRow) -> "SprintOut":
        renamed = {"start_date", "end_date", "complete_date", "board_ids", "totals"}
        plain = {name: getattr(row, name) for name in cls.model_fields if name not in renamed}
        return cls(
            **plain,
            start_date=row.start,
            end_date=row.end,
            complete_date=row.closed_at,
            board_ids=list(row.board_ids),
            totals=None if row.totals is None else TotalsOut.of(row.totals),
        )


class ScopeChangeOut(BaseModel):
    """One change of scope. before and after: the estimate in scope, null where the issue was not in scope."""

    at: datetime
    kind: EventKind
    reason: str
    jira_issue_id: int
    key: str
    summary: str
    url: str
    team_id: int | None
    before: EstimateOut | None
    after: EstimateOut | None
    delta: AmountOut

    @classmethod
    def of(cls, row: ScopeChangeRow) -> "ScopeChangeOut":
        return cls(
            at=row.at,
            kind=row.kind,
            reason=row.reason,
            jira_issue_id=row.issue_id,
            key=row.issue_key,
            summary=row.summary,
            url=row.url,
            team_id=row.team_id or None,
            before=None if row.before is None else EstimateOut.of(row.before),
            after=None if row.after is None else EstimateOut.of(row.after),
            delta=AmountOut.of(row.delta, _known_in(row)),
        )


def _known_in(row: ScopeChangeRow) -> Known:
    estimates = [found for found in (row.before, row.after) if found is not None]
    return Known(
        points=any(found.points is not None for found in estimates),
        hours=any(found.seconds is not None for found in estimates),
    )


class SprintIssueOut(BaseModel):
    """An issue in a sprint: its attributes at the sprint's end, and what became of it."""

    jira_issue_id: int
    key: str
    summary: str
    url: str
    type: str
    status: str
    priority: str
    team_id: int | None
    team: str | None
    assignee_id: int | None
    assignee: str | None
    stakeholder_id: int | None
    stakeholder: str | None
    stakeholder_is_owner: bool
    bucket: Bucket | None = Field(description="null: the report leaves it out, `excluded` says why")
    excluded: str | None
    committed: bool
    added: bool
    reason: str
    initial: EstimateOut
    final: EstimateOut
    entered_at: datetime | None
    left_at: datetime | None
    done_at: datetime | None

    @classmethod
    def of(cls, row: SprintIssueRow) -> "SprintIssueOut":
        renamed = {"jira_issue_id", "team_id", "initial", "final"}
        plain = {name: getattr(row, name) for name in cls.model_fields if name not in renamed}
        return cls(
            **plain,
            jira_issue_id=row.issue_id,
            team_id=row.team_id or None,
            initial=EstimateOut.of(row.initial),
            final=EstimateOut.of(row.final),
        )
