"""What all charts share: the slim layout, the empty chart, the table twin, and traces by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sprintreports.charts import writing
from sprintreports.charts.theme import Palette, palette

Figure: TypeAlias = dict[str, Any]
Trace: TypeAlias = dict[str, Any]

#: Sockets are not compressed: no figure sends more points than this.
MOST_POINTS = 2000

_CLEAR = "rgba(0,0,0,0)"
_DAY, _MONTH = (
    86_400_000,
    28 * 86_400_000,
)  # in milliseconds, as Plotly tells the distance of ticks below a month


@dataclass(frozen=True, slots=True)
class Table:
    """The same numbers as text, for readers who do not see the chart or do not trust it."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def figure(traces: Sequence[Trace], *, dark: bool, **layout: Any) -> Figure:
    """A figure in our slim layout; `layout` adds to it or overrides it."""
    return {"data": list(traces), "layout": {**_frame(palette(dark=dark)), **layout}}


def empty_figure(sentence: str, *, dark: bool) -> Figure:
    """No axes, no zero: the sentence that says why there is nothing to draw."""
    note = {"text": sentence, "showarrow": False, "xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5}
    hidden = {"visible": False}
    return figure([], dark=dark, xaxis=hidden, yaxis=hidden, annotations=[note])


def axis(title: str | None, *, dark: bool, **more: Any) -> dict[str, Any]:
    """An axis in the theme's colours."""
    colours = palette(dark=dark)
    named = {} if title is None else {"title": {"text": title}}
    return {
        "gridcolor": colours.grid,
        "linecolor": colours.grid,
        "zeroline": False,
        "automargin": True,
        **named,
        **more,
    }


def dates(*, dark: bool, **more: Any) -> dict[str, Any]:
    """An axis of time, whose days are in the reader's order; Plotly's own is that of month-first readers."""
    order = writing.style().dates
    if order is writing.DateOrder.MONTH_FIRST:
        return axis(None, dark=dark, type="date", **more)
    day, month = ("%m-%d\n%Y", "%Y-%m") if order is writing.DateOrder.ISO else ("%-d %b\n%Y", "%b %Y")
    stops = [
        {"dtickrange": [None, _DAY - 1], "value": f"%H:%M\n{day.replace(chr(10), ' ')}"},
        {"dtickrange": [_DAY, _MONTH], "value": day},
        {"dtickrange": ["M1", None], "value": month},
    ]
    return axis(None, dark=dark, type="date", tickformatstops=stops, **more)


def line(
    name: str, x: Sequence[Any], y: Sequence[float], *, colour: str, shape: str = "linear", **more: Any
) -> Trace:
    """A line through the points. shape "hv": a level that holds until the next point."""
    style = {"color": colour, "width": 2, "shape": shape, **more.pop("line", {})}
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": list(x),
        "y": list(y),
        "line": style,
        **more,
    }


def upright(
    at: str, label: str, *, colour: str, anchor: str = "center"
) -> tuple[dict[str, Any], dict[str, Any]]:
    """A vertical line at an instant and the annotation that names it; anchor: which part of the name stands there."""
    shape = {
        "type": "line",
        "xref": "x",
        "yref": "paper",
        "x0": at,
        "x1": at,
        "y0": 0,
        "y1": 1,
        "line": {"color": colour, "width": 1, "dash": "dot"},
    }
    note = {
        "text": label,
        "xref": "x",
        "yref": "paper",
        "x": at,
        "y": 1,
        "xanchor": anchor,
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"color": colour, "size": 11},
    }
    return shape, note


def point_count(drawn: Figure) -> int:
    """How many points a figure sends."""
    return sum(len(trace["x"]) for trace in drawn["data"])


def _frame(colours: Palette) -> dict[str, Any]:
    return {
        "paper_bgcolor": _CLEAR,
        "plot_bgcolor": _CLEAR,
        "font": {"color": colours.text, "size": 12},
        "margin": {"l": 48, "r": 16, "t": 32, "b": 64},
        "hovermode": "closest",
        "hoverlabel": {"bgcolor": colours.background, "font": {"color": colours.text}},
        # At the foot of the drawing, below whatever the axis says, in the order in which the series are drawn.
        "legend": {
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "yref": "container",
            "y": 0,
            "yanchor": "bottom",
            "traceorder": "normal",
        },
        "autosize": True,
        **_separators(),
    }


def _separators() -> dict[str, str]:
    chosen = writing.style()
    usual = (chosen.group, chosen.point) == (writing.USUAL.group, writing.USUAL.point)
    return {} if usual else {"separators": chosen.point + chosen.group}
