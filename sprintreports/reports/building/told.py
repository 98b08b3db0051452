"""A snapshot with what its reader needs: the unit that it is told in, and names for its numbers of people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sprintreports.metrics.burndown import Burndown, burndown
from sprintreports.metrics.teams import Breakdown, Dimension
from sprintreports.metrics.totals import Totals
from sprintreports.metrics.values import Amount, Bucket, Estimate, State, Unit
from sprintreports.reports.comparing.values import Stakeholder
from sprintreports.reports.document.blocks import IssueRef, Status, Tone
from sprintreports.reports.snapshot import Snapshot, SnapshotIssue

NO_TEAM, NOBODY, NO_STAKEHOLDER, UNKNOWN = "No team", "Unassigned", "No stakeholder", "Not known"
OWNER, REPORTER = "Owner", "Reporter"

_TONES = {
    State.DONE: Tone.GOOD,
    State.DOING: Tone.ACTIVE,
    State.TODO: Tone.NEUTRAL,
    State.UNMAPPED: Tone.WARNING,
}


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around a report: when it was put together, in whose zone and style it is written, where it is."""

    made_at: datetime
    zone: str
    locale: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """A state as it is told. people: names by number; who is not among them is "Not known"."""

    snapshot: Snapshot
    unit: Unit
    people: Mapping[int, str]
    _kept: dict[str, Burndown] = field(
        default_factory=dict[str, Burndown], init=False, compare=False, repr=False
    )

    def person(self, number: int | None) -> str:
        return NOBODY if number is None else self.people.get(number, UNKNOWN)

    def stakeholder(self, found: Stakeholder) -> str:
        """The person with the field that names them."""
        if found.person is None:
            return NO_STAKEHOLDER
        return f"{self.person(found.person)} ({OWNER if found.is_owner else REPORTER})"

    def team(self, discipline: int) -> str:
        if not discipline:
            return NO_TEAM
        return self.snapshot.disciplines.get(discipline, UNKNOWN)

    def label(self, dimension: Dimension, label: str) -> str:
        """A breakdown's label as a reader knows it."""
        if dimension is Dimension.TEAM:
            return self.team(int(label))
        if dimension is Dimension.STAKEHOLDER and not label:
            return NO_STAKEHOLDER
        if dimension in (Dimension.ASSIGNEE, Dimension.STAKEHOLDER):
            return self.person(int(label) if label else None)
        return label or UNKNOWN

    def labels(self, parts: Iterable[Breakdown]) -> dict[str, str]:
        """The readers' labels by the parts' own."""
        return {part.label: self.label(part.dimension, part.label) for part in parts}

    def ref(self, key: str) -> IssueRef:
        base = self.snapshot.base_url
        if base.endswith("/"):
            base = base.rstrip("/")
        return IssueRef(key, f"{base}/browse/{key}" if base else "")

    def refs(self) -> dict[int, IssueRef]:
        """All issues of the state by their number in Jira."""
        return {issue.issue: self.ref(issue.key) for issue in self.snapshot.issues}

    def value(self, amount: Amount) -> float:
        return amount.value(self.unit)

    def sum(self, amount: Amount, totals: Totals) -> float | None:
        """One of these sums; None where nothing is estimated in the unit, which is not 0."""
        return self.value(amount) if totals.known_in(self.unit) else None

    def estimate(self, estimate: Estimate | None) -> float | None:
        """In the unit; None where there is none."""
        if estimate is None:
            return None
        if self.unit is Unit.POINTS:
            return None if estimate.points is None else estimate.points / 1000
        return None if estimate.missing(self.unit) else Amount.of(estimate).value(self.unit)

    @property
    def counted(self) -> bool:
        """Whether issues are counted, so that estimates say nothing."""
        return self.unit is Unit.COUNT

    @property
    def scope(self) -> list[SnapshotIssue]:
        """The issues in scope at the moment."""
        return [
            issue
            for issue in self.snapshot.issues
            if issue.outcome is not None and issue.outcome.bucket in (Bucket.COMPLETED, Bucket.NOT_COMPLETED)
        ]

    def course(self) -> Burndown:
        """The course up to the moment, by the board's calendar; computed once."""
        snapshot = self.snapshot
        if "course" in self._kept:
            return self._kept["course"]
        self._kept["course"] = burndown(
            snapshot.events,
            initial=snapshot.report.totals.initial,
            window=snapshot.report.window,
            planned_end=snapshot.planned_end,
            calendar=snapshot.calendar,
        )
        return self._kept["course"]


def status_of(issue: SnapshotIssue) -> Status:
    """The issue's status with what it means on the board."""
    return Status(issue.status or UNKNOWN, _TONES[issue.state])


def part_of(value: float, whole: float) -> float | None:
    """A share; None of nothing."""
    return value / whole if whole > 0 else None
