"""The values that metrics take and give: estimates, amounts, an issue's history, its segments in a sprint.

Points are integer thousandths and times are whole seconds, so that sums are exact and two screens that
add the same issues show the same number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum


class Unit(StrEnum):
    POINTS = "points"
    HOURS = "hours"
    COUNT = "count"


#: How many base units make one that a reader is shown: thousandths of a point, seconds of an hour, issues.
BASE_UNITS: Mapping[Unit, int] = {Unit.POINTS: 1000, Unit.HOURS: 3600, Unit.COUNT: 1}


class State(IntEnum):
    """Where a status stands on one board. UNMAPPED: in none of its columns."""

    UNMAPPED = 0
    TODO = 1
    DOING = 2
    DONE = 3


class Bucket(StrEnum):
    COMPLETED = "completed"
    NOT_COMPLETED = "not_completed"
    REMOVED = "removed"
    OUTSIDE = "outside"


class SubtaskRule(StrEnum):
    """Who counts when an issue has sub-tasks. Never both."""

    PARENTS = "parents"
    SUBTASKS = "subtasks"


class SprintState(StrEnum):
    FUTURE = "future"
    ACTIVE = "active"
    CLOSED = "closed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Estimate:
    """One issue's estimate. None is "not estimated", which is not the same as zero."""

    points: int | None
    seconds: int | None

    def missing(self, unit: Unit) -> bool:
        """Whether the issue has no estimate in this unit. Counting issues needs none."""
        if unit is Unit.POINTS:
            return self.points is None
        return unit is Unit.HOURS and self.seconds is None


@dataclass(frozen=True, slots=True)
class Amount:
    """A sum over issues in all three units at once: thousandths of a point, seconds, issues."""

    points: int
    seconds: int
    count: int

    @classmethod
    def of(cls, estimate: Estimate) -> Amount:
        """One issue with this estimate; a missing estimate adds 0 points or seconds, and still one issue."""
        return cls(estimate.points or 0, estimate.seconds or 0, 1)

    def __add__(self, other: Amount) -> Amount:
        if self is NOTHING or other is NOTHING:
            return other if self is NOTHING else self
        return Amount(self.points + other.points, self.seconds + other.seconds, self.count + other.count)

    def __sub__(self, other: Amount) -> Amount:
        return Amount(self.points - other.points, self.seconds - other.seconds, self.count - other.count)

    def __neg__(self) -> Amount:
        return Amount(-self.points, -self.seconds, -self.count)

    def base(self, unit: Unit) -> int:
        """The sum in base units: thousandths of a point, seconds or issues."""
        if unit is Unit.POINTS:
            return self.points
        return self.seconds if unit is Unit.HOURS else self.count

    def value(self, unit: Unit) -> float:
        """The sum in points, hours or issues."""
        if unit is Unit.POINTS:
            return self.points / 1000
        if unit is Unit.HOURS:
            return self.seconds / 3600
        return float(self.count)


NOTHING = Amount(0, 0, 0)


@dataclass(frozen=True, slots=True)
class BoardRules:
    """All that a board decides about its sprints' numbers.

    done: status ids of the right-most column. mapped: status ids of all columns, None for a board without
    columns, where the status category decides. categories: status id -> "new", "indeterminate" or "done".
    """

    done: frozenset[str]
    mapped: frozenset[str] | None
    categories: Mapping[str, str]
    subtasks: SubtaskRule = SubtaskRule.PARENTS

    def state(self, status: str) -> State:
        """The state of a status on this board.

        A status whose category is not known (deleted since) is TODO: nothing shows that work on it began.
        """
        category = self.categories.get(status)
        if self.mapped is None:
            if category == "done":
                return State.DONE
        elif status in self.done:
            return State.DONE
        elif status not in self.mapped:
            return State.UNMAPPED
        return State.DOING if category in ("indeterminate", "done") else State.TODO


@dataclass(frozen=True, slots=True)
class Window:
    """The accounting window of a sprint, the half-open interval (start, end].

    start None: not started, `end` is the moment of asking. closed False: `end` is the moment of asking.
    """

    start: datetime | None
    end: datetime
    closed: bool

    @property
    def stop(self) -> datetime:
        """The end; the start where Jira's dates are incoherent (closed before it started): empty."""
        return self.end if self.start is None or self.end >= self.start else self.start


@dataclass(frozen=True, slots=True)
class IssueHistory:
    """What an issue was, and when. The first entry of each track holds from `created`, later ones are sorted.

    counts False: the issue counts nowhere under the board's sub-task rule. A sub-task's `sprints` are its
    parent's. disciplines: discipline ids, 0 for none. removed_at: deleted in Jira.
    """

    issue: int
    created: datetime
    counts: bool
    sprints: tuple[tuple[datetime, frozenset[int]], ...]
    statuses: tuple[tuple[datetime, str], ...]
    points: tuple[tuple[datetime, int | None], ...] = ()
    seconds: tuple[tuple[datetime, int | None], ...] = ()
    disciplines: tuple[tuple[datetime, int], ...] = ()
    removed_at: datetime | None = field(default=None)


@dataclass(frozen=True, slots=True)
class Segment:
    """The issue is a member of the sprint, unchanged, during [valid_from, valid_to); None: it still is.

    done_since: start of the uninterrupted run in done statuses, which may lie before the membership.
    born_member: this membership began when the issue was created.
    """

    issue: int
    discipline: int
    points: int | None
    seconds: int | None
    state: State
    status: str
    done_since: datetime | None
    born_member: bool
    valid_from: datetime
    valid_to: datetime | None

    @property
    def estimate(self) -> Estimate:
        """The estimate that holds during the segment."""
        return Estimate(self.points, self.seconds)
