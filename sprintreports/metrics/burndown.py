"""Burndown and burnup: the commitment at the start, and what each event did to scope and remaining work.

The same steps make both charts: `remaining` is the burndown, `scope` and `done` are the burnup.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeAlias

from sprintreports.metrics.calendar import GuidePoint, WorkCalendar, days_between, midnight
from sprintreports.metrics.scope import EventKind, ScopeEvent, in_order
from sprintreports.metrics.values import NOTHING, Amount, Window

_Running: TypeAlias = tuple[ScopeEvent | None, int, int, int, int, int, int]
_NO_MORE: _Running = (None, 0, 0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Step:
    """Scope, done and remaining work from `at` on. The event that changed them; None for the start."""

    at: datetime
    remaining: Amount
    scope: Amount
    done: Amount
    event: ScopeEvent | None


@dataclass(frozen=True, slots=True)
class DailyPoint:
    """Scope, done and remaining work at the end of a local day, or at the window's end on the last one."""

    day: date
    scope: Amount
    done: Amount
    remaining: Amount


@dataclass(frozen=True, slots=True)
class Burndown:
    """A sprint's course. start None: not started, and then there are no steps and no guideline.

    end: the actual close, or the moment of asking. rests: stretches of non-working days in the guideline's
    zone. working_days_left: of an active sprint with a planned end, today included; None otherwise.
    """

    start: datetime | None
    end: datetime
    planned_end: datetime | None
    closed: bool
    zone: str
    initial: Amount
    steps: tuple[Step, ...]
    guideline: tuple[GuidePoint, ...]
    rests: tuple[tuple[datetime, datetime], ...]
    working_days_left: int | None

    @property
    def last(self) -> Step | None:
        """How the sprint stands at the end of the window; None before the start."""
        return self.steps[-1] if self.steps else None


def burndown(
    events: Iterable[ScopeEvent],
    *,
    initial: Amount,
    window: Window,
    planned_end: datetime | None,
    calendar: WorkCalendar,
) -> Burndown:
    """The course of a sprint, or of a team in it, from its events in any order and its commitment.

    One step for each event. The guideline leads from the commitment to nothing at the planned end, or at the
    close where no planned end is known; it never moves with the scope.
    """
    start = window.start
    if start is None:
        return Burndown(
            None, window.end, planned_end, window.closed, calendar.zone, NOTHING, (), (), (), None
        )
    stop = window.stop
    goal = planned_end if planned_end is not None else stop if window.closed else None
    left: int | None = None
    if planned_end is not None and not window.closed:
        left = calendar.working_days(stop, planned_end)
    return Burndown(
        start=start,
        end=stop,
        planned_end=planned_end,
        closed=window.closed,
        zone=calendar.zone,
        initial=initial,
        steps=tuple(_steps(events, initial=initial, start=start)),
        guideline=() if goal is None else calendar.guideline(start, goal, initial),
        rests=calendar.rests(start, stop if goal is None else max(stop, goal)),
        working_days_left=left,
    )


def daily(
    events: Iterable[ScopeEvent], *, initial: Amount, window: Window, zone: str
) -> tuple[DailyPoint, ...]:
    """How each local day of the window ended, the first and the last day included; () before the start.

    An event at local midnight belongs to the day that begins then.
    """
    start = window.start
    if start is None:
        return ()
    sums = _running(events, initial=initial)
    days = list(days_between(start, window.stop, zone=zone))
    points: list[DailyPoint] = []
    _, *held = next(sums)
    event, *ahead = next(sums, _NO_MORE)
    # A close at local midnight belongs to the window: what changed at that instant has a day of its own.
    while days or event is not None:
        day = days.pop(0) if days else points[-1].day + timedelta(days=1)
        ends = midnight(day + timedelta(days=1), zone=zone)
        while event is not None and event.at < ends:
            held = ahead
            event, *ahead = next(sums, _NO_MORE)
        scope, done = Amount(*held[:3]), Amount(*held[3:])
        points.append(DailyPoint(day, scope, done, scope - done))
    return tuple(points)


def _steps(events: Iterable[ScopeEvent], *, initial: Amount, start: datetime) -> Iterator[Step]:
    for event, *sums in _running(events, initial=initial):
        scope, done = Amount(*sums[:3]), Amount(*sums[3:])
        yield Step(start if event is None else event.at, scope - done, scope, done, event)


def _running(events: Iterable[ScopeEvent], *, initial: Amount) -> Iterator[_Running]:
    """The commitment, then after each event its running sums: scope in three units, done in three units."""
    scope_points, scope_seconds, scope_count = initial.points, initial.seconds, initial.count
    done_points = done_seconds = done_count = 0
    yield None, scope_points, scope_seconds, scope_count, 0, 0, 0
    ordered = in_order(events)
    halves = Counter((event.at, event.issue) for event in ordered if event.kind is EventKind.TRANSFERRED)
    for event in ordered:
        # Both halves of a move between teams: inside this slice nothing changed.
        if event.kind is EventKind.TRANSFERRED and halves[event.at, event.issue] > 1:
            continue
        points, seconds, count = event.moved
        if event.changes_scope:
            scope_points, scope_seconds, scope_count = (
                scope_points + points,
                scope_seconds + seconds,
                scope_count + count,
            )
        if event.changes_done:
            done_points, done_seconds, done_count = (
                done_points + points,
                done_seconds + seconds,
                done_count + count,
            )
        yield event, scope_points, scope_seconds, scope_count, done_points, done_seconds, done_count
