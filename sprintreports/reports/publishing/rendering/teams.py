"""A document as an Adaptive Card 1.5 that fits into the 28 KB of a message: what does not fit is in the report, and the card says so.

Texts from Jira stand in text runs, which Teams shows as they are; only our own words stand where Markdown is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from sprintreports.reports.document.blocks import (
    Chart,
    Column,
    Document,
    Facts,
    Notice,
    Paragraph,
    Row,
    Section,
    Table,
)
from sprintreports.reports.document.headings import headed
from sprintreports.reports.export.words import fact_heading, heading, web_address
from sprintreports.reports.publishing.rendering import parts

Json = dict[str, Any]

SCHEMA = "http://adaptivecards.io/schemas/adaptive-card.json"
#: Of the 28 KB, a bit is for what is around the card.
MOST_BYTES = 27 * 1024
_ROWS = (10, 5, 3, 0)  # of each table: fewer, until the card fits
_LONGEST_TEXT, _LONGEST_CELL, _LONGEST_URL = 1_000, 60, 2_000
_MOST_COLUMNS = 6
_LEFT_OUT = "This card has room for a part of the report only. The rest is in the report itself."


def card(document: Document) -> Json:
    """The card, with as much of the report as fits."""
    return parts.in_style(document, lambda: _card(document))


def size(body: Json) -> int:
    """Bytes of the card in a request."""
    return len(msgspec.json.encode(body))


def _card(document: Document) -> Json:
    for rows in _ROWS:
        found = _with(document, document.sections, rows=rows)
        if size(found) <= MOST_BYTES:
            return found
    for count in range(len(document.sections) - 1, -1, -1):
        found = _with(document, document.sections[:count], rows=0)
        if size(found) <= MOST_BYTES:
            return found
    raise AssertionError("a head has bounded texts")  # pragma: no cover


def _with(document: Document, sections: Sequence[Section], *, rows: int) -> Json:
    body: list[Json] = [_said(parts.title_of(document), size="large", bold=True)]
    if document.subtitle:
        body.append(_said(document.subtitle))
    body.append(_said(parts.made(document), subtle=True))
    for section in sections:
        body += _section(section, document.zone, rows=rows)
    cut = len(sections) < len(document.sections) or any(len(table.rows) > rows for table in _tables(sections))
    if cut:
        body.append(_said(_LEFT_OUT, subtle=True))
    made: Json = {"type": "AdaptiveCard", "$schema": SCHEMA, "version": "1.5", "body": body}
    link = web_address(document.link)
    if link and len(link) <= _LONGEST_URL:
        made["actions"] = [{"type": "Action.OpenUrl", "title": "Open the report", "url": link}]
    return made


def _tables(sections: Sequence[Section]) -> list[Table]:
    blocks = [block for section in sections for block in section.blocks]
    return [
        block.table if isinstance(block, Chart) else block
        for block in blocks
        if isinstance(block, Table | Chart)
    ]


def _section(section: Section, zone: str, *, rows: int) -> list[Json]:
    found: list[Json] = [_said(section.title, size="medium", bold=True, apart=True)]
    for block, title in headed(section):
        match block:
            case Paragraph(said):
                found.append(_said(said))
            case Notice(said):
                found.append(_said(f"Note: {said}", bold=True))
            case Facts():
                found.append(_facts(block, zone))
            case Chart():
                found += _sentence(parts.titled(title, block.reading))
                found += _grid(block.table, zone, rows=rows)
            case Table():
                found += _table(block, title, zone, rows=rows)
    return found


def _facts(block: Facts, zone: str) -> Json:
    return {
        "type": "FactSet",
        "facts": [
            {"title": _tame(fact_heading(fact)), "value": _tame(parts.figure(fact, zone=zone)) or "–"}
            for fact in block.facts
        ],
    }


def _table(block: Table, title: str, zone: str, *, rows: int) -> list[Json]:
    said = parts.titled(title, block.reading if block.rows else block.empty)
    return [*_sentence(said), *_grid(block, zone, rows=rows)]


def _sentence(text: str) -> list[Json]:
    return [_said(text)] if text else []


def _grid(block: Table, zone: str, *, rows: int) -> list[Json]:
    shown = block.rows[:rows]
    if not shown:
        return []
    columns = block.columns[:_MOST_COLUMNS]
    head = _row([heading(column) for column in columns], columns, bold=True)
    return [
        {
            "type": "Table",
            "firstRowAsHeader": True,
            "columns": [{"width": 3 if column.wide else 1} for column in columns],
            "rows": [head, *(_row(_cells(row, columns, zone), columns) for row in shown)],
        }
    ]


def _cells(row: Row, columns: Sequence[Column], zone: str) -> list[str]:
    return parts.cells(Row(row.cells[: len(columns)], row.mark), columns, zone=zone)


def _row(texts: Sequence[str], columns: Sequence[Column], *, bold: bool = False) -> Json:
    cells = [
        {
            "type": "TableCell",
            "items": [_said(parts.short(text, _LONGEST_CELL), bold=bold, right=column.kind in parts.NUMBERS)],
        }
        for text, column in zip(texts, columns, strict=True)
    ]
    return {"type": "TableRow", "cells": cells}


def _said(
    text: str,
    *,
    size: str = "",
    bold: bool = False,
    subtle: bool = False,
    right: bool = False,
    apart: bool = False,
) -> Json:
    """Text as it is: runs know no Markdown."""
    run: Json = {"type": "TextRun", "text": parts.short(parts.line(text), _LONGEST_TEXT) or "–"}
    if size:
        run["size"] = size
    if bold:
        run["weight"] = "bolder"
    if subtle:
        run["isSubtle"] = True
    found: Json = {"type": "RichTextBlock", "inlines": [run]}
    if right:
        found["horizontalAlignment"] = "right"
    if apart:
        found["separator"] = True
        found["spacing"] = "large"
    return found


def _tame(text: str) -> str:
    """Facts are read as Markdown: without what makes a link, emphasis or a date out of a text."""
    found = parts.short(parts.line(text), 300).replace("{{", "{\u200b{")
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>#" else sign for sign in found)
