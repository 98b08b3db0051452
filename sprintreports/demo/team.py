"""A tribe at work: what it knows about its issues, and the small moves that everything else is made of."""

import random
from collections.abc import Sequence

from sprintreports.demo.agenda import Agenda, WorkDays, within
from sprintreports.demo.blueprints import Tribe
from sprintreports.demo.catalog import BACKLOG, TODO, Estimation
from sprintreports.demo.model import Issue, Sprint
from sprintreports.demo.people import Person
from sprintreports.demo.schedule import windows
from sprintreports.demo.world import World


class Team:
    """Shared by the planned life, by chance and by the scripts."""

    def __init__(
        self,
        tribe: Tribe,
        world: World,
        crew: Sequence[Person],
        owners: Sequence[Person],
        *,
        seed: str,
        now: int,
        size: float,
    ) -> None:
        self.tribe = tribe
        self.world = world
        self.crew = crew
        self.owners = owners
        self.now = now
        self.size = size
        self.rng = random.Random(f"{seed}/{tribe.name}")
        self.agenda = Agenda()
        self.days = WorkDays(tribe.zone)
        self.windows = windows(now, tribe.weekday, self.days, self.rng)
        self.sprints: list[Sprint] = []
        self.backlog: dict[int, Issue] = {}
        self.epics: list[Issue] = []
        # Issues that follow a script, and the index of the sprint until whose close ordinary life leaves them alone.
        self.scripted: dict[int, int] = {}
        self.quiet: set[int] = set()
        self.observed: list[int] = []
        self.estimate_name = "seconds" if tribe.estimation is Estimation.ORIGINAL_ESTIMATE else "points"
        self.done = tribe.boards[0].done()

    def open_sprint(self, issue: Issue) -> Sprint | None:
        """The sprint that is not closed and holds the issue."""
        for sprint_id in reversed(issue.sprints):
            sprint = self.world.sprints[sprint_id]
            if sprint.state != "closed":
                return sprint
        return None

    def finished(self, issue: Issue) -> bool:
        return issue.status.id in self.done

    def free(self, issue: Issue) -> bool:
        return issue.id not in self.scripted

    def members(self, sprint: Sprint) -> list[Issue]:
        return list(self.world.recorder.members(sprint.id).values())

    def when(self, index: int, share: float) -> int:
        """A moment of the sprint's working time, with a second hand of its own."""
        return within(self.windows[index].spans, share) + self.rng.randrange(1000, 60_000)

    def someone(self, issue: Issue | None = None) -> Person:
        if issue is not None and issue.assignee is not None and self.rng.random() < 0.7:
            return issue.assignee
        return self.rng.choice(self.crew)

    def size_of(self, issue: Issue) -> int:
        estimate = issue.estimate(self.tribe.estimation)
        return self.tribe.sizes[3] if estimate is None else max(estimate, 500)

    def join(self, at: int, issue: Issue, sprint: Sprint) -> None:
        """Into the sprint, unless it went into another one or was finished meanwhile. Closed sprints stay listed."""
        if self.open_sprint(issue) is not None or self.finished(issue) or sprint.state == "closed":
            return
        self.backlog.pop(issue.id, None)
        fields: dict[str, object] = {"sprints": (*issue.sprints, sprint.id)}
        if issue.status is BACKLOG:
            fields["status"] = TODO
        self.world.change(issue, at, self.someone(), **fields)

    def leave(self, at: int, issue: Issue, sprint: Sprint, *, to: Sprint | None = None) -> None:
        remaining = tuple(sprint_id for sprint_id in issue.sprints if sprint_id != sprint.id)
        if to is None:
            self.backlog[issue.id] = issue
        else:
            remaining = (*remaining, to.id)
        self.world.change(issue, at, self.someone(), sprints=remaining)
