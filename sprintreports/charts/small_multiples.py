"""Small multiples: a panel for each board or team, all on one scale, so that panels can be compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sprintreports.charts.figures import MOST_POINTS, Figure, Trace, axis, empty_figure, figure
from sprintreports.charts.theme import palette
from sprintreports.charts.words import amount, as_is, shortened
from sprintreports.metrics.values import Unit

NOTHING_THERE = "No closed sprint is shown here, so there is nothing to draw."
#: More panels than this could not be read; who has the most to show comes first.
MOST_PANELS = 12
#: Longer names would run into the next panel; the texts beside the points have them whole.
LONGEST_NAME = 32
_ACROSS = 3
_GAP_X, _GAP_Y = 0.05, 0.12


@dataclass(frozen=True, slots=True)
class Panel:
    """A name with one commitment and one completion a sprint, oldest first; None: not in this sprint."""

    name: str
    committed: tuple[float | None, ...]
    completed: tuple[float | None, ...]

    @property
    def work(self) -> float:
        """What was completed in all, by which panels are chosen."""
        return sum(value or 0 for value in self.completed)


def chosen(panels: Sequence[Panel]) -> list[Panel]:
    """Those that are drawn: the ones with the most work completed, by that and then by name."""
    width = max((len(panel.completed) for panel in panels), default=1)
    most = max(1, min(MOST_PANELS, MOST_POINTS // (2 * max(1, width))))
    return sorted(panels, key=lambda panel: (-panel.work, panel.name))[:most]


def small_multiples_figure(
    panels: Sequence[Panel], *, sprints: Sequence[Sequence[str]], unit: Unit, dark: bool = False
) -> Figure:
    """Committed as a line, completed as bars, in each panel. sprints: the names of each drawn panel's sprints, for the hover texts."""
    if not panels:
        return empty_figure(NOTHING_THERE, dark=dark)
    colours = palette(dark=dark)
    highest = max(
        (value or 0 for panel in panels for value in (*panel.committed, *panel.completed)), default=0
    )
    traces: list[Trace] = []
    layout: dict[str, Any] = {"annotations": [], "bargap": 0.25}
    down = -(-len(panels) // _ACROSS)
    for place, panel in enumerate(panels):
        left, right, low, high = _cell(place, down)
        names = sprints[place]
        axes = _axes(place, x=(left, right), y=(low, high), most=highest, dark=dark)
        layout |= axes
        traces += [
            _bars(panel, names, place, unit=unit, colour=colours.done),
            _line(panel, names, place, unit=unit, colour=colours.remaining),
        ]
        layout["annotations"].append(
            {
                "text": as_is(shortened(panel.name, LONGEST_NAME)), "showarrow": False, "xref": "paper", "yref": "paper", "x": left, "y": high,
                "xanchor": "left", "yanchor": "bottom", "font": {"size": 11},
            }
        )  # fmt: skip
    # The sprints are not named below, so the legend needs to leave no room for that.
    legend = {"orientation": "h", "x": 0, "y": -0.04}
    return figure(traces, dark=dark, height=70 + 150 * down, legend=legend, **layout)


def _cell(place: int, down: int) -> tuple[float, float, float, float]:
    column, row = place % _ACROSS, place // _ACROSS
    width = (1 - _GAP_X * (_ACROSS - 1)) / _ACROSS
    gap = _GAP_Y / down * 2
    height = (1 - gap * down) / down
    left = column * (width + _GAP_X)
    top = 1 - row * (height + gap) - gap / 2
    return left, left + width, max(0.0, top - height), top


def _axes(
    place: int, *, x: tuple[float, float], y: tuple[float, float], most: float, dark: bool
) -> dict[str, Any]:
    end = "" if place == 0 else str(place + 1)
    hidden = {"showticklabels": False, "showgrid": False, "domain": list(x), "anchor": f"y{end}"}
    scale = {
        "domain": list(y),
        "anchor": f"x{end}",
        "range": [0, most * 1.05 or 1],
        "showticklabels": place % _ACROSS == 0,
        "nticks": 4,
    }
    return {f"xaxis{end}": axis(None, dark=dark, **hidden), f"yaxis{end}": axis(None, dark=dark, **scale)}


def _bars(panel: Panel, sprints: Sequence[str], place: int, *, unit: Unit, colour: str) -> Trace:
    return {
        "type": "bar",
        "name": "Completed",
        "textposition": "none",
        "marker": {"color": colour},
        **_values(panel, panel.completed, sprints, place, "Completed", unit),
    }


def _line(panel: Panel, sprints: Sequence[str], place: int, *, unit: Unit, colour: str) -> Trace:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": "Committed",
        "line": {"color": colour, "width": 2},
        "marker": {"size": 4, "color": colour},
        **_values(panel, panel.committed, sprints, place, "Committed", unit),
    }


def _values(
    panel: Panel,
    values: Sequence[float | None],
    sprints: Sequence[str],
    place: int,
    name: str,
    unit: Unit,
) -> Trace:
    end = "" if place == 0 else str(place + 1)
    return {
        "x": list(range(len(values))),
        "y": list(values),
        "text": [
            f"{as_is(panel.name)} · {as_is(sprint)}<br>{name}: {'not known' if value is None else amount(value, unit)}"
            for sprint, value in zip(sprints, values, strict=True)
        ],
        "hovertemplate": "%{text}<extra></extra>",
        "xaxis": f"x{end}",
        "yaxis": f"y{end}",
        "legendgroup": name,
        "showlegend": place == 0,
    }
