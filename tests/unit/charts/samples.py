"""Sprints to draw: one that grew, long ones, quiet ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sprintreports.metrics.burndown import Burndown, burndown
from sprintreports.metrics.calendar import WorkCalendar
from sprintreports.metrics.scope import ADDED_TO_SPRINT, EventKind, ScopeEvent
from sprintreports.metrics.totals import Totals
from sprintreports.metrics.values import NOTHING, Amount, Estimate, Unit, Window
from sprintreports.metrics.velocity import SprintTotals, Velocity, velocity

MONDAY = datetime(2025, 3, 3, 9, tzinfo=UTC)
INITIAL = Amount(35_000, 0, 7)


def at(day: float) -> datetime:
    return MONDAY + timedelta(days=day)


def points(value: float) -> Estimate:
    return Estimate(round(value * 1000), None)


def added(day: float, value: float, issue: int = 1) -> ScopeEvent:
    return ScopeEvent(at(day), issue, EventKind.ENTERED, ADDED_TO_SPRINT, 0, None, points(value))


def removed(day: float, value: float, issue: int = 1) -> ScopeEvent:
    return ScopeEvent(at(day), issue, EventKind.LEFT, "removed from the sprint", 0, points(value), None)


def finished(day: float, value: float, issue: int = 2) -> ScopeEvent:
    return ScopeEvent(at(day), issue, EventKind.DONE, "", 0, points(value), points(value))


def course(*events: ScopeEvent, end: float = 2, planned: float | None = 4, closed=False, **given) -> Burndown:
    return burndown(
        events,
        initial=given.pop("initial", INITIAL),
        window=Window(at(0), at(end), closed),
        planned_end=None if planned is None else at(planned),
        calendar=WorkCalendar(given.pop("zone", "UTC")),
    )


def not_started() -> Burndown:
    window = Window(None, at(0), closed=False)
    return burndown([], initial=NOTHING, window=window, planned_end=at(9), calendar=WorkCalendar())


def grown() -> Burndown:
    return course(added(1, 8, 11), added(1.1, 5, 12), finished(1.5, 21, 13))


def some_velocity(
    *completed: float, committed: float = 20, unit: Unit = Unit.POINTS, last: int = 7
) -> Velocity:
    sprints = [
        SprintTotals(
            place,
            f"Sprint {place}",
            at(place * 14),
            at(place * 14 + 13),
            Totals(
                initial=Amount(round(committed * 1000), 0, 4),
                completed=Amount(round(value * 1000), 0, 3),
            ),
        )
        for place, value in enumerate(completed, start=1)
    ]
    return velocity(sprints, last=last, unit=unit)
