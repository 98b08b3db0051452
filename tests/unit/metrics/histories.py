"""Issue histories in whole hours, and the sprint semantics a second time: slow, literal, from states at T."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import strategies as st

from sprintreports.metrics.scope import Outcome
from sprintreports.metrics.sprint_report import IssueRow
from sprintreports.metrics.values import (
    BoardRules,
    Bucket,
    Estimate,
    IssueHistory,
    Window,
)

SPRINT, OTHER = 7, 8
TODO, DOING, DONE, RELEASED, PARKED = "1", "2", "3", "4", "9"
MONDAY = datetime(2025, 3, 3, tzinfo=UTC)
RULES = BoardRules(
    done=frozenset({DONE, RELEASED}),
    mapped=frozenset({TODO, DOING, DONE, RELEASED}),
    categories={TODO: "new", DOING: "indeterminate", DONE: "done", RELEASED: "done", PARKED: "done"},
)
NO_COLUMNS = BoardRules(done=frozenset(), mapped=None, categories=RULES.categories)


def hour(n: float) -> datetime:
    return MONDAY + timedelta(hours=n)


def window(start: float | None = 10, end: float = 100, *, closed: bool = True) -> Window:
    return Window(None if start is None else hour(start), hour(end), closed)


def history(
    *,
    created: float = 0,
    sprints=((0, {SPRINT}),),
    statuses=((0, TODO),),
    points=((0, 5),),
    seconds=((0, None),),
    disciplines=((0, 0),),
    removed: float | None = None,
    counts: bool = True,
    issue: int = 1,
) -> IssueHistory:
    """Times in hours after Monday midnight; points in whole points."""
    return IssueHistory(
        issue=issue,
        created=hour(created),
        counts=counts,
        sprints=tuple((hour(at), frozenset(ids)) for at, ids in sprints),
        statuses=tuple((hour(at), status) for at, status in statuses),
        points=tuple((hour(at), None if value is None else value * 1000) for at, value in points),
        seconds=tuple((hour(at), value) for at, value in seconds),
        disciplines=tuple((hour(at), value) for at, value in disciplines),
        removed_at=None if removed is None else hour(removed),
    )


def row(outcome: Outcome, **given) -> IssueRow:
    fields = {
        "key": f"DEMO-{outcome.issue}",
        "summary": "A thing to do",
        "type": "Story",
        "priority": "Medium",
        "status_name": outcome.status,
        "assignee": None,
        "stakeholder": None,
        "stakeholder_is_owner": False,
    }
    return IssueRow(outcome=outcome, **(fields | given))


def _track(values, *, most: int = 4):
    """A track: its first value at creation (hour 2), later ones sorted, possibly simultaneous or too early."""
    later = st.lists(st.tuples(st.integers(0, 24), values), max_size=most)
    return st.tuples(values, later).map(
        lambda drawn: ((2, drawn[0]), *sorted(drawn[1], key=lambda entry: entry[0]))
    )


@st.composite
def histories(draw, issue: int = 1) -> IssueHistory:
    return history(
        issue=issue,
        created=2,
        sprints=draw(_track(st.sets(st.sampled_from([SPRINT, OTHER])))),
        statuses=draw(_track(st.sampled_from([TODO, DOING, DONE, RELEASED, PARKED]), most=5)),
        points=draw(_track(st.sampled_from([None, 0, 1, 3, 8]))),
        seconds=draw(_track(st.sampled_from([None, 0, 3600]), most=2)),
        disciplines=draw(_track(st.integers(0, 2), most=3)),
        removed=draw(st.none() | st.integers(3, 24)),
    )


#: Windows that lie inside, before and after the histories' hours.
windows = st.tuples(st.integers(0, 14), st.integers(0, 16)).map(
    lambda drawn: window(drawn[0], drawn[0] + drawn[1])
)
#: Whole sprints, drawn from a seed: hypothesis needs a second to draw as many values one by one.
sprint_of_issues = st.integers(0, 2**32).map(lambda seed: some_issues(Random(seed)))  # noqa: S311 - test data


def some_issues(random: Random) -> tuple[IssueHistory, ...]:
    """Up to ten issues of the kind that `histories` draws."""

    def track(values, most: int = 4):
        times = sorted(random.randint(0, 24) for _ in range(random.randint(0, most)))
        return tuple((at, random.choice(values)) for at in (2, *times))

    return tuple(
        history(
            issue=issue,
            created=2,
            sprints=track([{SPRINT}, {SPRINT, OTHER}, {OTHER}, set()]),
            statuses=track([TODO, DOING, DONE, RELEASED, PARKED], 5),
            points=track([None, 0, 1, 3, 8]),
            seconds=track([None, 0, 3600], 2),
            disciplines=track([0, 1, 2], 3),
            removed=random.choice([None, None, random.randint(3, 24)]),
        )
        for issue in range(1, random.randint(1, 11))
    )


@dataclass(frozen=True)
class At:
    """An issue at one instant, looked up in its history alone."""

    history: IssueHistory
    rules: BoardRules
    instant: datetime

    def _value(self, track):
        value = track[0][1]
        for at, later in track[1:]:
            if at <= self.instant:
                value = later
        return value

    @property
    def member(self) -> bool:
        gone = self.history.removed_at
        exists = self.history.created <= self.instant and (gone is None or self.instant < gone)
        return exists and self.history.counts and SPRINT in self._value(self.history.sprints)

    @property
    def mapped(self) -> bool:
        return self.rules.mapped is None or self._value(self.history.statuses) in self.rules.mapped

    @property
    def done(self) -> bool:
        status = self._value(self.history.statuses)
        if self.rules.mapped is None:
            return self.rules.categories.get(status) == "done"
        return status in self.rules.done

    @property
    def done_since(self) -> datetime | None:
        since = None
        for instant in sorted({max(at, self.history.created) for at, _ in self.history.statuses}):
            if instant <= self.instant:
                done = At(self.history, self.rules, instant).done
                since = (since or instant) if done else None
        return since

    @property
    def estimate(self) -> Estimate:
        return Estimate(self._value(self.history.points), self._value(self.history.seconds))

    @property
    def discipline(self) -> int:
        return self._value(self.history.disciplines)

    def in_scope(self, start: datetime) -> bool:
        since = self.done_since
        old_done = self.done and since is not None and since <= start
        return self.member and self.mapped and not old_done


@dataclass(frozen=True)
class Truth:
    bucket: Bucket
    committed: bool
    added: bool
    initial: Estimate
    final: Estimate
    discipline_initial: int
    discipline: int
    added_during: bool


def truth(issue: IssueHistory, rules: BoardRules, window: Window) -> Truth | None:
    """The outcome by the letter of the definitions, from states at every instant at which anything changed."""
    start, end = window.start, window.end
    assert start is not None
    tracks = (issue.sprints, issue.statuses, issue.points, issue.seconds, issue.disciplines)
    instants = {max(at, issue.created) for track in tracks for at, _ in track}
    if issue.removed_at is not None:
        instants.add(issue.removed_at)
    moments = [
        At(issue, rules, at) for at in sorted({start, *(i for i in instants if start < i <= end), end})
    ]
    inside = [moment for moment in moments if moment.in_scope(start)]
    last_moment = moments[-1]
    if not inside:
        if last_moment.member and last_moment.done:
            estimate, team = last_moment.estimate, last_moment.discipline
            return Truth(Bucket.OUTSIDE, False, False, estimate, estimate, team, team, not moments[0].member)
        return None
    first, last = inside[0], inside[-1]
    if last is not last_moment:
        bucket = Bucket.REMOVED
    else:
        bucket = Bucket.COMPLETED if last.done else Bucket.NOT_COMPLETED
    committed = first is moments[0]
    return Truth(
        bucket,
        committed,
        not committed,
        first.estimate,
        last.estimate,
        first.discipline,
        last.discipline,
        not committed,
    )
