"""What chance brings into a sprint: additions, removals, re-estimates, reopened work, delays, releases."""

from collections.abc import Callable

from sprintreports.demo.agenda import DAY, HOUR, MINUTE, share_of
from sprintreports.demo.catalog import (
    BUG,
    CANCELLED,
    DISCIPLINES,
    DONE,
    EPIC,
    ON_HOLD,
    RELEASED,
    STORY,
    TASK,
    TODO,
)
from sprintreports.demo.model import Issue, Sprint
from sprintreports.demo.refinement import new_issue
from sprintreports.demo.tribe_life import TribeLife


def bring(life: TribeLife, index: int) -> None:
    """Put a sprint's surprises on the agenda."""
    rng = life.rng
    if index in life.quiet:
        return
    scale = max(1, round(life.size))
    for action, counts in _HOW_OFTEN:
        for _ in range(rng.choice(counts) * scale):
            life.agenda.at(life.when(index, rng.uniform(0.04, 0.93)), action, life, index)
    if life.tribe.releases:
        for share in (0.4, 0.9):
            life.agenda.at(life.when(index, share), _release, life, index)
    life.agenda.at(life.when(index, 0.5), _tend_epics, life)


def _pick(life: TribeLife, index: int, *, finished: bool = False) -> Issue | None:
    """An ordinary issue of the sprint."""
    sprint = life.sprints[index]
    candidates = [
        issue
        for issue in life.members(sprint)
        if life.free(issue) and life.finished(issue) is finished and issue.type is not EPIC
    ]
    return life.rng.choice(candidates) if candidates else None


def _bug_arrives(at: int, life: TribeLife, index: int) -> None:
    """Written straight into the running sprint: its first Sprint value is in no changelog."""
    sprint = life.sprints[index]
    issue = new_issue(at, life, BUG, sprints=(sprint.id,), status=TODO, priority=life.rng.choice("1223"))
    _work_soon(life, index, issue, sprint, at)


def _pull_in(at: int, life: TribeLife, index: int) -> None:
    candidates = [issue for issue in life.backlog.values() if life.free(issue) and not life.finished(issue)]
    if candidates:
        issue, sprint = life.rng.choice(candidates), life.sprints[index]
        life.join(at, issue, sprint)
        _work_soon(life, index, issue, sprint, at)


def _work_soon(life: TribeLife, index: int, issue: Issue, sprint: Sprint, at: int) -> None:
    share = share_of(life.windows[index].spans, at)
    if life.rng.random() < 0.7:
        life.work_on(issue, sprint, index, share + 0.05, share + life.rng.uniform(0.2, 0.6))


def _take_out(at: int, life: TribeLife, index: int) -> None:
    issue = _pick(life, index)
    if issue is not None:
        further = life.sprints[index + 1] if life.rng.random() < 0.4 and index + 1 not in life.quiet else None
        life.leave(at, issue, life.sprints[index], to=further)


def _reestimate(at: int, life: TribeLife, index: int) -> None:
    issue = _pick(life, index)
    if issue is not None:
        value = None if life.rng.random() < 0.06 else life.rng.choice(life.tribe.sizes)
        life.world.change(issue, at, life.someone(issue), **{life.estimate_name: value})


def _reopen(at: int, life: TribeLife, index: int) -> None:
    """Found wanting after it was done; mostly repaired within days."""
    issue = _pick(life, index, finished=True)
    if issue is None or issue.status is RELEASED:
        return
    life.world.change(issue, at, life.someone(), status=life.tribe.path[0])
    if life.rng.random() < 0.75:
        life.agenda.at(at + life.rng.randrange(4 * HOUR, 2 * DAY), _finish_again, life, issue)


def _finish_again(at: int, life: TribeLife, issue: Issue) -> None:
    sprint = life.open_sprint(issue)
    if sprint is not None and sprint.state == "active" and not life.finished(issue):
        life.world.change(issue, at, life.someone(issue), status=life.tribe.finish[0])


def _hold(at: int, life: TribeLife, index: int) -> None:
    """Waiting in a status that no column of the board shows."""
    issue = _pick(life, index)
    if issue is not None:
        life.world.change(issue, at, life.someone(issue), status=ON_HOLD)
        life.agenda.at(at + life.rng.randrange(5 * HOUR, 3 * DAY), _resume, life, issue)


def _resume(at: int, life: TribeLife, issue: Issue) -> None:
    if issue.status is ON_HOLD:
        life.world.change(issue, at, life.someone(issue), status=life.tribe.path[0])


def _cancel(at: int, life: TribeLife, index: int) -> None:
    issue = _pick(life, index)
    if issue is not None:
        life.world.change(issue, at, life.someone(), status=CANCELLED)


def _reprioritise(at: int, life: TribeLife, index: int) -> None:
    issue = _pick(life, index)
    if issue is not None:
        life.world.change(issue, at, life.someone(), priority=life.rng.choice("12345"))


def _hand_over(at: int, life: TribeLife, index: int) -> None:
    issue = _pick(life, index)
    if issue is not None:
        life.world.change(issue, at, life.someone(issue), assignee=life.rng.choice((None, *life.crew)))


def _change_team(at: int, life: TribeLife, index: int) -> None:
    issue = _pick(life, index)
    if issue is not None:
        life.world.change(
            issue, at, life.someone(), team=life.rng.choice((*life.tribe.teams, DISCIPLINES[0]))
        )


def _change_owner(at: int, life: TribeLife, index: int) -> None:
    issue = _pick(life, index)
    if issue is not None:
        life.world.change(issue, at, life.someone(), owner=life.rng.choice((None, *life.owners)))


def _change_type(at: int, life: TribeLife, index: int) -> None:
    issue = _pick(life, index)
    if issue is not None and not issue.subtasks:
        kinds = tuple(kind for kind in (STORY, TASK, BUG) if kind is not issue.type)
        life.world.change(issue, at, life.someone(), type=life.rng.choice(kinds))


def _link(at: int, life: TribeLife, index: int) -> None:
    """The blocker mostly comes first, but nothing forbids a circle."""
    first, second = _pick(life, index), _pick(life, index)
    if first is None or second is None or first is second:
        return
    if any(other is second for _, other in first.links):
        return
    life.world.block(first, second, at, life.someone(first))


def _release(at: int, life: TribeLife, index: int) -> None:
    """The release train takes what has been done for a day, in this sprint and the one before."""
    offset = MINUTE
    for sprint in life.sprints[max(0, index - 1) : index + 1]:
        for issue in life.members(sprint):
            ready = issue.status is DONE and at - issue.updated > DAY and life.free(issue)
            if ready and life.rng.random() < 0.8:
                life.agenda.at(at + offset, _ship, life, issue)
                offset += 7_000


def _ship(at: int, life: TribeLife, issue: Issue) -> None:
    if issue.status is DONE:
        life.world.change(issue, at, life.crew[0], status=RELEASED)


def _tend_epics(at: int, life: TribeLife) -> None:
    """An epic moves on with its issues: begun after a while, done when the next ones took over."""
    for epic in life.epics[:-3]:
        if not epic.sprints and not life.finished(epic):
            target = life.tribe.path[0] if epic.status is TODO else life.tribe.finish[0]
            life.world.change(epic, at, life.someone(), status=target)
            return


# For one sprint, one of the counts is drawn.
_HOW_OFTEN: tuple[tuple[Callable[[int, TribeLife, int], None], tuple[int, ...]], ...] = (
    (_bug_arrives, (0, 1, 1, 2, 2, 3)),
    (_pull_in, (0, 0, 1, 1, 2)),
    (_take_out, (0, 0, 0, 1, 1, 2)),
    (_reestimate, (0, 1, 1, 2, 3)),
    (_reopen, (0, 0, 1, 1)),
    (_hold, (0, 0, 0, 1)),
    (_cancel, (0, 0, 0, 0, 1)),
    (_reprioritise, (0, 1, 2)),
    (_hand_over, (0, 1, 2)),
    (_change_team, (0, 0, 1)),
    (_change_owner, (0, 0, 1)),
    (_change_type, (0, 0, 0, 1)),
    (_link, (0, 1, 2, 2)),
)
