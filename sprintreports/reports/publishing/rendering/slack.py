"""A document as Slack's blocks: the figures, what each chart and table says, and a link for the rest.

Whatever comes from Jira stands in plain text or in preformatted text, where nobody is mentioned and nothing is a link.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

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

MOST_BLOCKS, LONGEST_TEXT, LONGEST_HEADER = 50, 3_000, 150
_MOST_FIELDS, _LONGEST_FIELD = 10, 2_000
_ROWS, _LONGEST_CELL, _MOST_COLUMNS = 10, 32, 6
_LONGEST_TABLE = 2_400


def blocks(document: Document, *, pictured: Collection[str] = ()) -> list[Json]:
    """At most fifty blocks, each within its limits. pictured: keys of the charts that are sent as pictures; the others have tables."""
    return parts.in_style(document, lambda: _blocks(document, pictured))


def summary(document: Document) -> str:
    """The sentence that notifications show; `<`, `>` and `&` as Slack wants them."""
    return parts.in_style(document, lambda: escaped(f"{parts.title_of(document)}. {parts.made(document)}"))


def escaped(text: str) -> str:
    """For Slack's mrkdwn: nothing in it mentions anybody or links anywhere."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _blocks(document: Document, pictured: Collection[str]) -> list[Json]:
    head: list[Json] = [_header(parts.title_of(document))]
    if document.subtitle:
        head.append(_plain(parts.line(document.subtitle)))
    head.append(_context(parts.made(document)))
    body = [made for section in document.sections for made in _section(section, document.zone, pictured)]
    foot: list[Json] = []
    link = web_address(document.link)
    room = MOST_BLOCKS - len(head) - 2
    if len(body) > room:
        left = len(body) - room
        foot.append(_context(f"{left} more {'part is' if left == 1 else 'parts are'} in the report itself."))
        body = body[:room]
    if link:
        foot.append(_mrkdwn(f"<{_address(link)}|Open the report in Sprint Reports>"))
    return [*head, *body, *foot]


def _section(section: Section, zone: str, pictured: Collection[str]) -> Iterator[Json]:
    yield _header(parts.line(section.title) or "…")
    for block, title in headed(section):
        match block:
            case Paragraph(said):
                if said.strip():
                    yield _plain(parts.line(said))
            case Notice(said):
                yield _plain(f"Note: {parts.line(said)}")
            case Facts(_, facts):
                for start in range(0, len(facts), _MOST_FIELDS):
                    yield {
                        "type": "section",
                        "fields": [
                            _text(f"{fact_heading(fact)}\n{parts.figure(fact, zone=zone)}", _LONGEST_FIELD)
                            for fact in facts[start : start + _MOST_FIELDS]
                        ],
                    }
            case Chart():
                yield from _sentence(parts.titled(title, block.reading))
                if block.key not in pictured and block.table.rows:
                    yield _mrkdwn(as_text(block.table.columns, block.table.rows, zone=zone))
            case Table():
                yield from _table(block, title, zone)


def _table(block: Table, title: str, zone: str) -> Iterator[Json]:
    yield from _sentence(parts.titled(title, block.reading if block.rows else block.empty))
    if block.rows:
        yield _mrkdwn(as_text(block.columns, block.rows, zone=zone))


def as_text(columns: Sequence[Column], rows: Sequence[Row], *, zone: str) -> str:
    """A table in preformatted text, as many rows as fit."""
    columns = columns[:_MOST_COLUMNS]
    cut = [Row(row.cells[: len(columns)], row.mark) for row in rows[:_ROWS]]
    grid = [[_cell(heading(column)) for column in columns]]
    grid += [[_cell(one) for one in parts.cells(row, columns, zone=zone)] for row in cut]
    widths = [max(len(line[place]) for line in grid) for place in range(len(columns))]
    lines = [
        "  ".join(
            one.rjust(width) if column.kind in parts.NUMBERS else one.ljust(width)
            for one, width, column in zip(line, widths, columns, strict=True)
        ).rstrip()
        for line in grid
    ]
    while len(lines) > 1 and sum(len(escaped(line)) + 1 for line in lines) > _LONGEST_TABLE:
        lines.pop()
    left = len(rows) - (len(lines) - 1)
    more = f"\n{parts.more_rows(left)}" if left else ""
    return f"```{escaped(chr(10).join(lines))[:_LONGEST_TABLE]}```{more}"


def _cell(text: str) -> str:
    # A backtick would end the preformatted text.
    return parts.short(parts.line(text).replace("`", "ˋ"), _LONGEST_CELL)


def _header(text: str) -> Json:
    return {"type": "header", "text": _text(text, LONGEST_HEADER)}


def _plain(text: str) -> Json:
    return {"type": "section", "text": _text(text, LONGEST_TEXT)}


def _sentence(text: str) -> Iterator[Json]:
    """Slack refuses a block without text."""
    if text:
        yield _plain(text)


def _context(text: str) -> Json:
    return {"type": "context", "elements": [_text(text, LONGEST_TEXT)]}


def _text(text: str, most: int) -> Json:
    return {"type": "plain_text", "text": parts.short(text, most) or "–", "emoji": False}


def _mrkdwn(text: str) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _address(link: str) -> str:
    return escaped(link).replace("|", "%7C")
