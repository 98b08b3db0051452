"""What a queue is made by, as REST shows and takes it: where its issues come from, the rules, and all that was decided by hand."""

from collections.abc import Mapping
from typing import Annotated, Any, Self, TypeVar

from pydantic import BaseModel, Field

from sprintreports.api.schemas.planning import ID, Strict
from sprintreports.api.schemas.queue_changes import EstimateIO, OwnUnit, TimingIO, Weight, Whole
from sprintreports.kit.errors import FieldProblem, Invalid
from sprintreports.metrics.values import Unit
from sprintreports.planning.queue.options import Algorithm, Options, Unestimated
from sprintreports.planning.queue_inputs.reading import MOST_BACKLOG, MOST_NAMES, Sources
from sprintreports.planning.queues.changes import Rule, SetRule, check

V = TypeVar("V")

_JiraName = Annotated[str, Field(min_length=1, max_length=100, examples=["Blocks"])]
_Percent = Annotated[int, Field(ge=0, le=100)]
_Seconds = Annotated[float, Field(gt=0, le=600, allow_inf_nan=False, examples=[5.0])]
_Millionths = Annotated[int, Field(ge=0, le=1_000_000)]
_AlgorithmName = Annotated[
    str, Field(max_length=100, description="one of `/queue-algorithms`", examples=["round_robin"])
]


class SourcesIO(Strict):
    """Where a queue's issues come from, besides the sprint."""

    backlog: int = Field(
        default=0,
        ge=0,
        le=MOST_BACKLOG,
        description="so many issues of the board's backlog may join, the first ones",
    )
    rest: bool = Field(default=False, description="plan what is left of an active sprint, not the whole")
    blocking: list[_JiraName] = Field(
        default=["Blocks"], max_length=MOST_NAMES, description="link types that say what must come first"
    )
    priorities: list[_JiraName] = Field(
        default=[], max_length=MOST_NAMES, description="most urgent first, where it is not the usual order"
    )

    def value(self) -> Sources:
        return Sources(self.backlog, self.rest, tuple(self.blocking), tuple(self.priorities))

    @classmethod
    def of(cls, sources: Sources) -> Self:
        return cls(
            backlog=sources.backlog,
            rest=sources.rest,
            blocking=list(sources.blocking),
            priorities=list(sources.priorities),
        )


class WeightIO(Strict):
    """A stakeholder's weight, where it is not the usual one."""

    person_id: ID | None = Field(description="somebody in Jira; null: issues without a stakeholder")
    weight: Weight


class OptionsIn(Strict):
    """What a queue begins with. Pins, exclusions and the like are made as edits."""

    algorithm: _AlgorithmName = Algorithm.ROUND_ROBIN.value
    include_subtasks: bool | None = Field(default=None, description="null: as the board counts")
    unit: Unit | None = Field(default=None, description="null: each team in its own")
    buffer: _Percent = Field(default=0, description="percent of each capacity that is kept free")
    carry_over_first: bool = False
    unestimated: Unestimated = Unestimated.MEDIAN
    weights: list[WeightIO] = Field(default=[], max_length=5_000)
    seed: Whole = 0
    seconds: _Seconds = Field(default=5.0, description="how long `optimal` may take")
    gap: _Millionths = Field(default=0, description="the gap, in millionths, at which `optimal` may stop")

    def options(self) -> Options:
        """Raises Invalid, naming the field."""
        _known(self.algorithm)
        people = [one.person_id for one in self.weights]
        if len(set(people)) < len(people):
            problem = FieldProblem("options.weights", "Name each stakeholder once.")
            raise Invalid(problem.message, details=(problem,))
        return Options(
            algorithm=self.algorithm,
            weights={one.person_id: one.weight for one in self.weights},
            unit=self.unit,
            buffer=self.buffer,
            carry_over_first=self.carry_over_first,
            unestimated=self.unestimated,
            seed=self.seed,
            seconds=self.seconds,
            gap=self.gap,
        )


class PinOut(BaseModel):
    jira_issue_id: int
    position: int | None = Field(description="null: wherever it is in")


class IssueTeamOut(BaseModel):
    jira_issue_id: int
    team_id: int | None


class IssueTimingOut(BaseModel):
    jira_issue_id: int
    timing: TimingIO


class IssueEstimateOut(BaseModel):
    jira_issue_id: int
    estimate: EstimateIO


class LinkOut(BaseModel):
    blocker_id: int
    blocked_id: int


class ExtraOut(BaseModel):
    """Capacity that was added to a team."""

    team_id: int | None
    amount: OwnUnit


class OptionsOut(BaseModel):
    """All that has been decided about a queue."""

    algorithm: str = Field(examples=["round_robin"])
    include_subtasks: bool
    unit: Unit | None = Field(description="null: each team in its own")
    buffer: _Percent
    carry_over_first: bool
    unestimated: Unestimated
    seed: int
    seconds: float
    gap: int = Field(description="in millionths")
    weights: list[WeightIO]
    pins: list[PinOut]
    exclusions: list[int]
    teams: list[IssueTeamOut]
    timings: list[IssueTimingOut]
    estimates: list[IssueEstimateOut]
    ignored_links: list[LinkOut]
    extra: list[ExtraOut]

    @classmethod
    def of(cls, options: Options) -> Self:
        return cls(
            algorithm=str(options.algorithm),
            include_subtasks=options.include_subtasks,
            unit=options.unit,
            buffer=options.buffer,
            carry_over_first=options.carry_over_first,
            unestimated=options.unestimated,
            seed=options.seed,
            seconds=options.seconds,
            gap=options.gap,
            weights=[WeightIO(person_id=who, weight=weight) for who, weight in _sorted(options.weights)],
            pins=[PinOut(jira_issue_id=one, position=pin.position) for one, pin in _sorted(options.pins)],
            exclusions=sorted(options.exclusions),
            teams=[IssueTeamOut(jira_issue_id=one, team_id=team) for one, team in _sorted(options.teams)],
            timings=[
                IssueTimingOut(jira_issue_id=one, timing=TimingIO.of(timing))
                for one, timing in _sorted(options.timings)
            ],
            estimates=[
                IssueEstimateOut(jira_issue_id=one, estimate=EstimateIO.of(estimate))
                for one, estimate in _sorted(options.estimates)
            ],
            ignored_links=[LinkOut(blocker_id=one, blocked_id=two) for one, two in sorted(options.ignored)],
            extra=[ExtraOut(team_id=team, amount=more) for team, more in _sorted(options.extra)],
        )


def _known(algorithm: str) -> None:
    try:
        check(SetRule(Rule.ALGORITHM, algorithm))
    except Invalid as error:
        raise Invalid(error.message, details=(FieldProblem("options.algorithm", error.message),)) from error


def _sorted(pairs: Mapping[Any, V]) -> list[tuple[Any, V]]:
    return sorted(pairs.items(), key=lambda pair: (pair[0] is not None, pair[0] or 0))
