"""A document in Confluence's storage format: XHTML with its macros, for Cloud and Data Center alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape

from sprintreports.kit.files.cleaning import clean
from sprintreports.reports.document.blocks import (
    Block,
    Chart,
    Column,
    Document,
    Facts,
    IssueRef,
    Mark,
    Notice,
    Paragraph,
    Row,
    Status,
    Table,
    Tone,
    Value,
)
from sprintreports.reports.document.headings import behind, headed
from sprintreports.reports.document.text import written
from sprintreports.reports.export.words import MARKS, fact_heading, heading, web_address
from sprintreports.reports.publishing.rendering import parts
from sprintreports.reports.publishing.rendering.parts import Pictures

#: Rows of one table on a page. Confluence takes 5 MB a page and grows slow long before.
MOST_ROWS = 1_000
MOST_CHILDREN = 4_000  # of all tables together
#: Of what Confluence takes, a bit is for what is around the rows; of this again a part for those that are expanded.
MOST_BYTES, MOST_EXPANDED_BYTES = 4_200_000, 1_800_000

_COLOURS = {
    Tone.NEUTRAL: "Grey",
    Tone.ACTIVE: "Blue",
    Tone.GOOD: "Green",
    Tone.WARNING: "Yellow",
    Tone.BAD: "Red",
}
_PANELS = {
    Tone.NEUTRAL: "info",
    Tone.ACTIVE: "info",
    Tone.GOOD: "tip",
    Tone.WARNING: "note",
    Tone.BAD: "warning",
}
_MARK_TONES = {Mark.ADDED: Tone.GOOD, Mark.REMOVED: Tone.BAD, Mark.CHANGED: Tone.WARNING}


def storage(document: Document, pictures: Pictures) -> str:
    """The page's body. pictures: PNGs by chart; a chart without one is shown by its table."""
    return parts.in_style(document, lambda: "".join(_Writer(document, pictures).page()))


def text(value: str) -> str:
    """Escaped for XML, without what XML cannot hold."""
    return escape(clean(value), {'"': "&quot;", "'": "&#39;"})


def status(title: str, tone: Tone) -> str:
    """A lozenge."""
    return (
        '<ac:structured-macro ac:name="status">'
        f'<ac:parameter ac:name="colour">{_COLOURS[tone]}</ac:parameter>'
        f'<ac:parameter ac:name="title">{text(parts.short(parts.line(title), 80))}</ac:parameter></ac:structured-macro>'
    )


class _Writer:
    """Walks through one document; knows how many expanded rows there are already, and how many bytes all rows take."""

    def __init__(self, document: Document, pictures: Pictures) -> None:
        self._document, self._pictures = document, pictures
        self._children = self._bytes = self._expanded = 0

    def page(self) -> Iterator[str]:
        document = self._document
        if document.subtitle:
            yield f"<p>{text(document.subtitle)}</p>"
        yield f"<p><em>{text(parts.made(document))}</em></p>"
        link = web_address(document.link)
        if link:
            yield f'<p><a href="{text(link)}">Open this report in Sprint Reports</a></p>'
        if any(chart.key not in self._pictures for chart in document.charts):
            yield _panel("info", parts.NO_PICTURES)
        for section in document.sections:
            yield f"<h2>{text(section.title)}</h2>"
            for block, title in headed(section):
                yield from self._block(block, title)
        if document.basis:
            yield "<h2>What the numbers rest on</h2><ul>"
            yield from (f"<li>{text(sentence)}</li>" for sentence in document.basis)
            yield "</ul>"

    def _block(self, block: Block, title: str) -> Iterator[str]:
        match block:
            case Paragraph(said):
                yield from (f"<p>{text(one)}</p>" for one in said.split("\n") if one.strip())
            case Notice(said, tone):
                yield _panel(_PANELS[tone], said)
            case Facts():
                yield self._facts(block)
            case Table():
                yield _title(title)
                yield from self._table(block)
            case Chart():
                yield _title(title)
                yield from self._chart(block)

    def _facts(self, block: Facts) -> str:
        zone = self._document.zone
        rows = "".join(
            f"<tr><th><p>{text(fact_heading(fact))}</p></th><td><p>{text(parts.figure(fact, zone=zone))}</p></td>"
            f"<td><p>{text(fact.detail)}</p></td></tr>"
            for fact in block.facts
        )
        return f"<table><tbody>{rows}</tbody></table>" if rows else ""

    def _chart(self, block: Chart) -> Iterator[str]:
        yield f"<p>{text(block.reading)}</p>"
        if block.key not in self._pictures:
            yield from self._table(block.table)
            return
        label = text(f"{block.title}. {block.reading}")
        yield (
            f'<p><ac:image ac:alt="{label}" ac:width="760">'
            f'<ri:attachment ri:filename="{text(parts.picture_name(block))}" /></ac:image></p>'
        )
        yield _expand(f"The numbers of {block.title}", "".join(self._table(block.table)))

    def _table(self, block: Table) -> Iterator[str]:
        if block.reading:
            yield f"<p>{text(block.reading)}</p>"
        if not block.rows:
            yield f"<p>{text(block.empty)}</p>"
            return
        rows = self._rows(block.columns, block.rows[:MOST_ROWS])
        yield _grid(block.columns, rows)
        if len(rows) < len(block.rows):
            yield f"<p>{parts.more_rows(len(block.rows) - len(rows))}</p>"
        yield from self._behind(block, block.rows[: len(rows)])

    def _behind(self, block: Table, shown: Sequence[Row]) -> Iterator[str]:
        """What is behind the rows, as far as there is room."""
        left = 0
        for row in shown:
            if not row.children:
                continue
            rows = self._expanded_rows(block.child_columns, row.children)
            if len(rows) < len(row.children):
                left += len(row.children)
                continue
            label = parts.cells(row, block.columns, zone=self._document.zone)[0]
            yield _expand(f"{label}: {behind(block, len(rows))}", _grid(block.child_columns, rows))
        if left:
            yield f"<p>{parts.more_rows(left)}</p>"

    def _expanded_rows(self, columns: Sequence[Column], rows: Sequence[Row]) -> list[str]:
        """All of the rows, or none."""
        if self._children + len(rows) > MOST_CHILDREN or self._expanded >= MOST_EXPANDED_BYTES:
            return []
        before = self._bytes
        found = self._rows(columns, rows)
        if len(found) < len(rows):
            self._bytes = before
            return []
        self._children += len(rows)
        self._expanded += self._bytes - before
        return found

    def _rows(self, columns: Sequence[Column], rows: Sequence[Row]) -> list[str]:
        """As many as there is room for."""
        found: list[str] = []
        for row in rows:
            made = f"<tr>{self._cells(columns, row)}</tr>"
            size = len(made.encode())
            if self._bytes + size > MOST_BYTES:
                break
            self._bytes += size
            found.append(made)
        return found

    def _cells(self, columns: Sequence[Column], row: Row) -> str:
        found = [self._value(value, column) for value, column in zip(row.cells, columns, strict=True)]
        if found and row.mark in _MARK_TONES:
            found[0] = f"{status(MARKS[row.mark], _MARK_TONES[row.mark])} {found[0]}"
        if row.mark is Mark.TOTAL:
            found = [f"<strong>{one}</strong>" for one in found]
        return "".join(
            f'<td><p style="text-align: right;">{one}</p></td>'
            if column.kind in parts.NUMBERS
            else f"<td><p>{one}</p></td>"
            for one, column in zip(found, columns, strict=True)
        )

    def _value(self, value: Value, column: Column) -> str:
        if isinstance(value, Status):
            return status(value.name, value.tone)
        if isinstance(value, IssueRef):
            link = web_address(value.url)
            return f'<a href="{text(link)}">{text(value.key)}</a>' if link else text(value.key)
        return text(written(value, column.kind, zone=self._document.zone))


def _grid(columns: Sequence[Column], rows: Sequence[str]) -> str:
    head = "".join(f"<th><p>{text(heading(column))}</p></th>" for column in columns)
    return f"<table><tbody><tr>{head}</tr>{''.join(rows)}</tbody></table>"


def _title(said: str) -> str:
    return f"<h3>{text(said)}</h3>" if said else ""


def _panel(kind: str, said: str) -> str:
    return (
        f'<ac:structured-macro ac:name="{kind}"><ac:rich-text-body><p>{text(said)}</p></ac:rich-text-body>'
        "</ac:structured-macro>"
    )


def _expand(title: str, inner: str) -> str:
    return (
        f'<ac:structured-macro ac:name="expand"><ac:parameter ac:name="title">{text(parts.short(parts.line(title), 200))}'
        f"</ac:parameter><ac:rich-text-body>{inner}</ac:rich-text-body></ac:structured-macro>"
    )
