"""What a manager decides about a queue, and the edits that turn one set of decisions into the next.

Undo is the options as they were. Nothing of this is ever written to Jira.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeVar

from sprintreports.kit.errors import Invalid
from sprintreports.metrics.values import Estimate, Unit
from sprintreports.planning.queue.values import Timing

FULL_WEIGHT = 100
_HEAVIEST = 10_000

K = TypeVar("K")
V = TypeVar("V")


class Algorithm(StrEnum):
    """The algorithms that come with the product. A plugin may register more, under names of their own."""

    ROUND_ROBIN = "round_robin"
    WEIGHTED_FAIR = "weighted_fair"
    PRIORITY = "priority"
    OPTIMAL = "optimal"


class Unestimated(StrEnum):
    """What an issue without an estimate weighs: its team's median, nothing, or it stays below the cut-line."""

    MEDIAN = "median"
    ZERO = "zero"
    LEFT_OUT = "left_out"


@dataclass(frozen=True, slots=True)
class Pin:
    """The issue is to be in; with a position, at that place of its team's order (1 is the first)."""

    position: int | None = None

    def __post_init__(self) -> None:
        if self.position is not None and self.position < 1:
            raise Invalid("A pinned position counts from 1. Give 1 for the first place.")


@dataclass(frozen=True, slots=True)
class Options:
    """A manager's decisions. Keys of mappings are issue ids, except for `weights` (people) and `extra` (teams).

    weights: a stakeholder's share in hundredths, 100 if not named. unit: None for each team's own.
    buffer: percent of each team's capacity that is kept free. ignored: (blocker, blocked) links that
    do not count here. extra: capacity added to a team, in the unit it is planned in; may be negative.
    seconds: how long `optimal` may take. gap: the relative gap, in millionths, at which it may stop.
    """

    algorithm: str = Algorithm.ROUND_ROBIN
    include_subtasks: bool = False
    weights: Mapping[int | None, int] = field(default_factory=dict[int | None, int])
    unit: Unit | None = None
    buffer: int = 0
    carry_over_first: bool = False
    unestimated: Unestimated = Unestimated.MEDIAN
    pins: Mapping[int, Pin] = field(default_factory=dict[int, Pin])
    exclusions: frozenset[int] = frozenset()
    teams: Mapping[int, int | None] = field(default_factory=dict[int, int | None])
    timings: Mapping[int, Timing] = field(default_factory=dict[int, Timing])
    estimates: Mapping[int, Estimate] = field(default_factory=dict[int, Estimate])
    ignored: frozenset[tuple[int, int]] = frozenset()
    extra: Mapping[int | None, int] = field(default_factory=dict[int | None, int])
    seed: int = 0
    seconds: float = 5.0
    gap: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.buffer <= 100:
            raise Invalid("The buffer is a percentage. Give a number from 0 to 100.")
        if any(not 1 <= weight <= _HEAVIEST for weight in self.weights.values()):
            raise Invalid(
                "A stakeholder's weight goes from 1 to 10,000, and 100 is the usual one. "
                "Exclude the issues of somebody who should get nothing."
            )
        if not 0 < self.seconds <= 600:
            raise Invalid("The optimiser may take up to 600 seconds. Give a number above 0.")
        if not 0 <= self.gap <= 1_000_000:
            raise Invalid("The optimiser's gap is a share in millionths. Give a number from 0 to 1,000,000.")


@dataclass(frozen=True, slots=True)
class PinIssue:
    """Have the issue in, at a position if one is given."""

    issue: int
    position: int | None = None

    def applied(self, options: Options) -> Options:
        """The options with this pin; an exclusion of the issue ends."""
        free = options.exclusions - {self.issue}
        return replace(options, pins=_with(options.pins, self.issue, Pin(self.position)), exclusions=free)


@dataclass(frozen=True, slots=True)
class Unpin:
    """Let the issue find its own place again."""

    issue: int

    def applied(self, options: Options) -> Options:
        """The options without a pin of the issue."""
        return replace(options, pins=_without(options.pins, self.issue))


@dataclass(frozen=True, slots=True)
class Exclude:
    """Leave the issue out of this queue."""

    issue: int

    def applied(self, options: Options) -> Options:
        """The options with this exclusion; a pin of the issue ends."""
        left = options.exclusions | {self.issue}
        return replace(options, exclusions=left, pins=_without(options.pins, self.issue))


@dataclass(frozen=True, slots=True)
class Include:
    """Consider the issue again."""

    issue: int

    def applied(self, options: Options) -> Options:
        """The options without an exclusion of the issue."""
        return replace(options, exclusions=options.exclusions - {self.issue})


@dataclass(frozen=True, slots=True)
class SetTeam:
    """Plan the issue for another team."""

    issue: int
    team: int | None

    def applied(self, options: Options) -> Options:
        """The options with the issue in this team."""
        return replace(options, teams=_with(options.teams, self.issue, self.team))


@dataclass(frozen=True, slots=True)
class SetTiming:
    """Give the issue another scheduling class or other times."""

    issue: int
    timing: Timing

    def applied(self, options: Options) -> Options:
        """The options with the issue scheduled so."""
        return replace(options, timings=_with(options.timings, self.issue, self.timing))


@dataclass(frozen=True, slots=True)
class ResetTiming:
    """Schedule the issue as Jira says again."""

    issue: int

    def applied(self, options: Options) -> Options:
        """The options without times of their own for the issue."""
        return replace(options, timings=_without(options.timings, self.issue))


@dataclass(frozen=True, slots=True)
class SetEstimate:
    """Plan with this estimate."""

    issue: int
    estimate: Estimate

    def applied(self, options: Options) -> Options:
        """The options with this estimate for the issue."""
        return replace(options, estimates=_with(options.estimates, self.issue, self.estimate))


@dataclass(frozen=True, slots=True)
class IgnoreLink:
    """Plan as if this link between two issues were not there."""

    blocker: int
    blocked: int

    def applied(self, options: Options) -> Options:
        """The options that ignore the link."""
        return replace(options, ignored=options.ignored | {(self.blocker, self.blocked)})


@dataclass(frozen=True, slots=True)
class AddCapacity:
    """Give a team so much more, in the unit it is planned in."""

    team: int | None
    amount: int

    def applied(self, options: Options) -> Options:
        """The options with this much more for the team."""
        more = options.extra.get(self.team, 0) + self.amount
        return replace(options, extra=_with(options.extra, self.team, more))


Edit = (
    PinIssue | Unpin | Exclude | Include | SetTeam | SetTiming | ResetTiming | SetEstimate | IgnoreLink | AddCapacity
)  # fmt: skip


def _with(mapping: Mapping[K, V], key: K, value: V) -> dict[K, V]:
    return {**mapping, key: value}


def _without(mapping: Mapping[K, V], key: K) -> dict[K, V]:
    return {at: value for at, value in mapping.items() if at != key}
