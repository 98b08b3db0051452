"""Charts that a spreadsheet draws itself from the cells of a chart's table."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from xlsxwriter.worksheet import Worksheet

from sprintreports.kit.files.cells import Book, Column
from sprintreports.kit.files.cleaning import clean
from sprintreports.reports.document.blocks import Chart, Kind, Native, Row, Series, Shape, Table

#: A chart covers so many rows of usual height.
HEIGHT_ROWS = 17
DATA = "Chart data"
_SIZE = {"width": 620, "height": HEIGHT_ROWS * 20 - 10}
_ADDRESS = re.compile(r"=?[^!]+!\$?[A-Z]+\$?\d")  # as xlsxwriter tells addresses from words
_TIMES = frozenset({Kind.DAY, Kind.INSTANT})
_TYPES = {
    Shape.COLUMNS: "column",
    Shape.BARS: "bar",
    Shape.LINES: "line",
    Shape.STEPS: "line",
    Shape.AREAS: "area",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a table's rows are: the sheet, the row of the first, how many."""

    sheet: str
    first: int
    rows: int


@dataclass(slots=True)
class Steps:
    """Points of lines that hold their value until the next one: a spreadsheet draws them from a sheet of their own."""

    rows: list[tuple[Any, Any]] = field(default_factory=list)

    def add(self, rows: tuple[Row, ...], category: int, value: int) -> Place:
        """Two points for each row: the value before, and its own."""
        first, before = len(self.rows) + 1, None
        for row in rows:
            at, level = row.cells[category], row.cells[value]
            if before is not None:
                self.rows.append((at, before))
            self.rows.append((at, level))
            before = level
        return Place(DATA, first, len(self.rows) + 1 - first)

    def write(self, book: Book) -> None:
        """The sheet, out of sight."""
        columns = (Column("Time", 19), Column("Value", 12))
        sheet = book.sheet(DATA, columns)
        book.row(sheet, 0, (column.heading for column in columns))
        for at, row in enumerate(self.rows, start=1):
            book.row(sheet, at, row)
        sheet.hide()


def add_chart(
    workbook: Any,
    sheet: Worksheet,
    at: tuple[int, int],
    chart: Chart,
    place: Place,
    steps: Steps,
    *,
    days: str,
) -> None:
    """Draw the chart at a cell from its table, which is at `place`. days: the format of days on an axis."""
    native = chart.native
    if native is None or not is_drawn(chart):
        return
    keys = [column.key for column in chart.table.columns]
    drawn = [series for series in native.series if series.column in keys]
    category = keys.index(native.category)
    times = _has_times(chart.table, category)
    made = _empty(workbook, native, times=times)
    for series in drawn:
        made.add_series(
            _series(
                series, chart.table, native, place, steps, category, keys.index(series.column), times=times
            )
        )
    made.set_title({"name": _text(chart.title), "name_font": {"size": 12}})
    made.set_legend({"position": "bottom"})
    made.set_size(_SIZE)
    _axes(made, native, times=times, days=days)
    sheet.insert_chart(*at, made, {"description": clean(chart.reading)[:1000], "object_position": 2})


def is_drawn(chart: Chart) -> bool:
    """Whether there is something to draw: rows under the columns that it names, and of times more than one."""
    native, keys = chart.native, [column.key for column in chart.table.columns]
    if native is None or native.category not in keys or not any(one.column in keys for one in native.series):
        return False
    return len(chart.table.rows) > (1 if _has_times(chart.table, keys.index(native.category)) else 0)


def _has_times(table: Table, category: int) -> bool:
    return table.columns[category].kind in _TIMES and all(
        isinstance(row.cells[category], date) for row in table.rows
    )


def _empty(workbook: Any, native: Native, *, times: bool) -> Any:
    if times and native.shape in (Shape.LINES, Shape.STEPS):
        return workbook.add_chart({"type": "scatter", "subtype": "straight"})
    stacked = native.stacked and native.shape is not Shape.LINES and native.shape is not Shape.STEPS
    return workbook.add_chart({"type": _TYPES[native.shape], **({"subtype": "stacked"} if stacked else {})})


def _series(
    series: Series,
    table: Table,
    native: Native,
    place: Place,
    steps: Steps,
    category: int,
    value: int,
    *,
    times: bool,
) -> dict[str, Any]:
    if times and native.shape is Shape.STEPS:
        place, category, value = steps.add(table.rows[: place.rows], category, value), 0, 1
    last = place.first + place.rows - 1
    line = native.shape in (Shape.LINES, Shape.STEPS)
    fill: dict[str, Any] = {"color": series.colour}
    if native.shape is Shape.AREAS and not native.stacked:
        fill["transparency"] = 45  # what lies behind is seen through it
    looks = {"line": {"color": series.colour, "width": 2}} if line else {"fill": fill}
    return {
        "name": _text(series.label),
        "categories": [place.sheet, place.first, category, last, category],
        "values": [place.sheet, place.first, value, last, value],
        **looks,
        **({"marker": {"type": "none"}} if line else {"gap": 60}),
    }


def _axes(made: Any, native: Native, *, times: bool, days: str) -> None:
    grid = {"major_gridlines": {"visible": True, "line": {"color": "#E1DED5"}}}
    if native.shape is Shape.BARS:
        made.set_y_axis({"reverse": True, "crossing": "max"})  # from the top down, the scale below them
        made.set_x_axis({**grid, "num_format": "#,##0.##"})
        return
    named = (
        {"num_format": days, "text_axis": True}
        if times and native.shape not in (Shape.LINES, Shape.STEPS)
        else {}
    )
    made.set_x_axis({"num_format": days} if times and not named else named)
    made.set_y_axis(grid)


def _text(text: str) -> str:
    """What reads like the address of a cell ("Ship it!A1") is kept from becoming one by a sign that nobody sees."""
    plain = " ".join(clean(text).split())[:250]
    return plain.replace("!", "!\u2060", 1) if _ADDRESS.match(plain) else plain
