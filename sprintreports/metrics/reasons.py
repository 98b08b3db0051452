"""Why our line of an issue and Jira's differ: a reason is named only if it accounts for what Jira says.

Most rules are counterfactual: they compute the issue's outcome anew with one thing otherwise (its sub-task rule, the
board's filter, the columns, the time of the close) and hold when that outcome is Jira's. Nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sprintreports.metrics.jira_lines import Aspect, Evidence, JiraLine, OurLine, Reason, Situation
from sprintreports.metrics.scope import outcome_of
from sprintreports.metrics.values import Bucket, Segment, State, Unit, Window

Found = tuple[Reason, datetime | None]


@dataclass(frozen=True, slots=True)
class _View:
    """What an outcome says of the four aspects."""

    bucket: Bucket
    added: bool
    initial: int | None
    final: int | None


@dataclass(frozen=True, slots=True)
class _Case:
    aspect: Aspect
    ours: OurLine | None
    jiras: JiraLine | None
    known: Evidence
    at: Situation


def explain(
    aspect: Aspect, ours: OurLine | None, jiras: JiraLine | None, known: Evidence, at: Situation
) -> Found:
    """The reason of one difference, and the moment in the issue's history that shows it where there is one."""
    case = _Case(aspect, ours, jiras, known, at)
    return next((found for rule in _RULES if (found := rule(case)) is not None), (Reason.UNEXPLAINED, None))


def _not_ours_to_see(case: _Case) -> Found | None:
    known, jiras = case.known, case.jiras
    if case.aspect is not Aspect.PRESENCE:
        return None
    if jiras is None:
        return (Reason.VANISHED, None) if known.readable is False and known.deleted is None else None
    if jiras.hidden or known.readable is False:
        return Reason.HIDDEN, None
    return None if known.stored else (Reason.NOT_STORED, None)


def _outdated(case: _Case) -> Found | None:
    return (Reason.OUTDATED, None) if _agrees(case, _own(case.known)) else None


def _other_estimation(case: _Case) -> Found | None:
    estimates = case.aspect in (Aspect.INITIAL, Aspect.FINAL)
    return (Reason.OTHER_ESTIMATION, None) if estimates and not case.at.same_estimation else None


def _deleted(case: _Case) -> Found | None:
    gone = case.known.deleted
    if gone is None:
        return None
    kept = replace(case.known, deleted=None)
    if case.jiras is None or (gone <= case.at.window.stop and _agrees(case, _own(kept))):
        return Reason.DELETED, gone
    return None


def _subtask(case: _Case) -> Found | None:
    if case.jiras is None:
        return (Reason.SUBTASK, None) if case.known.is_subtask else None
    return (Reason.SUBTASK, None) if not case.known.counts and _agrees(case, _shown(case.known)) else None


def _other_board(case: _Case) -> Found | None:
    gone = case.known.left_board
    if case.known.on_board and gone is None:
        return None
    within = not case.known.on_board or (gone is not None and gone <= case.at.window.stop)
    kept = replace(case.known, on_board=True, left_board=None)
    if case.jiras is None or (within and _agrees(case, _own(kept))):
        return Reason.OTHER_BOARD, gone
    return None


def _another_close(case: _Case) -> Found | None:
    told = case.at.told
    if told is None or not _agrees(case, _own(case.known), window=told):
        return None
    return Reason.CLOSED_AT_ANOTHER_TIME, told.stop


def _unmapped(case: _Case) -> Found | None:
    own = _own(case.known)
    outside = [segment for segment in own if segment.state is State.UNMAPPED]
    within = [segment for segment in outside if segment.valid_from <= case.at.window.stop]
    if case.jiras is None:
        today = outside[-1] if outside and outside[-1] is own[-1] else None
        return None if today is None else (Reason.UNMAPPED_STATUS, today.valid_from)
    counted = (
        [replace(s, state=state, done_since=None) if s.state is State.UNMAPPED else s for s in own]
        for state in (State.TODO, State.DONE)
    )
    if within and any(_agrees(case, segments) for segments in counted):
        return Reason.UNMAPPED_STATUS, within[0].valid_from
    return None


def _done_before(case: _Case) -> Found | None:
    start = case.at.window.start
    if start is None or case.jiras is None:
        return None
    before = [
        segment.done_since
        for segment in _own(case.known)
        if segment.done_since and segment.done_since <= start
    ]
    counted = [
        replace(segment, done_since=None) if segment.done_since in before else segment
        for segment in _own(case.known)
    ]
    if before and _agrees(case, counted):
        return Reason.DONE_BEFORE_START, before[0]
    return None


def _added(case: _Case) -> Found | None:
    if case.aspect is not Aspect.ADDED or case.ours is None or case.at.window.start is None:
        return None
    own = _own(case.known)
    begins = [
        segment.valid_from
        for earlier, segment in zip((None, *own), own, strict=False)
        if (earlier is None or earlier.valid_to != segment.valid_from)
    ]
    entered = [at for at in begins if case.at.window.start < at <= case.at.window.stop]
    if not entered or (case.ours.added and _member(own, case.at.window.start)):
        return None  # reopened, or moved onto the board: it was a member all along
    return Reason.ADDED_AFTER_START, entered[0]


def _reestimated(case: _Case) -> Found | None:
    if case.aspect not in (Aspect.INITIAL, Aspect.FINAL) or case.jiras is None:
        return None
    said = case.jiras.initial if case.aspect is Aspect.INITIAL else case.jiras.final
    track = case.known.estimates
    held = [
        (since, track[place + 1][0] if place + 1 < len(track) else None)
        for place, (since, value) in enumerate(track)
        if value == said
    ]
    for since, until in held:
        if since <= case.at.window.stop and len(track) > 1:
            changed = since if since > track[0][0] else until
            return Reason.REESTIMATED, changed
    later = [since for since, _ in held if since > case.at.window.stop]
    return (Reason.CHANGED_AFTER_CLOSE, later[0]) if later else None


def _changed_later(case: _Case) -> Found | None:
    own, stop = _own(case.known), case.at.window.stop
    if case.jiras is None:
        left = own[-1].valid_to if own else None
        return (Reason.CHANGED_AFTER_CLOSE, left) if left is not None and left > stop else None
    later = sorted(
        {
            at
            for segment in own
            for at in (segment.valid_from, segment.valid_to)
            if at is not None and at > stop
        }
    )
    for at in later:
        if _agrees(case, own, window=Window(case.at.window.start, at, closed=True)):
            return Reason.CHANGED_AFTER_CLOSE, at
    return None


def _agrees(case: _Case, segments: Sequence[Segment], *, window: Window | None = None) -> bool:
    """Whether the outcome of these segments is, in the aspect that differs, what Jira says."""
    view, jiras = _view(segments, window or case.at.window, case.at.unit), case.jiras
    if view is None or jiras is None:
        return view is None and jiras is None
    match case.aspect:
        case Aspect.PRESENCE:
            return True
        case Aspect.BUCKET:
            return view.bucket is jiras.bucket
        case Aspect.ADDED:
            return view.added is jiras.added
        case Aspect.INITIAL:
            return view.initial == jiras.initial
        case Aspect.FINAL:
            return view.final == jiras.final


def _own(known: Evidence) -> tuple[Segment, ...]:
    """The segments as the board's rules have them: what our line is computed from."""
    return _shown(known) if known.counts and known.on_board else ()


def _shown(known: Evidence) -> tuple[Segment, ...]:
    """Without what came after the issue was deleted or left the board."""
    ends = [end for end in (known.deleted, known.left_board) if end is not None]
    return _until(known.segments, min(ends)) if ends else known.segments


# The first that holds is the reason: what makes a line doubtful as a whole comes before what happened to the issue.
_RULES: tuple[Callable[[_Case], Found | None], ...] = (
    _not_ours_to_see,
    _outdated,
    _other_estimation,
    _deleted,
    _subtask,
    _other_board,
    _another_close,
    _unmapped,
    _done_before,
    _added,
    _reestimated,
    _changed_later,
)


def _view(segments: Sequence[Segment], window: Window, unit: Unit) -> _View | None:
    outcome = outcome_of(segments, window=window)
    if outcome is None:
        return None
    if unit is Unit.HOURS:
        estimates = outcome.initial.seconds, outcome.final.seconds
    else:
        estimates = outcome.initial.points, outcome.final.points
    return _View(outcome.bucket, outcome.added or outcome.added_during, *estimates)


def _member(segments: Iterable[Segment], at: datetime) -> bool:
    return any(
        segment.valid_from <= at and (segment.valid_to is None or segment.valid_to > at)
        for segment in segments
    )


def _until(segments: Iterable[Segment], end: datetime) -> tuple[Segment, ...]:
    return tuple(
        replace(segment, valid_to=end) if segment.valid_to is None or segment.valid_to > end else segment
        for segment in segments
        if segment.valid_from < end
    )


#: Dates of the sprint that differ by less are the same: Jira rounds some of them to minutes.
TOLERANCE = timedelta(minutes=1)


def told_window(ours: Window, started: datetime | None, closed: datetime | None) -> Window | None:
    """The sprint's window as Jira's report has it; None where that is ours, or where the report does not say."""
    start, end = started or ours.start, closed or ours.end
    same_end = abs(end - ours.end) <= TOLERANCE
    same_start = start == ours.start or (
        start is not None and ours.start is not None and abs(start - ours.start) <= TOLERANCE
    )
    return None if same_start and same_end else Window(start, end, closed=True)
