"""What every edit is made with: chance, a clock that moves on, and somebody to do it."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from sprintreports.demo.company import Company
from sprintreports.demo.happenings import Event, Happening
from sprintreports.demo.ledger import Realm
from sprintreports.demo.model import Board, Issue, Sprint
from sprintreports.demo.people import Person

Tell = Callable[[Happening], None]


@dataclass(frozen=True, slots=True)
class Done:
    subject: int
    name: str


class Hands:
    """One pair of hands in one tribe, for one edit."""

    def __init__(self, company: Company, rng: random.Random, step: int, tell: Tell) -> None:
        self.company = company
        self.rng = rng
        self.realm: Realm = rng.choice(company.realms)
        self._step = step
        self._tell = tell

    @property
    def boards(self) -> list[Board]:
        return [self.company.boards[board_id] for board_id in self.realm.boards]

    def sprints(self, *states: str) -> list[Sprint]:
        return [sprint for sprint in self.realm.world.sprints.values() if sprint.state in states]

    def someone(self) -> Person:
        return self.rng.choice(self.realm.crew)

    def later(self) -> int:
        """The clock moves on by a moment, and never stands still."""
        ledger = self.company.ledger
        ledger.clock += self.rng.randint(1, max(1, self._step))
        return ledger.clock

    def pick(self, wanted: Callable[[Issue], bool], *, anywhere: float = 0.3) -> Issue | None:
        """An issue, more often than not one of a sprint that is not over."""
        members = [
            issue
            for sprint in self.sprints("active", "future")
            for issue in self.realm.world.recorder.members(sprint.id).values()
        ]
        pool = self.realm.world.issues if not members or self.rng.random() < anywhere else members
        for _ in range(20):
            issue = self.rng.choice(pool) if pool else None
            if issue is not None and wanted(issue):
                return issue
        return None

    def change(self, issue: Issue, **fields: object) -> Done | None:
        """One entry of the changelog, told to whoever listens. None: nothing would change."""
        if all(getattr(issue, name) == value for name, value in fields.items()):
            return None
        at, author = self.later(), self.someone()
        issue.thaw()
        self.realm.world.change(issue, at, author, **fields)
        issue.pack()
        self.changed(issue, at, author)
        return Done(issue.id, issue.key)

    def changed(self, issue: Issue, at: int, author: Person, *, event: Event = Event.ISSUE_UPDATED) -> None:
        """Note it, with the sub-tasks that follow it, and tell."""
        self.company.ledger.note(issue.id, *(child.id for child in issue.subtasks))
        self._tell(Happening(event, at, author, issue=issue))

    def tell_deleted(self, issue: Issue, at: int, author: Person) -> None:
        """To be called before it is gone: the event shows it for the last time."""
        self._tell(Happening(Event.ISSUE_DELETED, at, author, issue=issue))

    def sprint_changed(self, sprint: Sprint, event: Event) -> Done:
        self.company.sprints[sprint.id] = sprint
        self.company.ledger.note_sprint()
        self._tell(Happening(event, self.company.ledger.clock, self.someone(), sprint_id=sprint.id))
        return Done(sprint.id, sprint.name)

    def board_changed(self, board: Board) -> Done:
        self.company.boards[board.id] = board
        self.company.ledger.note()
        self._tell(
            Happening(Event.BOARD_CHANGED, self.company.ledger.clock, self.someone(), board_id=board.id)
        )
        return Done(board.id, board.name)
