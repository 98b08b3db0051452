"""KPI tiles, and charts that come with a reading, their definition and a table of the same numbers."""

from dataclasses import dataclass, field
from typing import Any

import plotly.graph_objects as go
import reflex as rx

from sprintreports.ui.components.basics import Child, link
from sprintreports.ui.definitions import DEFINITIONS


@dataclass
class Kpi:
    """One figure as text. An unknown one is an em dash, and its note says why."""

    value: str = "—"
    unit: str = ""
    note: str = ""
    tone: str = ""


@dataclass
class Chart:
    """One chart in both themes, its sentence, and its table twin. Empty until loaded: defaults are public."""

    light: dict[str, Any] = field(default_factory=dict)
    dark: dict[str, Any] = field(default_factory=dict)
    reading: str = ""
    columns: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)


def why(key: str, *, place: str = "") -> rx.Component:
    """The button "How is this computed?" with its popover."""
    definition = DEFINITIONS[key]
    identity = f"why-{place}{key}"
    return rx.fragment(
        rx.el.button(
            rx.icon("circle-help", size=15),
            type="button",
            class_name="why",
            custom_attrs={"popoverTarget": identity, "aria-label": f"How is {definition.name} computed?"},
        ),
        rx.el.div(
            rx.el.h3(definition.name),
            rx.el.p(definition.meaning),
            rx.el.p(definition.formula, class_name="quiet"),
            rx.el.p(link("All definitions", to=f"/definitions#{key}")),
            id=identity,
            class_name="pop",
            custom_attrs={"popover": "auto"},
        ),
    )


def kpi(key: str, figure: Any, *, name: Child = "") -> rx.Component:
    """A tile: label, value, comparison. `figure` is a Kpi var."""
    return rx.el.div(
        rx.el.div(rx.el.span(name or DEFINITIONS[key].name), why(key, place="kpi-"), class_name="kpi-label"),
        rx.el.div(
            figure.value,
            rx.cond(figure.unit != "", rx.el.span(figure.unit, class_name="unit")),
            class_name="kpi-value",
        ),
        rx.el.div(figure.note, class_name="kpi-note " + figure.tone),
        class_name="kpi",
        role="group",
        custom_attrs={"aria-label": name or DEFINITIONS[key].name},
    )


def kpis(*tiles: rx.Component) -> rx.Component:
    return rx.el.section(*tiles, class_name="kpis", custom_attrs={"aria-label": "Key figures"})


def chart_card(
    key: str, chart: Any, *, title: str = "", controls: rx.Component | None = None
) -> rx.Component:
    """A chart with its title, its reading in a sentence, its definition, and its table twin."""
    name = title or DEFINITIONS[key].name
    return rx.el.section(
        rx.el.header(
            rx.el.div(rx.el.h2(name), rx.el.p(chart.reading, class_name="reading"), class_name="grow"),
            _twin_switch(key, name),
            why(key, place="chart-"),
            class_name="panel-head",
        ),
        rx.el.div(controls, class_name="card-controls") if controls else rx.fragment(),
        rx.el.div(
            rx.el.div(
                rx.color_mode_cond(_plot(chart.light), _plot(chart.dark)),
                class_name="chart-side chart",
                role="img",
                custom_attrs={"aria-label": name + ". " + chart.reading},
            ),
            rx.el.div(data_table(chart.columns, chart.rows, caption=name), class_name="table-side", tab_index=0,
                      role="region", custom_attrs={"aria-label": name + ", as a table"}),
            class_name="panel-body",
        ),
        class_name="panel chart-card",
    )  # fmt: skip


def data_table(columns: Any, rows: Any, *, caption: str) -> rx.Component:
    """The numbers of a chart: first column names the row, the others are right-aligned."""
    return rx.el.table(
        rx.el.caption(caption, class_name="hidden-text"),
        rx.el.thead(
            rx.el.tr(
                rx.foreach(
                    columns,
                    lambda name, at: rx.el.th(name, scope="col", class_name=rx.cond(at == 0, "", "n")),
                )
            )
        ),
        rx.el.tbody(rx.foreach(rows, _data_row)),
    )


def _data_row(row: Any) -> rx.Component:
    return rx.el.tr(
        rx.foreach(
            row.to(list[str]),
            lambda cell, at: rx.cond(at == 0, rx.el.th(cell, scope="row"), rx.el.td(cell, class_name="n")),
        )
    )


def _twin_switch(key: str, name: str) -> rx.Component:
    group = f"twin-{key}"

    def option(value: str, text: str, *, checked: bool) -> rx.Component:
        return rx.el.label(
            text,
            rx.el.input(
                type="radio", name=group, value=value, default_checked=checked, id=f"{group}-{value}"
            ),
        )

    return rx.el.div(
        option("chart", "Chart", checked=True),
        option("table", "Table", checked=False),
        class_name="twin",
        role="radiogroup",
        custom_attrs={"aria-label": f"Show {name} as"},
    )


def _plot(figure: Any) -> rx.Component:
    return rx.plotly.basic(
        data=figure.to(go.Figure),
        template=None,
        config={"displayModeBar": False, "responsive": True, "doubleClick": "reset"},
        use_resize_handler=True,
        width="100%",
        height="100%",
    )


def meter(share: Any, *, label: Any, done: bool = False) -> rx.Component:
    """A named progress bar; `share` is a percentage as a number."""
    return rx.el.div(
        rx.el.span(style={"width": share.to(str) + "%"}),
        class_name="meter done" if done else "meter",
        role="progressbar",
        custom_attrs={
            "aria-label": label,
            "aria-valuenow": share,
            "aria-valuemin": "0",
            "aria-valuemax": "100",
        },
    )
