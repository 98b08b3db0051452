"""From the values of charts/ to what a page's state holds: both themes, the reading, the table twin."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from sprintreports.charts import breakdown as breakdowns
from sprintreports.charts import burndown as burndowns
from sprintreports.charts import burnup as burnups
from sprintreports.charts import forecast as forecasts
from sprintreports.charts import velocity as velocities
from sprintreports.charts.figures import Figure, Table
from sprintreports.metrics.burndown import Burndown
from sprintreports.metrics.forecast import SprintForecast
from sprintreports.metrics.sprint_report import Breakdown
from sprintreports.metrics.values import Unit
from sprintreports.metrics.velocity import Velocity
from sprintreports.ui.components.figures import Chart

# Canvas-free text in the page's own typeface: Plotly asks the browser for it by name.
FONT = 'Plex, ui-sans-serif, system-ui, "Segoe UI", sans-serif'
_MARGIN = {"l": 44, "r": 10, "t": 22, "b": 58}
# At the foot of the drawing, below whatever the axis says.
_LEGEND = {"orientation": "h", "x": 0, "xanchor": "left", "yref": "container", "y": 0, "yanchor": "bottom"}


def burndown(course: Burndown, *, unit: Unit, keys: Mapping[int, str]) -> Chart:
    return _chart(
        lambda dark: burndowns.burndown_figure(course, unit=unit, dark=dark, keys=keys),
        burndowns.burndown_reading(course, unit=unit),
        burndowns.burndown_table(course, unit=unit, keys=keys),
    )


def burnup(course: Burndown, *, unit: Unit, keys: Mapping[int, str]) -> Chart:
    return _chart(
        lambda dark: burnups.burnup_figure(course, unit=unit, dark=dark, keys=keys),
        burnups.burnup_reading(course, unit=unit),
        burnups.burnup_table(course, unit=unit, keys=keys),
    )


def forecast(found: SprintForecast) -> Chart:
    return _chart(
        lambda dark: forecasts.forecast_figure(found, dark=dark),
        forecasts.forecast_reading(found),
        forecasts.forecast_table(found),
    )


def breakdown(parts: Sequence[Breakdown], *, unit: Unit, names: Mapping[str, str]) -> Chart:
    drawn = _chart(
        lambda dark: breakdowns.breakdown_figure(parts, unit=unit, dark=dark, names=names),
        breakdowns.breakdown_reading(parts, unit=unit, names=names),
        breakdowns.breakdown_table(parts, unit=unit, names=names),
    )
    return replace(drawn, parts=breakdowns.breakdown_parts(parts, unit=unit, names=names))


def velocity(value: Velocity, *, zone: str) -> Chart:
    return _chart(
        lambda dark: velocities.velocity_figure(value, dark=dark),
        velocities.velocity_reading(value),
        velocities.velocity_table(value, zone=zone),
    )


def _chart(draw: Callable[[bool], Figure], reading: str, table: Table) -> Chart:
    return Chart(
        light=_dressed(draw(False)),
        dark=_dressed(draw(True)),
        reading=reading,
        columns=list(table.columns),
        rows=[list(row) for row in table.rows],
    )


def _dressed(drawn: Figure) -> Figure:
    layout = drawn["layout"]
    dress = {"font": {**layout["font"], "family": FONT}, "margin": _MARGIN, "legend": _LEGEND}
    return {**drawn, "layout": {**layout, **dress}}
