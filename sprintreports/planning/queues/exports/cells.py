"""Cells of a spreadsheet: numbers as numbers, times as times of one zone, and text that is never taken for a formula."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from xlsxwriter.worksheet import Worksheet

from sprintreports.planning.queues.exports.cleaning import clean, cut

LONGEST_TEXT, LONGEST_LINK = 32_767, 2_000
_FORMULAS = ("=", "+", "-", "@", "\t", "|", "%")
_FIRST_DAY = datetime(1900, 3, 1, tzinfo=UTC)  # before it, spreadsheets count a day that never was
_LAST_DAY = datetime(9999, 12, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Link:
    """A text that leads to an address."""

    url: str
    text: str


Value = str | int | float | datetime | Link | None


@dataclass(frozen=True, slots=True)
class Column:
    """A heading, how wide its column is in characters, and whether long text in it goes on in a second line."""

    heading: str
    width: int
    wrapped: bool = False


class Book:
    """A workbook whose rows are written one after the other, and leave the memory as soon as they are.

    book: xlsxwriter's, which says too little of its types to be called directly.
    """

    def __init__(self, book: Any, zone: ZoneInfo) -> None:
        self._book, self._zone = book, zone
        self._formats: dict[tuple[str, ...], Any] = {}

    def sheet(self, name: str, columns: tuple[Column, ...]) -> Worksheet:
        """A new sheet that is as wide as its columns."""
        sheet: Worksheet = self._book.add_worksheet(name)
        for at, column in enumerate(columns):
            sheet.set_column(at, at, column.width)
        return sheet

    def head(self, sheet: Worksheet, row: int, columns: tuple[Column, ...], *, rows: int) -> None:
        """A row of headings over `rows` rows, which can be filtered by them. Headings in the first row stay in sight."""
        for at, column in enumerate(columns):
            sheet.write_string(row, at, column.heading, self.format("head"))
        sheet.autofilter(row, 0, row + max(rows, 1), len(columns) - 1)
        if row == 0:
            sheet.freeze_panes(1, 0)
            sheet.repeat_rows(0)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)

    def row(
        self,
        sheet: Worksheet,
        row: int,
        values: Iterable[Value],
        *,
        looks: tuple[str, ...] = (),
        columns: tuple[Column, ...] = (),
    ) -> None:
        """A row of cells. looks: names of `format` for all of them."""
        for at, value in enumerate(values):
            wrapped = ("wrapped",) if at < len(columns) and columns[at].wrapped else ()
            self.cell(sheet, row, at, value, (*looks, *wrapped))

    def cell(self, sheet: Worksheet, row: int, at: int, value: Value, looks: tuple[str, ...] = ()) -> None:
        """One cell, by what its value is."""
        if value is None:
            sheet.write_blank(row, at, None, self.format(*looks))
        elif isinstance(value, datetime):
            self._moment(sheet, row, at, value, looks)
        elif isinstance(value, Link):
            self._link(sheet, row, at, value, looks)
        elif isinstance(value, str):
            self._text(sheet, row, at, value, looks)
        else:
            number = "whole" if isinstance(value, int) else "amount"
            sheet.write_number(row, at, value, self.format(*looks, number))

    def format(self, *looks: str) -> Any:
        """What all these looks make together."""
        if looks not in self._formats:
            properties = {
                "valign": "top",
                **{name: given for look in looks for name, given in _LOOKS[look].items()},
            }
            self._formats[looks] = self._book.add_format(properties)
        return self._formats[looks]

    def _moment(self, sheet: Worksheet, row: int, at: int, value: datetime, looks: tuple[str, ...]) -> None:
        """A time that spreadsheets cannot count with is told in words."""
        if not _FIRST_DAY <= value <= _LAST_DAY:
            self._text(sheet, row, at, value.isoformat(timespec="minutes"), looks)
            return
        local = value.astimezone(self._zone).replace(tzinfo=None)
        sheet.write_datetime(row, at, local, self.format(*looks, "moment"))

    def _text(self, sheet: Worksheet, row: int, at: int, value: str, looks: tuple[str, ...]) -> None:
        """What begins like a formula stays text even when somebody edits the cell and leaves it again."""
        text = cut(clean(value), LONGEST_TEXT)
        quoted = ("quoted",) if text.lstrip().startswith(_FORMULAS) else ()
        sheet.write_string(row, at, text, self.format(*looks, *quoted))

    def _link(self, sheet: Worksheet, row: int, at: int, value: Link, looks: tuple[str, ...]) -> None:
        """Only what leads to a page is a link."""
        web = value.url.startswith(("https://", "http://")) and len(value.url) <= LONGEST_LINK
        if not web or not value.url.isprintable():
            self._text(sheet, row, at, value.text, looks)
            return
        text = cut(clean(value.text), 255)
        sheet.write_url(row, at, value.url, self.format(*looks, "link"), text)


_LOOKS: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 14},
    "name": {"bold": True},
    "head": {"bold": True, "bg_color": "#E1DED5", "bottom": 1, "text_wrap": True},
    "whole": {"num_format": "0"},
    "amount": {"num_format": "#,##0.###"},
    "share": {"num_format": "0.0%"},
    "moment": {"num_format": "yyyy-mm-dd hh:mm", "align": "left"},
    "wrapped": {"text_wrap": True},
    "quoted": {"quote_prefix": True},
    "link": {"font_color": "#0A665A", "underline": 1},
    "cut": {"top": 5, "top_color": "#B3261E"},
    "out": {"font_color": "#555B66", "bg_color": "#F4F3EF"},
}
