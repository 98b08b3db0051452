"""Issues that differ between two states as rows, each field before and after in words."""

from __future__ import annotations

from collections.abc import Iterable

from sprintreports.charts.words import amount, unit_title
from sprintreports.metrics.values import Amount, Estimate, Unit
from sprintreports.reports.building.issues import named_by
from sprintreports.reports.building.told import NO_STAKEHOLDER, NOBODY, Told, status_of
from sprintreports.reports.comparing.values import (
    Difference,
    Field,
    FieldValue,
    IssueChange,
    Stakeholder,
    Standing,
)
from sprintreports.reports.document.blocks import Column, Kind, Mark, Row, Table, Value
from sprintreports.reports.document.text import NOTHING

CHILD_COLUMNS = (
    Column("field", "Field"),
    Column("before", "Before", wide=True),
    Column("after", "After", wide=True),
)


def moved_table(
    key: str, title: str, changes: Iterable[IssueChange], told: Told, *, mark: Mark, empty: str
) -> Table:
    """Issues that came into scope or left it, as the later state of the two knows them; told: that state."""
    rows = tuple(_moved_row(one, told, mark=mark) for one in changes)
    columns = (
        Column("issue", "Issue", Kind.ISSUE),
        Column("summary", "Summary", wide=True),
        Column("type", "Type"),
        Column("status", "Status", Kind.STATUS),
        Column("priority", "Priority"),
        Column("team", "Team"),
        Column("stakeholder", "Stakeholder"),
        Column("named_by", "Named by"),
        *(() if told.counted else (Column("estimate", "Estimate", Kind.NUMBER, told.unit),)),
        Column("change", "Scope change", Kind.CHANGE, told.unit),
        Column("why", "Why", wide=True),
    )
    return Table(key, title, columns, rows, empty, child_columns=CHILD_COLUMNS)


def changed_table(
    key: str, title: str, changes: Iterable[IssueChange], before: Told, after: Told, *, empty: str
) -> Table:
    """Issues with what changed: in one cell, and each field as a child."""
    rows: list[Row] = []
    for one in changes:
        fields = tuple(_field_row(found, before, after) for found in one.differences)
        told = "; ".join(f"{row.cells[0]}: {row.cells[1]} → {row.cells[2]}" for row in fields)
        latest = one.latest
        cells: tuple[Value, ...] = (
            after.ref(latest.key),
            latest.summary,
            told,
            after.value(one.scope),
        )
        rows.append(Row(cells, Mark.CHANGED, fields))
    columns = (
        Column("issue", "Issue", Kind.ISSUE),
        Column("summary", "Summary", wide=True),
        Column("what", "What changed", wide=True),
        Column("change", "Scope change", Kind.CHANGE, after.unit),
    )
    return Table(key, title, columns, tuple(rows), empty, child_columns=CHILD_COLUMNS, echoed=True)


def _moved_row(one: IssueChange, told: Told, *, mark: Mark) -> Row:
    issue = one.latest
    outcome = issue.outcome
    person = NO_STAKEHOLDER if issue.stakeholder is None else told.person(issue.stakeholder)
    return Row(
        (
            told.ref(issue.key),
            issue.summary,
            issue.type,
            status_of(issue),
            issue.priority,
            told.team(issue.discipline),
            person,
            named_by(issue),
            *(() if told.counted else (told.estimate(outcome.final if outcome else None),)),
            told.value(one.scope),
            _why(one),
        ),
        mark,
        tuple(_field_row(found, told, told) for found in one.differences),
    )


def _why(one: IssueChange) -> str:
    """The reason where the later state knows one, else from what to what the issue's part in the sprint went."""
    later = one.after
    reason = "" if later is None else later.excluded if later.outcome is None else later.outcome.reason
    found = one.of(Field.STANDING)
    if reason or found is None:
        return _capital(reason)
    return f"{_capital(str(found.before))} → {found.after}"


def _field_row(found: Difference, before: Told, after: Told) -> Row:
    return Row(
        (
            field_name(found.field, after.unit),
            written(found.before, found.field, before),
            written(found.after, found.field, after),
        )
    )


def field_name(field: Field, unit: Unit) -> str:
    """What the field is called: the estimate by what it is in."""
    return unit_title(unit) if field is Field.ESTIMATE and unit is not Unit.COUNT else field.value


def written(value: FieldValue, field: Field, told: Told) -> str:
    """A field's value in words."""
    if isinstance(value, Stakeholder):
        return told.stakeholder(value)
    if isinstance(value, Standing):
        return _capital(value.value)
    if isinstance(value, Estimate):
        return _estimate(value, told)
    if isinstance(value, int):
        return told.team(value) if field is Field.TEAM else told.person(value)
    if value is None:
        return NOBODY if field is Field.ASSIGNEE else NOTHING
    return value or NOTHING


def _estimate(value: Estimate, told: Told) -> str:
    """In the unit of the report; of a board that counts issues, in points and hours as they are there."""
    if not told.counted:
        found = told.estimate(value)
        return "No estimate" if found is None else amount(found, told.unit)
    units = [unit for unit in (Unit.POINTS, Unit.HOURS) if not value.missing(unit)]
    return ", ".join(amount(Amount.of(value).value(unit), unit) for unit in units) or "No estimate"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
