"""Breakdowns: one stacked bar for each team, type, status, priority or person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sprintreports.charts.figures import Figure, Table, Trace, axis, empty_figure, figure
from sprintreports.charts.theme import palette
from sprintreports.charts.words import amount, as_is, number, percent, signed, unit_title
from sprintreports.metrics.sprint_report import Breakdown, Dimension
from sprintreports.metrics.totals import Totals
from sprintreports.metrics.values import NOTHING, Unit

NO_ISSUES = "No issue of this sprint counts here."
#: Bars beyond this number are drawn as one, "Others"; the table has them all.
MOST_BARS = 20

_UNKNOWN = "—"
_NO_NAMES: Mapping[str, str] = {}
_NOBODY = {
    (Dimension.TEAM, "0"): "No team",
    (Dimension.ASSIGNEE, ""): "Unassigned",
    (Dimension.STAKEHOLDER, ""): "No stakeholder",
}


@dataclass(frozen=True, slots=True)
class _Bar:
    label: str
    totals: Totals
    part: str = ""


def breakdown_figure(
    parts: Sequence[Breakdown], *, unit: Unit, dark: bool = False, names: Mapping[str, str] = _NO_NAMES
) -> Figure:
    """Completed, not completed and removed for each label of one dimension, the largest scope on top.

    names: label -> name, for teams and people, whose labels are ids.
    """
    bars = _ordered(parts, unit=unit, names=names)
    if not bars:
        return empty_figure(NO_ISSUES, dark=dark)
    if len(bars) > MOST_BARS:
        rest = bars[MOST_BARS - 1 :]
        others = sum((bar.totals for bar in rest), Totals())
        bars = [*bars[: MOST_BARS - 1], _Bar(f"Others ({len(rest)})", others)]
    colours = palette(dark=dark)
    series = (
        ("Completed", colours.done, [bar.totals.completed for bar in bars]),
        ("Not completed", colours.remaining, [bar.totals.not_completed for bar in bars]),
        ("Removed", colours.removed, [bar.totals.removed for bar in bars]),
    )
    places = list(range(len(bars)))
    traces = [
        _trace(name, [value.value(unit) for value in values], bars, unit=unit, colour=colour)
        for name, colour, values in series
    ]
    # People may share a name, so bars stand on numbers and the names are only their labels.
    ticks = {"tickmode": "array", "tickvals": places, "ticktext": [as_is(bar.label) for bar in bars]}
    return figure(
        traces,
        dark=dark,
        barmode="stack",
        xaxis=axis(unit_title(unit), dark=dark, rangemode="tozero"),
        yaxis=axis(None, dark=dark, autorange="reversed", **ticks),
    )


def breakdown_table(parts: Sequence[Breakdown], *, unit: Unit, names: Mapping[str, str] = _NO_NAMES) -> Table:
    """All labels with their sums, the largest scope first.

    Committed + added - removed + re-estimated + moved is completed + not completed, in each row whose sums are known.
    """
    name = unit_title(unit).lower()
    moved = any(part.totals.transferred != NOTHING for part in parts)
    columns = (
        "Label", "Issues", f"Committed ({name})", f"Added ({name})", f"Removed ({name})", f"Re-estimated ({name})",
        *((f"Moved between teams ({name})",) if moved else ()), f"Completed ({name})", f"Not completed ({name})",
    )  # fmt: skip
    bars = _ordered(parts, unit=unit, names=names)
    return Table(columns, tuple(_row(bar, unit=unit, moved=moved) for bar in bars))


def _row(bar: _Bar, *, unit: Unit, moved: bool) -> tuple[str, ...]:
    """The sums of a label; a dash where nothing of it is estimated in the unit, which is not 0."""
    totals = bar.totals
    sums = (
        number(totals.initial.value(unit)),
        number(totals.added.value(unit)),
        number(totals.removed.value(unit)),
        signed(totals.reestimated.value(unit)),
        *((signed(totals.transferred.value(unit)),) if moved else ()),
        number(totals.completed.value(unit)),
        number(totals.not_completed.value(unit)),
    )
    return bar.label, str(totals.issues), *(sums if totals.known_in(unit) else (_UNKNOWN,) * len(sums))


def breakdown_reading(parts: Sequence[Breakdown], *, unit: Unit, names: Mapping[str, str] = _NO_NAMES) -> str:
    """Which label has the most scope, and how much of it is done, in one sentence."""
    bars = _ordered(parts, unit=unit, names=names)
    if not bars:
        return NO_ISSUES
    first = bars[0]
    largest = first.totals.final.value(unit)
    scope = sum(bar.totals.final.value(unit) for bar in bars)
    if scope <= 0:
        return f"What is in scope adds up to 0 {unit_title(unit).lower()}."
    done = number(first.totals.completed.value(unit))
    share = percent(largest / scope)
    others = [bar.label for bar in bars[1:] if bar.totals.final.value(unit) == largest]
    if others:
        tied = f"{', '.join([first.label, *others[:-1]])} and {others[-1]}"
        return f"{tied} have the most scope: {number(largest)} of {amount(scope, unit)} each ({share})."
    return f"{first.label} has the most scope: {number(largest)} of {amount(scope, unit)} ({share}), {done} of them completed."


def breakdown_parts(
    parts: Sequence[Breakdown], *, unit: Unit, names: Mapping[str, str] = _NO_NAMES
) -> list[str]:
    """The parts' own labels in the order of the table's rows, which is that of the bars."""
    return [bar.part for bar in _ordered(parts, unit=unit, names=names)]


def _ordered(parts: Sequence[Breakdown], *, unit: Unit, names: Mapping[str, str]) -> list[_Bar]:
    bars = [_Bar(_name(part, names), part.totals, part.label) for part in parts]
    return sorted(bars, key=lambda bar: (-bar.totals.final.value(unit), bar.label, bar.part))


def _name(part: Breakdown, names: Mapping[str, str]) -> str:
    nobody = _NOBODY.get((part.dimension, part.label))
    return nobody or names.get(part.label) or part.label or "None"


def _trace(name: str, values: list[float], bars: list[_Bar], *, unit: Unit, colour: str) -> Trace:
    return {
        "type": "bar",
        "orientation": "h",
        "name": name,
        "x": values,
        "y": list(range(len(bars))),
        "text": [
            f"{as_is(bar.label)}<br>{name}: {amount(value, unit)}"
            for bar, value in zip(bars, values, strict=True)
        ],
        "textposition": "none",
        "hovertemplate": "%{text}<extra></extra>",
        "marker": {"color": colour},
    }
