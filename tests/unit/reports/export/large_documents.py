"""Documents of any size, of the shape that a baseline report has: every issue once under its stakeholder and once in a list."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from sprintreports.metrics.values import Unit
from sprintreports.reports.document.blocks import (
    Column,
    Document,
    IssueRef,
    Kind,
    Row,
    Section,
    Status,
    Table,
    Tone,
)
from tests import reports_samples

_STATUSES = (
    Status("To Do", Tone.NEUTRAL),
    Status("In Progress", Tone.ACTIVE),
    Status("In Review", Tone.ACTIVE),
    Status("Done", Tone.GOOD),
)
_COLUMNS = (
    Column("issue", "Issue", Kind.ISSUE),
    Column("summary", "Summary", wide=True),
    Column("type", "Type"),
    Column("status", "Status", Kind.STATUS),
    Column("priority", "Priority"),
    Column("assignee", "Assignee"),
    Column("team", "Team"),
    Column("points", "Points", Kind.NUMBER, Unit.POINTS),
)
_STAKEHOLDERS = (
    Column("name", "Stakeholder"),
    Column("issues", "Issues", Kind.COUNT),
    Column("points", "Points", Kind.NUMBER, Unit.POINTS),
)


def large(issues: int, *, stakeholders: int = 40) -> Document:
    """A document with so many issues: 1 to 8 points each, the stakeholders in turn."""
    rows = tuple(_issue(number) for number in range(1, issues + 1))
    parts = [rows[place::stakeholders] for place in range(min(stakeholders, issues))]
    by_stakeholder = tuple(
        Row((f"Stakeholder {place:02}", len(part), float(sum(_points(row) for row in part))), children=part)
        for place, part in enumerate(parts, start=1)
    )
    small = reports_samples.document()
    sections = (
        small.sections[0],
        Section(
            "stakeholders",
            "Issues by stakeholder",
            (Table("by_stakeholder", "Stakeholders", _STAKEHOLDERS, by_stakeholder, "None.", child_columns=_COLUMNS),),
        ),
        Section("issues", "Issues", (Table("issues", "All issues", _COLUMNS, rows, "There are none."),)),
        small.sections[-1],
    )  # fmt: skip
    return replace(small, title=f"Baseline of {issues} issues", sections=sections)


def _points(row: Row) -> float:
    value = row.cells[-1]
    return value if isinstance(value, float) else 0.0


def _issue(number: int) -> Row:
    made = date(2026, 1, 1) + timedelta(days=number % 60)
    return Row(
        (
            IssueRef(f"PAY-{number}", f"https://payments.example.com/browse/PAY-{number}"),
            f"Settle what customers were promised on {made}, case {number} of the list of the year",
            ("Story", "Bug", "Task")[number % 3],
            _STATUSES[number % 4],
            ("High", "Medium", "Low")[number % 3],
            f"Person {number % 50:02}",
            f"Team {number % 10}",
            float(1 + number % 8),
        )
    )
