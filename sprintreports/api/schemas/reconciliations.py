"""Comparisons with Jira's own sprint reports as REST shows them."""

from datetime import datetime

from pydantic import BaseModel, Field

from sprintreports.jira.reads.reconciliations import (
    BoardCompared,
    ComparedIssue,
    SprintCompared,
    SprintStanding,
    Standing,
)
from sprintreports.jira.reconciliation import Queued
from sprintreports.metrics.jira_lines import Aspect, JiraLine, OurLine, Reason
from sprintreports.metrics.reconciliation import Difference, SumCheck, Value
from sprintreports.metrics.values import Bucket, Unit


def amount(thousandths_or_seconds: int | None, unit: Unit) -> float | None:
    """Story points or hours; null where nobody estimated."""
    if thousandths_or_seconds is None or unit is Unit.COUNT:
        return None
    return thousandths_or_seconds / (3600 if unit is Unit.HOURS else 1000)


class SideOut(BaseModel):
    """An issue as one side has it."""

    bucket: Bucket
    added: bool
    initial: float | None
    final: float | None

    @classmethod
    def of(cls, line: OurLine | JiraLine | None, unit: Unit) -> "SideOut | None":
        if line is None:
            return None
        return cls(
            bucket=line.bucket,
            added=line.added,
            initial=amount(line.initial, unit),
            final=amount(line.final, unit),
        )


class DifferenceOut(BaseModel):
    """What of an issue differs and why. `presence`: the values are the buckets, null where a side does not list it."""

    aspect: Aspect
    ours: Bucket | bool | float | None
    jira: Bucket | bool | float | None
    reason: Reason
    explanation: str
    at: datetime | None = Field(description="the moment in the issue's history that shows it")

    @classmethod
    def of(cls, found: Difference, unit: Unit) -> "DifferenceOut":
        return cls(
            aspect=found.aspect,
            ours=_value(found.ours, unit),
            jira=_value(found.jiras, unit),
            reason=found.reason,
            explanation=found.reason.sentence,
            at=found.at,
        )


class ComparedIssueOut(BaseModel):
    """An issue on both sides. `jira_issue_id` null: Jira's report does not give it."""

    jira_issue_id: int | None
    key: str
    summary: str
    url: str
    ours: SideOut | None
    jira: SideOut | None
    differences: list[DifferenceOut]

    @classmethod
    def of(cls, row: ComparedIssue, unit: Unit) -> "ComparedIssueOut":
        line = row.line
        return cls(
            jira_issue_id=line.issue,
            key=line.key,
            summary=row.summary,
            url=row.url,
            ours=SideOut.of(line.ours, unit),
            jira=SideOut.of(line.jiras, unit),
            differences=[DifferenceOut.of(found, unit) for found in line.differences],
        )


class SumCheckOut(BaseModel):
    """A sum over our lines, over Jira's lines, and as Jira prints it. bucket null: the commitment."""

    bucket: Bucket | None
    estimate: Aspect = Field(description="initial or final")
    ours: float | None
    jira_lines: float | None
    jira_prints: float | None = Field(description="null: Jira's report does not print it")
    adds_up: bool

    @classmethod
    def of(cls, check: SumCheck, unit: Unit) -> "SumCheckOut":
        return cls(
            bucket=check.bucket,
            estimate=check.aspect,
            ours=amount(check.ours, unit),
            jira_lines=amount(check.rows, unit),
            jira_prints=amount(check.said, unit) if check.told else None,
            adds_up=check.adds_up,
        )


class SprintReconciliationOut(BaseModel):
    """A closed sprint beside Jira's own report, what differs first."""

    sprint_id: int
    sprint_name: str
    board_id: int
    board_name: str
    closed_at: datetime
    report_url: str = Field(description="Jira's page of its report")
    standing: Standing
    source: str | None = Field(description="jira or upload; null: Jira's report is not here")
    received_at: datetime | None
    problem: str | None = Field(description="why the last attempt to get Jira's report failed")
    problem_at: datetime | None
    unit: Unit | None = Field(description="of Jira's estimates; count: it has none")
    differing: int | None
    adds_up: bool | None = Field(description="whether Jira's sums are those of Jira's own lines")
    checks: list[SumCheckOut]
    repeated: list[str] = Field(description="keys that Jira lists more than once; each counts once")
    issues: list[ComparedIssueOut]

    @classmethod
    def of(cls, row: SprintCompared) -> "SprintReconciliationOut":
        found = row.comparison
        unit = Unit.COUNT if found is None else found.unit
        standing = Standing.NOT_COMPARED
        if found is not None:
            standing = Standing.EQUAL if found.equal else Standing.DIFFERS
        return cls(
            sprint_id=row.sprint_id,
            sprint_name=row.sprint_name,
            board_id=row.board_id,
            board_name=row.board_name,
            closed_at=row.closed_at,
            report_url=row.report_url,
            standing=standing,
            source=row.source,
            received_at=row.received_at,
            problem=row.problem,
            problem_at=row.problem_at,
            unit=None if found is None else unit,
            differing=None if found is None else found.differing,
            adds_up=None if found is None else found.adds_up,
            checks=[SumCheckOut.of(check, unit) for check in (found.checks if found else ())],
            repeated=list(found.repeated if found else ()),
            issues=[ComparedIssueOut.of(issue, unit) for issue in row.issues],
        )


class SprintStandingOut(BaseModel):
    """How a closed sprint stands."""

    sprint_id: int
    name: str
    closed_at: datetime | None
    standing: Standing
    issues: int | None
    differing: int | None
    source: str | None
    received_at: datetime | None
    problem: str | None

    @classmethod
    def of(cls, row: SprintStanding) -> "SprintStandingOut":
        return cls(**{name: getattr(row, name) for name in cls.model_fields})


class BoardReconciliationOut(BaseModel):
    """A board's closed sprints, the last closed first."""

    board_id: int
    board_name: str
    share_equal: float | None = Field(description="of the sprints compared; null: none is")
    equal: int
    differing: int
    not_compared: int
    running: bool = Field(description="Jira is being asked for its reports")
    sprints: list[SprintStandingOut]

    @classmethod
    def of(cls, row: BoardCompared) -> "BoardReconciliationOut":
        return cls(
            board_id=row.board_id,
            board_name=row.board_name,
            share_equal=row.share_equal,
            equal=row.count(Standing.EQUAL),
            differing=row.count(Standing.DIFFERS),
            not_compared=row.count(Standing.NOT_COMPARED),
            running=row.running,
            sprints=[SprintStandingOut.of(one) for one in row.sprints],
        )


class QueuedOut(BaseModel):
    """What was queued."""

    sprints: int = Field(description="closed sprints whose report of Jira's is not here yet")
    running: bool = Field(description="a job was at it already")

    @classmethod
    def of(cls, queued: Queued) -> "QueuedOut":
        return cls(sprints=queued.sprints, running=queued.running)


def _value(value: Value, unit: Unit) -> Bucket | bool | float | None:
    return value if value is None or isinstance(value, Bucket | bool) else amount(value, unit)
