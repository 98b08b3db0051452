"""What a check is, and what it looks at.

All checks are SQL over facts and issues, scoped to one board and few sprints, and run when they are asked for. Stored
findings would grow old: what is planted in Jira after a sprint's close does not touch the sprint's facts, and should be
seen all the same. Every query starts at an index: the sprints' own rows of `sprint_issue_fact`, then single issues.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Any

from sprintreports.metrics.values import BoardRules, SprintState, State, Unit

# Clocks of servers differ by this much without harm.
CLOCKS_AGREE = timedelta(minutes=5)
# Sub-tasks that are closed within this time of their parent were closed together with it.
CLOSED_TOGETHER = timedelta(hours=1)
# How ingest's note on changes before the creation reads.
EARLY_NOTE = "%dated before the issue was created%"

Facts = Mapping[str, Any]


class CheckName(StrEnum):
    """How checks are called in addresses."""

    DONE_WITHOUT_ESTIMATE = "done-without-estimate"
    STATUS_OFF_BOARD = "status-off-board"
    SPRINT_WITHOUT_DATES = "sprint-without-dates"
    SPRINT_CONTRADICTS = "sprint-contradicts-itself"
    SPRINT_NOT_DELIVERED = "sprint-not-delivered"
    TWO_OPEN_SPRINTS = "in-two-open-sprints"
    CHANGELOG_GAPS = "changelog-gaps"
    UNREADABLE_VALUES = "unreadable-values"
    CLOCK_SKEW = "clock-skew"
    ESTIMATE_CHANGED_AFTER_DONE = "estimate-changed-after-done"
    OPEN_WITHOUT_ESTIMATE = "open-without-estimate"
    DONE_BEFORE_START = "done-before-the-start"
    PARENT_DONE_BEFORE_CHILDREN = "parent-done-before-children"
    SUBTASK_ESTIMATES = "estimates-on-sub-tasks"
    DELETED_IN_JIRA = "deleted-in-jira"
    DONE_WITHOUT_STARTING = "done-without-starting"
    STATUS_BACKWARDS = "status-backwards"
    WITHOUT_TEAM = "without-team"
    WITHOUT_STAKEHOLDER = "without-stakeholder"


class Subject(StrEnum):
    """What a check finds."""

    ISSUE = "issue"
    SPRINT = "sprint"


class Weight(IntEnum):
    """How far a finding moves the numbers."""

    DETAIL = 1
    DOUBT = 2
    TOTALS = 3


@dataclass(frozen=True, slots=True)
class ScopeSprint:
    """A sprint that is looked at. `computed`: its facts are there."""

    id: int
    jira_sprint_id: int
    name: str
    state: SprintState
    computed: bool


@dataclass(frozen=True, slots=True)
class Scope:
    """One board as a viewer sees it, and which of its sprints are looked at, newest first.

    chosen: one sprint was asked for. boards and teams: what the viewer may see (None: all).
    """

    site_id: int
    jira_board_id: int
    board_id: int
    board_name: str
    base_url: str
    unit: Unit
    rules: BoardRules
    columns: tuple[tuple[str, ...], ...]
    maps_teams: bool
    maps_owners: bool
    sprints: tuple[ScopeSprint, ...]
    chosen: bool
    boards: tuple[int, ...] | None
    teams: tuple[int, ...] | None
    now: datetime

    @property
    def counted(self) -> tuple[ScopeSprint, ...]:
        """The sprints whose issues are looked at: those that have begun, or the chosen one."""
        return tuple(one for one in self.sprints if self.chosen or one.state is not SprintState.FUTURE)

    def binds(self) -> dict[str, Any]:
        """All values that the checks' queries name."""
        rules = self.rules
        statuses = sorted(rules.categories)
        placed = self._places()
        open_states = (SprintState.ACTIVE, SprintState.FUTURE)
        return {
            "site": self.site_id,
            "board": self.jira_board_id,
            "boards": None if self.boards is None else list(self.boards),
            "teams": None if self.teams is None else list(self.teams),
            "sprints": [one.jira_sprint_id for one in self.counted],
            "listed": [one.jira_sprint_id for one in self.sprints],
            "open": [one.jira_sprint_id for one in self.sprints if one.state in open_states],
            "chosen": self.chosen,
            "unit": self.unit.value,
            "rule": rules.subtasks.value,
            "owners": self.maps_owners,
            "done": [status for status in statuses if rules.state(status) is State.DONE],
            "finished": [
                status
                for status in statuses
                if rules.state(status) is State.DONE or rules.categories[status] == "done"
            ],
            "waiting": [status for status in statuses if rules.categories[status] == "new"],
            "placed": list(placed),
            "places": list(placed.values()),
            "later": self.now + CLOCKS_AGREE,
            "together": CLOSED_TOGETHER,
            "early": EARLY_NOTE,
        }

    def _places(self) -> dict[str, int]:
        """How far to the right a status stands: its column; on a board without columns, its category."""
        if self.rules.mapped is not None:
            return {status: place for place, own in enumerate(self.columns) for status in own}
        order = {"new": 0, "indeterminate": 1, "done": 2}
        return {status: order[kind] for status, kind in self.rules.categories.items() if kind in order}


def always(_: Scope) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that makes numbers doubtful.

    touches: which numbers. why: how it changes them. advice: what to do in Jira. joins and where: the query, with the
    sprint's issue as `f` (ISSUE) or the sprint as `s` (SPRINT). facts: what the sentence about one finding needs, as
    the arguments of jsonb_build_object. among: the bind that holds the sprints looked at. pointless: why the check
    says nothing on this board; empty where it does.
    """

    name: CheckName
    subject: Subject
    weight: Weight
    title: str
    touches: str
    why: str
    advice: str
    where: str
    sentence: Callable[[Facts, Unit], str]
    joins: str = ""
    facts: str = ""
    among: str = "sprints"
    pointless: Callable[[Scope], str] = always

    def count_sql(self) -> str:
        """How many subjects there are."""
        subject = "f.jira_issue_id" if self.subject is Subject.ISSUE else "s.jira_sprint_id"
        return f"SELECT count(DISTINCT {subject}) {self._source()}"

    def found_sql(self) -> str:
        """(subject, sprint, facts) of each subject, in its newest sprint."""
        facts = f"jsonb_build_object({self.facts})"
        if self.subject is Subject.SPRINT:
            return f"SELECT s.jira_sprint_id AS subject, s.jira_sprint_id AS sprint, {facts} AS facts {self._source()}"
        return (
            "SELECT DISTINCT ON (f.jira_issue_id) f.jira_issue_id AS subject, f.jira_sprint_id AS sprint, "
            f"{facts} AS facts {self._source()} "
            f"ORDER BY f.jira_issue_id, array_position(CAST(:{self.among} AS bigint[]), f.jira_sprint_id)"
        )

    def _source(self) -> str:
        if self.subject is Subject.SPRINT:
            return f"FROM sprint s {self.joins} WHERE s.site_id = :site AND s.deleted_at IS NULL AND ({self.where})"
        return f"FROM sprint_issue_fact f {self.joins} WHERE {own_rows(self.among)} AND ({self.where})"


def own_rows(among: str = "sprints") -> str:
    """The issues of the sprints that are looked at, of the teams that the viewer may see."""
    return (
        "f.site_id = :site AND f.jira_board_id = :board "
        f"AND f.jira_sprint_id = ANY(CAST(:{among} AS bigint[])) "
        "AND (CAST(:teams AS bigint[]) IS NULL OR f.discipline_id = ANY(CAST(:teams AS bigint[])))"
    )


def needs_estimates(scope: Scope) -> str:
    """Why a check on estimates says nothing."""
    return "This board counts issues, so it needs no estimates." if scope.unit is Unit.COUNT else ""


def says(sentence: str) -> Callable[[Facts, Unit], str]:
    """The same sentence about every finding."""
    return lambda _facts, _unit: sentence


def amount(value: float | None, unit: Unit) -> str:
    """Thousandths of points, or seconds, in words."""
    if value is None:
        return "no estimate"
    number = value / 1000 if unit is Unit.POINTS else value / 3600
    text = f"{number:,.1f}".removesuffix(".0")
    name = "point" if unit is Unit.POINTS else "hour"
    return f"{text} {name}" if text == "1" else f"{text} {name}s"


def counted(number: int, one: str, many: str = "") -> str:
    """ "1 sub-task", "3 sub-tasks"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
