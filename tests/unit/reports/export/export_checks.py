"""What holds for every file of a report that needs no browser to be written, whatever its titles are."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from html.parser import HTMLParser

from icalendar import Calendar
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape

from sprintreports.kit.files.cleaning import clean
from sprintreports.metrics.values import Unit
from sprintreports.reports.document.blocks import (
    CalendarEntry,
    Chart,
    Column,
    Document,
    Fact,
    Facts,
    IssueRef,
    Kind,
    Native,
    Notice,
    Paragraph,
    Row,
    Section,
    Series,
    Shape,
    Status,
    Table,
    Tone,
)
from sprintreports.reports.export.csv import as_csv
from sprintreports.reports.export.html import as_html
from sprintreports.reports.export.ical import as_ical
from sprintreports.reports.export.json import as_json
from sprintreports.reports.export.options import Options
from sprintreports.reports.export.xlsx import as_xlsx
from tests import reports_samples

FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
_COLUMNS = (
    Column("issue", "Issue", Kind.ISSUE),
    Column("summary", "Summary", wide=True),
    Column("status", "Status", Kind.STATUS),
    Column("points", "Points", Kind.NUMBER, Unit.POINTS),
)


class Page(HTMLParser):
    """What a browser would find in a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.text: list[str] = []
        self.scripts = 0
        self._in = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name in {"href", "src"}]
        self.scripts += tag == "script"
        self._in = tag

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002  # the parser's signature
        self._in = ""

    def handle_data(self, data: str) -> None:
        if self._in not in {"script", "style"}:
            self.text.append(data)


def odd_document(strings: Sequence[str]) -> Document:
    """Every one of the strings as a summary, a key, a status, a title, a figure and a label of a chart."""
    rows = tuple(
        Row((IssueRef(f"ABC-{at}", text), text, Status(text, Tone.BAD), float(at)))
        for at, text in enumerate(strings)
    )
    labels = tuple(Row((text, 1.0)) for text in strings)
    twin = Table(
        "twin", strings[0], (Column("name", strings[0]), Column("value", "Value", Kind.NUMBER)), labels, ""
    )
    figure = {"data": [{"type": "bar", "x": list(strings), "y": [1] * len(strings)}], "layout": {}}
    native = Native(Shape.COLUMNS, "name", (Series("value", strings[0], "#0d5eef"),))
    sections = tuple(
        Section(
            f"s{at}", text, (Paragraph(text), Notice(text), Facts("f", (Fact("g", text, text, Kind.TEXT),)))
        )
        for at, text in enumerate(strings)
    )
    tables = Section(
        "tables",
        strings[0],
        (
            Table("issues", strings[0], _COLUMNS, rows, "None."),
            Chart("chart", strings[0], strings[0], figure, figure, twin, native),
        ),
    )
    entries = tuple(
        CalendarEntry(f"uid-{at}@x", text, reports_samples.START, reports_samples.CLOSE, text, text)
        for at, text in enumerate(strings)
    )
    return replace(
        reports_samples.document(),
        title=strings[0], subtitle=strings[0], sections=(*sections, tables), basis=tuple(strings), calendar=entries, link=strings[0],
    )  # fmt: skip


def check(strings: Sequence[str]) -> None:
    """Each string through every format that is written here, and back."""
    document = odd_document(strings)
    _check_page(document, strings)
    _check_workbook(document, strings)
    _check_csv(document, strings)
    _check_json(document, strings)
    _check_calendar(document, strings)


def _check_page(document: Document, strings: Sequence[str]) -> None:
    plain = Page(as_html(reports_samples.document()))
    page = Page(as_html(document))
    assert page.scripts == plain.scripts == 3
    assert page.tags <= plain.tags, page.tags - plain.tags
    assert page.attributes <= plain.attributes
    assert all(link.startswith(("https://", "http://", "#s", "#report")) for link in page.links)
    told = "".join(page.text)
    for text in strings:
        for line in filter(str.strip, clean(text).replace("\r", "\n").split("\n")):
            assert line.strip() in told


def _check_workbook(document: Document, strings: Sequence[str]) -> None:
    body = as_xlsx(document)
    book = load_workbook(io.BytesIO(body))
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert not any(cell.data_type == "f" for cell in cells)
    links = [cell.hyperlink.target for cell in cells if cell.hyperlink and cell.hyperlink.target]
    assert all(link.startswith(("https://", "http://")) for link in links)
    shown = {unescape(str(cell.value)) for cell in cells if cell.value is not None}
    for text in strings:
        wanted = clean(text)[:32_767]
        assert not wanted or wanted in shown or wanted.replace("\r\n", "\n") in shown, wanted[:50]
    assert len({sheet.title.casefold() for sheet in book.worksheets}) == len(book.worksheets)
    with zipfile.ZipFile(io.BytesIO(body)) as parts:
        charts = [
            parts.read(name).decode() for name in parts.namelist() if name.startswith("xl/charts/chart")
        ]
    assert len(charts) == 1
    ranges = [part.split("</c:f>")[0] for part in charts[0].split("<c:f>")[1:]]
    assert len(ranges) == 2, "labels and values, and no title that became an address"


def _check_csv(document: Document, strings: Sequence[str]) -> None:
    body = as_csv(document, Options(part="issues"))
    rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))
    assert len(rows) == len(strings) + 1
    for text, row in zip(strings, rows[1:], strict=True):
        cell = row[1]
        assert not cell.lstrip(" ").startswith(FORMULAS)
        assert cell in (clean(text), "'" + clean(text))
    with zipfile.ZipFile(io.BytesIO(as_csv(document))) as packed:
        names = packed.namelist()
        assert len(set(names)) == len(names) == len(strings) + 2
        assert all(name.isascii() and "/" not in name and ".." not in name for name in names)


def _check_json(document: Document, strings: Sequence[str]) -> None:
    found = json.loads(as_json(document))
    rows = found["sections"][-1]["blocks"][0]["rows"]
    for text, row in zip(strings, rows, strict=True):
        assert row["cells"][1] == text.encode("utf-8", "replace").decode()


def _check_calendar(document: Document, strings: Sequence[str]) -> None:
    events = Calendar.from_ical(as_ical(document)).walk("VEVENT")
    assert [str(one["uid"]) for one in events] == [f"uid-{at}@x" for at in range(len(strings))]
    # icalendar drops a byte order mark that is all there is; nobody sees one.
    told = [str(one["summary"]).strip("\ufeff") for one in events]
    assert told == [" ".join(clean(text).split()).strip("\ufeff") for text in strings]
    assert all(str(one["url"]).startswith("http") for one in events if "url" in one)
