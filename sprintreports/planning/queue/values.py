"""What the queue is made of: candidates, the teams' limits, people and the sprint.

Amounts are integers in the unit that a team plans in: thousandths of a point, seconds, or issues.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from sprintreports.kit.errors import Invalid
from sprintreports.metrics.values import Amount, Estimate, Unit

NO_ESTIMATE = Estimate(None, None)


class Scheduling(StrEnum):
    """HARD: at exact times, e.g. a maintenance window. SOFT: by a date. FLEXIBLE: in its turn."""

    HARD = "hard"
    SOFT = "soft"
    FLEXIBLE = "flexible"


class Whereabouts(StrEnum):
    """Where a blocker is that is no candidate."""

    EARLIER_SPRINT = "earlier_sprint"
    LATER_SPRINT = "later_sprint"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Timing:
    """The scheduling class with its times: HARD has both, SOFT its deadline in `end`, FLEXIBLE none."""

    kind: Scheduling = Scheduling.FLEXIBLE
    start: datetime | None = None
    end: datetime | None = None

    def __post_init__(self) -> None:
        if self.kind is Scheduling.HARD and (self.start is None or self.end is None):
            raise Invalid("A hard-scheduled issue needs the times at which it starts and ends. Give both.")
        if self.kind is Scheduling.SOFT and self.end is None:
            raise Invalid("A soft deadline needs its date. Give one, or make the issue flexible.")
        for at in (self.start, self.end):
            if at is not None and at.utcoffset() is None:
                raise Invalid("A time of the schedule has no time zone. Give it one.")
        if self.start is not None and self.end is not None and self.end <= self.start:
            raise Invalid("A scheduled issue ends before it starts. Swap the times, or correct one.")


FLEXIBLE = Timing()


@dataclass(frozen=True, slots=True)
class Blocker:
    """An issue that must be done first. `done` and `where` matter only if it is no candidate itself."""

    issue: int
    key: str
    done: bool = False
    where: Whereabouts = Whereabouts.OUTSIDE


@dataclass(frozen=True, slots=True)
class Candidate:
    """An issue that may be planned. priority: 0 is the most urgent. rank: Jira's own, "" for none (last).

    team None: no discipline team. stakeholder and assignee are internal ids of people.
    other_sprints: names of further sprints, not closed, that hold the issue too. told: the field of Jira and its value that the
    timing is from. lacks: the class that Jira names without times for it.
    """

    issue: int
    key: str
    team: int | None
    estimate: Estimate = NO_ESTIMATE
    stakeholder: int | None = None
    assignee: int | None = None
    priority: int = 0
    rank: str = ""
    is_subtask: bool = False
    parent: int | None = None
    carry_over: bool = False
    blockers: tuple[Blocker, ...] = ()
    done: bool = False
    timing: Timing = FLEXIBLE
    other_sprints: tuple[str, ...] = ()
    told: str = ""
    lacks: Scheduling | None = None


@dataclass(frozen=True, slots=True)
class TeamLimit:
    """What a team can take on in the sprint, in all three units, and the unit it plans in."""

    team: int | None
    name: str
    unit: Unit
    capacity: Amount


@dataclass(frozen=True, slots=True)
class Absence:
    """Somebody is away during [start, end)."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody's own limit per team, in all units (no entry: not known), and when they are away."""

    person: int
    limits: Mapping[int | None, Amount] = field(default_factory=dict[int | None, Amount])
    absences: tuple[Absence, ...] = ()


class WorkingTime(Protocol):
    """What the schedule needs of a team's calendar."""

    def stretches(self, start: datetime, end: datetime) -> Sequence[tuple[datetime, datetime]]:
        """The stretches of working time between two instants: in order, apart, cut to the ends."""
        ...


@dataclass(frozen=True, slots=True)
class Sprint:
    """The sprint's planned window. Either end may be missing: then nothing gets an expected time."""

    start: datetime | None = None
    end: datetime | None = None

    @property
    def dated(self) -> bool:
        """Whether there is a window to plan in."""
        return self.start is not None and self.end is not None and self.start < self.end


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Inputs:
    """All that a queue is made from, besides the options. names: of people, for the sentences.

    Whoever makes several queues of the same inputs gives the same value again: what it says is worked out once.
    """

    candidates: Sequence[Candidate]
    limits: Sequence[TeamLimit]
    sprint: Sprint = field(default_factory=Sprint)
    people: Sequence[Person] = ()
    calendars: Mapping[int | None, WorkingTime] = field(default_factory=dict[int | None, WorkingTime])
    names: Mapping[int, str] = field(default_factory=dict[int, str])
