"""Where issues come from: epics, refinement meetings, stories with their estimates and sub-tasks."""

from datetime import timedelta

from sprintreports.demo import titles
from sprintreports.demo.agenda import DAY, HOUR, MINUTE
from sprintreports.demo.catalog import BACKLOG, BUG, EPIC, STORY, SUBTASK, TASK, TODO, IssueType
from sprintreports.demo.model import Issue
from sprintreports.demo.schedule import CLOSED_SPRINTS
from sprintreports.demo.team import Team

_PRIORITIES = ("1", "2", "2", "3", "3", "3", "3", "4", "4", "5")


def found(at: int, team: Team) -> None:
    for number in range(3):
        team.agenda.at(at + number * HOUR, _new_epic, team)
    for days in (1, 9):
        team.agenda.at(at + days * DAY, refine, team, 0)


def _new_epic(at: int, team: Team) -> None:
    summary = titles.epic_title(len(team.epics) + team.tribe.index * 5)
    fields: dict[str, object] = {"owner": team.rng.choice(team.owners), "status": TODO, "priority": "2"}
    team.epics.append(
        team.world.create(team.rng.choice(team.tribe.projects), EPIC, summary, at, team.someone(), **fields)
    )


def refine(at: int, team: Team, index: int) -> None:
    """Write new issues until the backlog lasts for a sprint, and estimate what is not estimated."""
    if index % 4 == 1 and len(team.epics) < 3 + index // 3:
        team.agenda.at(at + MINUTE, _new_epic, team)
    if index >= CLOSED_SPRINTS:
        _fill_future(at, team, index)
    wanted = team.tribe.velocity * team.size * (1 + team.tribe.growth * index / CLOSED_SPRINTS)
    stock = sum(team.size_of(issue) for issue in team.backlog.values())
    typical = sum(team.tribe.sizes) / len(team.tribe.sizes)
    for number in range(max(0, round((wanted - stock) / typical))):
        team.agenda.at(at + 2 * MINUTE + number * 97_000, _write_story, team)
    for number, issue in enumerate(list(team.backlog.values())):
        if issue.estimate(team.tribe.estimation) is None and team.free(issue) and team.rng.random() < 0.7:
            team.agenda.at(at + 4 * HOUR + number * 41_000, _estimate, team)


def _fill_future(at: int, team: Team, index: int) -> None:
    """The running sprint's meetings already sort some of the backlog into the next one."""
    for number, issue in enumerate(list(team.backlog.values())[:6]):
        if team.free(issue):
            team.agenda.at(at + MINUTE + number * 30_000, team.join, issue, team.sprints[index + 1])


def _write_story(at: int, team: Team) -> None:
    new_issue(at, team, STORY if team.rng.random() < 0.6 else TASK)


def rank(at: int, team: Team, issue: Issue) -> None:
    team.world.rerank(issue, at, team.someone(), higher=team.rng.random() < 0.6)


def _describe(at: int, team: Team, issue: Issue) -> None:
    team.world.describe(issue, at, team.someone(issue), titles.description(team.rng))


def _estimate(at: int, team: Team) -> None:
    for issue in team.backlog.values():
        if issue.estimate(team.tribe.estimation) is None and team.free(issue):
            team.world.change(
                issue, at, team.someone(), **{team.estimate_name: team.rng.choice(team.tribe.sizes)}
            )
            return


def new_issue(at: int, team: Team, kind: IssueType, **given: object) -> Issue:
    """A believable issue; `given` wins over chance. Without a sprint it goes into the backlog."""
    rng = team.rng
    discipline = rng.choice(team.tribe.teams) if rng.random() > 0.04 else None
    estimated = rng.random() < (0.35 if kind is BUG else 0.55)
    fields: dict[str, object] = {
        "team": discipline,
        "status": BACKLOG if rng.random() < 0.6 else TODO,
        "priority": rng.choice(_PRIORITIES),
        "owner": rng.choice(team.owners) if rng.random() < 0.8 else None,
        "epic": rng.choice(team.epics[-4:]) if team.epics and rng.random() < 0.7 else None,
        team.estimate_name: rng.choice(team.tribe.sizes) if estimated else None,
    }
    if rng.random() < 0.08:
        fields["due"] = (team.days.date_of(at) + timedelta(days=rng.randrange(10, 60))).isoformat()
    if rng.random() < 0.05:
        fields["labels"] = (rng.choice(("maintenance-window", "customer-request", "audit", "quick-win")),)
    fields.update(given)
    summary = titles.title(kind, discipline, rng)
    author = rng.choice(team.owners) if rng.random() < 0.2 else rng.choice(team.crew)
    issue = team.world.create(rng.choice(team.tribe.projects), kind, summary, at, author, **fields)
    if kind is STORY and not given and rng.random() < 0.28:
        _split(at, team, issue)
    if not issue.sprints:
        team.backlog[issue.id] = issue
    if rng.random() < 0.6:
        team.agenda.at(at + rng.randrange(2 * MINUTE, 5 * DAY), _describe, team, issue)
    return issue


def _split(at: int, team: Team, parent: Issue) -> None:
    """Sub-tasks, half of them with an estimate of their own."""
    with_estimates = team.rng.random() < 0.5
    for number in range(team.rng.randrange(2, 5)):
        fields: dict[str, object] = {"parent": parent, "status": TODO, "team": parent.team}
        if with_estimates:
            fields[team.estimate_name] = team.rng.choice(team.tribe.sizes[:4])
        team.world.create(
            parent.project,
            SUBTASK,
            titles.chore(team.rng),
            at + 30_000 * (number + 1),
            team.someone(),
            **fields,
        )
