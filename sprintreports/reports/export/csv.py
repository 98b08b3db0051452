"""A document's tables as CSV that no spreadsheet takes for formulas.

Numbers have the decimal sign of the document's locale and are not grouped, so that spreadsheets of that locale read them as
numbers; where it is a comma, semicolons part the cells, as those spreadsheets expect. Days and times are written as ISO 8601 in the
document's zone, which is read the same everywhere. Rows behind a row follow as tables of their own.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime

from sprintreports.charts.writing import STYLES, USUAL
from sprintreports.kit.errors import FieldProblem, Invalid
from sprintreports.kit.files.cleaning import clean
from sprintreports.metrics.calendar import zone_of
from sprintreports.reports.document.blocks import Column, Document, IssueRef, Status, Table, Value
from sprintreports.reports.export import options as chosen
from sprintreports.reports.export.flat_tables import tables
from sprintreports.reports.export.options import Options
from sprintreports.reports.export.words import MARKS, file_names, heading

# Those of full width begin a formula where such letters are written.
_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_EARLY = (1980, 1, 1, 0, 0, 0)  # zip's first day: the same document gives the same bytes


class NoSuchTable(Invalid):
    """This report has no table with this key. Choose one of those that it has, or leave the key away to get all of them."""


def as_csv(document: Document, options: Options = chosen.USUAL) -> bytes:
    """The table named in the options (its key, or that of its chart), or a zip of all of them. Raises NoSuchTable."""
    if not options.part:
        return _zip(document, options)
    found = next((table for table in _named(document) if table.key == options.part), None)
    if found is None:
        raise NoSuchTable(details=(FieldProblem("part", " ".join((NoSuchTable.__doc__ or "").split())),))
    return written(found, document, mark=options.mark)


def written(table: Table, document: Document, *, mark: bool = True) -> bytes:
    """One table. mark: with a byte order mark."""
    style = STYLES.get(document.locale, USUAL)
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";" if style.point == "," else ",")
    marked = any(MARKS[row.mark] for row in table.rows)
    columns = [*table.columns, *((Column("mark", "Change"),) if marked else ())]
    writer.writerow([_text(heading(column)) for column in columns])
    for row in table.rows:
        cells: tuple[Value, ...] = (*row.cells, *((MARKS[row.mark],) if marked else ()))
        writer.writerow([_cell(value, style.point, document.zone) for value in cells])
    return out.getvalue().encode("utf-8-sig" if mark else "utf-8")


def _named(document: Document) -> Iterator[Table]:
    """Tables by the keys that they go by: a chart's is found by the chart's key, too."""
    yield from tables(document)
    for chart in document.charts:
        twin = chart.table
        yield Table(chart.key, twin.title, twin.columns, twin.rows, twin.empty)


def _zip(document: Document, options: Options) -> bytes:
    found = list(tables(document))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as packed:
        for name, table in zip(file_names((one.title for one in found), "csv"), found, strict=True):
            packed.writestr(
                zipfile.ZipInfo(name, _EARLY),
                written(table, document, mark=options.mark),
                zipfile.ZIP_DEFLATED,
            )
    return out.getvalue()


def _cell(value: Value, point: str, zone: str) -> str:
    if value is None:
        return ""
    if isinstance(value, IssueRef):
        return _text(value.key)
    if isinstance(value, Status):
        return _text(value.name)
    if isinstance(value, datetime):
        return value.astimezone(zone_of(zone)).replace(tzinfo=None).isoformat(sep=" ", timespec="minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float):
        plain = f"{value:.6f}".rstrip("0").rstrip(".")
        return ("0" if plain == "-0" else plain).replace(".", point)
    return str(value)


def _text(text: str) -> str:
    """What begins like a formula begins with an apostrophe instead; what no file can hold is left out."""
    cleaned = clean(text)
    return (
        "'" + cleaned if cleaned.startswith(_FORMULAS) or cleaned.lstrip().startswith(_FORMULAS) else cleaned
    )
