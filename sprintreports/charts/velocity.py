"""Velocity: commitment and completion of each sprint, the mean, its spread and the natural limits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sprintreports.charts.figures import Figure, Table, Trace, axis, empty_figure, figure, line
from sprintreports.charts.theme import Palette, palette, translucent
from sprintreports.charts.words import (
    amount,
    as_is,
    common_words,
    number,
    percent,
    rounded,
    shortened,
    unit_title,
)
from sprintreports.metrics.calendar import local_day
from sprintreports.metrics.values import Unit
from sprintreports.metrics.velocity import Velocity

_MOST_LABELS = 13
#: As many letters stand beside each other below the bars; the texts beside the bars and the table have names whole.
_LETTERS, _LEAST_LETTERS = 100, 6
# Two rows of names in the legend.
_MARGIN = {"l": 48, "r": 16, "t": 32, "b": 84}
NO_VELOCITY = "No sprint has been closed yet, so there is no velocity."


def velocity_figure(velocity: Velocity | None, *, dark: bool = False) -> Figure:
    """Two bars a sprint, oldest first, in the unit of the velocity."""
    if velocity is None or velocity.mean is None:
        return empty_figure(NO_VELOCITY, dark=dark)
    colours, unit = palette(dark=dark), velocity.unit
    bars = velocity.sprints
    names = [bar.name for bar in bars]
    traces: list[Trace] = [
        _bars("Committed", [bar.committed for bar in bars], names, unit=unit, colour=colours.remaining),
        _bars("Completed", [bar.completed for bar in bars], names, unit=unit, colour=colours.done),
    ]
    ends = [-0.5, len(bars) - 0.5]
    traces.append(_level("Mean completed", velocity.mean, ends, colours.scope, "solid"))
    if velocity.spread is not None:
        traces.append(_band_name(colours))
    if velocity.low is not None and velocity.high is not None:
        traces.append(_level("Upper natural limit", velocity.high, ends, colours.guide, "dot"))
        traces.append(_level("Lower natural limit", velocity.low, ends, colours.guide, "dot"))
    return figure(
        traces,
        dark=dark,
        barmode="group",
        bargap=0.3,
        xaxis={**axis(None, dark=dark, range=ends), **_ticks(names)},
        margin=_MARGIN,
        yaxis=axis(unit_title(unit), dark=dark, rangemode="tozero"),
        shapes=_band(velocity, colours),
    )


def velocity_table(velocity: Velocity | None, *, zone: str = "UTC") -> Table:
    """One row for each sprint used, oldest first. zone: for the day of the close."""
    if velocity is None:
        return Table((), ())
    name = unit_title(velocity.unit).lower()
    columns = (
        "Sprint", f"Closed ({zone})", f"Committed ({name})", f"Completed ({name})",
        f"Completed by initial estimates ({name})", "Say/do", "Churn", "Issues in scope without estimate",
    )  # fmt: skip
    rows = tuple(
        (
            bar.name,
            local_day(bar.close, zone=zone).isoformat(),
            number(bar.committed),
            number(bar.completed),
            number(bar.completed_initial),
            percent(bar.say_do),
            percent(bar.churn),
            str(bar.unestimated),
        )
        for bar in velocity.sprints
    )
    return Table(columns, rows)


def velocity_reading(velocity: Velocity | None) -> str:
    """What the velocity chart shows, in one sentence."""
    if velocity is None or velocity.mean is None:
        return NO_VELOCITY
    if velocity.none_estimated:
        return f"No issue of the closed sprints shown is estimated in {unit_title(velocity.unit).lower()}."
    count = len(velocity.sprints)
    if count == 1:
        bar = velocity.sprints[0]
        return f"The only closed sprint here, {bar.name}, completed {amount(bar.completed, velocity.unit)}; one sprint shows no spread."
    mean = f"{rounded(velocity.mean)} {unit_title(velocity.unit).lower()}"
    spread = "" if velocity.spread is None else f", give or take {rounded(velocity.spread)}"
    kept = velocity.say_do_median
    median = "" if kept is None else f"; the median sprint completed {percent(kept)} of its commitment"
    return f"The {count} closed sprints shown completed {mean} on average{spread}{median}."


def _ticks(names: Sequence[str]) -> dict[str, Any]:
    """Sprints may share a name, so bars stand on numbers and the names are only their labels. The words that all of them begin with
    are said once, below the axis.
    """
    shared, shown = common_words(names), _labelled(len(names))
    most = max(_LEAST_LETTERS, _LETTERS // max(len(shown), 1))
    texts = [as_is(shortened(names[place].removeprefix(shared).strip(), most)) for place in shown]
    title = {"title": {"text": as_is(shared.strip()), "standoff": 4}} if shared else {}
    return {"tickmode": "array", "tickvals": shown, "ticktext": texts, **title}


def _labelled(count: int) -> list[int]:
    """The places that are named below the bars: evenly apart, the newest among them, as many as do not collide."""
    step = -(-count // _MOST_LABELS)
    return list(range(count - 1, -1, -step))[::-1]


def _bars(name: str, values: list[float], sprints: list[str], *, unit: Unit, colour: str) -> Trace:
    return {
        "type": "bar",
        "name": name,
        "x": list(range(len(sprints))),
        "y": values,
        "text": [
            f"{as_is(sprint)}<br>{name}: {amount(value, unit)}"
            for sprint, value in zip(sprints, values, strict=True)
        ],
        "textposition": "none",
        "hovertemplate": "%{text}<extra></extra>",
        "marker": {"color": colour},
    }


def _level(name: str, value: float, ends: list[float], colour: str, dash: str) -> Trace:
    text = f"{name}: {rounded(value)}<extra></extra>"
    return line(name, ends, [value, value], colour=colour, line={"dash": dash}, hovertemplate=text)


def _band_name(colours: Palette) -> Trace:
    """An entry of the legend for the band, which is a shape and so has none of its own."""
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "Mean ± one standard deviation",
        "x": [None],
        "y": [None],
        "hoverinfo": "skip",
        "marker": {"symbol": "square", "size": 11, "color": translucent(colours.scope, 0.35)},
    }


def _band(velocity: Velocity, colours: Palette) -> list[dict[str, object]]:
    if velocity.mean is None or velocity.spread is None:
        return []
    return [
        {
            "type": "rect",
            "xref": "paper",
            "yref": "y",
            "x0": 0,
            "x1": 1,
            "y0": max(0.0, velocity.mean - velocity.spread),
            "y1": velocity.mean + velocity.spread,
            "fillcolor": translucent(colours.scope, 0.14),
            "line": {"width": 0},
            "layer": "below",
        }
    ]
