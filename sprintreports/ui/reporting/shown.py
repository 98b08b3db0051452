"""A document as display values: every figure as text in the reader's style, by the one function that all renderers use. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sprintreports.charts import writing
from sprintreports.reports.document.blocks import (
    Block,
    Chart,
    Column,
    Document,
    Fact,
    Facts,
    IssueRef,
    Kind,
    Mark,
    Notice,
    Paragraph,
    Row,
    Section,
    Status,
    Table,
    Tone,
    Value,
)
from sprintreports.reports.document.headings import behind as behind_row
from sprintreports.reports.document.headings import headed
from sprintreports.reports.document.text import written
from sprintreports.reports.export.words import heading
from sprintreports.ui.charting import FONT
from sprintreports.ui.numbers import counted

# Sockets are not packed, and nobody reads further: files have all rows, and the page says so.
MOST_ROWS, MOST_CHILDREN = 200, 600
_MOST_BARS, _MOST_PANELS = 10, 6
_TONES = {Tone.NEUTRAL: "", Tone.ACTIVE: "info", Tone.GOOD: "good", Tone.WARNING: "warn", Tone.BAD: "bad"}
_NOTICES = {**_TONES, Tone.NEUTRAL: "info"}
_FIGURES = frozenset({Kind.COUNT, Kind.NUMBER, Kind.CHANGE, Kind.SHARE})
_MARKS = {
    Mark.NONE: "",
    Mark.ADDED: "Added",
    Mark.REMOVED: "Removed",
    Mark.CHANGED: "Changed",
    Mark.TOTAL: "",
}


@dataclass
class Cell:
    """A value as text. url: of an issue in Jira; tone: of a status; css: `n` for a figure."""

    text: str = ""
    url: str = ""
    tone: str = ""
    lozenge: bool = False
    css: str = ""


@dataclass
class Head:
    """A column's label."""

    text: str = ""
    css: str = ""


@dataclass
class Line:
    """Cells under heads, without what is behind them."""

    cells: list[Cell] = field(default_factory=list)


@dataclass
class TableRow:
    """A row; mark: what it is, in a word; behind: how many issues can be looked at; children: those."""

    cells: list[Cell] = field(default_factory=list)
    mark: str = ""
    css: str = ""
    behind: str = ""
    children: list[Line] = field(default_factory=list)


@dataclass
class Figure:
    """A fact as a tile. css: `words` where it is no figure, so that sentences are not set as large as numbers."""

    label: str = ""
    value: str = ""
    unit: str = ""
    css: str = ""
    change: str = ""
    tone: str = ""
    detail: str = ""


@dataclass
class Part:
    """A block of whichever kind; what it has none of is empty. over: the title to write over it, where it says more than the
    section's heading.
    """

    kind: str = ""
    key: str = ""
    title: str = ""
    over: str = ""
    reading: str = ""
    tone: str = ""
    texts: list[str] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    heads: list[Head] = field(default_factory=list)
    rows: list[TableRow] = field(default_factory=list)
    child_heads: list[Head] = field(default_factory=list)
    width: int = 1
    nothing: str = ""
    more: str = ""
    tall: bool = False
    light: dict[str, Any] = field(default_factory=dict)
    dark: dict[str, Any] = field(default_factory=dict)


@dataclass
class Group:
    """A section."""

    key: str = ""
    title: str = ""
    parts: list[Part] = field(default_factory=list)


def groups(document: Document) -> list[Group]:
    """The document's sections, in the style of its locale."""
    writing.write_as(document.locale)
    left = [MOST_CHILDREN]
    return [_group(section, document.zone, left) for section in document.sections]


def _group(section: Section, zone: str, left: list[int]) -> Group:
    parts: list[Part] = []
    for at, (block, title) in enumerate(headed(section)):
        part = _part(block, f"{section.key}-{at}", zone, left)
        part.over = title
        parts.append(part)
    return Group(section.key, section.title, parts)


def _part(block: Block, key: str, zone: str, left: list[int]) -> Part:
    match block:
        case Paragraph(text):
            return Part("paragraph", key, texts=[line for line in text.split("\n") if line.strip()])
        case Notice(text, tone):
            return Part("notice", key, tone=_NOTICES[tone], texts=[text])
        case Facts(facts=facts):
            return Part("facts", key, figures=[_figure(fact, zone) for fact in facts])
        case Table():
            return _table(block, key, zone, left)
        case Chart():
            part = _table(block.table, key, zone, left)
            part.kind, part.title, part.reading = "chart", block.title, block.reading
            part.tall = _is_tall(block.light)
            part.light, part.dark = _in_our_type(block.light), _in_our_type(block.dark)
            return part


def _is_tall(figure: Mapping[str, Any]) -> bool:
    """Whether it has more bars one above the other, or more rows of panels, than a chart of usual height shows well."""
    layout = figure.get("layout", {})
    names = layout.get("yaxis", {}).get("tickvals") or ()
    return len(names) > _MOST_BARS or sum(key.startswith("xaxis") for key in layout) > _MOST_PANELS


def _in_our_type(figure: Mapping[str, Any]) -> dict[str, Any]:
    """Drawn in the page's own typeface, as all its charts are."""
    layout = figure.get("layout", {})
    return {**figure, "layout": {**layout, "font": {**layout.get("font", {}), "family": FONT}}}


def _figure(fact: Fact, zone: str) -> Figure:
    bare, whole = (written(fact.value, fact.kind, zone=zone, unit=unit) for unit in (None, fact.unit))
    value, unit = (bare, whole.removeprefix(bare).strip()) if whole.startswith(bare) else (whole, "")
    css = "" if fact.kind in _FIGURES else "words"
    change, tone = _change(fact, zone)
    return Figure(fact.label, value, unit, css, change, tone, fact.detail)


def _change(fact: Fact, zone: str) -> tuple[str, str]:
    """The change in words and its tone: colour is never the only sign of what is welcome."""
    if fact.change is None:
        return "", ""
    if not fact.change:
        return "unchanged", ""
    kind = Kind.SHARE if fact.kind is Kind.SHARE else Kind.CHANGE
    text = written(fact.change, kind, zone=zone)
    if fact.good is None:
        return text, ""
    return (f"{text} (better)", "good") if fact.good else (f"{text} (worse)", "bad")


def _table(table: Table, key: str, zone: str, left: list[int]) -> Part:
    shown = table.rows[:MOST_ROWS]
    marked = any(_MARKS[row.mark] for row in shown)
    heads = _heads(table.columns)
    over = len(table.rows) - len(shown)
    return Part(
        "table",
        key,
        title=table.title,
        reading=table.reading,
        heads=[*heads, Head("What")] if marked else heads,
        rows=[_row(row, table, zone, left, marked=marked) for row in shown],
        child_heads=_heads(table.child_columns),
        width=len(heads) + marked,
        nothing=table.empty,
        more=f"{counted(over, 'more row')} are in the files: take one under Export." if over > 0 else "",
    )


def _heads(columns: Sequence[Column]) -> list[Head]:
    return [Head(heading(column), _css(column)) for column in columns]


def _css(column: Column) -> str:
    return "n" if column.kind in _FIGURES else "t" if column.wide else ""


def _row(row: Row, table: Table, zone: str, left: list[int], *, marked: bool) -> TableRow:
    cells = _cells(row.cells, table.columns, zone)
    word = _MARKS[row.mark]
    if marked:
        cells.append(Cell(word))
    taken = row.children[: left[0]]
    left[0] -= len(taken)
    behind = behind_row(table, len(row.children)) if row.children else ""
    if behind and len(taken) < len(row.children):
        behind = f"{behind}, {len(taken)} of them here"
    return TableRow(
        cells,
        word,
        row.mark.value,
        behind if taken else "",
        [Line(_cells(child.cells, table.child_columns, zone)) for child in taken],
    )


def _cells(values: Sequence[Value], columns: Sequence[Column], zone: str) -> list[Cell]:
    return [_cell(value, column, zone) for value, column in zip(values, columns, strict=True)]


def _cell(value: Value, column: Column, zone: str) -> Cell:
    text = written(value, column.kind, zone=zone)
    if isinstance(value, IssueRef):
        return Cell(text, value.url if value.url.startswith(("https://", "http://")) else "")
    if isinstance(value, Status):
        return Cell(text, tone=_TONES[value.tone], lozenge=True)
    return Cell(text, css=_css(column))
