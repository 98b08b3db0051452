"""Edits of issues. Each takes a pair of hands and answers what it did, or None where there is no occasion."""

from sprintreports.demo import titles
from sprintreports.demo.catalog import (
    BUG,
    EPIC,
    ON_HOLD,
    PRIORITY_NAME,
    STORY,
    SUBTASK,
    TASK,
    TODO,
    Estimation,
    Status,
)
from sprintreports.demo.hands import Done, Hands
from sprintreports.demo.happenings import Event
from sprintreports.demo.model import Issue

_POINTS = (None, 1000, 2000, 2000, 3000, 3000, 5000, 8000, 500)
_SECONDS = (None, 1800, 3600, 7200, 14_400, 28_800, 43_200)
_OFF_BOARD = 0.05


def change_status(hands: Hands) -> Done | None:
    """To any status of the tribe's boards, now and then to one that no board shows."""
    issue = hands.pick(lambda issue: issue.type is not EPIC)
    if issue is None:
        return None
    statuses: dict[str, Status] = {
        status.id: status for board in hands.boards for column in board.columns for status in column.statuses
    }
    if hands.rng.random() < _OFF_BOARD and ON_HOLD.id not in hands.company.ledger.deleted_statuses:
        statuses = {ON_HOLD.id: ON_HOLD}
    return hands.change(issue, status=hands.rng.choice(list(statuses.values())))


def change_estimate(hands: Hands) -> Done | None:
    issue = hands.pick(_is_plain)
    if issue is None:
        return None
    if issue.project.estimation is Estimation.ORIGINAL_ESTIMATE:
        return hands.change(issue, seconds=hands.rng.choice(_SECONDS))
    return hands.change(issue, points=hands.rng.choice(_POINTS))


def change_sprint(hands: Hands) -> Done | None:
    """Into a sprint that is not over, or out of it. Sprints that are over stay in the list."""
    issue = hands.pick(_is_plain, anywhere=0.5)
    sprints = hands.sprints("active", "future")
    if issue is None or not sprints:
        return None
    over = tuple(number for number in issue.sprints if hands.company.sprints[number].state == "closed")
    open_before = [number for number in issue.sprints if number not in over]
    if open_before and hands.rng.random() < 0.5:
        return hands.change(issue, sprints=over)
    return hands.change(issue, sprints=(*over, hands.rng.choice(sprints).id))


def change_assignee(hands: Hands) -> Done | None:
    issue = hands.pick(_any)
    somebody = hands.rng.choice([None, *hands.realm.crew])
    return None if issue is None else hands.change(issue, assignee=somebody)


def change_team(hands: Hands) -> Done | None:
    issue = hands.pick(_is_plain)
    team = hands.rng.choice([None, *hands.realm.teams])
    return None if issue is None else hands.change(issue, team=team)


def change_summary(hands: Hands) -> Done | None:
    issue = hands.pick(_any)
    return None if issue is None else hands.change(issue, summary=_title(hands, issue.team))


def change_priority(hands: Hands) -> Done | None:
    issue = hands.pick(_any)
    return None if issue is None else hands.change(issue, priority=hands.rng.choice(list(PRIORITY_NAME)))


def change_rank(hands: Hands) -> Done | None:
    """Two issues of the tribe change places. Neither has another stamp or entry for it, and no webhook is sent."""
    one, other = hands.pick(_is_open), hands.pick(_is_open)
    if one is None or other is None or one is other:
        return None
    hands.realm.world.swap_ranks(one, other)
    hands.company.ledger.note(one.id, other.id)
    return Done(one.id, one.key)


def create(hands: Hands) -> Done | None:
    """A new issue, now and then born in a sprint."""
    rng = hands.rng
    project = rng.choice(hands.realm.projects)
    fields: dict[str, object] = {"status": TODO, "priority": rng.choice(list(PRIORITY_NAME))}
    fields["team"] = rng.choice(hands.realm.teams)
    name, sizes = (
        ("seconds", _SECONDS) if project.estimation is Estimation.ORIGINAL_ESTIMATE else ("points", _POINTS)
    )
    fields[name] = rng.choice(sizes)
    sprints = hands.sprints("active", "future")
    if sprints and rng.random() < 0.5:
        fields["sprints"] = (rng.choice(sprints).id,)
    kind = rng.choice((STORY, TASK, BUG))
    at, author = hands.later(), hands.someone()
    title = _title(hands, str(fields["team"]))
    return _born(hands, hands.realm.world.create(project, kind, title, at, author, **fields))


def create_subtask(hands: Hands) -> Done | None:
    parent = hands.pick(lambda issue: _is_plain(issue) and not issue.is_done)
    if parent is None:
        return None
    at, author = hands.later(), hands.someone()
    title = titles.chore(hands.rng)
    child = hands.realm.world.create(
        parent.project, SUBTASK, title, at, author, status=TODO, parent=parent, team=parent.team
    )
    return _born(hands, child)


def delete(hands: Hands) -> Done | None:
    """With its sub-tasks. Epics stay: too much hangs on them."""
    issue = hands.pick(lambda issue: issue.type is not EPIC, anywhere=0.6)
    if issue is None:
        return None
    done = Done(issue.id, issue.key)
    for doomed in (*issue.subtasks, issue):
        hands.tell_deleted(doomed, hands.later(), hands.someone())
    for doomed in (*issue.subtasks, issue):
        ledger = hands.company.ledger
        ledger.first_keys.setdefault(doomed.id, doomed.key)
        hands.realm.world.delete(doomed)
        del hands.company.issues[doomed.id]
        ledger.note(doomed.id)
    return done


def move(hands: Hands) -> Done | None:
    """To another project of the tribe: the key changes, the id stays."""
    issue = hands.pick(lambda issue: _is_plain(issue) and not issue.subtasks, anywhere=0.6)
    if issue is None:
        return None
    others = [project for project in hands.realm.projects if project is not issue.project]
    if not others:
        return None
    hands.company.ledger.first_keys.setdefault(issue.id, issue.key)
    at, author = hands.later(), hands.someone()
    issue.thaw()
    hands.realm.world.move(issue, at, author, hands.rng.choice(others))
    issue.pack()
    hands.changed(issue, at, author)
    return Done(issue.id, issue.key)


def _born(hands: Hands, issue: Issue) -> Done:
    issue.pack()
    hands.company.issues[issue.id] = issue
    hands.changed(issue, issue.created, issue.creator, event=Event.ISSUE_CREATED)
    return Done(issue.id, issue.key)


def _title(hands: Hands, team: str | None) -> str:
    return titles.title(hands.rng.choice((STORY, TASK, BUG)), team, hands.rng)


def _any(_: Issue) -> bool:
    return True


def _is_open(issue: Issue) -> bool:
    return _is_plain(issue) and not issue.is_done


def _is_plain(issue: Issue) -> bool:
    return issue.type is not EPIC and not issue.is_subtask
