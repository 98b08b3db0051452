"""How the scope is spread: by type, status, priority and team, each as a chart with issues, shares and points."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from sprintreports.charts.breakdown import breakdown_figure, breakdown_parts, breakdown_reading
from sprintreports.charts.theme import palette
from sprintreports.charts.words import unit_title
from sprintreports.metrics.teams import Breakdown, Dimension
from sprintreports.metrics.totals import Totals
from sprintreports.metrics.values import NOTHING
from sprintreports.reports.building.told import Told, part_of
from sprintreports.reports.document.blocks import (
    Chart,
    Column,
    Kind,
    Native,
    Row,
    Section,
    Series,
    Shape,
    Table,
    Value,
)

_HEADINGS = {
    Dimension.TYPE: ("types", "Issue types", "Type"),
    Dimension.STATUS: ("statuses", "Statuses", "Status"),
    Dimension.PRIORITY: ("priorities", "Priorities", "Priority"),
    Dimension.TEAM: ("teams", "Teams", "Team"),
    Dimension.ASSIGNEE: ("assignees", "Assignees", "Assignee"),
    Dimension.STAKEHOLDER: ("stakeholders", "Stakeholders", "Stakeholder"),
}
NO_ISSUE = "No issue of this sprint counts here."
_COLOURS = palette(dark=False)
_SERIES = (
    Series("completed", "Completed", _COLOURS.done),
    Series("not_completed", "Not completed", _COLOURS.remaining),
    Series("removed", "Removed", _COLOURS.removed),
)


def heading(dimension: Dimension) -> tuple[str, str, str]:
    """Key, title in the plural and label of a dimension."""
    return _HEADINGS[dimension]


def distribution(told: Told, dimension: Dimension) -> Section:
    """The section of one dimension."""
    key, title, _ = _HEADINGS[dimension]
    return Section(key, title, (distribution_chart(told, dimension),))


def distribution_chart(told: Told, dimension: Dimension) -> Chart:
    """Completed, not completed and removed by label; beneath, issues and points in scope with their shares."""
    key, title, label = _HEADINGS[dimension]
    parts = told.snapshot.report.of(dimension)
    names, unit = told.labels(parts), told.unit
    table = Table(
        f"{key}_table",
        title,
        _columns(told, label),
        tuple(_row(part, told) for part in ordered(parts, told)),
        NO_ISSUE,
    )
    light, dark = (breakdown_figure(parts, unit=unit, names=names, dark=dark) for dark in (False, True))
    reading = breakdown_reading(parts, unit=unit, names=names)
    return Chart(
        f"{key}_chart", title, reading, light, dark, table, Native(Shape.BARS, "label", _SERIES, stacked=True)
    )


def ordered(parts: Sequence[Breakdown], told: Told) -> list[Breakdown]:
    """As the chart draws them: the largest scope first."""
    by_label = {part.label: part for part in parts}
    return [by_label[label] for label in breakdown_parts(parts, unit=told.unit, names=told.labels(parts))]


def summaries(told: Told) -> Section:
    """How many issues of each type are in which status, with their points."""
    counts: Counter[tuple[str, str]] = Counter()
    sums: defaultdict[tuple[str, str], float] = defaultdict(float)
    for issue in told.scope:
        place = issue.type, issue.status
        counts[place] += 1
        sums[place] += told.estimate(issue.outcome.final if issue.outcome else None) or 0
    whole = sum(counts.values())
    rows = tuple(
        Row(
            (
                kind,
                status,
                count,
                part_of(count, whole),
                *(() if told.counted else (round(sums[kind, status], 6),)),
            )
        )
        for (kind, status), count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    )
    columns = (
        Column("type", "Type"),
        Column("status", "Status"),
        Column("issues", "Issues", Kind.COUNT),
        Column("share", "Share of issues", Kind.SHARE),
        *(() if told.counted else (Column("amount", unit_title(told.unit), Kind.NUMBER, told.unit),)),
    )
    table = Table("types_by_status", "Types by status", columns, rows, NO_ISSUE)
    return Section("summaries", "Types by status", (table,))


def _columns(told: Told, label: str) -> tuple[Column, ...]:
    unit = told.unit
    amounts = (
        Column("amount", unit_title(unit), Kind.NUMBER, unit),
        Column("amount_share", f"Share of {unit_title(unit).lower()}", Kind.SHARE),
        Column("average", "Average of an estimated issue", Kind.NUMBER, unit),
    )
    return (
        Column("label", label),
        Column("issues", "Issues", Kind.COUNT),
        Column("share", "Share of issues", Kind.SHARE),
        *(() if told.counted else amounts),
        Column("completed", "Completed", Kind.NUMBER, unit),
        Column("not_completed", "Not completed", Kind.NUMBER, unit),
        Column("removed", "Removed", Kind.NUMBER, unit),
    )


def _row(part: Breakdown, told: Told) -> Row:
    totals, whole = part.totals, told.snapshot.report.totals.final
    amounts: tuple[Value, ...] = ()
    if not told.counted:
        value = told.sum(totals.final, totals)
        share = None if value is None else part_of(value, told.value(whole))
        amounts = value, share, average(totals, told)
    return Row(
        (
            told.label(part.dimension, part.label),
            totals.final.count,
            part_of(totals.final.count, whole.count),
            *amounts,
            told.sum(totals.completed, totals),
            told.sum(totals.not_completed, totals),
            told.sum(totals.removed, totals),
        )
    )


def average(totals: Totals, told: Told) -> float | None:
    """What an estimated issue in scope is estimated at; None where none is, or issues are counted."""
    if told.counted or totals.final is NOTHING:
        return None
    return part_of(told.value(totals.final), totals.final.count - totals.unestimated_in(told.unit))
