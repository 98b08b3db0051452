"""The nouns of the company: projects, boards, sprints and issues with everything that ever changed in them."""

from dataclasses import dataclass, field
from typing import TypeAlias

import msgspec

from sprintreports.demo.catalog import SUBTASK, TODO, Category, Estimation, IssueType, Status
from sprintreports.demo.people import Person

# One changed field: the attribute of Issue, the value before, the value after.
Item: TypeAlias = tuple[str, object, object]
# One entry of the changelog: milliseconds since 1970, the number of the author, what changed.
Change: TypeAlias = tuple[int, int, list[Item]]


@dataclass(frozen=True, slots=True)
class Project:
    id: str
    key: str
    name: str
    estimation: Estimation


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    statuses: tuple[Status, ...]


@dataclass(frozen=True, slots=True)
class Board:
    id: int
    name: str
    kind: str
    filter_id: str
    projects: tuple[Project, ...]
    columns: tuple[Column, ...]
    estimation: Estimation | None
    # The board whose sprints this one shows; its own id for a board with sprints of its own.
    sprints_of: int

    @property
    def jql(self) -> str:
        if len(self.projects) == 1:
            return f"project = {self.projects[0].key} ORDER BY Rank ASC"
        return f"project in ({', '.join(project.key for project in self.projects)}) ORDER BY Rank ASC"

    def done(self) -> frozenset[str]:
        if not self.columns:
            raise ValueError("every board of the demo has columns")
        return frozenset(status.id for status in self.columns[-1].statuses)

    def mapped(self) -> frozenset[str]:
        return frozenset(status.id for column in self.columns for status in column.statuses)


@dataclass(slots=True)
class Sprint:
    id: int
    board_id: int
    sequence: int
    names: list[tuple[int, str]]
    created: int
    goal: str = ""
    state: str = "future"
    planned_start: int | None = None
    planned_end: int | None = None
    started: int | None = None
    completed: int | None = None

    @property
    def name(self) -> str:
        return self.names[-1][1]

    def name_at(self, at: int) -> str:
        """The name it had then: a changelog keeps the words of its day."""
        return next((name for since, name in reversed(self.names) if since <= at), self.names[0][1])

    @property
    def activated(self) -> int | None:
        """Given by Jira only where the sprint was started at another moment than its start date says."""
        return self.started if self.started != self.planned_start else None


@dataclass(slots=True, eq=False)
class Issue:
    id: int
    number: int
    project: Project
    type: IssueType
    summary: str
    created: int
    creator: Person
    status: Status = TODO
    priority: str = "3"
    assignee: Person | None = None
    reporter: Person | None = None
    owner: Person | None = None
    team: str | None = None
    epic: "Issue | None" = None
    parent: "Issue | None" = None
    points: int | None = None
    seconds: int | None = None
    sprints: tuple[int, ...] = ()
    resolution: str | None = None
    resolved: int | None = None
    due: str | None = None
    scheduling: str | None = None
    planned_start: int | None = None
    planned_end: int | None = None
    labels: tuple[str, ...] = ()
    description: str | None = None
    updated: int = 0
    rank: int = 0
    subtasks: list["Issue"] = field(default_factory=list)
    links: list[tuple[str, "Issue"]] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    packed: bytes = b""

    @property
    def key(self) -> str:
        return f"{self.project.key}-{self.number}"

    @property
    def is_subtask(self) -> bool:
        return self.type is SUBTASK

    @property
    def is_done(self) -> bool:
        return self.status.category is Category.DONE

    def estimate(self, estimation: Estimation) -> int | None:
        return self.seconds if estimation is Estimation.ORIGINAL_ESTIMATE else self.points

    def pack(self) -> None:
        """History as bytes: a company of 100,000 issues stays small in memory."""
        self.packed = msgspec.msgpack.encode(self.changes)
        self.changes = []

    def thaw(self) -> None:
        """The opposite of `pack`: ready to be changed again."""
        self.changes, self.packed = self.history(), b""

    def history(self) -> list[Change]:
        """Every change, the oldest first."""
        return _DECODER.decode(self.packed) if self.packed else self.changes


_DECODER = msgspec.msgpack.Decoder(list[tuple[int, int, list[tuple[str, object, object]]]])
