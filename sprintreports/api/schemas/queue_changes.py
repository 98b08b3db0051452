"""What can be changed about a draft, each kind with its own fields, as REST takes and shows it."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field

from sprintreports.api.schemas.planning import ID, Strict
from sprintreports.kit.errors import FieldProblem, Invalid
from sprintreports.metrics.values import Estimate
from sprintreports.planning.queue.options import (
    AddCapacity,
    Exclude,
    IgnoreLink,
    Include,
    PinIssue,
    ResetTiming,
    SetEstimate,
    SetTeam,
    SetTiming,
    Unpin,
)
from sprintreports.planning.queue.values import Scheduling, Timing
from sprintreports.planning.queues.changes import MOST_AMOUNT, Change, Rule, SetRule, SetWeight, check
from sprintreports.planning.queues.encoding import in_utc

Position = Annotated[int, Field(ge=1, le=1_000_000)]
Whole = Annotated[int, Field(ge=-MOST_AMOUNT, le=MOST_AMOUNT)]
Weight = Annotated[int, Field(ge=1, le=10_000, description="in hundredths: 100 is the usual one")]
Issue = Annotated[ID, Field(description="Jira's id of the issue")]
OwnUnit = Annotated[
    Whole, Field(description="in thousandths of a point, in seconds, or in issues, as the team plans")
]
_Value = bool | Whole | Annotated[float, Field(allow_inf_nan=False)] | Annotated[str, Field(max_length=100)]


class TimingIO(Strict):
    """A scheduling class: `hard` has both times, `soft` its deadline in `end`, `flexible` none."""

    kind: Scheduling
    start: AwareDatetime | None = None
    end: AwareDatetime | None = None

    def value(self) -> Timing:
        return Timing(self.kind, in_utc(self.start), in_utc(self.end))

    @classmethod
    def of(cls, timing: Timing) -> "TimingIO":
        return cls(kind=timing.kind, start=timing.start, end=timing.end)


class EstimateIO(Strict):
    """An estimate; null: none in that unit."""

    points: float | None = Field(default=None, ge=0, le=1_000_000_000, allow_inf_nan=False, examples=[3.0])
    hours: float | None = Field(default=None, ge=0, le=1_000_000, allow_inf_nan=False)

    def value(self) -> Estimate:
        return Estimate(
            None if self.points is None else round(self.points * 1000),
            None if self.hours is None else round(self.hours * 3600),
        )

    @classmethod
    def of(cls, estimate: Estimate) -> "EstimateIO":
        return cls(
            points=None if estimate.points is None else estimate.points / 1000,
            hours=None if estimate.seconds is None else estimate.seconds / 3600,
        )


class PinChange(Strict):
    """Have an issue in, at a place of its team's order if one is given."""

    kind: Literal["pin"]
    jira_issue_id: Issue
    position: Position | None = Field(default=None, description="1 is the first of its team")

    def change(self) -> Change:
        return PinIssue(self.jira_issue_id, self.position)


class UnpinChange(Strict):
    """Let an issue find its own place again."""

    kind: Literal["unpin"]
    jira_issue_id: Issue

    def change(self) -> Change:
        return Unpin(self.jira_issue_id)


class ExcludeChange(Strict):
    """Leave an issue out."""

    kind: Literal["exclude"]
    jira_issue_id: Issue

    def change(self) -> Change:
        return Exclude(self.jira_issue_id)


class IncludeChange(Strict):
    """Consider an issue again."""

    kind: Literal["include"]
    jira_issue_id: Issue

    def change(self) -> Change:
        return Include(self.jira_issue_id)


class IssueTeamChange(Strict):
    """Plan an issue for another team. Nothing is written to Jira."""

    kind: Literal["team"]
    jira_issue_id: Issue
    team_id: ID | None = Field(description="null: for no team")

    def change(self) -> Change:
        return SetTeam(self.jira_issue_id, self.team_id)


class TimingChange(Strict):
    """Give an issue another scheduling class or other times."""

    kind: Literal["timing"]
    jira_issue_id: Issue
    timing: TimingIO

    def change(self) -> Change:
        return SetTiming(self.jira_issue_id, self.timing.value())


class ResetTimingChange(Strict):
    """Schedule an issue as Jira says again, after other times were given to it here."""

    kind: Literal["reset_timing"]
    jira_issue_id: Issue

    def change(self) -> Change:
        return ResetTiming(self.jira_issue_id)


class EstimateChange(Strict):
    """Plan with another estimate."""

    kind: Literal["estimate"]
    jira_issue_id: Issue
    estimate: EstimateIO

    def change(self) -> Change:
        return SetEstimate(self.jira_issue_id, self.estimate.value())


class IgnoreLinkChange(Strict):
    """Plan as if one issue did not wait for another."""

    kind: Literal["ignore_link"]
    blocker_id: Issue
    blocked_id: Issue

    def change(self) -> Change:
        return IgnoreLink(self.blocker_id, self.blocked_id)


class AddCapacityChange(Strict):
    """Give a team so much more, or less."""

    kind: Literal["add_capacity"]
    team_id: ID | None
    amount: OwnUnit

    def change(self) -> Change:
        return AddCapacity(self.team_id, self.amount)


class RuleChange(Strict):
    """Decide a rule of the whole queue: `/queue-algorithms` lists what each can be."""

    kind: Literal["rule"]
    rule: Rule
    value: _Value | None

    def change(self) -> Change:
        return SetRule(self.rule, self.value)


class WeightChange(Strict):
    """Give a stakeholder's issues more or less weight."""

    kind: Literal["weight"]
    person_id: ID | None = Field(description="somebody in Jira; null: issues without a stakeholder")
    weight: Weight | None = Field(description="null: the usual one again")

    def change(self) -> Change:
        return SetWeight(self.person_id, self.weight)


AnyChange = Annotated[
    PinChange
    | UnpinChange
    | ExcludeChange
    | IncludeChange
    | IssueTeamChange
    | TimingChange
    | ResetTimingChange
    | EstimateChange
    | IgnoreLinkChange
    | AddCapacityChange
    | RuleChange
    | WeightChange,
    Field(discriminator="kind"),
]


def shown(change: Change) -> AnyChange:
    """A change as REST shows it, and takes it again."""
    match change:
        case IgnoreLink():
            return IgnoreLinkChange(kind="ignore_link", blocker_id=change.blocker, blocked_id=change.blocked)
        case AddCapacity():
            return AddCapacityChange(kind="add_capacity", team_id=change.team, amount=change.amount)
        case SetRule():
            return RuleChange(kind="rule", rule=change.rule, value=change.value)
        case SetWeight():
            return WeightChange(kind="weight", person_id=change.person, weight=change.weight)
        case _:
            return _of_issue(change)


def _of_issue(
    change: PinIssue | Unpin | Exclude | Include | SetTeam | SetTiming | ResetTiming | SetEstimate,
) -> AnyChange:
    issue = change.issue
    match change:
        case PinIssue():
            return PinChange(kind="pin", jira_issue_id=issue, position=change.position)
        case Unpin():
            return UnpinChange(kind="unpin", jira_issue_id=issue)
        case Exclude():
            return ExcludeChange(kind="exclude", jira_issue_id=issue)
        case Include():
            return IncludeChange(kind="include", jira_issue_id=issue)
        case SetTeam():
            return IssueTeamChange(kind="team", jira_issue_id=issue, team_id=change.team)
        case SetTiming():
            return TimingChange(kind="timing", jira_issue_id=issue, timing=TimingIO.of(change.timing))
        case ResetTiming():
            return ResetTimingChange(kind="reset_timing", jira_issue_id=issue)
        case SetEstimate():
            estimate = EstimateIO.of(change.estimate)
            return EstimateChange(kind="estimate", jira_issue_id=issue, estimate=estimate)


def changes_of(given: Sequence[Any]) -> list[Change]:
    """The changes, each checked. Raises Invalid, naming those that cannot be."""
    problems: list[FieldProblem] = []
    found: list[Change] = []
    for at, one in enumerate(given):
        try:
            change = one.change()
            check(change)
            found.append(change)
        except Invalid as error:
            problems.append(FieldProblem(f"changes.{at}", error.message))
    if problems:
        raise Invalid("Not all of these changes can be made: see the details.", details=tuple(problems))
    return found
