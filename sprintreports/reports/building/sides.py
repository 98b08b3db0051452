"""Two states side by side: what they are called, and bars before and after for each label of a dimension."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sprintreports.charts.before_after import Pair, before_after_figure, before_after_reading, ordered
from sprintreports.charts.theme import palette
from sprintreports.metrics.teams import Dimension
from sprintreports.metrics.values import Unit
from sprintreports.reports.building.baseline import Kept
from sprintreports.reports.building.distributions import heading
from sprintreports.reports.building.told import UNKNOWN, Told
from sprintreports.reports.comparing import Comparison
from sprintreports.reports.comparing.values import GroupChange
from sprintreports.reports.document import text
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

NO_GROUP = "Neither state has an issue in scope here."


@dataclass(frozen=True, slots=True)
class Sides:
    """Both states as they are told, with what is known of them as baselines, and what readers call them."""

    before: Told
    after: Told
    kept_before: Kept | None = None
    kept_after: Kept | None = None

    def names(self, *, same_sprint: bool, zone: str) -> tuple[str, str]:
        """The states of one sprint by their moments, those of two by the sprints' names."""
        first, second = self.before.snapshot, self.after.snapshot
        if not same_sprint and first.sprint_name != second.sprint_name:
            return first.sprint_name, second.sprint_name
        return text.instant(first.moment, zone=zone), text.instant(second.moment, zone=zone)


def before_after(
    comparison: Comparison, sides: Sides, dimension: Dimension, names: tuple[str, str]
) -> Section:
    """Two bars a label, of what is in scope."""
    key, title, label = heading(dimension)
    unit = sides.after.unit
    named = [(label_of(sides, dimension, one.label), one) for one in comparison.groups[dimension]]
    counted = [(name, one) for name, one in named if one.before.final.count or one.after.final.count]
    value = sides.after.value
    pairs = [Pair(name, value(one.before.final), value(one.after.final)) for name, one in counted]
    table = Table(
        f"{key}_table",
        f"{title} before and after",
        _columns(label, unit),
        _rows(counted, sides.after),
        NO_GROUP,
    )
    light, dark = (before_after_figure(pairs, unit=unit, names=names, dark=dark) for dark in (False, True))
    colours = palette(dark=False)
    series = (Series("before", names[0], colours.guide), Series("after", names[1], colours.remaining))
    chart = Chart(
        f"{key}_chart",
        f"{title} before and after",
        before_after_reading(ordered(pairs), unit=unit),
        light,
        dark,
        table,
        Native(Shape.BARS, "label", series),
    )
    return Section(key, title, (chart,))


def _columns(label: str, unit: Unit) -> tuple[Column, ...]:
    return (
        Column("label", label),
        Column("issues_before", "Issues before", Kind.COUNT),
        Column("issues_after", "Issues after", Kind.COUNT),
        Column("issues_change", "Change in issues", Kind.CHANGE),
        Column("before", "Before", Kind.NUMBER, unit),
        Column("after", "After", Kind.NUMBER, unit),
        Column("change", "Change", Kind.CHANGE, unit),
        Column("completed_change", "Change in work completed", Kind.CHANGE, unit),
    )


def _rows(named: Sequence[tuple[str, GroupChange]], told: Told) -> tuple[Row, ...]:
    """In the order of the bars."""

    def place(item: tuple[str, GroupChange]) -> tuple[float, str]:
        name, one = item
        return -max(told.value(one.before.final), told.value(one.after.final)), name

    return tuple(Row((name, *_cells(one, told))) for name, one in sorted(named, key=place))


def _cells(one: GroupChange, told: Told) -> tuple[Value, ...]:
    """Issues and amounts of a label. A side that nobody estimated is not 0 but not known; it adds nothing to the change of the whole,
    so there is none to tell where both are like that."""
    before, after = told.sum(one.before.final, one.before), told.sum(one.after.final, one.after)
    known = before is not None or after is not None
    return (
        one.before.final.count,
        one.after.final.count,
        float(one.after.final.count - one.before.final.count),
        before,
        after,
        told.value(one.after.final - one.before.final) if known else None,
        told.value(one.after.completed - one.before.completed) if known else None,
    )


def label_of(sides: Sides, dimension: Dimension, label: str) -> str:
    """The label's name as the later state knows it, else as the earlier one does."""
    name = sides.after.label(dimension, label)
    return sides.before.label(dimension, label) if name == UNKNOWN else name
