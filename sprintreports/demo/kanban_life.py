"""The life of a team that takes work as it comes: a kanban board, no sprints, no estimates."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from sprintreports.demo import titles
from sprintreports.demo.agenda import DAY, HOUR, Agenda, WorkDays
from sprintreports.demo.blueprints import KanbanTeam
from sprintreports.demo.catalog import BACKLOG, BUG, DONE, TASK, TODO, Status
from sprintreports.demo.model import Issue
from sprintreports.demo.people import Person
from sprintreports.demo.world import World

_DAYS = 370


@dataclass(slots=True)
class _Desk:
    team: KanbanTeam
    world: World
    crew: Sequence[Person]
    owners: Sequence[Person]
    rng: random.Random
    agenda: Agenda

    def arrive(self, at: int) -> None:
        rng, team = self.rng, self.team
        kind = BUG if rng.random() < 0.4 else TASK
        discipline = rng.choice(team.teams)
        issue = self.world.create(
            team.project,
            kind,
            titles.title(kind, discipline, rng),
            at,
            rng.choice(self.owners),
            team=discipline,
            owner=rng.choice(self.owners),
            status=BACKLOG if rng.random() < 0.5 else TODO,
            priority=rng.choice("12233345"),
        )
        moment = at
        for status in (*team.path, DONE):
            moment += int(rng.lognormvariate(2.6, 0.9) * HOUR) + rng.randrange(60_000)
            self.agenda.at(moment, self.move, issue, status)
        if rng.random() < 0.05:
            self.agenda.at(moment + 30 * HOUR, self.move, issue, team.path[0])
            self.agenda.at(moment + 50 * HOUR, self.move, issue, DONE)

    def move(self, at: int, issue: Issue, status: Status) -> None:
        fields: dict[str, object] = {"status": status}
        if issue.assignee is None:
            fields["assignee"] = self.rng.choice(self.crew)
        self.world.change(issue, at, issue.assignee or self.rng.choice(self.crew), **fields)


def live(
    team: KanbanTeam,
    world: World,
    crew: Sequence[Person],
    owners: Sequence[Person],
    *,
    seed: str,
    now: int,
    size: float,
) -> None:
    """A year of incoming requests, each wandering through the columns at its own pace."""
    desk = _Desk(team, world, crew, owners, random.Random(f"{seed}/{team.project.key}"), Agenda())
    for begin, finish in WorkDays(team.zone).spans(now - _DAYS * DAY, now):
        for _ in range(_arrivals(desk.rng, size)):
            desk.agenda.at(desk.rng.randrange(begin, finish), desk.arrive)
    desk.agenda.run(now)


def _arrivals(rng: random.Random, size: float) -> int:
    expected = 1.6 * size
    return int(expected) + (rng.random() < expected % 1)
