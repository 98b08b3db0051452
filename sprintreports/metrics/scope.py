"""What one issue did to one sprint's scope: its outcome, and the events that led there.

Both are folds over the issue's segments in the sprint, for a window (start, end]. The definitions follow
Jira's sprint report; docs/metrics.md states them with their edge cases.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sprintreports.metrics.values import NOTHING, Amount, Bucket, Estimate, Segment, State, Window

ADDED_TO_SPRINT = "added to the sprint"
CREATED_IN_SPRINT = "created in the sprint"
REOPENED = "reopened"
MOVED_ONTO_BOARD = "status moved onto the board"
REMOVED_FROM_SPRINT = "removed from the sprint"
NOT_ON_BOARD = "status not on the board"
TRANSFERRED_OUT = "transferred to another team"
TRANSFERRED_IN = "transferred from another team"


class EventKind(StrEnum):
    ENTERED = "entered"
    LEFT = "left"
    REESTIMATED = "reestimated"
    DONE = "done"
    REOPENED = "reopened"
    TRANSFERRED = "transferred"


_RANK = {
    EventKind.LEFT: 0,
    EventKind.ENTERED: 0,
    EventKind.TRANSFERRED: 1,
    EventKind.REESTIMATED: 3,
    EventKind.DONE: 4,
    EventKind.REOPENED: 4,
}


@dataclass(frozen=True, slots=True)
class ScopeEvent:
    """One change of a sprint's scope or remaining work, by one issue at one instant.

    before and after: the estimate in scope, None where the issue is not in scope (not the same as an
    estimate without values). A change of discipline makes two TRANSFERRED events, out of the old one (after
    None) and into the new one (before None), so that the events of one discipline add up by themselves.
    done: the issue stood as done when this happened (for DONE and REOPENED: before it).
    """

    at: datetime
    issue: int
    kind: EventKind
    reason: str
    discipline: int
    before: Estimate | None
    after: Estimate | None
    done: bool = False

    @property
    def moved(self) -> tuple[int, int, int]:
        """Points (thousandths), seconds and issues that the event adds to what it changes: scope or done."""
        before, after = self.before, self.after
        points = seconds = count = 0
        if after is not None and self.kind is not EventKind.REOPENED:
            points, seconds, count = after.points or 0, after.seconds or 0, 1
        if before is not None and self.kind is not EventKind.DONE:
            points, seconds, count = points - (before.points or 0), seconds - (before.seconds or 0), count - 1
        return points, seconds, count

    @property
    def changes_scope(self) -> bool:
        """Whether it belongs in the list of scope changes; the others burn work, or give it back."""
        return self.kind is not EventKind.DONE and self.kind is not EventKind.REOPENED

    @property
    def changes_done(self) -> bool:
        """Whether work done grows or shrinks: by becoming done or reopened, or by a change of a done issue."""
        return self.done or not self.changes_scope

    @property
    def scope_delta(self) -> Amount:
        """What the event adds to the scope (negative: takes from it)."""
        return Amount(*self.moved) if self.changes_scope else NOTHING

    @property
    def done_delta(self) -> Amount:
        """What the event adds to the work done."""
        return Amount(*self.moved) if self.changes_done else NOTHING


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one issue in one sprint, by the end of the window.

    initial: at the start, or at its entry when added. final: at the end, or just before it left. reason: why
    it was removed, else why it was added, else empty. added_during: Jira's issueKeysAddedDuringSprint, which
    also holds issues that joined already done. discipline_initial: at the start or entry; discipline and
    status: at the end or just before it left.
    """

    issue: int
    bucket: Bucket
    committed: bool
    added: bool
    initial: Estimate
    final: Estimate
    entered_at: datetime | None
    left_at: datetime | None
    done_at: datetime | None
    reason: str
    discipline_initial: int
    discipline: int
    status: str
    added_during: bool


def in_scope(segment: Segment, *, start: datetime) -> bool:
    """A member with a status on the board that was not already done when the sprint started."""
    if segment.state is State.DONE:
        return segment.done_since is None or segment.done_since > start
    return segment.state is not State.UNMAPPED


def outcome_of(segments: Sequence[Segment], *, window: Window) -> Outcome | None:
    """The outcome of one issue, from all its segments in the sprint; None when it is not in the report.

    A sprint that has not started has no commitment: members that are open are NOT_COMPLETED, neither
    committed nor added, with the estimates of now; members that are done already are OUTSIDE.
    """
    start, end = window.start, window.stop
    if start is None:
        return _planned(_at(segments, end))
    first: Segment | None = None
    last: Segment | None = None
    at_end: Segment | None = None
    reason = ""
    member_at_start = False
    earlier: Segment | None = None
    for segment in segments:
        if segment.valid_from > end:
            break
        if segment.valid_to is None or segment.valid_to > start:
            at_start = segment.valid_from <= start
            member_at_start = member_at_start or at_start
            if segment.valid_to is None or segment.valid_to > end:
                at_end = segment
            if in_scope(segment, start=start):
                if first is None:
                    first = segment
                    reason = "" if at_start else _entry_reason(earlier, segment)
                last = segment
        earlier = segment
    if first is None or last is None:
        return _outside(at_end, added_during=not member_at_start)
    committed = first.valid_from <= start
    removed = at_end is None or last is not at_end
    if removed:
        bucket = Bucket.REMOVED
        reason = REMOVED_FROM_SPRINT if _following(segments, last) is None else NOT_ON_BOARD
    else:
        bucket = Bucket.COMPLETED if last.state is State.DONE else Bucket.NOT_COMPLETED
    return Outcome(
        issue=first.issue,
        bucket=bucket,
        committed=committed,
        added=not committed,
        initial=first.estimate,
        final=last.estimate,
        entered_at=None if committed else first.valid_from,
        left_at=last.valid_to if removed else None,
        done_at=None if removed else last.done_since,
        reason=reason,
        discipline_initial=first.discipline,
        discipline=last.discipline,
        status=last.status,
        added_during=not committed,
    )


def excluded_reason(segments: Sequence[Segment], *, window: Window) -> str | None:
    """Why a member at the end of the window is not in the report; None when it is, or is no member."""
    at_end = _at(segments, window.stop)
    if at_end is None or outcome_of(segments, window=window) is not None:
        return None
    return NOT_ON_BOARD


def events_of(segments: Sequence[Segment], *, window: Window) -> tuple[ScopeEvent, ...]:
    """All that one issue did to scope and remaining work in (start, end], in the order in which it counts.

    At one instant: leaving or entering, then the transfer between teams, then the re-estimate, then done or
    reopened. A sprint that has not started has no events.
    """
    start, end = window.start, window.stop
    if start is None:
        return ()
    events: list[ScopeEvent] = []
    earlier: Segment | None = None
    was_in = False
    for segment in segments:
        at = segment.valid_from
        if earlier is not None and earlier.valid_to != at:
            if was_in:
                _leave(events, earlier, start=start, end=end)
            earlier, was_in = None, False
        is_in = in_scope(segment, start=start)
        if start < at <= end:
            if earlier is not None and was_in:
                _change(events, earlier, segment, stays=is_in)
            elif is_in:
                _enter(events, earlier, segment)
        earlier, was_in = segment, is_in
    if earlier is not None and was_in:
        _leave(events, earlier, start=start, end=end)
    return tuple(events)


def in_order(events: Iterable[ScopeEvent]) -> list[ScopeEvent]:
    """Events of many issues by time, issue and the order that counts at one instant, however they came."""
    return sorted(events, key=_order)


def of_teams(events: Iterable[ScopeEvent], disciplines: frozenset[int]) -> Iterator[ScopeEvent]:
    """The events of these disciplines alone. Transfers among them stay in, and cancel out."""
    return (event for event in events if event.discipline in disciplines)


def _order(event: ScopeEvent) -> tuple[datetime, int, int]:
    rank = _RANK[event.kind]
    if event.kind is EventKind.TRANSFERRED and event.before is None:
        rank += 1
    return event.at, event.issue, rank


def _at(segments: Sequence[Segment], instant: datetime) -> Segment | None:
    for segment in segments:
        if segment.valid_from <= instant and (segment.valid_to is None or instant < segment.valid_to):
            return segment
    return None


def _following(segments: Sequence[Segment], segment: Segment) -> Segment | None:
    """The segment that begins when this one ends, if the membership goes on."""
    return None if segment.valid_to is None else _at(segments, segment.valid_to)


def _outside(at_end: Segment | None, *, added_during: bool) -> Outcome | None:
    if at_end is None or at_end.state is not State.DONE:
        return None
    return _as_it_stands(at_end, Bucket.OUTSIDE, added_during=added_during)


def _planned(now: Segment | None) -> Outcome | None:
    if now is None or now.state is State.UNMAPPED:
        return None
    bucket = Bucket.OUTSIDE if now.state is State.DONE else Bucket.NOT_COMPLETED
    return _as_it_stands(now, bucket, added_during=False)


def _as_it_stands(segment: Segment, bucket: Bucket, *, added_during: bool) -> Outcome:
    return Outcome(
        issue=segment.issue,
        bucket=bucket,
        committed=False,
        added=False,
        initial=segment.estimate,
        final=segment.estimate,
        entered_at=None,
        left_at=None,
        done_at=segment.done_since,
        reason="",
        discipline_initial=segment.discipline,
        discipline=segment.discipline,
        status=segment.status,
        added_during=added_during,
    )


def _entry_reason(earlier: Segment | None, segment: Segment) -> str:
    """Why the issue is in scope from this segment on, given the segment before it, if any."""
    if earlier is not None and earlier.valid_to == segment.valid_from:
        return MOVED_ONTO_BOARD if earlier.state is State.UNMAPPED else REOPENED
    return CREATED_IN_SPRINT if segment.born_member else ADDED_TO_SPRINT


def _leave(events: list[ScopeEvent], last: Segment, *, start: datetime, end: datetime) -> None:
    """The end of a membership that was in scope, if it lies in the window."""
    at = last.valid_to
    if at is not None and start < at <= end:
        events.append(_left(at, last, REMOVED_FROM_SPRINT))


def _left(at: datetime, last: Segment, reason: str) -> ScopeEvent:
    done = last.state is State.DONE
    return ScopeEvent(at, last.issue, EventKind.LEFT, reason, last.discipline, last.estimate, None, done)


def _enter(events: list[ScopeEvent], earlier: Segment | None, new: Segment) -> None:
    at, issue, team, estimate = new.valid_from, new.issue, new.discipline, new.estimate
    reason = _entry_reason(earlier, new)
    events.append(ScopeEvent(at, issue, EventKind.ENTERED, reason, team, None, estimate))
    if new.state is State.DONE:
        events.append(ScopeEvent(at, issue, EventKind.DONE, "", team, estimate, estimate))


def _change(events: list[ScopeEvent], old: Segment, new: Segment, *, stays: bool) -> None:
    """What happened between two neighbouring segments of which the first is in scope."""
    at, issue, team = new.valid_from, new.issue, new.discipline
    if not stays:
        events.append(_left(at, old, NOT_ON_BOARD))
        return
    was_done, is_done = old.state is State.DONE, new.state is State.DONE
    if old.discipline != team:
        kind, held = EventKind.TRANSFERRED, old.estimate
        events.append(ScopeEvent(at, issue, kind, TRANSFERRED_OUT, old.discipline, held, None, was_done))
        events.append(ScopeEvent(at, issue, kind, TRANSFERRED_IN, team, None, held, was_done))
    if old.points != new.points or old.seconds != new.seconds:
        kind = EventKind.REESTIMATED
        events.append(ScopeEvent(at, issue, kind, "", team, old.estimate, new.estimate, was_done))
    if is_done is not was_done:
        kind, estimate = EventKind.DONE if is_done else EventKind.REOPENED, new.estimate
        events.append(ScopeEvent(at, issue, kind, "", team, estimate, estimate, was_done))
