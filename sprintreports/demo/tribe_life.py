"""The life of one tribe, forward in time: refine, plan, start, work, close, again and again until now."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from sprintreports.demo import refinement
from sprintreports.demo.agenda import DAY, HOUR, MINUTE
from sprintreports.demo.blueprints import Tribe
from sprintreports.demo.catalog import Status
from sprintreports.demo.model import Issue, Sprint
from sprintreports.demo.people import Person
from sprintreports.demo.schedule import CLOSED_SPRINTS
from sprintreports.demo.team import Team
from sprintreports.demo.world import World

_PREPARATION = 21 * DAY


class TribeLife(Team):
    """The rhythm of sprints; chance (see `chance`) and scripts (see `scripts`) play along."""

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
        super().__init__(tribe, world, crew, owners, seed=seed, now=now, size=size)
        # Called with the index of a sprint when it starts: what chance brings.
        self.habits: list[Callable[[TribeLife, int], None]] = []
        self._path = {status.id: position for position, status in enumerate((*tribe.path, tribe.finish[0]))}

    def capacity(self, index: int) -> float:
        """What the tribe can finish: a trend, weather, and quiet weeks in August and at the turn of the year."""
        trend = 1 + self.tribe.growth * index / CLOSED_SPRINTS
        begin = self.days.date_of(self.windows[index].start)
        end = begin + timedelta(days=14)
        season = 0.6 if (end.month, end.day) >= (12, 29) or (begin.month == 1 and begin.day < 5) else 1.0
        season = 0.85 if begin.month == 8 else season
        weather = min(max(self.rng.gauss(1.0, 0.1), 0.7), 1.3)
        return self.tribe.velocity * self.size * trend * season * weather

    # -- the road ahead

    def prepare(self) -> None:
        """Put the fixed dates of the whole time on the agenda."""
        begin = self.windows[0].start - _PREPARATION
        self.agenda.at(begin, refinement.found, self)
        for index, window in enumerate(self.windows):
            born = self.windows[index - 2].start + 2 * HOUR if index >= 2 else begin + HOUR + index
            self.agenda.at(born, self._announce, index)
            self.agenda.at(window.start - 24 * MINUTE, self._plan, index)
            self.agenda.at(window.start, self._start, index, last=True)
            self.agenda.at(window.close, self._close, index, last=True)
            for share in (0.28, 0.75):
                self.agenda.at(self.when(index, share), refinement.refine, self, index)

    def live(self) -> None:
        self.agenda.run(self.now)

    # -- sprints

    def _announce(self, at: int, index: int) -> None:
        sprint = self.world.new_sprint(
            self.tribe.boards[0].id, index + 1, f"{self.tribe.name} Sprint {index + 1}", at
        )
        if index <= CLOSED_SPRINTS + 1:
            # The last of the future ones has no dates yet.
            sprint.planned_start, sprint.planned_end = (
                self.windows[index].planned_start,
                self.windows[index].planned_end,
            )
        if self.epics:
            sprint.goal = f"Move forward: {self.rng.choice(self.epics).summary}"
        self.sprints.append(sprint)

    def _plan(self, at: int, index: int) -> None:
        """Fill the sprint up to what the last three brought."""
        if index in self.quiet:
            return
        sprint = self.sprints[index]
        recent = self.observed[-3:]
        forecast = sum(recent) / len(recent) if recent else self.tribe.velocity * self.size
        target = forecast * self.rng.uniform(1.04, 1.28)
        planned = sum(self.size_of(issue) for issue in self.members(sprint) if not self.finished(issue))
        offset = MINUTE
        for issue in sorted(self.backlog.values(), key=lambda issue: (issue.priority, issue.rank)):
            if planned >= target:
                break
            if not self.free(issue):
                continue
            planned += self.size_of(issue)
            self.agenda.at(at + offset, self.join, issue, sprint)
            if self.rng.random() < 0.5:
                self.agenda.at(at + offset + 2_000, refinement.rank, self, issue)
            offset += self.rng.randrange(5_000, 45_000)

    def _start(self, at: int, index: int) -> None:
        sprint = self.sprints[index]
        self.world.start_sprint(sprint, at)
        self._schedule_work(sprint, index)
        for habit in self.habits:
            habit(self, index)

    def _close(self, at: int, index: int) -> None:
        sprint = self.sprints[index]
        members = self.members(sprint)
        self.world.close_sprint(sprint, at)
        self.observed.append(sum(self.size_of(issue) for issue in members if self.finished(issue)))
        self.carry_over(at, index)

    def carry_over(self, at: int, index: int) -> None:
        """What is left goes into the next sprint, some of it back to the backlog."""
        following = self.sprints[index + 1]
        for position, issue in enumerate(self.members(self.sprints[index])):
            if self.scripted.get(issue.id, index) <= index:
                self.scripted.pop(issue.id, None)
            if self.finished(issue) or self.open_sprint(issue) is not None:
                continue
            if self.rng.random() < 0.85 and index + 1 not in self.quiet:
                self.agenda.at(at + 300 + 7 * position, self.join, issue, following)
            else:
                self.backlog[issue.id] = issue

    # -- work

    def _schedule_work(self, sprint: Sprint, index: int) -> None:
        """One issue after the other takes its share of what the tribe can do; the last ones are not finished."""
        capacity = self.capacity(index)
        todo = [issue for issue in self.members(sprint) if self.free(issue) and not self.finished(issue)]
        self.rng.shuffle(todo)
        todo.sort(key=lambda issue: issue.priority)
        spent = 0.0
        for issue in todo:
            effort = self.size_of(issue) * self.rng.uniform(0.8, 1.2)
            begin = spent / capacity + self.rng.uniform(-0.08, 0.02)
            spent += effort
            end = spent / capacity + self.rng.uniform(-0.05, 0.05)
            if begin < 0.95:
                self.work_on(issue, sprint, index, max(begin, 0.005), max(end, begin + 0.02, 0.03))

    def work_on(self, issue: Issue, sprint: Sprint, index: int, begin: float, end: float) -> None:
        """Through the columns from `begin` to `end` (shares of the sprint); beyond 0.99 nothing happens."""
        finish = self.tribe.finish[0] if self.rng.random() < 0.8 else self.tribe.finish[-1]
        path = (*self.tribe.path, finish)
        for position, status in enumerate(path):
            share = begin + (end - begin) * position / max(len(path) - 1, 1)
            if share < 0.99:
                self.agenda.at(self.when(index, share), self.step, issue, sprint, status)
        for position, child in enumerate(issue.subtasks):
            half = begin + (end - begin) * (position + 0.5) / (len(issue.subtasks) + 0.5)
            for share, status in ((begin + 0.01, self.tribe.path[0]), (half, self.tribe.finish[0])):
                if share < 0.99 and child.status is not status:
                    self.agenda.at(self.when(index, share), self.step, child, sprint, status)

    def step(self, at: int, issue: Issue, sprint: Sprint, status: Status) -> None:
        """One column further, if the issue is still in the sprint and has not been further already."""
        holder = issue.parent or issue
        if sprint.state != "active" or sprint.id not in holder.sprints or self.finished(issue):
            return
        if self._path.get(issue.status.id, -1) >= self._path.get(status.id, len(self._path)):
            return
        fields: dict[str, object] = {"status": status}
        if issue.assignee is None:
            fields["assignee"] = self.rng.choice(self.crew)
        self.world.change(issue, at, self.someone(issue), **fields)
