"""Cells of a spreadsheet: numbers as numbers, times as times of one zone, and text that is never taken for a formula."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from xlsxwriter.worksheet import Worksheet

from sprintreports.kit.files.cleaning import clean, cut

LONGEST_TEXT, LONGEST_LINK = 32_767, 2_000
MOST_LINKS = 65_530  # of a sheet: spreadsheets refuse one with more
_FORMULAS = ("=", "+", "-", "@", "\t", "|", "%")
_FIRST_DAY = datetime(1900, 3, 1, tzinfo=UTC)  # before it, spreadsheets count a day that never was
_LAST_DAY = datetime(9999, 12, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Link:
    """A text that leads to an address."""

    url: str
    text: str


Value = str | int | float | datetime | date | Link | None


@dataclass(frozen=True, slots=True)
class Column:
    """A heading, how wide its column is in characters, and whether long text in it goes on in a second line."""

    heading: str
    width: int
    wrapped: bool = False


class Book:
    """A workbook whose rows are written one after the other, and leave the memory as soon as they are.

    book: xlsxwriter's, which says too little of its types to be called directly. formats: how days and moments are written where
    that is not as usual, by the names of their looks.
    """

    def __init__(self, book: Any, zone: ZoneInfo, *, formats: Mapping[str, str] | None = None) -> None:
        self._book, self._zone = book, zone
        self._formats: dict[tuple[str, ...], Any] = {}
        self._links: dict[int, int] = {}
        self._looks = {
            **_LOOKS,
            **{look: {**_LOOKS[look], "num_format": code} for look, code in (formats or {}).items()},
        }

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
        elif isinstance(value, date):
            self._moment(sheet, row, at, value, looks)
        elif isinstance(value, Link):
            self._link(sheet, row, at, value, looks)
        elif isinstance(value, str):
            self._text(sheet, row, at, value, looks)
        else:
            number = "whole" if isinstance(value, int) else "amount"
            added = () if _NUMBERS.intersection(looks) else (number,)
            sheet.write_number(row, at, value, self.format(*looks, *added))

    def format(self, *looks: str) -> Any:
        """What all these looks make together."""
        if looks not in self._formats:
            properties = {
                "valign": "top",
                **{name: given for look in looks for name, given in self._looks[look].items()},
            }
            self._formats[looks] = self._book.add_format(properties)
        return self._formats[looks]

    def _moment(self, sheet: Worksheet, row: int, at: int, value: date, looks: tuple[str, ...]) -> None:
        """A day or a time; one that spreadsheets cannot count with is told in words."""
        moment = value if isinstance(value, datetime) else datetime.combine(value, time(), UTC)
        if not _FIRST_DAY <= moment <= _LAST_DAY:
            told = value.isoformat(timespec="minutes") if isinstance(value, datetime) else value.isoformat()
            self._text(sheet, row, at, told, looks)
            return
        look, zone = ("moment", self._zone) if isinstance(value, datetime) else ("day", UTC)
        local = moment.astimezone(zone).replace(tzinfo=None)
        sheet.write_datetime(row, at, local, self.format(*looks, look))

    def _text(self, sheet: Worksheet, row: int, at: int, value: str, looks: tuple[str, ...]) -> None:
        """What begins like a formula stays text even when somebody edits the cell and leaves it again."""
        text = cut(clean(value), LONGEST_TEXT)
        quoted = ("quoted",) if text.lstrip().startswith(_FORMULAS) else ()
        sheet.write_string(row, at, text, self.format(*looks, *quoted))

    def _link(self, sheet: Worksheet, row: int, at: int, value: Link, looks: tuple[str, ...]) -> None:
        """Only what leads to a page is a link."""
        web = value.url.startswith(("https://", "http://")) and len(value.url) <= LONGEST_LINK
        before = self._links.get(id(sheet), 0)
        if not web or not value.url.isprintable() or before >= MOST_LINKS:
            self._text(sheet, row, at, value.text, looks)
            return
        self._links[id(sheet)] = before + 1
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
    "day": {"num_format": "yyyy-mm-dd", "align": "left"},
    "change": {"num_format": "+#,##0.##;-#,##0.##;0"},
    "percent": {"num_format": "0%"},
    "bold": {"bold": True},
    "soft": {"font_color": "#555B66"},
    "added": {"bg_color": "#E0F0E3"},
    "removed": {"bg_color": "#FBE6E2", "font_color": "#555B66"},
    "changed": {"bg_color": "#E4EBF7"},
    "total": {"bold": True, "top": 1},
    "wrapped": {"text_wrap": True},
    "quoted": {"quote_prefix": True},
    "link": {"font_color": "#0A665A", "underline": 1},
    "cut": {"top": 5, "top_color": "#B3261E"},
    "out": {"font_color": "#555B66", "bg_color": "#F4F3EF"},
}
_NUMBERS = frozenset({"share", "percent", "change"})
