"""Before and after: two bars for each label, the largest on top."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sprintreports.charts.figures import Figure, Trace, axis, empty_figure, figure
from sprintreports.charts.theme import palette
from sprintreports.charts.words import amount, as_is, number, shortened, unit_title
from sprintreports.metrics.values import Unit

NOTHING_THERE = "Neither state has an issue in scope here."
#: Pairs beyond this number are drawn as one, "Others"; the table has them all.
MOST_PAIRS = 15
#: Longer labels would leave no room for the bars; the texts beside them and the table have them whole.
LONGEST_LABEL = 40


@dataclass(frozen=True, slots=True)
class Pair:
    """A label with its two values in the chart's unit."""

    label: str
    before: float
    after: float


def ordered(pairs: Sequence[Pair]) -> list[Pair]:
    """The larger of both values first, then by label."""
    return sorted(pairs, key=lambda pair: (-max(pair.before, pair.after), pair.label))


def before_after_figure(
    pairs: Sequence[Pair],
    *,
    unit: Unit,
    names: tuple[str, str] = ("Before", "After"),
    dark: bool = False,
) -> Figure:
    """Two bars a label. names: what the two states are called in the legend."""
    bars = ordered(pairs)
    if not bars:
        return empty_figure(NOTHING_THERE, dark=dark)
    if len(bars) > MOST_PAIRS:
        rest = bars[MOST_PAIRS - 1 :]
        before, after = sum(pair.before for pair in rest), sum(pair.after for pair in rest)
        bars = [*bars[: MOST_PAIRS - 1], Pair(f"Others ({len(rest)})", before, after)]
    colours = palette(dark=dark)
    traces = [
        _trace(names[0], bars, [pair.before for pair in bars], unit=unit, colour=colours.guide),
        _trace(names[1], bars, [pair.after for pair in bars], unit=unit, colour=colours.remaining),
    ]
    # Labels may be alike (people share names), so bars stand on numbers.
    ticks = {
        "tickmode": "array",
        "tickvals": list(range(len(bars))),
        "ticktext": [as_is(shortened(pair.label, LONGEST_LABEL)) for pair in bars],
    }
    return figure(
        traces,
        dark=dark,
        barmode="group",
        xaxis=axis(unit_title(unit), dark=dark, rangemode="tozero"),
        yaxis=axis(None, dark=dark, autorange="reversed", **ticks),
    )


def before_after_reading(pairs: Sequence[Pair], *, unit: Unit) -> str:
    """Which label changed most, in one sentence."""
    if not pairs:
        return NOTHING_THERE
    largest = max(abs(pair.after - pair.before) for pair in pairs)
    if not largest:
        return f"None of them changed in {unit_title(unit).lower()}."
    first, *others = [pair for pair in ordered(pairs) if abs(pair.after - pair.before) == largest]
    if others:
        tied = f"{', '.join([first.label, *(pair.label for pair in others[:-1])])} and {others[-1].label}"
        return f"{tied} changed most, by {amount(largest, unit)} each."
    way = "up" if first.after > first.before else "down"
    went = f"from {number(first.before)} to {number(first.after)}"
    return f"{first.label} changed most: {way} by {amount(largest, unit)}, {went}."


def _trace(name: str, bars: Sequence[Pair], values: list[float], *, unit: Unit, colour: str) -> Trace:
    return {
        "type": "bar",
        "orientation": "h",
        "name": as_is(name),
        "x": values,
        "y": list(range(len(bars))),
        "text": [
            f"{as_is(bar.label)}<br>{as_is(name)}: {amount(value, unit)}"
            for bar, value in zip(bars, values, strict=True)
        ],
        "textposition": "none",
        "hovertemplate": "%{text}<extra></extra>",
        "marker": {"color": colour},
    }
