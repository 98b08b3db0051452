"""What can happen in a tribe's Jira. Every happening is written into the changelog and told to the recorder."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sprintreports.demo.catalog import CANCELLED, Category, IssueType, Status
from sprintreports.demo.model import Issue, Item, Project, Sprint
from sprintreports.demo.people import Person
from sprintreports.demo.recorder import Recorder


@dataclass(slots=True)
class Numbers:
    """The counters of a whole site."""

    issue: int = 10000
    sprint: int = 0
    rank: int = 0
    keys: dict[str, int] = field(default_factory=dict)

    def next_key(self, project: Project) -> int:
        number = self.keys.get(project.id, 0) + 1
        self.keys[project.id] = number
        return number


class World:
    """Issues and sprints of one tribe, changed only through the functions below."""

    def __init__(self, numbers: Numbers, recorder: Recorder) -> None:
        self._numbers = numbers
        self.recorder = recorder
        self.issues: list[Issue] = []
        self.sprints: dict[int, Sprint] = {}

    def create(
        self, project: Project, kind: IssueType, summary: str, at: int, author: Person, **fields: object
    ) -> Issue:
        """A new issue. What it has from birth is in no changelog, as in Jira."""
        self._numbers.issue += 1
        self._numbers.rank += 1
        issue = Issue(
            id=self._numbers.issue,
            number=self._numbers.next_key(project),
            project=project,
            type=kind,
            summary=summary,
            created=at,
            creator=author,
            reporter=author,
            updated=at,
            rank=self._numbers.rank,
        )
        for name, value in fields.items():
            setattr(issue, name, value)
        if issue.status.category is Category.DONE:
            issue.resolution, issue.resolved = "10000", at
        if issue.parent is not None:
            issue.parent.subtasks.append(issue)
        self.issues.append(issue)
        self.recorder.note(issue, at)
        return issue

    def change(self, issue: Issue, at: int, author: Person, **fields: object) -> bool:
        """One entry of the changelog with an item for each field that differs. False: nothing differed."""
        items: list[Item] = []
        for name, after in fields.items():
            before = getattr(issue, name)
            if before == after:
                continue
            setattr(issue, name, after)
            items.append((name, plain(before), plain(after)))
            if name == "status":
                items.extend(_resolve(issue, at))
        if not items:
            return False
        self._write(issue, at, author, items)
        return True

    def move(self, issue: Issue, at: int, author: Person, project: Project) -> None:
        """To another project: the key changes, the id stays."""
        before, old_key = issue.project, issue.key
        issue.project, issue.number = project, self._numbers.next_key(project)
        self._write(issue, at, author, [("project", before.id, project.id), ("key", old_key, issue.key)])
        for child in issue.subtasks:
            child_key = child.key
            child.project, child.number = project, self._numbers.next_key(project)
            self._write(
                child, at, author, [("project", before.id, project.id), ("key", child_key, child.key)]
            )

    def block(self, blocker: Issue, blocked: Issue, at: int, author: Person) -> None:
        blocker.links.append(("blocks", blocked))
        blocked.links.append(("is blocked by", blocker))
        self._write(blocker, at, author, [("link", None, ["blocks", blocked.id])])
        self._write(blocked, at, author, [("link", None, ["is blocked by", blocker.id])])

    def rerank(self, issue: Issue, at: int, author: Person, *, higher: bool) -> None:
        """Somebody dragged it up or down; Jira notes that, and nothing about where."""
        self._write(issue, at, author, [("ranked", None, "Ranked higher" if higher else "Ranked lower")])

    def swap_ranks(self, one: Issue, other: Issue) -> None:
        """They change places, and nothing tells: no entry, no stamp, as when Jira ranks anew."""
        one.rank, other.rank = other.rank, one.rank

    def describe(self, issue: Issue, at: int, author: Person, text: str) -> None:
        before, issue.description = issue.description, text
        self._write(issue, at, author, [("description", before, text)])

    def new_sprint(self, board_id: int, sequence: int, name: str, at: int) -> Sprint:
        self._numbers.sprint += 1
        sprint = Sprint(self._numbers.sprint, board_id, sequence, [(at, name)], at)
        self.sprints[sprint.id] = sprint
        return sprint

    def start_sprint(self, sprint: Sprint, at: int) -> None:
        sprint.state, sprint.started = "active", at
        self.recorder.start(sprint.id, at)

    def close_sprint(self, sprint: Sprint, at: int, *, for_good: bool = True) -> None:
        """`for_good=False`: it will be re-opened, so the recorder keeps watching."""
        sprint.state, sprint.completed = "closed", at
        self.recorder.freeze(sprint.id, at)
        if for_good:
            self.recorder.forget(sprint.id)

    def reopen_sprint(self, sprint: Sprint) -> None:
        sprint.state, sprint.completed = "active", None

    def delete(self, issue: Issue) -> None:
        """Gone with everything that it said; others' links to it go without a word, as in Jira."""
        self.issues.remove(issue)
        if issue.parent is not None:
            issue.parent.subtasks.remove(issue)
        for _, other in issue.links:
            other.links = [(phrase, linked) for phrase, linked in other.links if linked is not issue]
        self.recorder.erase(issue)

    def _write(self, issue: Issue, at: int, author: Person, items: list[Item]) -> None:
        issue.updated = at
        issue.changes.append((at, author.number, items))
        self.recorder.note(issue, at)


def plain(value: object) -> object:
    """What the changelog keeps of a value: ids, never objects."""
    convert = _PLAIN.get(type(value))
    return value if convert is None else convert(value)


def _number(value: Person) -> int:
    return value.number


def _id(value: Issue | Status | IssueType) -> object:
    return value.id


def _resolve(issue: Issue, at: int) -> list[Item]:
    """Finishing sets the resolution in the same entry, as Jira's workflows do; reopening clears it."""
    finished = issue.status.category is Category.DONE
    if finished == (issue.resolution is not None):
        return []
    before = issue.resolution
    issue.resolution = ("10001" if issue.status is CANCELLED else "10000") if finished else None
    issue.resolved = at if finished else None
    return [("resolution", before, issue.resolution)]


_PLAIN: dict[type, Callable[..., object]] = {Person: _number, Issue: _id, Status: _id, IssueType: _id}
