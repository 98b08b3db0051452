"""The burndown: remaining work as steps, scope changes marked, beside the guideline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sprintreports.charts.course import (
    MOST_STEPS,
    NOT_STARTED,
    Mark,
    course_reading,
    hover,
    marks,
    surroundings,
    table_rows,
    time_range,
)
from sprintreports.charts.figures import Figure, Table, Trace, axis, dates, empty_figure, figure, line
from sprintreports.charts.theme import palette
from sprintreports.charts.words import number, plotted, unit_title
from sprintreports.metrics.burndown import Burndown
from sprintreports.metrics.calendar import GuidePoint
from sprintreports.metrics.values import Unit

_NO_KEYS: Mapping[int, str] = {}


def burndown_figure(
    course: Burndown | None,
    *,
    unit: Unit,
    dark: bool = False,
    keys: Mapping[int, str] = _NO_KEYS,
    drawn: Sequence[Mark] | None = None,
) -> Figure:
    """Remaining work from the start to the close or now. keys: issue id -> key, for the hover texts. drawn: its `marks`, where
    the caller has them."""
    if course is None or not course.steps:
        return empty_figure(NOT_STARTED, dark=dark)
    colours, zone = palette(dark=dark), course.zone
    drawn = marks(course, unit=unit, keys=keys) if drawn is None else drawn
    x = [plotted(mark.at, zone=zone) for mark in drawn]
    texts = [hover(mark, unit=unit, zone=zone) for mark in drawn]
    remaining = [mark.remaining for mark in drawn]
    end = f"{number(remaining[-1])} remaining"
    traces: list[Trace] = [
        line(
            "Remaining",
            [*x, plotted(course.end, zone=zone)],
            [*remaining, remaining[-1]],
            colour=colours.remaining,
            shape="hv",
            text=[*texts, end],
            hovertemplate="%{text}<extra></extra>",
        )
    ]
    changed = [place for place, mark in enumerate(drawn) if mark.changes_scope]
    if changed:
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": "Scope change",
                "x": [x[place] for place in changed],
                "y": [remaining[place] for place in changed],
                "text": [texts[place] for place in changed],
                "hovertemplate": "%{text}<extra></extra>",
                "marker": {"color": colours.scope, "size": 8, "symbol": "diamond"},
            }
        )
    if course.guideline:
        corners = _thinned(course.guideline)
        traces.append(
            line(
                "Guideline",
                [plotted(corner.at, zone=zone) for corner in corners],
                [round(corner.value(unit), 3) for corner in corners],
                colour=colours.guide,
                line={"dash": "dash", "width": 1},
                hoverinfo="skip",
            )
        )
    return figure(
        traces,
        dark=dark,
        xaxis=dates(dark=dark, range=time_range(course)),
        yaxis=axis(f"{unit_title(unit)} remaining", dark=dark, rangemode="tozero"),
        **surroundings(course, colours=colours),
    )


def burndown_table(course: Burndown | None, *, unit: Unit, keys: Mapping[int, str] = _NO_KEYS) -> Table:
    """The steps of the burndown as rows; without rows before the start."""
    if course is None:
        return Table((), ())
    return Table(*table_rows(course, unit=unit, keys=keys))


def burndown_reading(course: Burndown | None, *, unit: Unit) -> str:
    """What the burndown shows, in one sentence."""
    return course_reading(course, unit=unit)


def _thinned(corners: Sequence[GuidePoint]) -> Sequence[GuidePoint]:
    if len(corners) <= MOST_STEPS:
        return corners
    size = -(-len(corners) // MOST_STEPS)
    return [*corners[:-1:size], corners[-1]]
