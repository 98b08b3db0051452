"""A section of a document as a sheet: its blocks below each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

from sprintreports.kit.files.cells import Book
from sprintreports.kit.files.cleaning import clean, cut
from sprintreports.reports.document.blocks import Block, Chart, Facts, Notice, Paragraph, Section, Table
from sprintreports.reports.document.headings import headed
from sprintreports.reports.export.flat_tables import figures
from sprintreports.reports.export.words import TONES
from sprintreports.reports.export.xlsx_charts import HEIGHT_ROWS, Place, Steps, add_chart, is_drawn
from sprintreports.reports.export.xlsx_tables import (
    columns_of,
    look_of,
    value_of,
    widths,
    write_table,
)

ABOUT = "About"
_ACROSS = 7  # the last column that long text goes over
_LONGEST_NAME = 44
_ALWAYS = 3  # of figures: what it is, its value, its unit
_LINE = 110  # letters in a line of it
_LOOKS = {"good": "added", "bad": "removed", "warning": "changed"}


@dataclass(frozen=True, slots=True)
class Sheets:
    """own: the sheets that a block's tables are on, by the block's number. days: the format of days."""

    own: Mapping[int, Sequence[str]]
    steps: Steps
    days: str


class Page:
    """A sheet that is written from the top down."""

    def __init__(self, made: Any, book: Book, name: str, sheets: Sheets) -> None:
        self._made, self._book, self._name, self._sheets = made, book, name, sheets
        self._row = 0

    def section(self, section: Section) -> None:
        """All of it. Where it is one table alone, its headings stay in sight."""
        beside = [table for at, block in enumerate(section.blocks) if (table := self._beside(at, block))]
        self._sheet: Any = self._book.sheet(self._name, ())
        facts = [
            _filled(figures(block, section.title)) for block in section.blocks if isinstance(block, Facts)
        ]
        names = max((len(str(row.cells[0])) + 1 for table in facts for row in table.rows), default=0)
        for at, width in enumerate(widths([*beside, *facts], least=11)):
            self._sheet.set_column(at, at, width if at else max(width, min(names, _LONGEST_NAME)))
        self._sheet.set_landscape()
        self._sheet.fit_to_pages(1, 0)
        self._heading(section.title, "title")
        blocks = list(headed(section))
        self._sheet.freeze_panes(_in_sight(blocks) if beside else 1, 0)
        for at, (block, title) in enumerate(blocks):
            if title:
                self._heading(title, "name")
            self._block(at, block, section)

    def _beside(self, at: int, block: Block) -> Table | None:
        """The block's table, if it is on this sheet."""
        table = block.table if isinstance(block, Chart) else block
        return table if isinstance(table, Table) and not self._is_long(at, table) else None

    def _is_long(self, at: int, table: Table) -> bool:
        """Rows behind rows have their sheet even where the table itself is here."""
        own = self._sheets.own.get(at, ())
        return len(own) > (1 if any(row.children for row in table.rows) else 0)

    def _block(self, at: int, block: Block, section: Section) -> None:
        match block:
            case Paragraph():
                for part in filter(None, block.text.split("\n")):
                    self._text(part)
            case Notice():
                self._text(f"{TONES[block.tone]}: {block.text}", _LOOKS.get(block.tone.value, "soft"))
            case Facts():
                self._facts(block, section.title)
            case Table():
                self._table(at, block)
            case Chart():
                self._chart(at, block)

    def _facts(self, block: Facts, title: str) -> None:
        table = _filled(figures(block, title))
        self._head(table)
        for fact, row in zip(block.facts, table.rows, strict=True):
            for at, value in enumerate(row.cells):
                kind = fact.kind if at == 1 else table.columns[at].kind
                self._book.cell(self._sheet, self._row, at, value_of(value), look_of(kind, value))
            self._row += 1
        self._row += 1

    def _head(self, table: Table) -> None:
        for at, column in enumerate(columns_of(table)):
            self._book.cell(self._sheet, self._row, at, column.heading, ("head",))
        self._row += 1

    def _table(self, at: int, table: Table) -> None:
        if table.reading:
            self._text(table.reading)
        if not table.rows:
            self._text(table.empty, "soft")
        elif not self._is_long(at, table):
            self._row = write_table(self._book, self._sheet, self._row, table)
        self._links(at)
        self._row += 1

    def _chart(self, at: int, chart: Chart) -> None:
        """The drawing, and its numbers below it: what is as wide as a table is seen, and printed, without moving sideways."""
        self._text(chart.reading)
        top, table, long = self._row, chart.table, self._is_long(at, chart.table)
        if is_drawn(chart):
            self._row += HEIGHT_ROWS + 1
        place = Place(
            self._sheets.own[at][0] if long else self._name, 1 if long else self._row + 1, len(table.rows)
        )
        add_chart(self._made, self._sheet, (top, 0), chart, place, self._sheets.steps, days=self._sheets.days)
        if not long:
            self._row = write_table(self._book, self._sheet, self._row, table)
        self._links(at)
        self._row += 1

    def _links(self, at: int) -> None:
        for name in self._sheets.own.get(at, ()):
            target = name.replace("'", "''")
            self._sheet.write_url(
                self._row, 0, f"internal:'{target}'!A1", self._book.format("link"), f"See the sheet {name}"
            )
            self._row += 1

    def _heading(self, title: str, look: str) -> None:
        self._book.cell(self._sheet, self._row, 0, title, (look,))
        self._row += 1

    def _text(self, text: str, look: str = "") -> None:
        """A sentence over several columns, as high as its lines."""
        if not text:
            return
        looks = ("wrapped", look) if look else ("wrapped",)
        told = cut(clean(text), 32_767)
        self._sheet.set_row(self._row, min(15 * ceil(max(len(told), 1) / _LINE), 400))
        self._sheet.merge_range(self._row, 0, self._row, _ACROSS, "", self._book.format(*looks))
        self._book.cell(self._sheet, self._row, 0, text, looks)
        self._row += 1


def _filled(table: Table) -> Table:
    """Figures without the columns that say nothing here, and with room for their names."""
    kept = [
        at
        for at in range(len(table.columns))
        if at < _ALWAYS or any(row.cells[at] is not None for row in table.rows)
    ]
    rows = tuple(replace(row, cells=tuple(row.cells[at] for at in kept)) for row in table.rows)
    return replace(table, columns=tuple(table.columns[at] for at in kept), rows=rows)


def _in_sight(blocks: Sequence[tuple[Block, str]]) -> int:
    """How many rows stay where they are: the section's title; where a table is all there is, its headings and what is above them."""
    (table, title), *others = blocks
    return 1 if others or not isinstance(table, Table) else 2 + bool(title) + bool(table.reading)
