"""Data quality as REST shows it."""

from enum import StrEnum

from pydantic import BaseModel, Field

from sprintreports.jira.quality.check import CheckName, Subject, Weight
from sprintreports.jira.reads.quality import CheckLine, Finding, Quality
from sprintreports.metrics.values import Unit


class Effect(StrEnum):
    """How far a finding moves the numbers."""

    TOTALS = "totals"
    DOUBT = "doubt"
    DETAIL = "detail"


class CheckOut(BaseModel):
    """One check. `count` is null where the check says nothing about this board; `pointless` says why."""

    check: CheckName
    subject: Subject
    effect: Effect = Field(description="totals are wrong; totals may mislead; only breakdowns suffer")
    title: str
    count: int | None
    touches: str = Field(description="which numbers")
    why: str
    advice: str = Field(description="what to do in Jira")
    pointless: str | None

    @classmethod
    def of(cls, line: CheckLine) -> "CheckOut":
        check = line.check
        return cls(
            check=check.name,
            subject=check.subject,
            effect=_EFFECTS[check.weight],
            title=check.title,
            count=None if line.pointless else line.count,
            touches=check.touches,
            why=check.why,
            advice=check.advice,
            pointless=line.pointless or None,
        )


_EFFECTS = {Weight.TOTALS: Effect.TOTALS, Weight.DOUBT: Effect.DOUBT, Weight.DETAIL: Effect.DETAIL}


class DataQualityOut(BaseModel):
    """A board's data quality, worst first."""

    board_id: int
    board_name: str
    problem: str | None = Field(description="why the board cannot be read; null: it can")
    unit: Unit
    sprints: list[str] = Field(description="the sprints that were looked at, newest first")
    waiting: int = Field(description="sprints whose numbers are still being computed")
    issues: int = Field(description="how many issues the numbers of these sprints rest on")
    left_out: int = Field(description="how many members of these sprints no number holds")
    checks: list[CheckOut]

    @classmethod
    def of(cls, found: Quality) -> "DataQualityOut":
        plain = {name: getattr(found, name) for name in ("board_id", "board_name", "problem", "unit")}
        return cls(
            **plain,
            sprints=list(found.sprints),
            waiting=found.waiting,
            issues=found.issues,
            left_out=found.left_out,
            checks=[CheckOut.of(line) for line in found.lines],
        )


class FindingOut(BaseModel):
    """One issue, or one sprint, that a check found."""

    subject: Subject
    name: str = Field(description="the issue's key, or the sprint's name")
    summary: str
    url: str = Field(description="the issue in Jira, or the board's backlog, where sprints are edited")
    jira_issue_id: int | None
    sprint_id: int
    sprint_name: str
    team: str | None
    detail: str = Field(description="a sentence on this one")

    @classmethod
    def of(cls, row: Finding) -> "FindingOut":
        return cls(**{name: getattr(row, name) for name in cls.model_fields})
