"""The awkward cases, planted on purpose: small scripts that single issues and sprints follow.

A script says when (a share of the sprint's working time; below 0 days before the start, above 1 days after the close;
exactly 0 and 1 are the very instants of start and close) and what. Everything else of the company's life goes around it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from sprintreports.demo.agenda import DAY, HOUR, MINUTE
from sprintreports.demo.catalog import BUG, EPIC, STORY, SUBTASK, TODO, IssueType, Status
from sprintreports.demo.model import Issue
from sprintreports.demo.refinement import new_issue
from sprintreports.demo.script_book import BOOK, FINISH, SIZES, Act, Birth, Script, Where
from sprintreports.demo.tribe_life import TribeLife
from sprintreports.demo.world import World


class Cast(StrEnum):
    """Names under which planted sprints and issues are kept for tests and for the curious."""

    SPRINT_REOPENED = "sprint re-opened"
    SPRINT_RENAMED = "sprint renamed"
    SPRINT_EMPTY = "sprint without issues"
    SPRINT_NAME_WITH_COMMA = "sprint name with a comma"
    SPRINT_UNDATED = "sprint without dates"
    LONG_HISTORY = "history of more than 100 entries"
    RESTLESS = "restless issue"


_RENAMED = 7
_REOPENED = 11
_COMMA = 15
_EMPTY = 18
_RESTLESS_EACH = 1
_LONG_HISTORY_SPRINT = 20


def plant(life: TribeLife, cases: dict[str, list[int]]) -> None:
    """Spread the scripts over the sprints of the tribe; each tribe starts at another page of the book."""
    player = _Player(life, cases)
    closed = len(life.windows) - 3
    _plant_sprints(life, player)
    for page, script in enumerate(BOOK):
        index = 1 + (page * 3 + life.tribe.index * 5) % (closed - 2)
        while not life.quiet.isdisjoint((index, index - 1)):
            index += 1
        player.schedule(script, index)
    for index in range(1, closed + 1):
        for _ in range(0 if index in life.quiet else _RESTLESS_EACH):
            player.schedule(player.restless(running=index == closed), index)


def _plant_sprints(life: TribeLife, player: "_Player") -> None:
    kind = life.tribe.index % 4
    if kind == 0:
        life.agenda.at(life.when(_RENAMED, 0.45), player.rename, _RENAMED)
        life.agenda.at(life.when(_LONG_HISTORY_SPRINT, 0.05), player.long_history, _LONG_HISTORY_SPRINT)
    elif kind == 1:
        player.reopen_sprint(_REOPENED)
        life.agenda.at(life.windows[_COMMA].start - 3 * DAY, player.name_with_comma, _COMMA)
    elif kind == 3:
        life.quiet.add(_EMPTY)
        life.agenda.at(life.windows[_EMPTY].start + MINUTE, player.note_sprint, _EMPTY, Cast.SPRINT_EMPTY)
    life.agenda.at(
        life.windows[-3].start + 3 * HOUR, player.note_sprint, len(life.windows) - 1, Cast.SPRINT_UNDATED
    )


@dataclass(slots=True)
class _Role:
    """The issue that follows a script, from its birth on."""

    issue: Issue | None = None


class _Player:
    def __init__(self, life: TribeLife, cases: dict[str, list[int]]) -> None:
        self._life = life
        self._cases = cases

    @property
    def _world(self) -> World:
        return self._life.world

    def schedule(self, script: Script, index: int) -> None:
        role = _Role()
        self._life.agenda.at(self._moment(script.birth.at, index), self._bear, role, script, index)
        for act in script.acts:
            self._life.agenda.at(self._moment(act.at, index), self._play, role, act, index)
        self._life.agenda.at(self._moment(4.0, index), self._let_go, role)

    def restless(self, *, running: bool) -> Script:
        """A random course through everything that may happen to an issue around a sprint."""
        rng = self._life.rng
        birth = Birth(
            at=rng.choice((-3.0, -1.5, -0.5, 0.1, 0.3)), member=rng.random() < 0.5, estimate=rng.choice(SIZES),
            status=rng.choice((None, None, None, Where.DONE, Where.UNMAPPED)),
        )  # fmt: skip
        places = [place for place in Where if not (running and place is Where.DELETED)]
        begin = max(birth.at, -1.2)
        moments = sorted(round(rng.uniform(begin + 0.05, 1.05), 4) for _ in range(rng.randrange(3, 9)))
        return Script(Cast.RESTLESS, birth, tuple(self._random_act(at, places) for at in moments))

    def _random_act(self, at: float, places: Sequence[Where]) -> Act:
        rng = self._life.rng
        # Days after the close count from there: a share just above 1 is the evening of the last day.
        act = Act(at)
        if rng.random() < 0.45:
            act = replace(act, member=rng.random() < 0.6)
        if rng.random() < 0.35:
            act = replace(act, estimate=rng.choice(SIZES))
        if rng.random() < 0.6:
            act = replace(act, status=rng.choice(places))
        return act

    # -- issues

    def _moment(self, share: float, index: int) -> int:
        window = self._life.windows[index]
        if share == 0:
            return window.start
        if share == 1:
            return window.close
        if share < 0:
            return window.start + int(share * DAY) - self._life.rng.randrange(1, 60_000)
        if share > 1:
            return window.close + int((share - 1) * DAY) + self._life.rng.randrange(1000, 60_000)
        return self._life.when(index, share)

    def _bear(self, at: int, role: _Role, script: Script, index: int) -> None:
        life, birth = self._life, script.birth
        sprints: tuple[int, ...] = ()
        if birth.member:
            sprints = (life.sprints[index].id,)
        if birth.member_before and index > 0:
            sprints = (life.sprints[index - 1].id, *sprints)
        fields: dict[str, object] = {
            "sprints": sprints,
            "status": TODO if birth.status is None else self._status(birth.status),
            life.estimate_name: self._size(birth.estimate),
        }
        kind: IssueType = EPIC if birth.epic else BUG if life.rng.random() < 0.3 else STORY
        issue = new_issue(at, life, kind, **fields)
        life.backlog.pop(issue.id, None)
        life.scripted[issue.id] = index
        role.issue = issue
        self._note(script.name, issue.id)
        for number in range(birth.subtasks):
            self._world.create(
                issue.project, SUBTASK, f"Step {number + 1}: {issue.summary}", at + 1000 * (number + 1), life.someone(),
                parent=issue, status=TODO, **{life.estimate_name: self._size(3) if number else None},
            )  # fmt: skip

    def _play(self, at: int, role: _Role, act: Act, index: int) -> None:
        """One entry of the changelog with everything that the act changes."""
        issue = role.issue
        if issue is None:
            return
        fields: dict[str, object] = {}
        if act.member is not None:
            fields["sprints"] = self._sprints(issue, index, member=act.member)
        if act.drop_before:
            before = self._life.sprints[index - 1].id
            fields["sprints"] = tuple(sprint for sprint in issue.sprints if sprint != before)
        if act.estimate != "keep":
            fields[self._life.estimate_name] = self._size(act.estimate)
        if act.status is not None:
            fields["status"] = self._status(act.status)
        self._world.change(issue, at, self._life.someone(issue), **fields)
        if act.move:
            others = [project for project in self._life.tribe.projects if project is not issue.project]
            if others:
                self._world.move(issue, at, self._life.someone(), others[0])
        if act.subtasks is not None:
            for number, child in enumerate(issue.subtasks):
                self._world.change(
                    child,
                    at + 1000 * (number + 1),
                    self._life.someone(child),
                    status=self._status(act.subtasks),
                )

    def _let_go(self, at: int, role: _Role) -> None:
        """Back to ordinary life: whatever is open and in no sprint can be planned again."""
        life, issue = self._life, role.issue
        if issue is None:
            return
        life.scripted.pop(issue.id, None)
        if issue.status.deleted:
            # An admin deletes a status only after nothing is in it any more.
            self._world.change(issue, at, life.crew[0], status=TODO)
        if not life.finished(issue) and life.open_sprint(issue) is None:
            life.backlog[issue.id] = issue

    def _sprints(self, issue: Issue, index: int, *, member: bool) -> tuple[int, ...]:
        """Joining one open sprint leaves any other open one; closed ones stay listed."""
        own = self._life.sprints[index]
        closed = tuple(
            number
            for number in issue.sprints
            if number != own.id and self._world.sprints[number].state == "closed"
        )
        if own.state == "closed":
            return issue.sprints
        return (*closed, own.id) if member else closed

    def _size(self, estimate: float | str | None) -> int | None:
        """Scripts speak in points; a tribe that estimates in hours takes them as hours."""
        if estimate is None or isinstance(estimate, str):
            return None
        return int(estimate * (3600 if self._life.estimate_name == "seconds" else 1000))

    def _status(self, where: Where) -> Status:
        tribe = self._life.tribe
        if where is Where.STARTED:
            return tribe.path[0]
        if where is Where.DONE:
            return tribe.finish[0]
        if where is Where.ALSO_DONE:
            finished = tribe.boards[0].columns[-1].statuses
            return next((status for status in finished if status is not tribe.finish[0]), tribe.finish[0])
        return FINISH[where]

    # -- sprints

    def rename(self, at: int, index: int) -> None:
        sprint = self._life.sprints[index]
        sprint.names.append((at, f"{sprint.name} (Checkout)"))
        self.note_sprint(at, index, Cast.SPRINT_RENAMED)

    def name_with_comma(self, at: int, index: int) -> None:
        sprint = self._life.sprints[index]
        sprint.names[:] = [(sprint.created, f"{self._life.tribe.name} Sprint {index + 1}, refunds and fees")]
        sprint.goal = "Refunds in one click, fees explained [beta], id=42"
        self.note_sprint(at, index, Cast.SPRINT_NAME_WITH_COMMA)

    def note_sprint(self, _at: int, index: int, name: Cast) -> None:
        self._note(name, self._life.sprints[index].id)

    def reopen_sprint(self, index: int) -> None:
        """Closed by mistake three days early, opened again after four hours; issues move in between."""
        life = self._life
        life.agenda.at(self._moment(0.72, index), self._close_early, index, last=True)

    def _close_early(self, at: int, index: int) -> None:
        life = self._life
        sprint = life.sprints[index]
        self._world.close_sprint(sprint, at, for_good=False)
        self.note_sprint(at, index, Cast.SPRINT_REOPENED)
        leftover = [issue for issue in life.members(sprint) if not life.finished(issue)]
        for position, issue in enumerate(leftover):
            life.agenda.at(at + 400 + 9 * position, life.join, issue, life.sprints[index + 1])
        life.agenda.at(at + 4 * HOUR, self._open_again, index)
        # While it was closed somebody finished one issue and gave another a new estimate.
        if len(leftover) >= 2:
            life.agenda.at(at + HOUR, self._finish, leftover[0])
            life.agenda.at(at + 2 * HOUR, self._resize, leftover[1])
        for position, issue in enumerate(leftover[2:6]):
            life.agenda.at(at + 5 * HOUR + position * MINUTE, self._bring_back, issue, index)
            life.agenda.at(at + DAY + position * HOUR, self._finish, issue)

    def _open_again(self, _at: int, index: int) -> None:
        self._world.reopen_sprint(self._life.sprints[index])

    def _bring_back(self, at: int, issue: Issue, index: int) -> None:
        """Out of the next sprint; the re-opened one has been in the list all the time."""
        following = self._life.sprints[index + 1].id
        self._life.world.change(
            issue,
            at,
            self._life.someone(),
            sprints=tuple(sprint for sprint in issue.sprints if sprint != following),
        )

    def _finish(self, at: int, issue: Issue) -> None:
        self._world.change(issue, at, self._life.someone(issue), status=self._life.tribe.finish[0])

    def _resize(self, at: int, issue: Issue) -> None:
        self._world.change(issue, at, self._life.someone(issue), **{self._life.estimate_name: self._size(13)})

    def long_history(self, at: int, index: int) -> None:
        """An issue that two people kept handing to each other: more entries than a search shows."""
        candidates = [
            issue for issue in self._life.members(self._life.sprints[index]) if self._life.free(issue)
        ]
        if not candidates:
            return
        issue = candidates[0]
        self._note(Cast.LONG_HISTORY, issue.id)
        for number in range(120):
            self._life.agenda.at(at + (number + 1) * 7 * MINUTE, self._hand_over, issue, number)

    def _hand_over(self, at: int, issue: Issue, number: int) -> None:
        crew: Sequence[object] = self._life.crew
        self._world.change(issue, at, self._life.crew[number % 2], assignee=crew[(number + 1) % 2])

    def _note(self, name: str, number: int) -> None:
        self._cases.setdefault(name, []).append(number)
