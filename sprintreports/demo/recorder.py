"""The ground truth: a running state machine for each board and sprint, told of every change as it happens.

It knows only the state of an issue now and what it noted itself; it never looks into a changelog.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sprintreports.demo.model import Board, Issue
from sprintreports.demo.truth import Bucket, Reason, SprintTruth, TruthLine


@dataclass(slots=True)
class _Line:
    """One issue that is or was in the scope of a live sprint."""

    committed: bool
    initial: int | None
    entry: Reason
    latest: int | None
    in_scope: bool = True
    exit: Reason = Reason.NONE


@dataclass(slots=True)
class _Tally:
    """One live sprint as one board sees it."""

    board: Board
    mapped: frozenset[str]
    done_since: dict[int, int]
    lines: dict[int, _Line] = field(default_factory=dict)
    # Was a member but finished before the start, at the last look.
    resting: set[int] = field(default_factory=set)


@dataclass(slots=True)
class _Live:
    sprint_id: int
    start: int
    at_start: frozenset[int]
    members: dict[int, Issue]
    # The members as of the change before this one, to tell a newcomer from one that only changed its status.
    known: set[int]
    tallies: list[_Tally]


@dataclass(slots=True)
class _Eye:
    """What a board remembers of every issue, in a sprint or not: since when its status counts as finished."""

    board: Board
    done: frozenset[str]
    mapped: frozenset[str]
    done_since: dict[int, int] = field(default_factory=dict)


class Recorder:
    """Watches one group of boards that share sprints."""

    def __init__(self, boards: Sequence[Board]) -> None:
        self._eyes = [_Eye(board, board.done(), board.mapped()) for board in boards]
        self._members: dict[int, dict[int, Issue]] = {}
        self._sprints: dict[int, tuple[int, ...]] = {}
        self._live: dict[int, _Live] = {}
        self.reports: dict[tuple[int, int], SprintTruth] = {}

    def members(self, sprint_id: int) -> dict[int, Issue]:
        return self._members.setdefault(sprint_id, {})

    def note(self, issue: Issue, at: int) -> None:
        """The issue was created or has just changed."""
        if issue.is_subtask:
            return
        self._note_membership(issue)
        status = issue.status.id
        for eye in self._eyes:
            if status in eye.done:
                eye.done_since.setdefault(issue.id, at)
            else:
                eye.done_since.pop(issue.id, None)
        for live in self._live.values():
            if issue.id in live.members:
                for tally in live.tallies:
                    self._watch(live, tally, issue, at)
                live.known.add(issue.id)
            else:
                for tally in live.tallies:
                    self._outsider(tally, issue)
                live.known.discard(issue.id)

    def start(self, sprint_id: int, at: int) -> None:
        """The sprint begins: what is in scope now is the commitment."""
        members = self.members(sprint_id)
        live = _Live(sprint_id, at, frozenset(members), members, set(members), [])
        for eye in self._eyes:
            tally = _Tally(eye.board, eye.mapped, eye.done_since)
            for issue in members.values():
                if issue.id in tally.done_since:
                    tally.resting.add(issue.id)
                elif issue.status.id in tally.mapped:
                    estimate = _estimate(tally.board, issue)
                    tally.lines[issue.id] = _Line(True, estimate, Reason.NONE, estimate)
            live.tallies.append(tally)
        self._live[sprint_id] = live

    def freeze(self, sprint_id: int, at: int) -> None:
        """The sprint is closed (or looked at while active): write its report. It stays live until forgotten."""
        live = self._live[sprint_id]
        for tally in live.tallies:
            self.reports[tally.board.id, sprint_id] = _report(live, tally, at)

    def forget(self, sprint_id: int) -> None:
        """Nothing that happens from now on belongs to this sprint."""
        del self._live[sprint_id]

    @property
    def watched(self) -> tuple[int, ...]:
        """The sprints that were started and whose next changes count: also closed ones that may be re-opened."""
        return tuple(self._live)

    def erase(self, issue: Issue) -> None:
        """The issue was deleted: no sprint knows it any more."""
        for sprint in self._sprints.pop(issue.id, ()):
            self.members(sprint).pop(issue.id, None)
        for eye in self._eyes:
            eye.done_since.pop(issue.id, None)
        for live in self._live.values():
            live.known.discard(issue.id)
            for tally in live.tallies:
                tally.lines.pop(issue.id, None)
                tally.resting.discard(issue.id)

    def _note_membership(self, issue: Issue) -> None:
        before = self._sprints.get(issue.id, ())
        after = issue.sprints
        if before == after:
            return
        for sprint in before:
            if sprint not in after:
                self.members(sprint).pop(issue.id, None)
        for sprint in after:
            self.members(sprint)[issue.id] = issue
        self._sprints[issue.id] = after

    def _watch(self, live: _Live, tally: _Tally, issue: Issue, at: int) -> None:
        """A member of a live sprint has changed, or has just become a member."""
        since = tally.done_since.get(issue.id)
        old_done = since is not None and since <= live.start
        line = tally.lines.get(issue.id)
        was_resting = issue.id in tally.resting
        if old_done:
            tally.resting.add(issue.id)
        else:
            tally.resting.discard(issue.id)
        estimate = _estimate(tally.board, issue)
        if old_done or issue.status.id not in tally.mapped:
            if line is not None and line.in_scope:
                line.in_scope, line.exit = False, Reason.OFF_BOARD
            return
        if line is None:
            entry = self._entry(live, issue, at, was_resting=was_resting)
            tally.lines[issue.id] = _Line(False, estimate, entry, estimate)
            return
        line.in_scope, line.exit, line.latest = True, Reason.NONE, estimate

    def _entry(self, live: _Live, issue: Issue, at: int, *, was_resting: bool) -> Reason:
        if issue.created == at:
            return Reason.CREATED
        if was_resting:
            return Reason.REOPENED
        return Reason.ONTO_BOARD if issue.id in live.known else Reason.ADDED

    def _outsider(self, tally: _Tally, issue: Issue) -> None:
        """Not a member (any more): if it was in scope, it leaves with the estimate it had."""
        tally.resting.discard(issue.id)
        line = tally.lines.get(issue.id)
        if line is not None and line.in_scope:
            line.in_scope, line.exit = False, Reason.TAKEN_OUT


def _estimate(board: Board, issue: Issue) -> int | None:
    return None if board.estimation is None else issue.estimate(board.estimation)


def _report(live: _Live, tally: _Tally, end: int) -> SprintTruth:
    lines = [_closed_line(issue_id, line, tally) for issue_id, line in tally.lines.items()]
    for issue_id, issue in live.members.items():
        if issue_id in tally.lines or issue_id not in tally.resting:
            continue
        estimate = _estimate(tally.board, issue)
        lines.append(
            TruthLine(
                issue_id,
                Bucket.OUTSIDE,
                False,
                False,
                estimate,
                estimate,
                Reason.NONE,
                Reason.NONE,
                added_during=issue_id not in live.at_start,
            )
        )
    lines.sort(key=lambda line: line.issue_id)
    return SprintTruth(tally.board.id, live.sprint_id, live.start, end, tuple(lines))


def _closed_line(issue_id: int, line: _Line, tally: _Tally) -> TruthLine:
    if not line.in_scope:
        bucket = Bucket.REMOVED
    elif issue_id in tally.done_since:
        bucket = Bucket.COMPLETED
    else:
        bucket = Bucket.NOT_COMPLETED
    return TruthLine(
        issue_id, bucket, line.committed, not line.committed, line.initial, line.latest, line.entry, line.exit
    )
