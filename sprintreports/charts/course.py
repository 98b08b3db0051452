"""A sprint's course made ready to draw: its steps in one unit with what happened, thinned where they are many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain, groupby
from typing import Any

from sprintreports.charts.figures import upright
from sprintreports.charts.theme import Palette
from sprintreports.charts.words import (
    amount,
    as_is,
    clock_text,
    day_name,
    number,
    plotted,
    signed,
    unit_title,
)
from sprintreports.metrics.burndown import Burndown, Step
from sprintreports.metrics.calendar import local_day
from sprintreports.metrics.scope import EventKind, ScopeEvent
from sprintreports.metrics.values import Unit

#: More steps than this are drawn by the day; more days than this, a few days at a time.
MOST_STEPS = 500
#: More stretches of rest than this would only make the chart grey.
MOST_RESTS = 60

# A name above the chart takes up to a sixth of its width.
_NAME_SHARE = 6

_VERBS = {
    EventKind.REESTIMATED: "re-estimated",
    EventKind.DONE: "done",
    EventKind.REOPENED: "reopened",
}

NOT_STARTED = "This sprint has not started."


@dataclass(frozen=True, slots=True)
class Mark:
    """A point of the chart. scope_delta: what the scope changed by here; issue empty for several at once."""

    at: datetime
    remaining: float
    scope: float
    done: float
    scope_delta: float
    changes_scope: bool
    issue: str
    what: str


def marks(course: Burndown, *, unit: Unit, keys: Mapping[int, str]) -> list[Mark]:
    """The steps to draw: each of them, or the last of each day when there are more than MOST_STEPS."""
    if len(course.steps) <= MOST_STEPS:
        return [_mark([step], unit=unit, keys=keys, zone=course.zone) for step in course.steps]
    opening, *later = course.steps
    by_day = [list(steps) for _, steps in groupby(later, key=lambda step: _day(step, course.zone))]
    size = -(-len(by_day) // MOST_STEPS)
    groups = [list(chain(*by_day[place : place + size])) for place in range(0, len(by_day), size)]
    return [_mark(group, unit=unit, keys=keys, zone=course.zone) for group in ([opening], *groups)]


def event_text(event: ScopeEvent | None, *, keys: Mapping[int, str]) -> tuple[str, str]:
    """The issue's key and what happened to it, for a reader."""
    if event is None:
        return "", "Sprint started"
    return keys.get(event.issue, f"issue {event.issue}"), event.reason or _VERBS[event.kind]


def hover(mark: Mark, *, unit: Unit, zone: str) -> str:
    """The text beside a point."""
    subject = f"{as_is(mark.issue)}: {mark.what}" if mark.issue else mark.what
    change = f"<br>Scope {signed(mark.scope_delta)}" if mark.changes_scope else ""
    left = amount(mark.remaining, unit)
    return (
        f"{subject}{change}<br>{left} remaining of {number(mark.scope)}<br>{clock_text(mark.at, zone=zone)}"
    )


def table_rows(
    course: Burndown, *, unit: Unit, keys: Mapping[int, str]
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Columns and rows of the steps drawn."""
    name = unit_title(unit).lower()
    columns = (
        f"Time ({course.zone})", "Issue", "What happened", f"Scope change ({name})",
        f"Scope ({name})", f"Done ({name})", f"Remaining ({name})",
    )  # fmt: skip
    rows = tuple(
        (
            clock_text(mark.at, zone=course.zone),
            mark.issue,
            mark.what,
            signed(mark.scope_delta) if mark.changes_scope else "",
            number(mark.scope),
            number(mark.done),
            number(mark.remaining),
        )
        for mark in marks(course, unit=unit, keys=keys)
    )
    return columns, rows


def surroundings(course: Burndown, *, colours: Palette) -> dict[str, Any]:
    """Rest days shaded, and lines at the planned end and at the close or now."""
    zone = course.zone
    shapes: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    if len(course.rests) <= MOST_RESTS:
        shapes += [_shade(since, until, zone=zone, colour=colours.rest) for since, until in course.rests]
    since, until = _span(course)
    for at, label in _lines(course):
        # A name in the last sixth would stick out of the drawing.
        late = (until - at) * _NAME_SHARE < until - since
        shape, note = upright(
            plotted(at, zone=zone), label, colour=colours.guide, anchor="right" if late else "center"
        )
        shapes.append(shape)
        if label:
            notes.append(note)
    return {"shapes": shapes, "annotations": notes}


def time_range(course: Burndown) -> list[str]:
    """What the time axis shows: burndown and burnup alike, from the start to the later of end and planned end."""
    since, until = _span(course)
    margin = (until - since) / 40
    return [plotted(since - margin, zone=course.zone), plotted(until + margin, zone=course.zone)]


def course_reading(course: Burndown | None, *, unit: Unit) -> str:
    """One sentence: what happened to the scope, how much is done, how much time is left. Only what is known."""
    last = None if course is None else course.last
    if course is None or last is None:
        return NOT_STARTED
    scope, done = last.scope.value(unit), last.done.value(unit)
    if last.scope.count == 0:
        return f"{_scope_clause(course, unit=unit)}; no issue is in scope{_time_clause(course)}."
    verb = "were" if course.closed else "are"
    progress = f"{number(done)} of {amount(scope, unit)} {verb} done"
    if scope == 0:
        issues = amount(last.scope.count, Unit.COUNT)
        adds = "add" if last.scope.count > 1 else "adds"
        progress = f"the {issues} in scope {adds} up to 0 {unit_title(unit).lower()}"
    return f"{_scope_clause(course, unit=unit)}; {progress}{_time_clause(course)}."


def _span(course: Burndown) -> tuple[datetime, datetime]:
    since = course.start or course.end
    return since, max(since, course.end, course.planned_end or course.end)


def _lines(course: Burndown) -> list[tuple[datetime, str]]:
    """The lines at the close (or now) and at the planned end. Two that lie side by side share one name."""
    end, planned = course.end, course.planned_end
    name = "closed" if course.closed else "now"
    if planned is None:
        return [(end, name)]
    since, until = _span(course)
    if abs(planned - end) * _NAME_SHARE > until - since:
        return [(end, name), (planned, "planned end")]
    first, last = sorted(((end, name), (planned, "planned end")))
    return [(first[0], ""), (last[0], f"{first[1]} · {last[1]}")]


def _scope_clause(course: Burndown, *, unit: Unit) -> str:
    changes = [step.event for step in course.steps if step.event is not None and step.event.changes_scope]
    deltas = [(event.at, event.scope_delta.value(unit)) for event in changes]
    if not any(delta for _, delta in deltas):
        # Unestimated issues came or went: true in this unit, and no claim about the others.
        within = f" in {unit_title(unit).lower()}" if changes else ""
        return (
            f"Scope did not change{within}"
            if course.closed
            else f"Scope has not changed{within} since the start"
        )
    last = course.steps[-1]
    net = last.scope.value(unit) - course.initial.value(unit)
    if net == 0:
        return "Additions and removals of scope cancelled out"
    days: set[date] = {local_day(at, zone=course.zone) for at, delta in deltas if delta}
    when = f"on {day_name(days.pop())}" if len(days) == 1 else "since the start"
    return f"Scope {'grew' if net > 0 else 'shrank'} by {amount(abs(net), unit)} {when}"


def _time_clause(course: Burndown) -> str:
    if course.closed:
        return " at the close"
    left, planned = course.working_days_left, course.planned_end
    if planned is None or left is None:
        return ", and no end is planned"
    if planned <= course.end:
        return f", and the planned end, {day_name(local_day(planned, zone=course.zone))}, has passed"
    if left == 0:
        return " with no working day left"
    return f" with {left} working {'day' if left == 1 else 'days'} left, today included"


def _mark(steps: Sequence[Step], *, unit: Unit, keys: Mapping[int, str], zone: str) -> Mark:
    last = steps[-1]
    issue, what = event_text(last.event, keys=keys)
    if len(steps) > 1:
        issue, what = "", f"{len(steps)} changes up to {day_name(_day(last, zone))}"
    changes = [step.event for step in steps if step.event is not None and step.event.changes_scope]
    return Mark(
        at=last.at,
        remaining=last.remaining.value(unit),
        scope=last.scope.value(unit),
        done=last.done.value(unit),
        scope_delta=_total(event.scope_delta.value(unit) for event in changes),
        changes_scope=bool(changes),
        issue=issue,
        what=what,
    )


def _total(values: Iterable[float]) -> float:
    return round(sum(values), 6)


def _day(step: Step, zone: str) -> date:
    return local_day(step.at, zone=zone)


def _shade(since: datetime, until: datetime, *, zone: str, colour: str) -> dict[str, Any]:
    return {
        "type": "rect",
        "xref": "x",
        "yref": "paper",
        "x0": plotted(since, zone=zone),
        "x1": plotted(until, zone=zone),
        "y0": 0,
        "y1": 1,
        "fillcolor": colour,
        "line": {"width": 0},
        "layer": "below",
    }
