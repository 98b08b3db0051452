"""Edits of sprints, boards and statuses. Each takes a pair of hands and answers what it did, or None."""

from dataclasses import replace
from typing import cast

from sprintreports.demo.agenda import DAY
from sprintreports.demo.catalog import STATUSES, TODO, Status
from sprintreports.demo.changelog import NAMES_ONLY
from sprintreports.demo.hands import Done, Hands
from sprintreports.demo.happenings import Event
from sprintreports.demo.model import Board, Column, Issue, Sprint

_TWO_WEEKS = 14 * DAY


def rename(hands: Hands) -> Done | None:
    sprints = hands.sprints("active", "future", "closed")
    if not sprints:
        return None
    sprint = hands.rng.choice(sprints[-4:])
    if _known_by_name_alone(hands, sprint):
        return None
    at = hands.later()
    plain = sprint.names[0][1]
    sprint.names.append(
        (at, f"{plain} · {hands.rng.choice(('plan B', 'short', 'long', 'new goal'))} {at % 1000}")
    )
    return hands.sprint_changed(sprint, Event.SPRINT_UPDATED)


def start(hands: Hands) -> Done | None:
    """The first future sprint, where none is active; another future one is announced."""
    waiting = hands.sprints("future")
    if not waiting or hands.sprints("active"):
        return None
    sprint = min(waiting, key=lambda sprint: sprint.sequence)
    at = hands.later()
    sprint.planned_start, sprint.planned_end = at, at + _TWO_WEEKS
    hands.realm.world.start_sprint(sprint, at)
    done = hands.sprint_changed(sprint, Event.SPRINT_STARTED)
    if len(waiting) == 1:
        _announce(hands)
    return done


def close(hands: Hands) -> Done | None:
    """The active sprint. What is not finished goes into the next one, a moment later."""
    active = hands.sprints("active")
    if not active:
        return None
    sprint = active[0]
    world = hands.realm.world
    world.close_sprint(sprint, hands.later(), for_good=False)
    done = hands.sprint_changed(sprint, Event.SPRINT_CLOSED)
    following = min(hands.sprints("future"), key=lambda other: other.sequence, default=None) or _announce(
        hands
    )
    finished = hands.boards[0].done()
    for issue in list(world.recorder.members(sprint.id).values()):
        if issue.status.id not in finished and not _elsewhere(hands, issue):
            hands.change(issue, sprints=(*issue.sprints, following.id))
    return done


def reopen(hands: Hands) -> Done | None:
    """The last one that was closed by an edit, where none is active."""
    world = hands.realm.world
    closed = [sprint for sprint in hands.sprints("closed") if sprint.id in world.recorder.watched]
    if not closed or hands.sprints("active"):
        return None
    sprint = closed[-1]
    hands.later()
    world.reopen_sprint(sprint)
    return hands.sprint_changed(sprint, Event.SPRINT_UPDATED)


def change_columns(hands: Hands) -> Done | None:
    """A column renamed, split or joined: which statuses count, and which of them as finished, stays."""
    board = hands.rng.choice(hands.boards)
    hands.later()
    return hands.board_changed(replace(board, columns=_arranged(hands, board)))


def delete_status(hands: Hands) -> Done | None:
    """One that no board shows. Its issues go to another status first, each with an entry in its changelog."""
    ledger = hands.company.ledger
    shown = {status for board in hands.company.boards.values() for status in board.mapped()}
    left = [
        status
        for status in STATUSES
        if status.id not in shown and not status.deleted and status.id not in ledger.deleted_statuses
    ]
    if not left:
        return None
    gone = hands.rng.choice(left)
    _migrate(hands, gone)
    hands.later()
    ledger.deleted_statuses.add(gone.id)
    ledger.note()
    return Done(int(gone.id), gone.name)


def _known_by_name_alone(hands: Hands, sprint: Sprint) -> bool:
    """Some old changelogs name sprints without their ids: such a sprint keeps its name, or nobody could tell any more."""
    return any(
        name == "sprints" and sprint.id in [*cast("list[int]", before), *cast("list[int]", after)]
        for issue in hands.realm.world.issues
        if issue.id % NAMES_ONLY == 0
        for _, _, items in issue.history()
        for name, before, after in items
    )


def _migrate(hands: Hands, gone: Status) -> None:
    own = hands.realm
    for realm in hands.company.realms:
        hands.realm = realm
        for issue in [issue for issue in realm.world.issues if issue.status is gone]:
            hands.change(issue, status=TODO)
    hands.realm = own


def _announce(hands: Hands) -> Sprint:
    """A new future sprint without dates."""
    sprints = list(hands.realm.world.sprints.values())
    last = sprints[-1]
    number = max(sprint.sequence for sprint in sprints) + 1
    name = f"{hands.company.boards[last.board_id].name} Sprint {number}"
    sprint = hands.realm.world.new_sprint(last.board_id, number, name, hands.later())
    hands.sprint_changed(sprint, Event.SPRINT_CREATED)
    return sprint


def _elsewhere(hands: Hands, issue: Issue) -> bool:
    return any(hands.company.sprints[number].state != "closed" for number in issue.sprints)


def _arranged(hands: Hands, board: Board) -> tuple[Column, ...]:
    rng, columns = hands.rng, list(board.columns)
    middle = range(1, len(columns) - 1)
    wide = [position for position in middle if len(columns[position].statuses) > 1]
    choice = rng.random()
    if wide and choice < 0.4:
        position = rng.choice(wide)
        column = columns[position]
        columns[position : position + 1] = [
            Column(f"{column.name} {part}", (status,)) for part, status in enumerate(column.statuses, 1)
        ]
    elif len(middle) > 1 and choice < 0.7:
        first, second = columns[middle[0]], columns[middle[1]]
        columns[middle[0] : middle[1] + 1] = [Column(first.name, (*first.statuses, *second.statuses))]
    else:
        position = rng.randrange(len(columns))
        column = columns[position]
        columns[position] = Column(f"{column.name.split(' (')[0]} ({rng.randrange(1000)})", column.statuses)
    return tuple(columns)
