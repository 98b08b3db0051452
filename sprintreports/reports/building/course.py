"""The sprint's course: the burndown with its events, and every change of scope."""

from __future__ import annotations

from collections.abc import Sequence

from sprintreports.charts.burndown import burndown_figure, burndown_reading
from sprintreports.charts.course import NOT_STARTED, event_text, marks
from sprintreports.charts.course import Mark as Drawn
from sprintreports.charts.theme import palette
from sprintreports.charts.words import number, signed
from sprintreports.metrics.scope import EventKind, ScopeEvent
from sprintreports.metrics.values import Unit
from sprintreports.reports.building.told import Told
from sprintreports.reports.document.blocks import (
    Chart,
    Column,
    IssueRef,
    Kind,
    Mark,
    Native,
    Row,
    Section,
    Series,
    Shape,
    Table,
    Value,
)

_SHOWN = {EventKind.ENTERED: Mark.ADDED, EventKind.LEFT: Mark.REMOVED, EventKind.REESTIMATED: Mark.CHANGED}
NO_SCOPE_CHANGE = "The scope has not changed since the start."


def course(told: Told) -> Section:
    """The burndown, drawn in the board's zone as everywhere in Sprint Reports."""
    found, unit = told.course(), told.unit
    keys = {issue.issue: issue.key for issue in told.snapshot.issues}
    drawn = marks(found, unit=unit, keys=keys)
    light, dark = (burndown_figure(found, unit=unit, drawn=drawn, dark=dark) for dark in (False, True))
    table = Table("burndown_table", "Burndown", _columns(unit), _rows(told, drawn), NOT_STARTED)
    native = Native(Shape.STEPS, "at", (Series("remaining", "Remaining", palette(dark=False).remaining),))
    chart = Chart("burndown", "Burndown", burndown_reading(found, unit=unit), light, dark, table, native)
    return Section("burndown", "Burndown", (chart,))


def scope_history(told: Told) -> Section:
    """What entered, left and was re-estimated, in order of time."""
    refs = told.refs()
    changes = [event for event in told.snapshot.events if event.kind in _SHOWN]
    deltas = [told.value(event.scope_delta) for event in changes]
    summaries = {issue.issue: issue.summary for issue in told.snapshot.issues}
    rows = tuple(
        Row(
            (
                event.at,
                refs.get(event.issue, IssueRef(f"issue {event.issue}", "")),
                summaries.get(event.issue, ""),
                _what(event),
                told.team(event.discipline),
                *(() if told.counted else (told.estimate(event.before), told.estimate(event.after))),
                delta,
            ),
            _SHOWN[event.kind],
        )
        for event, delta in zip(changes, deltas, strict=True)
    )
    table = Table(
        "scope_changes",
        "Scope changes",
        _change_columns(told),
        rows,
        NO_SCOPE_CHANGE,
        _reading(deltas),
    )
    return Section("scope_changes", "Scope changes", (table,))


def _columns(unit: Unit) -> tuple[Column, ...]:
    return (
        Column("at", "Time", Kind.INSTANT),
        Column("issue", "Issue", Kind.ISSUE),
        Column("what", "What happened", wide=True),
        Column("change", "Scope change", Kind.CHANGE, unit),
        Column("scope", "Scope", Kind.NUMBER, unit),
        Column("done", "Done", Kind.NUMBER, unit),
        Column("remaining", "Remaining", Kind.NUMBER, unit),
    )


def _rows(told: Told, drawn: Sequence[Drawn]) -> tuple[Row, ...]:
    rows: list[Row] = []
    for mark in drawn:
        issue: Value = told.ref(mark.issue) if mark.issue else None
        change = mark.scope_delta if mark.changes_scope else None
        what = mark.what[:1].upper() + mark.what[1:]
        rows.append(Row((mark.at, issue, what, change, mark.scope, mark.done, mark.remaining)))
    return tuple(rows)


def _change_columns(told: Told) -> tuple[Column, ...]:
    estimates = (
        Column("before", "Before", Kind.NUMBER, told.unit),
        Column("after", "After", Kind.NUMBER, told.unit),
    )
    return (
        Column("at", "Time", Kind.INSTANT),
        Column("issue", "Issue", Kind.ISSUE),
        Column("summary", "Summary", wide=True),
        Column("what", "What happened"),
        Column("team", "Team"),
        *(() if told.counted else estimates),
        Column("change", "Scope change", Kind.CHANGE, told.unit),
    )


def _what(event: ScopeEvent) -> str:
    what = event_text(event, keys={})[1]
    return what[:1].upper() + what[1:]


def _reading(deltas: Sequence[float]) -> str:
    if not deltas:
        return ""
    one = len(deltas) == 1
    changes = f"{number(len(deltas))} {'change' if one else 'changes'} of the scope since the start"
    return f"{changes} {'adds' if one else 'add'} up to {signed(round(sum(deltas), 6))}."
