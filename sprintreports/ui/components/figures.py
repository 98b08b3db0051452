"""KPI tiles, and charts that come with a reading, their definition and a table of the same numbers."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import plotly.graph_objects as go
import reflex as rx

from sprintreports.ui.components.basics import Child, link
from sprintreports.ui.components.live import was
from sprintreports.ui.definitions import DEFINITIONS
from sprintreports.ui.news import Change
from sprintreports.ui.sparks import HEIGHT, WIDTH

_FIGURE = re.compile(r"[+−-]?\d[\d.,\u202f\u00a0]*( ?%)?")
_UNKNOWN = frozenset({"", "—"})


@dataclass
class Kpi:
    """One figure as text. An unknown one is an em dash, and its note says why.

    trend: what it was in the sprints before; spark: that as the path of a small line; basis: what the trend rests on.
    rests: the issues that the figure itself rests on; doubt: how many of them add nothing, and where those are named.
    """

    value: str = "—"
    unit: str = ""
    note: str = ""
    tone: str = ""
    trend: str = ""
    spark: str = ""
    basis: str = ""
    rests: str = ""
    doubt: str = ""
    doubt_link: str = ""


@dataclass
class Chart:
    """One chart in both themes, its sentence, and its table twin. Empty until loaded: defaults are public.

    `kinds`: the CSS class of each column, from what stands in it: `n` where all cells are figures.
    `parts`: what each row and bar stands for, where one can be looked into.
    """

    light: dict[str, Any] = field(default_factory=dict)
    dark: dict[str, Any] = field(default_factory=dict)
    reading: str = ""
    columns: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.kinds = column_kinds(self.columns, self.rows)


def changed_tiles(
    before: Mapping[str, Kpi], after: Mapping[str, Kpi], names: Mapping[str, str]
) -> list[Change]:
    """The tiles whose figure is another one; those that were not there are no news."""
    return [
        Change(key, names[key], _spoken(before[key]), _spoken(tile))
        for key, tile in after.items()
        if key in before and key in names and (before[key].value, before[key].unit) != (tile.value, tile.unit)
    ]


def _spoken(tile: Kpi) -> str:
    return "not known" if tile.value in _UNKNOWN else f"{tile.value} {tile.unit}".strip()


def column_kinds(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """`n` for each column that holds figures and nothing else, empty for each column of words."""
    return ["n" if _are_figures([row[at] for row in rows]) else "" for at in range(len(columns))]


def _are_figures(cells: Sequence[str]) -> bool:
    known = [cell for cell in cells if cell not in _UNKNOWN]
    return bool(known) and all(_FIGURE.fullmatch(cell) for cell in known)


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


def kpi(key: str, figure: Any, *, name: Child = "", before: Any = "") -> rx.Component:
    """A tile: label, value, comparison. `figure` is a Kpi var; `before`: what it was until it changed by itself."""
    called = DEFINITIONS[key].name if isinstance(name, str) and not name else name
    return rx.el.div(
        rx.el.div(rx.el.span(called), why(key, place="kpi-"), class_name="kpi-label"),
        rx.el.div(
            figure.value,
            rx.cond(figure.unit != "", rx.el.span(figure.unit, class_name="unit")),
            was(text=before),
            class_name="kpi-value",
        ),
        rx.el.div(figure.note, class_name="kpi-note " + figure.tone),
        rx.cond(figure.rests != "", _rests(figure)),
        rx.cond(
            figure.trend != "",
            rx.el.div(
                _trend_line(figure),
                rx.el.span(figure.trend),
                rx.el.span(". ", figure.basis, class_name="hidden-text"),
                class_name="kpi-trend",
                title=figure.basis,
            ),
        ),
        class_name="kpi",
        role="group",
        custom_attrs={"aria-label": called},
    )


def _rests(figure: Any) -> rx.Component:
    return rx.el.div(
        figure.rests,
        rx.cond(
            figure.doubt != "",
            rx.fragment(
                ", ",
                rx.cond(figure.doubt_link != "", link(figure.doubt, to=figure.doubt_link), figure.doubt),
            ),
        ),
        class_name="kpi-note kpi-rests",
    )


def _trend_line(figure: Any) -> rx.Component:
    return rx.el.svg(
        rx.el.svg.path(d=figure.spark),
        view_box=f"-2 -2 {WIDTH + 4} {HEIGHT + 4}",
        preserve_aspect_ratio="none",
        class_name="kpi-spark",
        custom_attrs={"aria-hidden": "true"},
    )


def kpis(*tiles: rx.Component) -> rx.Component:
    return rx.el.section(*tiles, class_name="kpis", custom_attrs={"aria-label": "Key figures"})


def chart_card(
    key: str,
    chart: Any,
    *,
    title: str = "",
    controls: rx.Component | None = None,
    on_row: Callable[[Any], Any] | None = None,
    on_point: Any = None,
) -> rx.Component:
    """A chart with its title, its reading in a sentence, its definition, and its table twin.

    on_row: the event that looks into the row of this index; on_point: the same for a click into the drawing.
    """
    name = title or DEFINITIONS[key].name
    return rx.el.section(
        rx.el.header(
            rx.el.div(rx.el.h2(name), rx.el.p(chart.reading, class_name="reading"), class_name="grow"),
            twin_switch(key, name),
            why(key, place="chart-"),
            class_name="panel-head",
        ),
        rx.el.div(controls, class_name="card-controls") if controls else rx.fragment(),
        rx.el.div(
            rx.el.div(
                rx.color_mode_cond(_plot(chart.light, on_point), _plot(chart.dark, on_point)),
                class_name="chart-side chart",
                role="img",
                custom_attrs={"aria-label": name + ". " + chart.reading},
            ),
            rx.el.div(data_table(chart, caption=name, on_row=on_row), class_name="table-side", tab_index=0,
                      role="region", custom_attrs={"aria-label": name + ", as a table"}),
            class_name="panel-body",
        ),
        class_name="panel chart-card",
    )  # fmt: skip


def data_table(chart: Any, *, caption: str, on_row: Callable[[Any], Any] | None = None) -> rx.Component:
    """The numbers of a chart: the first column names the row, figures stand at the right of theirs."""
    return rx.el.table(
        rx.el.caption(caption, class_name="hidden-text"),
        rx.el.thead(
            rx.el.tr(
                rx.foreach(
                    chart.columns, lambda name, at: rx.el.th(name, scope="col", class_name=chart.kinds[at])
                )
            )
        ),
        rx.el.tbody(
            rx.foreach(
                chart.rows, lambda row, at: _data_row(row, chart.kinds, on_row(at) if on_row else None)
            )
        ),
    )


def _data_row(row: Any, kinds: Any, look: Any) -> rx.Component:
    def named(cell: Any) -> Any:
        return cell if look is None else rx.el.button(cell, type="button", on_click=look, class_name="look")

    return rx.el.tr(
        rx.foreach(
            row.to(list[str]),
            lambda cell, at: rx.cond(
                at == 0, rx.el.th(named(cell), scope="row"), rx.el.td(cell, class_name=kinds[at])
            ),
        )
    )


def twin_switch(key: str, name: str) -> rx.Component:
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


def _plot(figure: Any, on_point: Any) -> rx.Component:
    clicks = {} if on_point is None else {"on_click": on_point}
    return rx.plotly.basic(
        **clicks,
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
