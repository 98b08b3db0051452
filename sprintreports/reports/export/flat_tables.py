"""A document as flat tables: what CSV and workbooks are made of."""

from __future__ import annotations

from collections.abc import Iterator

from sprintreports.charts.words import unit_title
from sprintreports.reports.document.blocks import Chart, Column, Document, Facts, Kind, Row, Table


def tables(document: Document) -> Iterator[Table]:
    """All tables in reading order, figures side by side as one, too; the rows behind a table's rows as one more table."""
    for section in document.sections:
        for block in section.blocks:
            if isinstance(block, Facts):
                yield figures(block, section.title)
            elif isinstance(block, Chart):
                yield block.table
            elif isinstance(block, Table):
                yield block
                if any(row.children for row in block.rows):
                    yield behind(block)


def figures(block: Facts, title: str) -> Table:
    """Figures as a table: what each is, its value and its change, in the unit named beside it."""
    columns = (
        Column("figure", "Figure"),
        Column("value", "Value"),
        Column("unit", "Unit"),
        Column("change", "Change", Kind.CHANGE),
        Column("detail", "Detail", wide=True),
    )
    rows = tuple(
        Row(
            (
                fact.label,
                fact.value,
                fact.unit and unit_title(fact.unit).lower(),
                fact.change,
                fact.detail or None,
            )
        )
        for fact in block.facts
    )
    return Table(block.key, f"{title}: figures", columns, rows, "There are no figures.")


def behind(table: Table) -> Table:
    """The rows behind a table's rows, each with the first cell of the row that it is behind."""
    first = table.columns[0]
    columns = (Column(f"of_{first.key}", first.label, first.kind), *table.child_columns)
    rows = tuple(
        Row((row.cells[0], *child.cells), child.mark) for row in table.rows for child in row.children
    )
    by = table.child_columns[0].label.lower() if table.child_columns else "row"
    return Table(f"{table.key}.rows", f"{table.title}, by {by}", columns, rows, table.empty)
