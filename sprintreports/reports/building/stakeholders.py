"""Issues by stakeholder: the Owner field where it is set, else the Reporter; each row says which, and holds its issues."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from sprintreports.charts.words import amount, number, percent, unit_title
from sprintreports.metrics.teams import Breakdown, Dimension
from sprintreports.metrics.values import Unit
from sprintreports.reports.building import issues
from sprintreports.reports.building.distributions import average, distribution_chart, ordered
from sprintreports.reports.building.told import NO_STAKEHOLDER, OWNER, REPORTER, Told, part_of
from sprintreports.reports.document.blocks import Column, Kind, Row, Section, Table, Value
from sprintreports.reports.snapshot import SnapshotIssue

NO_ISSUE = "No issue is in scope, so there are no stakeholders."


def stakeholders(told: Told) -> Section:
    """The chart, and the table with the issues behind each row."""
    return Section(
        "stakeholders",
        "Stakeholders",
        (distribution_chart(told, Dimension.STAKEHOLDER), table(told)),
    )


def table(told: Told) -> Table:
    """A row for each stakeholder with issues in scope, the largest first; its issues as children."""
    behind: defaultdict[str, list[SnapshotIssue]] = defaultdict(list)
    for issue in told.scope:
        behind["" if issue.stakeholder is None else str(issue.stakeholder)].append(issue)
    parts = [
        part
        for part in ordered(told.snapshot.report.of(Dimension.STAKEHOLDER), told)
        if behind.get(part.label)
    ]
    return Table(
        "stakeholders",
        "Issues by stakeholder",
        _columns(told),
        tuple(_row(part, behind[part.label], told) for part in parts),
        NO_ISSUE,
        _reading(parts, told),
        issues.columns(told, behind=True),
    )


def _columns(told: Told) -> tuple[Column, ...]:
    unit = told.unit
    amounts = (
        Column("amount", unit_title(unit), Kind.NUMBER, unit),
        Column("amount_share", f"Share of {unit_title(unit).lower()}", Kind.SHARE),
        Column("average", "Average of an estimated issue", Kind.NUMBER, unit),
    )
    return (
        Column("stakeholder", "Stakeholder"),
        Column("named_by", "Named by"),
        Column("issues", "Issues", Kind.COUNT),
        Column("share", "Share of issues", Kind.SHARE),
        *(() if told.counted else amounts),
        Column("type", "Most common type"),
    )


def _row(part: Breakdown, behind: Sequence[SnapshotIssue], told: Told) -> Row:
    totals, whole = part.totals, told.snapshot.report.totals.final
    amounts: tuple[Value, ...] = ()
    if not told.counted:
        value = told.sum(totals.final, totals)
        share = None if value is None else part_of(value, told.value(whole))
        amounts = value, share, average(totals, told)
    return Row(
        (
            told.label(Dimension.STAKEHOLDER, part.label),
            _named_by(behind),
            totals.final.count,
            part_of(totals.final.count, whole.count),
            *amounts,
            most_common(issue.type for issue in behind),
        ),
        children=issues.rows(behind, told, behind=True),
    )


def most_common(types: Iterable[str]) -> str:
    """The type that occurs most; those that occur as often, up to three of them by name."""
    counts = Counter(types)
    highest = max(counts.values(), default=0)
    tied = sorted(name for name, count in counts.items() if count == highest)
    more = len(tied) - 3
    return ", ".join(tied[:3]) + (f" and {more} more" if more > 0 else "")


def _named_by(behind: Sequence[SnapshotIssue]) -> str:
    if behind[0].stakeholder is None:
        return NO_STAKEHOLDER
    owned = sum(1 for issue in behind if issue.stakeholder_is_owner)
    if owned in (0, len(behind)):
        return OWNER if owned else REPORTER
    return f"{OWNER} ({number(owned)}), {REPORTER} ({number(len(behind) - owned)})"


def _reading(parts: Sequence[Breakdown], told: Told) -> str:
    if not parts:
        return ""
    whole = told.snapshot.report.totals.final.count
    most = max(parts, key=lambda part: part.totals.final.count)
    count = most.totals.final.count
    name = told.label(Dimension.STAKEHOLDER, most.label)
    people = sum(1 for part in parts if part.label)
    asked = f"{number(people)} {'stakeholder has' if people == 1 else 'stakeholders have'} issues in scope"
    if not most.label:
        return f"{asked}; {amount(count, Unit.COUNT)} ({percent(count / whole)}) {'has' if count == 1 else 'have'} none."
    return f"{asked}; {name} has the most, {amount(count, Unit.COUNT)} ({percent(count / whole)})."
