"""What a company remembers of the changes after its founding, and who may make them."""

from dataclasses import dataclass, field

from sprintreports.demo.model import Project
from sprintreports.demo.people import Person
from sprintreports.demo.world import World


@dataclass(frozen=True, slots=True)
class Realm:
    """One tribe or kanban team: its issues and sprints, and the boards, projects and people around them."""

    world: World
    boards: tuple[int, ...]
    projects: tuple[Project, ...]
    crew: tuple[Person, ...]
    teams: tuple[str, ...]


@dataclass(slots=True)
class Ledger:
    """Empty while nobody edits. `issues`: the ids of those that changed, in order; `clock`: the last change's instant."""

    version: int = 0
    clock: int = 0
    sprints: int = 0
    issues: list[int] = field(default_factory=list[int])
    deleted_statuses: set[str] = field(default_factory=set[str])
    # The keys that issues had before they were moved or deleted: old entries of changelogs name them so.
    first_keys: dict[int, str] = field(default_factory=dict[int, str])

    def note(self, *issue_ids: int) -> None:
        """These issues are not as they were."""
        self.issues.extend(issue_ids)
        self.version += 1

    def note_sprint(self) -> None:
        """A sprint is not as it was."""
        self.sprints += 1
        self.version += 1
