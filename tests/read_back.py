"""Files, pages and messages of a report, read back by other libraries than those that wrote them: what a reader finds in each.

Every reader gives the same: figures by their label, and tables by their title as rows by heading, units beside a label left out. What
stands there as text stays text; `number_of` reads it as people do.
"""

import csv
import io
import json
import re
import zipfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any, TypeAlias
from xml.etree import ElementTree as ET

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from sprintreports.ui.reporting.shown import Group
from tests.publishing_support import NAMESPACES

Cell: TypeAlias = Any  # a number where the format has numbers, else text
Line: TypeAlias = dict[str, Cell]
_NONE = {"", "–", "—"}
_UNIT = re.compile(r" \((?:story points|hours|issues)\)$")
_HEAD = "FFE1DED5"  # the ground of headings in a workbook


@dataclass
class Seen:
    """What a reader finds. The later of two figures or tables with one name is the one that is kept.

    titles: of sections, charts and tables, where a format says which words are titles.
    """

    facts: Line = field(default_factory=dict)
    tables: dict[str, list[Line]] = field(default_factory=dict)
    titles: set[str] = field(default_factory=set)

    def fact(self, label: str, value: Cell) -> None:
        self.facts[_UNIT.sub("", label)] = value

    def table(self, title: str, heads: Sequence[Cell], rows: Iterable[Sequence[Cell]]) -> None:
        names = [_UNIT.sub("", str(head or "")) for head in heads]
        self.tables[title] = [dict(zip(names, row, strict=False)) for row in rows]


def number_of(cell: Cell) -> float | None:
    """A number as it is, or as text says it: "1,234.5 points", "+3", "−2", "86 %", "–"."""
    if cell is None or isinstance(cell, int | float):
        return None if cell is None else float(cell)
    text = " ".join(str(cell).split())
    if text in _NONE:
        return None
    found = re.match(r"(?:± )?([+−-]?)([\d,]*\d(?:\.\d+)?)( %)?", text)
    assert found, f"{text!r} is no figure"
    value = float(found[2].replace(",", "")) / (100 if found[3] else 1)
    return -value if found[1] in {"−", "-"} else value


def of_json(body: bytes) -> Seen:
    seen = Seen()
    for section in json.loads(body)["sections"]:
        seen.titles.add(section["title"])
        for block in section["blocks"]:
            seen.titles |= {block["title"]} if "title" in block else set()
            for fact in block.get("facts", ()):
                seen.fact(fact["label"], fact["value"])
            table = block.get("table", block if block["block"] == "table" else None)
            if table is not None:
                heads = [column["label"] for column in table["columns"]]
                seen.table(table["title"], heads, ([_plain(cell) for cell in row["cells"]] for row in table["rows"]))  # fmt: skip
    return seen


def _plain(cell: Cell) -> Cell:
    return cell.get("key", cell.get("name")) if isinstance(cell, dict) else cell


def of_csv(body: bytes, titles: Collection[str]) -> Seen:
    """The zip of all tables. titles: those of the report, since files have plain names made of them."""
    seen, named = Seen(), {re.sub(r"[^a-z0-9]+", "-", one.lower()).strip("-"): one for one in titles}
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        for name in packed.namelist():
            heads, *rows = csv.reader(io.StringIO(packed.read(name).decode("utf-8-sig"), newline=""))
            if heads[:2] == ["Figure", "Value"]:
                for row in rows:
                    seen.fact(row[0], _csv_cell(row[1]))
            else:
                plain = name.removesuffix(".csv").partition("-")[2]
                seen.table(named.get(plain, plain), heads, ([_csv_cell(cell) for cell in row] for row in rows))  # fmt: skip
    return seen


def _csv_cell(cell: str) -> Cell:
    return float(cell) if re.fullmatch(r"-?\d+(\.\d+)?", cell) else cell or None


def of_workbook(body: bytes) -> Seen:
    """Every grid of every sheet that has headings, by the title above it or the name of its sheet."""
    seen = Seen()
    for sheet in load_workbook(io.BytesIO(body)).worksheets:
        for title, heads, rows in _grids(sheet):
            if heads[:2] == ["Figure", "Value"]:
                for row in rows:
                    seen.fact(str(row[0]), row[1])
            else:
                seen.table(title, heads, rows)
    return seen


def _grids(sheet: Worksheet) -> Iterator[tuple[str, list[Cell], list[list[Cell]]]]:
    lines = [list(row) for row in sheet.iter_rows()]
    at, title = 0, sheet.title
    while at < len(lines):
        cells = lines[at]
        if cells[0].value is not None and cells[0].fill.fgColor.rgb == _HEAD:
            width = next((n for n, cell in enumerate(cells) if cell.fill.fgColor.rgb != _HEAD), len(cells))
            heads, rows = [cell.value for cell in cells[:width]], []
            at += 1
            while at < len(lines) and any(cell.value is not None for cell in lines[at][:width]):
                values = [cell.value for cell in lines[at][:width]]
                if not str(values[0]).startswith("See the sheet "):
                    rows.append(values)
                at += 1
            yield title, heads, rows
        elif cells[0].font.bold and cells[0].value:
            title = str(cells[0].value)
        at += 1


def drawn_in(body: bytes) -> dict[str, dict[str, list[Cell]]]:
    """A workbook's own charts by title: the cells that each of their series draws."""
    book, found = load_workbook(io.BytesIO(body)), dict[str, dict[str, list[Cell]]]()
    for sheet in book.worksheets:
        for chart in sheet._charts:  # openpyxl has no other way to the charts that it read
            title = "".join(run.t for part in chart.title.tx.rich.p for run in part.r)
            series = {}
            for one in chart.series:
                reference = one.val if one.val is not None else one.yVal
                name = one.tx.v if one.tx.v is not None else one.tx.strRef.f
                place, _, cells = reference.numRef.f.rpartition("!")
                area = book[place.strip("'").replace("''", "'")][cells.replace("$", "")]
                series[name] = [cell.value for row in (area if isinstance(area, tuple) else ((area,),)) for cell in row]  # fmt: skip
            found[title] = series
    return found


class _Html(HTMLParser):
    """Tables by the heading above them; figures of a `dl`, and of tables without headings, as mails have them."""

    def __init__(self, seen: Seen) -> None:
        super().__init__()
        self._seen, self._title, self._label = seen, "", ""
        self._text = list[str]()
        # Open tables, an inner one last, as rows of (tag, text); None: one that only lays the page out.
        self._tables = list[list[list[tuple[str, str]]] | None]()
        self._silent = 0  # in what is no part of a cell's words

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if self._silent or tag == "button" or given.get("class") == "mark":
            self._silent += tag not in {"br", "img", "meta", "input"}
        elif tag == "table":
            self._tables.append(None if given.get("role") == "presentation" else [])
        elif tag == "tr" and self._tables and self._tables[-1] is not None:
            self._tables[-1].append([])
        if tag in {"h1", "h2", "h3", "td", "th", "dt", "dd", "script", "style"}:
            self._text = []

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if self._silent:
            self._silent -= 1
            return
        said = " ".join("".join(self._text).split())
        rows = self._tables[-1] if self._tables else None
        match tag:
            case "h1" | "h2" | "h3":
                self._title = said
            case "dt":
                self._label = said
            case "strong" if self._label and rows is None:
                self._seen.fact(self._label, said)
                self._label = ""
            case "td" | "th" if rows:
                rows[-1].append((tag, said))
                self._text = []
            case "table":
                self._end(self._tables.pop())

    def _end(self, table: list[list[tuple[str, str]]] | None) -> None:
        if not table or any(one is not None for one in self._tables):
            return
        rows = [[text for _, text in row] for row in table]
        if all(tag == "th" for tag, _ in table[0]):
            self._seen.table(self._title, rows[0], (row for row in rows[1:] if len(row) == len(rows[0])))
        else:
            for label, value, *_ in rows:
                self._seen.fact(label, value)


def of_page(page: str) -> Seen:
    """A page or mail of HTML."""
    seen = Seen()
    _Html(seen).feed(page)
    return seen


def of_storage(body: str) -> Seen:
    """A page of Confluence: tables under their headings; those without a first row of headings are figures."""
    seen, title = Seen(), ""
    root = ET.fromstring(f"<page {NAMESPACES}>{body}</page>")  # noqa: S314  # ours
    for element in root.iter():
        if element.tag in {"h2", "h3"}:
            title = _words(element)
        if (
            element.tag == "{urn:ac}parameter"
            and element.get("{urn:ac}name") == "title"
            and ": " in _words(element)
        ):
            title = f"behind {_words(element)}"
        if element.tag != "table":
            continue
        rows = [[_words(cell) for cell in row] for row in element.iter("tr")]
        first = next(element.iter("tr"))
        if all(cell.tag == "th" for cell in first):
            seen.table(title, rows[0], rows[1:])
        else:
            for label, value, *_ in rows:
                seen.fact(label, value)
    return seen


def _words(element: ET.Element) -> str:
    """Text without a lozenge's colour."""
    return " ".join(
        " ".join(
            text for part in element.iter() if part.get("{urn:ac}name") != "colour" for text in (part.text or "", part.tail if part is not element else "") if text
        ).split()
    )  # fmt: skip


def _called(text: str, before: str, titles: Collection[str]) -> str:
    """The title that a sentence begins with, else what was the title before it."""
    name = text.strip().partition(": ")[0]
    return name if name in titles else before


def of_blocks(blocks: Sequence[dict[str, Any]], titles: Collection[str]) -> Seen:
    """A message of Slack: fields, and tables of letters of one width below the sentence that names them. titles: of the report."""
    seen, title = Seen(), ""
    for block in blocks:
        for one in block.get("fields", ()):
            label, _, value = one["text"].partition("\n")
            seen.fact(label, value)
        text = block.get("text", {})
        if text.get("type") == "plain_text":
            title = _called(text["text"], title, titles)
        elif text.get("text", "").startswith("```"):
            heads, *rows = text["text"].removeprefix("```").partition("```")[0].split("\n")
            starts = _starts([heads, *rows])
            cut = [[line[a:b].strip() for a, b in pairwise([*starts, 10_000])] for line in (heads, *rows)]
            seen.table(title, cut[0], cut[1:])
    return seen


def _starts(lines: Sequence[str]) -> list[int]:
    """Where columns begin: after two blanks that all lines have in the same place."""
    width = max(map(len, lines))
    padded = [line.ljust(width) for line in lines]
    empty = [all(line[at] == " " for line in padded) for at in range(width)]
    return [0] + [at for at in range(2, width) if empty[at - 1] and empty[at - 2] and not empty[at]]


def of_card(card: dict[str, Any], titles: Collection[str]) -> Seen:
    """An Adaptive Card. titles: of the report."""
    seen, title = Seen(), ""
    for element in card["body"]:
        match element["type"]:
            case "FactSet":
                for fact in element["facts"]:
                    seen.fact(fact["title"].replace("\\", ""), fact["value"].replace("\\", ""))
            case "Table":
                rows = [[cell["items"][0]["inlines"][0]["text"] for cell in row["cells"]] for row in element["rows"]]  # fmt: skip
                seen.table(title, rows[0], rows[1:])
            case _:
                title = _called(element["inlines"][0]["text"], title, titles)
    return seen


_FACT = re.compile(r"[A-Z][\w /,-]*(?: \([a-z ]+\))?: ")
_WIDTH = 76


def of_plain(text: str, titles: Collection[str]) -> Seen:
    """A mail's text: "label: value" for figures; rows as "- heading: value, heading: value" under their title. titles: of the report."""
    seen, title = Seen(), ""
    for line in _unbroken(text):
        if line.startswith("- "):
            row: Line = {}
            for part in line[2:].split(", "):
                heading, colon, value = part.partition(": ")
                if colon:
                    row[_UNIT.sub("", heading)] = value
            seen.tables.setdefault(title, []).append(row)
        elif line.startswith("\n"):
            title = _called(line, title, titles)
        elif _FACT.match(line):
            label, _, value = line.partition(": ")
            seen.fact(label, value)
    return seen


def _unbroken(text: str) -> list[str]:
    """Lines as they were before they were broken at a width; one after an empty line begins with a line break."""
    found, last, gap = [""], "", False
    for line in text.replace("\r\n", "\n").split("\n"):
        word = line.partition(" ")[0]
        goes_on = last and len(last) + 1 + len(word) > _WIDTH and not line.startswith("- ")
        if goes_on and not gap and (found[-1].startswith("- ") or not _FACT.match(line)):
            found[-1] += f" {line}"
        elif line:
            found.append(f"\n{line}" if gap and not line.startswith("- ") else line)
        gap, last = not line, line
    return found


def of_groups(groups: Sequence[Group]) -> Seen:
    """The report page's state."""
    seen = Seen()
    for group in groups:
        for part in group.parts:
            for figure in part.figures:
                seen.fact(figure.label, figure.value)
            if part.kind in {"table", "chart"}:
                heads = [head.text for head in part.heads]
                seen.table(part.title, heads, ([cell.text for cell in row.cells] for row in part.rows))
    return seen


def of_print(pages: Sequence[str], labels: Sequence[str]) -> Seen:
    """The text of a PDF's pages: figures by the labels looked for, each on a line of its own over its figure.

    Its tables are looked at by whoever knows their rows.
    """
    seen, lines = Seen(), "\n".join(pages).replace("\r", "").split("\n")
    for label, value in pairwise(lines):
        if label in labels and label not in seen.facts and re.match(r"[+−-]?\d|–", value):
            seen.fact(label, value)
    return seen
