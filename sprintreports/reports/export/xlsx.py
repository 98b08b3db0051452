"""A document as a workbook: a sheet for each section, long tables on sheets of their own, charts that the spreadsheet draws itself.

Numbers are numbers and days are days; their formats follow the document's locale, decimal signs the reader's own settings. Rows leave
the memory as they are written. The same document gives the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from xlsxwriter import Workbook

from sprintreports.charts.writing import STYLES, USUAL, DateOrder
from sprintreports.kit.files.cells import Book
from sprintreports.kit.files.cleaning import clean
from sprintreports.kit.files.sheet_names import sheet_names
from sprintreports.metrics.calendar import zone_of
from sprintreports.reports.document.blocks import Block, Chart, Document, Facts, Section, Table
from sprintreports.reports.export.flat_tables import behind, figures
from sprintreports.reports.export.words import KINDS, web_address
from sprintreports.reports.export.xlsx_charts import DATA, Steps
from sprintreports.reports.export.xlsx_sections import ABOUT, Page, Sheets
from sprintreports.reports.export.xlsx_tables import MOST_ROWS, columns_of, raise_row, write_table

#: A longer table has a sheet of its own, where its headings stay in sight and can be filtered by.
LONGEST_BESIDE = 40
_TEXT_WIDTH = 90
_SETTINGS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": False,
}
_DAYS: Mapping[DateOrder, str] = {
    DateOrder.DAY_FIRST: "d mmm yyyy",
    DateOrder.MONTH_FIRST: "mmm d, yyyy",
    DateOrder.ISO: "yyyy-mm-dd",
}


@dataclass(frozen=True, slots=True)
class _Part:
    """A sheet to be: a section's, or that of a long table in its block number `block` (rows from `first` on)."""

    section: int
    title: str
    block: int = -1
    table: Table | None = None
    first: int = 0


def as_xlsx(document: Document) -> bytes:
    """The whole document."""
    out = io.BytesIO()
    days = _DAYS[STYLES.get(document.locale, USUAL).dates]
    made: Any = Workbook(out, _SETTINGS)
    with made:
        made.set_properties(
            {
                "title": clean(document.title)[:255],
                "comments": "Made by Sprint Reports",
                "created": document.made_at.astimezone(UTC).replace(tzinfo=None),
            }
        )
        book = Book(made, zone_of(document.zone), formats={"day": days, "moment": f"{days} hh:mm"})
        _write(made, book, document, days)
    return out.getvalue()


def _write(made: Any, book: Book, document: Document, days: str) -> None:
    parts = [part for at, section in enumerate(document.sections) for part in _parts(at, section)]
    called = list(sheet_names((part.title for part in parts), taken=(ABOUT, DATA), unnamed="Section"))
    steps = Steps()
    _about(
        book,
        document,
        {part.section: name for part, name in zip(parts, called, strict=True) if part.table is None},
    )
    for part, name in zip(parts, called, strict=True):
        if part.table is not None:
            columns = columns_of(part.table)
            write_table(book, book.sheet(name, columns), 0, part.table, first=part.first)
            continue
        own: dict[int, list[str]] = {}
        for one, its in zip(parts, called, strict=True):
            if one.section == part.section and one.block >= 0:
                own.setdefault(one.block, []).append(its)
        section = document.sections[part.section]
        Page(made, book, name, Sheets(own, steps, days)).section(section)
    if steps.rows:
        steps.write(book)


def _parts(at: int, section: Section) -> Iterator[_Part]:
    """The section's own sheet, then those of its long tables and of the rows behind rows."""
    yield _Part(at, section.title)
    for place, block in enumerate(section.blocks):
        table = _table(block, section)
        if table is None:
            continue
        longer = [table] if len(table.rows) > LONGEST_BESIDE else []
        longer += [behind(table)] if any(row.children for row in table.rows) else []
        for one in longer:
            for first in range(0, max(len(one.rows), 1), MOST_ROWS):
                yield _Part(at, one.title, place, one, first)


def _table(block: Block, section: Section) -> Table | None:
    if isinstance(block, Chart):
        return block.table
    if isinstance(block, Facts):
        return figures(block, section.title)
    return block if isinstance(block, Table) else None


def _about(book: Book, document: Document, sheets: Mapping[int, str]) -> None:
    """What the file is, what its numbers rest on, and where what is."""
    sheet = book.sheet(ABOUT, ())
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, _TEXT_WIDTH)
    sheet.fit_to_pages(1, 0)
    book.cell(sheet, 0, 0, document.title, ("title",))
    row = 1
    for name, value in (
        ("What it is", KINDS[document.kind]),
        ("About", document.subtitle or None),
        ("State of", document.moment),
        ("Made at", document.made_at),
        ("Time zone", document.zone),
    ):
        book.cell(sheet, row, 0, name, ("name",))
        book.cell(sheet, row, 1, value)
        row += 1
    if web_address(document.link):
        book.cell(sheet, row, 0, "In Sprint Reports", ("name",))
        sheet.write_url(row, 1, document.link, book.format("link"), document.link[:255])
        row += 1
    for at, sentence in enumerate(document.basis):
        raise_row(sheet, row, [(sentence, _TEXT_WIDTH)])
        book.cell(sheet, row, 0, None if at else "Rests on", ("name",))
        book.cell(sheet, row, 1, sentence, ("wrapped",))
        row += 1
    row += 1
    for at, section in enumerate(document.sections):
        target = sheets[at].replace("'", "''")
        sheet.write_url(
            row + at,
            0,
            f"internal:'{target}'!A1",
            book.format("link"),
            clean(section.title)[:255] or sheets[at],
        )
