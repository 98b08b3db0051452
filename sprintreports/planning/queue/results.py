"""What a queue says: a placement with its reason for every candidate, fairness, conflicts, bound."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import msgspec

from sprintreports.metrics.values import Unit
from sprintreports.planning.queue.options import Edit, Options
from sprintreports.planning.queue.values import FLEXIBLE, Inputs, Scheduling, Timing


class Side(StrEnum):
    """IN: before the cut-line. BELOW: it waits for room or something else. ASIDE: it takes no part."""

    IN = "in"
    BELOW = "below"
    ASIDE = "aside"


class Why(StrEnum):
    """Why an issue is where it is. The first eight bring it in, the last four put it aside."""

    HARD = "hard"
    PINNED = "pinned"
    NEEDED = "needed"
    KEPT = "kept"
    TURN = "turn"
    SHARE = "share"
    RANK = "rank"
    CHOSEN = "chosen"
    NO_ROOM = "no_room"
    TOO_LARGE = "too_large"
    BLOCKER_OUT = "blocker_out"
    BLOCKER_OUTSIDE = "blocker_outside"
    CYCLE = "cycle"
    NO_TEAM = "no_team"
    NO_CAPACITY = "no_capacity"
    UNESTIMATED = "unestimated"
    HARD_OUTSIDE = "hard_outside"
    DONE = "done"
    EXCLUDED = "excluded"
    SUBTASK = "subtask"
    HAS_SUBTASKS = "has_subtasks"


class Reason(msgspec.Struct, frozen=True, gc=False):
    """A kind with its parts. other: the issue it is about, its key beside it. round: the turn that brought it in.

    needs: how much more each of these teams must have before the issue, with what must come first, has
    room behind all that is in. Empty where more capacity would not help, or it would take too long to say.
    A struct and no dataclass, like a placement: there are as many as issues, and these are made in a fifth of the time.
    """

    why: Why
    other: int | None = None
    key: str = ""
    round: int = 0
    needs: tuple[tuple[int | None, int], ...] = ()


class Placement(msgspec.Struct, frozen=True, gc=False):
    """Where one candidate ended. position: in its team, 0 aside. place: in the whole sprint, 0 unless in.

    load: its own; running: the sum up to and including it, in the team's unit. round 0: pinned, hard-scheduled or
    needed by such, or not in.
    start and finish: expected, None where that cannot be said.
    """

    issue: int
    key: str
    team: int | None
    stakeholder: int | None
    assignee: int | None
    side: Side
    position: int
    place: int
    round: int
    load: int
    running: int
    reason: Reason
    start: datetime | None = None
    finish: datetime | None = None


class Severity(StrEnum):
    """ERROR: the plan cannot work so. WARNING: somebody should look. NOTE: good to know."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class ConflictKind(StrEnum):
    """All that a queue may be at odds with (DOMAIN: conflicts)."""

    CYCLE = "cycle"
    BLOCKER_AFTER = "blocker_after"
    BLOCKER_BELOW = "blocker_below"
    BLOCKER_LATER_SPRINT = "blocker_later_sprint"
    BLOCKER_OUTSIDE = "blocker_outside"
    HARD_OUTSIDE = "hard_outside"
    HARD_NON_WORKING = "hard_non_working"
    HARD_OVERLAP = "hard_overlap"
    OVERFLOW = "overflow"
    DEADLINE_MISSED = "deadline_missed"
    NO_TIMES = "no_times"
    ASSIGNEE_OVER = "assignee_over"
    ASSIGNEE_ABSENT = "assignee_absent"
    UNESTIMATED = "unestimated"
    UNUSABLE_ESTIMATE = "unusable_estimate"
    NO_CAPACITY = "no_capacity"
    NO_TEAM = "no_team"
    TWO_SPRINTS = "two_sprints"
    ORPHAN_SUBTASK = "orphan_subtask"
    TOO_LARGE = "too_large"
    PIN_MOVED = "pin_moved"
    PIN_GONE = "pin_gone"
    NO_DATES = "no_dates"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An edit of the options that would settle a conflict, and what it does in words."""

    words: str
    edit: Edit


@dataclass(frozen=True, slots=True)
class Conflict:
    """Something that does not go together, the issues it concerns, and what could be done about it."""

    kind: ConflictKind
    severity: Severity
    words: str
    issues: tuple[int, ...] = ()
    team: int | None = None
    person: int | None = None
    suggestions: tuple[Suggestion, ...] = ()


@dataclass(frozen=True, slots=True)
class Fairness:
    """index: Jain's, 0 to 100, None where nothing was dealt. wait: the longest wait of a stakeholder, in rounds."""

    index: float | None
    wait: int


@dataclass(frozen=True, slots=True)
class TeamQueue:
    """One team's order: what is in, then what is below the cut-line, then what is aside.

    capacity: what the cut-line stands at, after buffer and changes. below: the load that waits.
    """

    team: int | None
    name: str
    unit: Unit
    capacity: int
    load: int
    below: int
    stakeholders: int
    fairness: Fairness
    placements: tuple[Placement, ...]


@dataclass(frozen=True, slots=True)
class Bound:
    """How good a plan is: its value, the most that any plan can have, and whether the first is proven best."""

    value: int
    bound: int
    proven: bool
    stopped: bool = False

    @property
    def gap(self) -> float:
        """How far at most the value is below the best, as a share of the bound."""
        return (self.bound - self.value) / self.bound if self.bound > 0 else 0.0


@dataclass(frozen=True, slots=True)
class InJira:
    """How Jira schedules an issue. told: the field and its value that say so."""

    timing: Timing
    told: str = ""


@dataclass(frozen=True, slots=True)
class Queue:
    """The whole answer. Every candidate stands in exactly one team's placements, once.

    bound: of an optimising algorithm alone. value: the rank-weighted value of what is in. in_jira: by issue, where Jira says
    anything; what the options say of an issue's timing is stronger.
    """

    options: Options
    teams: tuple[TeamQueue, ...]
    fairness: Fairness
    conflicts: tuple[Conflict, ...]
    value: int
    bound: Bound | None
    in_jira: Mapping[int, InJira] = field(default_factory=dict[int, InJira])

    def timing_of(self, issue: int) -> Timing:
        """The class and times that the issue is planned with: as set by hand, else as Jira says, else flexible."""
        own = self.options.timings.get(issue)
        if own is not None:
            return own
        said = self.in_jira.get(issue)
        return FLEXIBLE if said is None else said.timing

    def told_of(self, issue: int) -> str:
        """What of Jira its timing is from: "Scheduling = Maintenance window"; "" where it is set by hand or not at all."""
        said = self.in_jira.get(issue)
        return "" if said is None or issue in self.options.timings else said.told

    def placements(self) -> Mapping[int, Placement]:
        """Every candidate's placement by its issue id."""
        return {placement.issue: placement for team in self.teams for placement in team.placements}


def in_jira(inputs: Inputs) -> dict[int, InJira]:
    """Of the candidates whose time Jira says anything about."""
    return {
        one.issue: InJira(one.timing, one.told)
        for one in inputs.candidates
        if one.told or one.timing.kind is not Scheduling.FLEXIBLE
    }
