"""A sprint on a board at one moment, with all that its reports say: the value that baselines keep and comparisons take.

People are numbers of ours and nothing else, so that erasing somebody changes no byte; teams, statuses, types and priorities have the
names that they had at the moment. Everything is by discipline or carries it, so that `for_teams` is a pure slice.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sprintreports.metrics.calendar import WorkCalendar
from sprintreports.metrics.scope import Outcome, ScopeEvent, of_teams
from sprintreports.metrics.sprint_report import SprintReport
from sprintreports.metrics.values import State, Unit


@dataclass(frozen=True, slots=True)
class SnapshotIssue:
    """An issue as it was at the moment. outcome None: left out of the report, `excluded` says why.

    discipline: at the moment. parent: the key of the issue that it is a sub-task of, empty for none.
    """

    issue: int
    key: str
    summary: str
    type: str
    status: str
    state: State
    priority: str
    discipline: int
    assignee: int | None
    stakeholder: int | None
    stakeholder_is_owner: bool
    parent: str
    outcome: Outcome | None
    excluded: str


@dataclass(frozen=True, slots=True)
class SnapshotCapacity:
    """A planning team in the sprint: what it can do, as it was planned at the moment. Amounts in thousandths.

    disciplines: those that it stands for. amount: in the board's unit; None where no rate is known.
    """

    name: str
    disciplines: tuple[int, ...]
    person_days: int
    hours: int
    amount: int | None
    basis: str


@dataclass(frozen=True, slots=True)
class QualityLine:
    """A check of data quality with how many of the sprint's issues it found. sentence: what it means for the numbers."""

    check: str
    title: str
    count: int
    sentence: str


@dataclass(frozen=True, slots=True)
class QueueLine:
    """An issue in the active sprint queue. position None: left out or below the cut-line, the reason says which.

    start and end: the exact times that it happens at; of a deadline its end alone; both None: in its turn, or left out.
    """

    issue: int
    key: str
    discipline: int
    team: str
    position: int | None
    place: int | None
    round: int | None
    scheduling: str
    reason: str
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class SnapshotQueue:
    """The queue that was active at the moment."""

    queue_id: int
    version: int
    name: str
    algorithm: str
    fairness: float | None
    lines: tuple[QueueLine, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state. moment: of what it speaks; as_of: up to when Jira's changes were known; mapping: the fingerprint of the field
    mapping. report: what the pure metrics made of the issues at the moment. events: all that moved scope or work until then.
    notes: sentences on what could not be had as it was at the moment, since nobody kept it.
    """

    site_id: int
    board_id: int
    board_name: str
    sprint_id: int
    jira_sprint_id: int
    sprint_name: str
    goal: str
    base_url: str
    unit: Unit
    start: datetime | None
    planned_end: datetime | None
    completed: datetime | None
    moment: datetime
    as_of: datetime | None
    calendar: WorkCalendar
    mapping: str
    report: SprintReport
    issues: tuple[SnapshotIssue, ...]
    events: tuple[ScopeEvent, ...]
    disciplines: Mapping[int, str]
    capacity: tuple[SnapshotCapacity, ...]
    quality: tuple[QualityLine, ...]
    queue: SnapshotQueue | None
    notes: tuple[str, ...] = ()

    def for_teams(self, disciplines: Collection[int]) -> Snapshot:
        """What somebody who is limited to these disciplines sees: their part of everything, others not named."""
        seen = frozenset(disciplines)
        queue = self.queue and replace(
            self.queue,
            fairness=None,
            lines=tuple(line for line in self.queue.lines if line.discipline in seen),
        )
        return replace(
            self,
            report=self.report.for_teams(seen),
            issues=tuple(issue for issue in self.issues if issue.discipline in seen),
            events=tuple(of_teams(self.events, seen)),
            disciplines={one: name for one, name in self.disciplines.items() if one in seen},
            # A team that stands for none of Jira's values is nobody's who sees some of them alone.
            capacity=tuple(
                team for team in self.capacity if team.disciplines and seen.issuperset(team.disciplines)
            ),
            quality=(),
            queue=queue or None,
        )
