"""The burnup: scope and work done, two lines that should meet."""

from __future__ import annotations

from collections.abc import Mapping

from sprintreports.charts.course import (
    NOT_STARTED,
    course_reading,
    hover,
    marks,
    surroundings,
    table_rows,
    time_range,
)
from sprintreports.charts.figures import Figure, Table, axis, dates, empty_figure, figure, line
from sprintreports.charts.theme import palette, translucent
from sprintreports.charts.words import plotted, unit_title
from sprintreports.metrics.burndown import Burndown
from sprintreports.metrics.values import Unit

_NO_KEYS: Mapping[int, str] = {}


def burnup_figure(
    course: Burndown | None, *, unit: Unit, dark: bool = False, keys: Mapping[int, str] = _NO_KEYS
) -> Figure:
    """Scope and done from the start to the close or now. keys: issue id -> key, for the hover texts."""
    if course is None or not course.steps:
        return empty_figure(NOT_STARTED, dark=dark)
    colours, zone = palette(dark=dark), course.zone
    drawn = marks(course, unit=unit, keys=keys)
    x = [*(plotted(mark.at, zone=zone) for mark in drawn), plotted(course.end, zone=zone)]
    texts = [*(hover(mark, unit=unit, zone=zone) for mark in drawn), ""]
    scope = [*(mark.scope for mark in drawn), drawn[-1].scope]
    done = [*(mark.done for mark in drawn), drawn[-1].done]
    traces = [
        line(
            "Scope",
            x,
            scope,
            colour=colours.scope,
            hovertemplate="%{y} in scope<br>%{text}<extra></extra>",
            shape="hv",
            text=texts,
        ),
        line(
            "Done",
            x,
            done,
            colour=colours.done,
            hovertemplate="%{y} done<br>%{text}<extra></extra>",
            fill="tozeroy",
            fillcolor=translucent(colours.done, 0.12),
            shape="hv",
            text=texts,
        ),
    ]
    return figure(
        traces,
        dark=dark,
        xaxis=dates(dark=dark, range=time_range(course)),
        yaxis=axis(unit_title(unit), dark=dark, rangemode="tozero"),
        **surroundings(course, colours=colours),
    )


def burnup_table(course: Burndown | None, *, unit: Unit, keys: Mapping[int, str] = _NO_KEYS) -> Table:
    """The steps of the burnup as rows; without rows before the start."""
    if course is None:
        return Table((), ())
    return Table(*table_rows(course, unit=unit, keys=keys))


def burnup_reading(course: Burndown | None, *, unit: Unit) -> str:
    """What the burnup shows, in one sentence."""
    return course_reading(course, unit=unit)
