"""The company: every tribe's life lived up to now, and the finished site to serve."""

import random
from dataclasses import dataclass, field

from sprintreports.demo import chance, kanban_life, scripts, timing
from sprintreports.demo.blueprints import KanbanTeam, Tribe, kanban, tribes
from sprintreports.demo.ledger import Ledger, Realm
from sprintreports.demo.model import Board, Issue, Project, Sprint
from sprintreports.demo.people import Person, hire, stakeholders
from sprintreports.demo.recorder import Recorder
from sprintreports.demo.tribe_life import TribeLife
from sprintreports.demo.truth import SprintTruth
from sprintreports.demo.world import Numbers, World

_CREW = 12
_TRIBES = 4


@dataclass(frozen=True, slots=True)
class Company:
    """A whole Jira site at the instant `now` (milliseconds). Everything follows from seed, scale and now."""

    seed: str
    scale: float
    now: int
    people: tuple[Person, ...]
    projects: tuple[Project, ...]
    boards: dict[int, Board]
    sprints: dict[int, Sprint]
    issues: dict[int, Issue]
    reports: dict[tuple[int, int], SprintTruth]
    # What the scripts planted: name of the case -> ids of its issues or sprints.
    cases: dict[str, list[int]]
    # Who may go on changing what, and what has been changed since the company was founded.
    realms: list[Realm] = field(default_factory=list[Realm], repr=False, compare=False)
    ledger: Ledger = field(default_factory=Ledger, repr=False, compare=False)

    def truth(self, board_id: int, sprint_id: int) -> SprintTruth:
        """The frozen report of a closed sprint, or the active one's as of `now`. KeyError: never started, or not here."""
        return self.reports[board_id, sprint_id]


def found(*, seed: int | str = 1, scale: float = 1.0, now: int) -> Company:
    """Live the company's life. `scale` multiplies tribes; below 1 the four tribes just do less."""
    count = max(_TRIBES, round(_TRIBES * scale))
    flows = max(1, round(scale))
    owners = stakeholders(first_number=1)
    numbers = Numbers()
    company = Company(str(seed), scale, now, (), (), {}, {}, {}, {}, {})
    people: list[Person] = list(owners)
    projects: list[Project] = []
    plan = tribes(count)
    for tribe in plan:
        crew = hire(_CREW, random.Random(f"{seed}/crew/{tribe.index}"), first_number=len(people) + 1)
        people.extend(crew)
        projects.extend(tribe.projects)
        _live(company, tribe, numbers, crew, owners)
    last_board = max(company.boards)
    for team in kanban(flows, first_board=last_board + 1, first_project=10000 + len(projects)):
        crew = hire(
            _CREW // 2, random.Random(f"{seed}/flow/{team.project.key}"), first_number=len(people) + 1
        )
        people.extend(crew)
        projects.append(team.project)
        _flow(company, team, numbers, crew, owners)
    return Company(
        company.seed, scale, now, tuple(people), tuple(projects), company.boards, company.sprints, company.issues,
        company.reports, company.cases, company.realms,
    )  # fmt: skip


def _live(company: Company, tribe: Tribe, numbers: Numbers, crew: list[Person], owners: list[Person]) -> None:
    recorder = Recorder(tribe.boards)
    world = World(numbers, recorder)
    size = min(company.scale, 1.0)
    life = TribeLife(tribe, world, crew, owners, seed=company.seed, now=company.now, size=size)
    life.habits.append(chance.bring)
    scripts.plant(life, company.cases)
    life.prepare()
    life.live()
    timing.give(life, seed=company.seed, now=company.now)
    for sprint in world.sprints.values():
        if sprint.state == "active":
            recorder.freeze(sprint.id, company.now)
    company.boards.update({board.id: board for board in tribe.boards})
    company.sprints.update(world.sprints)
    company.reports.update(recorder.reports)
    company.realms.append(
        Realm(world, tuple(board.id for board in tribe.boards), tribe.projects, tuple(crew), tribe.teams)
    )
    _keep(company, world)


def _flow(
    company: Company, team: KanbanTeam, numbers: Numbers, crew: list[Person], owners: list[Person]
) -> None:
    world = World(numbers, Recorder(()))
    kanban_life.live(
        team, world, crew, owners, seed=company.seed, now=company.now, size=min(company.scale, 1.0)
    )
    company.boards[team.board.id] = team.board
    company.realms.append(Realm(world, (team.board.id,), (team.project,), tuple(crew), team.teams))
    _keep(company, world)


def _keep(company: Company, world: World) -> None:
    for issue in world.issues:
        issue.pack()
        company.issues[issue.id] = issue
