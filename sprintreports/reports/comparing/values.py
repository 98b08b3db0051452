"""The values of a comparison: each issue's part, each field before and after, and the sums on both sides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from sprintreports.metrics.teams import Dimension
from sprintreports.metrics.totals import Totals
from sprintreports.metrics.values import NOTHING, Amount, Bucket, Estimate, Unit
from sprintreports.reports.snapshot import Snapshot, SnapshotIssue


class Standing(StrEnum):
    """What an issue is to a sprint. EXCLUDED: a member that the report leaves out. ABSENT: the snapshot does not know it."""

    COMPLETED = "completed"
    NOT_COMPLETED = "not completed"
    REMOVED = "removed"
    OUTSIDE = "completed outside the sprint"
    EXCLUDED = "left out of the report"
    ABSENT = "not in the sprint"

    @property
    def in_scope(self) -> bool:
        return self is Standing.COMPLETED or self is Standing.NOT_COMPLETED


_STANDINGS = {
    Bucket.COMPLETED: Standing.COMPLETED,
    Bucket.NOT_COMPLETED: Standing.NOT_COMPLETED,
    Bucket.REMOVED: Standing.REMOVED,
    Bucket.OUTSIDE: Standing.OUTSIDE,
}


def standing_of(issue: SnapshotIssue | None) -> Standing:
    """What the issue is to the sprint of its snapshot."""
    if issue is None:
        return Standing.ABSENT
    return Standing.EXCLUDED if issue.outcome is None else _STANDINGS[issue.outcome.bucket]


def estimate_of(issue: SnapshotIssue | None) -> Estimate | None:
    """The estimate at the moment, or just before the issue left; None where the report leaves it out."""
    return None if issue is None or issue.outcome is None else issue.outcome.final


def in_scope(issue: SnapshotIssue | None) -> Amount:
    """What the issue adds to the scope of its snapshot."""
    estimate = estimate_of(issue)
    return Amount.of(estimate) if estimate is not None and standing_of(issue).in_scope else NOTHING


def completed(issue: SnapshotIssue | None) -> Amount:
    """What the issue adds to the work completed."""
    return in_scope(issue) if standing_of(issue) is Standing.COMPLETED else NOTHING


class Field(StrEnum):
    """What of an issue is compared, in the order in which a reader is told."""

    STANDING = "Outcome"
    ESTIMATE = "Estimate"
    STATUS = "Status"
    TEAM = "Team"
    TYPE = "Type"
    PRIORITY = "Priority"
    ASSIGNEE = "Assignee"
    STAKEHOLDER = "Stakeholder"
    SUMMARY = "Summary"
    PARENT = "Parent"
    KEY = "Key"


@dataclass(frozen=True, slots=True)
class Stakeholder:
    """A person, and whether the Owner field names them or they reported the issue."""

    person: int | None
    is_owner: bool


FieldValue: TypeAlias = str | int | Standing | Estimate | Stakeholder | None


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that is not the same on both sides. Teams and assignees are ids."""

    field: Field
    before: FieldValue
    after: FieldValue


@dataclass(frozen=True, slots=True)
class IssueChange:
    """One issue on both sides; None: that snapshot does not know it."""

    before: SnapshotIssue | None
    after: SnapshotIssue | None
    differences: tuple[Difference, ...]

    @property
    def latest(self) -> SnapshotIssue:
        """The issue as it was known last."""
        known = self.after or self.before
        if known is None:
            raise LookupError("A change of an issue that neither side knows.")
        return known

    @property
    def scope(self) -> Amount:
        """What it adds to the difference of the scopes."""
        return in_scope(self.after) - in_scope(self.before)

    @property
    def completed(self) -> Amount:
        """What it adds to the difference of the work completed."""
        return completed(self.after) - completed(self.before)

    def of(self, field: Field) -> Difference | None:
        """The field's difference, if there is one."""
        return next((one for one in self.differences if one.field is field), None)


@dataclass(frozen=True, slots=True)
class ScopeChange:
    """after = before + added - removed + reestimated, in all units; of re-estimates the count is 0."""

    before: Amount
    after: Amount
    added: Amount
    removed: Amount
    reestimated: Amount

    @property
    def net(self) -> Amount:
        return self.after - self.before

    def share(self, unit: Unit) -> float | None:
        """The change as a part of the scope before; None where that was nothing."""
        return _part(self.net.value(unit), self.before.value(unit))


@dataclass(frozen=True, slots=True)
class GroupChange:
    """A label of a dimension on both sides, as `Breakdown` labels it."""

    label: str
    before: Totals
    after: Totals


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two states and all that is not the same. added and removed: came into scope and left it. changed: all other issues with
    a difference. carried: of two sprints, what the first did not complete and the second has in scope.
    """

    before: Snapshot
    after: Snapshot
    added: tuple[IssueChange, ...]
    removed: tuple[IssueChange, ...]
    changed: tuple[IssueChange, ...]
    carried: tuple[IssueChange, ...]
    scope: ScopeChange
    groups: Mapping[Dimension, tuple[GroupChange, ...]]

    @property
    def same_sprint(self) -> bool:
        """Whether both states are of one sprint."""
        return (self.before.site_id, self.before.jira_sprint_id) == (
            self.after.site_id,
            self.after.jira_sprint_id,
        )

    @property
    def issues(self) -> Iterator[IssueChange]:
        """All issues with a difference."""
        yield from self.added
        yield from self.removed
        yield from self.changed

    @property
    def empty(self) -> bool:
        """Whether no issue differs."""
        return not (self.added or self.removed or self.changed)


def _part(change: float, whole: float) -> float | None:
    return change / whole if whole > 0 else None
