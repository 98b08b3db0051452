"""The facts of a sprint on a board, out of its issues' segments: the metrics' own functions, nothing else. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sprintreports.jira.timelines import Timelines, value_at
from sprintreports.metrics.burndown import DailyPoint, daily
from sprintreports.metrics.scope import Outcome, ScopeEvent, events_of, excluded_reason, in_order, outcome_of
from sprintreports.metrics.sprint_report import Excluded, IssueRow, SprintReport, sprint_report
from sprintreports.metrics.values import Segment, SprintState, Window

# By how much Jira's clock may be ahead of ours. A date beyond that is a wrong date.
AHEAD = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class SprintDates:
    """What Jira says about a sprint's time."""

    state: SprintState
    start_date: datetime | None
    end_date: datetime | None
    activated_at: datetime | None
    complete_date: datetime | None

    def window(self, now: datetime) -> Window:
        """The accounting window: from the real start to the real close, or to now while it runs.

        A closed sprint without a completion date ends at its planned end. A sprint without a start has no window yet.
        """
        started = self.activated_at or self.start_date
        if self.state is SprintState.CLOSED:
            return Window(started, self.complete_date or self.end_date or now, closed=True)
        if self.state is SprintState.UNKNOWN and self.complete_date is not None:
            return Window(started, self.complete_date, closed=True)
        return Window(None if self.state is SprintState.FUTURE else started, now, closed=False)

    def at(self, moment: datetime) -> "SprintDates":
        """The same as they stood at a past moment: what was closed since ran then, what was started since had no start.

        Jira keeps no history of a sprint's dates: a planned end is the one that is known now.
        """
        if self.window(moment).closed and moment >= self.window(moment).stop:
            return self
        started = self.activated_at or self.start_date
        if self.state is SprintState.FUTURE or started is None:
            return self
        if moment < started:
            return SprintDates(SprintState.FUTURE, None, self.end_date, None, None)
        if not self.window(moment).closed:
            return self
        return replace(self, state=SprintState.ACTIVE, complete_date=None)


@dataclass(frozen=True, slots=True)
class SprintOnBoard:
    """Which sprint, on which board. Ids are ours; the `jira_` ones name the rows of facts."""

    site_id: int
    jira_board_id: int
    jira_sprint_id: int
    board_id: int
    sprint_id: int
    name: str
    dates: SprintDates
    zone: str


@dataclass(frozen=True, slots=True)
class Attributes:
    """What an issue was at the sprint's end."""

    type: str
    priority: str
    assignee: int | None
    stakeholder: int | None
    stakeholder_is_owner: bool


@dataclass(frozen=True, slots=True)
class IssueFact:
    """An issue with its outcome; or, left out of the report, with the reason. `last`: its last segment in the window.

    `key_order`: a number that grows with the issues' keys.
    """

    issue: int
    outcome: Outcome | None
    excluded: str | None
    last: Segment
    attributes: Attributes
    key_order: int | None


@dataclass(frozen=True, slots=True)
class SprintFacts:
    """All that is stored of a sprint on a board."""

    place: SprintOnBoard
    window: Window
    issues: tuple[IssueFact, ...]
    events: tuple[ScopeEvent, ...]
    days: tuple[DailyPoint, ...]
    report: SprintReport


def compute(
    place: SprintOnBoard,
    segments: Iterable[Sequence[Segment]],
    timelines: Mapping[int, Timelines],
    *,
    key_order: Mapping[int, int],
    status_names: Mapping[str, str],
    now: datetime,
    ahead: timedelta = AHEAD,
) -> SprintFacts:
    """Fold the segments, one sequence an issue, into the sprint's facts.

    ahead: by how much what Jira says may lie after `now` and count all the same; nothing where `now` is a past moment.
    """
    histories = list(segments)
    window = place.dates.window(_present(histories, now, ahead))
    attributes_until = window.stop if window.closed else window.stop + ahead
    issues: list[IssueFact] = []
    events: list[ScopeEvent] = []
    for own in histories:
        outcome = outcome_of(own, window=window)
        reason = None if outcome else excluded_reason(own, window=window)
        if outcome is None and reason is None:
            continue
        issue = own[0].issue
        last = next(segment for segment in reversed(own) if segment.valid_from <= window.stop)
        attributes = attributes_at(timelines.get(issue), attributes_until)
        issues.append(IssueFact(issue, outcome, reason, last, attributes, key_order.get(issue)))
        events.extend(events_of(own, window=window))
    ordered = in_order(events)
    report = sprint_report(
        [row(fact, fact.outcome, status_names) for fact in issues if fact.outcome],
        board_id=place.board_id,
        sprint_id=place.sprint_id,
        sprint_name=place.name,
        state=place.dates.state,
        window=window,
        zone=place.zone,
        excluded=[
            Excluded(fact.issue, fact.last.discipline, fact.excluded)
            for fact in issues
            if fact.excluded is not None
        ],
    )
    days = daily(ordered, initial=report.totals.initial, window=window, zone=place.zone)
    return SprintFacts(place, window, tuple(issues), tuple(ordered), days, report)


def _present(histories: Iterable[Sequence[Segment]], now: datetime, ahead: timedelta) -> datetime:
    """Our now, or Jira's where its clock is ahead: what it says has happened counts, since nothing may touch it again."""
    told = [
        at
        for own in histories
        for segment in own
        for at in (segment.valid_from, segment.valid_to)
        if at is not None and at <= now + ahead
    ]
    return max(now, max(told, default=now))


def row(fact: IssueFact, outcome: Outcome, status_names: Mapping[str, str]) -> IssueRow:
    """The issue as the metrics add it up; key and summary are not needed for that."""
    attributes = fact.attributes
    return IssueRow(
        outcome=outcome,
        key="",
        summary="",
        type=attributes.type,
        priority=attributes.priority,
        status_name=status_names.get(outcome.status, outcome.status),
        assignee=attributes.assignee,
        stakeholder=attributes.stakeholder,
        stakeholder_is_owner=attributes.stakeholder_is_owner,
    )


def attributes_at(timelines: Timelines | None, moment: datetime) -> Attributes:
    """The attributes after all changes at or before `moment`. Stakeholder: the owner when set, else the reporter."""
    if timelines is None:
        return Attributes("", "", None, None, stakeholder_is_owner=False)
    owner = value_at(timelines.owners, moment)
    return Attributes(
        type=value_at(timelines.types, moment),
        priority=value_at(timelines.priorities, moment),
        assignee=value_at(timelines.assignees, moment),
        stakeholder=owner if owner is not None else value_at(timelines.reporters, moment),
        stakeholder_is_owner=owner is not None,
    )
