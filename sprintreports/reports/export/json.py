"""A document as JSON: all of it, with typed values. A field is only added; whatever else changes raises the version."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import msgspec

from sprintreports.metrics.calendar import zone_of
from sprintreports.reports.document.blocks import (
    Block,
    CalendarEntry,
    Chart,
    Column,
    Document,
    Fact,
    Facts,
    IssueRef,
    Notice,
    Paragraph,
    Row,
    Section,
    Status,
    Table,
    Value,
)

#: Version of the shape.
SCHEMA = 1


def as_json(document: Document) -> bytes:
    """The document; times with the offset of its zone, numbers as numbers, what is not known as null."""
    return msgspec.json.format(msgspec.json.encode(tree(document)), indent=1)


def tree(document: Document) -> dict[str, Any]:
    """The same as plain values."""
    zone = document.zone
    return {
        "schema": SCHEMA,
        "kind": document.kind.value,
        "title": document.title,
        "subtitle": document.subtitle,
        "made_at": _value(document.made_at, zone),
        "moment": _value(document.moment, zone),
        "zone": zone,
        "locale": document.locale,
        "link": document.link,
        "basis": list(document.basis),
        "sections": [_section(section, zone) for section in document.sections],
        "calendar": [_entry(entry, zone) for entry in document.calendar],
    }


def _section(section: Section, zone: str) -> dict[str, Any]:
    blocks = [_block(block, zone) for block in section.blocks]
    return {"key": section.key, "title": section.title, "blocks": blocks}


def _block(block: Block, zone: str) -> dict[str, Any]:
    match block:
        case Paragraph():
            return {"block": "paragraph", "text": block.text}
        case Notice():
            return {"block": "notice", "tone": block.tone.value, "text": block.text}
        case Facts():
            return {"block": "facts", "key": block.key, "facts": [_fact(fact, zone) for fact in block.facts]}
        case Table():
            return {"block": "table", **_table(block, zone)}
        case Chart():
            return {
                "block": "chart",
                "key": block.key,
                "title": block.title,
                "reading": block.reading,
                "light": block.light,
                "dark": block.dark,
                "table": _table(block.table, zone),
            }


def _fact(fact: Fact, zone: str) -> dict[str, Any]:
    return {
        "key": fact.key,
        "label": fact.label,
        "kind": fact.kind.value,
        "unit": fact.unit and fact.unit.value,
        "value": _value(fact.value, zone),
        "change": fact.change,
        "good": fact.good,
        "detail": fact.detail,
    }


def _table(table: Table, zone: str) -> dict[str, Any]:
    return {
        "key": table.key,
        "title": table.title,
        "reading": table.reading,
        "empty": table.empty,
        "columns": [_column(column) for column in table.columns],
        "child_columns": [_column(column) for column in table.child_columns],
        "rows": [_row(row, zone) for row in table.rows],
    }


def _column(column: Column) -> dict[str, Any]:
    unit = column.unit and column.unit.value
    return {"key": column.key, "label": column.label, "kind": column.kind.value, "unit": unit}


def _row(row: Row, zone: str) -> dict[str, Any]:
    found: dict[str, Any] = {"cells": [_value(value, zone) for value in row.cells]}
    if row.mark:
        found["mark"] = row.mark.value
    if row.children:
        found["children"] = [_row(child, zone) for child in row.children]
    return found


def _entry(entry: CalendarEntry, zone: str) -> dict[str, Any]:
    return {
        "uid": entry.uid,
        "title": entry.title,
        "start": _value(entry.start, zone),
        "until": _value(entry.until, zone),
        "text": entry.text,
        "url": entry.url,
    }


def _value(value: Value, zone: str) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(zone_of(zone)).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, IssueRef):
        return {"key": value.key, "url": value.url}
    if isinstance(value, Status):
        return {"name": value.name, "tone": value.tone.value}
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    return value
