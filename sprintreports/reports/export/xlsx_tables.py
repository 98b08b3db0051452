"""Tables of a document as rows of a sheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import ceil

from xlsxwriter.worksheet import Worksheet

from sprintreports.kit.files import cells
from sprintreports.kit.files.cells import Book, Link
from sprintreports.reports.document.blocks import Column, IssueRef, Kind, Mark, Row, Status, Table, Value
from sprintreports.reports.export.words import MARKS, heading, web_address

#: Rows of a sheet below its headings.
MOST_ROWS = 1_048_575
_WIDE = 60
_WIDTHS: Mapping[Kind, int] = {
    Kind.TEXT: 22,
    Kind.ISSUE: 14,
    Kind.STATUS: 16,
    Kind.COUNT: 10,
    Kind.NUMBER: 12,
    Kind.CHANGE: 12,
    Kind.SHARE: 10,
    Kind.DAY: 13,
    Kind.INSTANT: 19,
}
_LOOKS: Mapping[Kind, str] = {Kind.CHANGE: "change", Kind.SHARE: "percent"}
_CHANGE = Column("mark", "Change")


def columns_of(table: Table) -> tuple[cells.Column, ...]:
    """Headings and widths, with one more column where rows are marked as added, removed or changed."""
    return tuple(
        cells.Column(heading(column), _width(column), wrapped=column.wide) for column in _columns(table)
    )


def write_table(book: Book, sheet: Worksheet, at: int, table: Table, *, first: int = 0) -> int:
    """The headings in row `at`, the table's rows from `first` on below them, as many as the sheet holds. Returns the next row."""
    columns, marked = columns_of(table), _marked(table)
    rows = table.rows[first : first + MOST_ROWS] if first or len(table.rows) > MOST_ROWS else table.rows
    raise_row(sheet, at, [(column.heading, column.width) for column in columns])
    filtered = len(rows) - (1 if rows and rows[-1].mark is Mark.TOTAL else 0)
    book.head(sheet, at, columns, rows=filtered)
    for place, row in enumerate(rows, start=at + 1):
        _row(book, sheet, place, row, table.columns, marked=marked)
    return at + 1 + len(rows)


def value_of(value: Value) -> cells.Value:
    """What a cell holds."""
    if isinstance(value, IssueRef):
        return Link(web_address(value.url), value.key)
    return value.name if isinstance(value, Status) else value


def look_of(kind: Kind, value: Value) -> tuple[str, ...]:
    """How a number of this kind is written."""
    return (_LOOKS[kind],) if kind in _LOOKS and isinstance(value, int | float) else ()


def widths(tables: Sequence[Table], *, least: int) -> Iterator[int]:
    """Columns of a sheet that several tables share: as wide as the widest of them needs."""
    shared = [[column.width for column in columns_of(table)] for table in tables]
    for at in range(max(map(len, shared), default=0)):
        yield max(least, *(row[at] for row in shared if at < len(row)))


def _row(
    book: Book, sheet: Worksheet, place: int, row: Row, columns: Sequence[Column], *, marked: bool
) -> None:
    looks = (row.mark.value,) if row.mark is not Mark.NONE else ()
    raise_row(
        sheet,
        place,
        [(value, _WIDE) for value, column in zip(row.cells, columns, strict=True) if column.wide],
    )
    for at, (value, column) in enumerate(zip(row.cells, columns, strict=True)):
        wrapped = ("wrapped",) if column.wide else ()
        book.cell(sheet, place, at, value_of(value), (*looks, *wrapped, *look_of(column.kind, value)))
    if marked:
        book.cell(sheet, place, len(columns), MARKS[row.mark] or None, looks)


def raise_row(sheet: Worksheet, row: int, texts: Iterable[tuple[object, int]]) -> None:
    """As high as the texts (each with the width of its column) need: not every spreadsheet finds that out by itself."""
    lines = max((ceil(len(text) / width) for text, width in texts if isinstance(text, str)), default=1)
    if lines > 1:
        sheet.set_row(row, min(15 * lines, 400))


def _marked(table: Table) -> bool:
    return any(MARKS[row.mark] for row in table.rows)


def _columns(table: Table) -> Iterator[Column]:
    yield from table.columns
    if _marked(table):
        yield _CHANGE


def _width(column: Column) -> int:
    return _WIDE if column.wide else max(_WIDTHS[column.kind], min(len(heading(column)) + 3, 26))
