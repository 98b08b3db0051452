"""A document as a mail: HTML that mail programs understand (tables, styles beside each element) and the same in plain text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from textwrap import wrap

from markupsafe import escape

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
from sprintreports.reports.document.headings import headed
from sprintreports.reports.document.text import written
from sprintreports.reports.export.words import MARKS, fact_heading, heading, web_address
from sprintreports.reports.publishing.rendering import parts
from sprintreports.reports.publishing.rendering.parts import Pictures

#: Rows of one table: mail programs cut what is longer than about 100 KB.
MOST_ROWS = 25
_WIDTH = 76
_CELL = "padding:6px 8px;border-bottom:1px solid #c9ccd3;text-align:left;vertical-align:top"
_RIGHT = (
    "padding:6px 8px;border-bottom:1px solid #c9ccd3;text-align:right;vertical-align:top;white-space:nowrap"
)
_SOFT = "color:#5b6270"
_LINK = "color:#0d5eef"
# Light grounds with dark letters: programs that turn a mail dark turn both.
_LOZENGES = {
    Tone.NEUTRAL: "background-color:#e4e6eb;color:#1f2430",
    Tone.ACTIVE: "background-color:#dbe8ff;color:#0b3d91",
    Tone.GOOD: "background-color:#d7f5e3;color:#0c4a2c",
    Tone.WARNING: "background-color:#fff0c7;color:#6b4700",
    Tone.BAD: "background-color:#ffdfdc;color:#8a1c12",
}


@dataclass(frozen=True, slots=True)
class Letter:
    """The mail's parts. inline: keys of the charts whose pictures the HTML shows, by content id."""

    subject: str
    html: str = field(repr=False)
    text: str = field(repr=False)
    inline: Mapping[str, str] = field(default_factory=dict[str, str])


def letter(document: Document, pictures: Pictures, *, why: str = "") -> Letter:
    """why: a sentence at the end that says why somebody gets this."""
    ids = {
        f"chart-{number}@sprint-reports": chart.key
        for number, chart in enumerate(document.charts)
        if chart.key in pictures
    }
    html = parts.in_style(document, lambda: "".join(_html(document, ids, why)))
    text = parts.in_style(document, lambda: "\n".join(_text(document, why)) + "\n")
    return Letter(parts.title_of(document), html, text, ids)


def _html(document: Document, ids: Mapping[str, str], why: str) -> Iterator[str]:
    shown = {key: cid for cid, key in ids.items()}
    title = _said(parts.title_of(document))
    yield (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">'
        f"<title>{title}</title></head>"
        '<body style="margin:0;padding:0"><table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0">'
        '<tr><td align="center" style="padding:16px"><table role="presentation" width="680" cellpadding="0" cellspacing="0" '
        'border="0" style="max-width:680px;width:100%;font-family:Arial,Helvetica,sans-serif;font-size:14px;line-height:1.5">'
        f'<tr><td dir="auto"><h1 style="font-size:20px;margin:0 0 4px;word-break:break-word">{title}</h1>'
    )
    if document.subtitle:
        yield f'<p style="margin:0 0 4px">{_said(document.subtitle)}</p>'
    yield f'<p style="margin:0 0 12px;{_SOFT}">{_said(parts.made(document))}</p>'
    link = web_address(document.link)
    if link:
        yield f'<p style="margin:0 0 12px"><a href="{escape(link)}" style="{_LINK}">Open this report in Sprint Reports</a></p>'
    if any(chart.key not in shown for chart in document.charts):
        yield f'<p style="margin:0 0 12px;{_SOFT}">{_said(parts.NO_PICTURES)}</p>'
    for section in document.sections:
        yield f'<h2 style="font-size:16px;margin:24px 0 8px">{_said(section.title)}</h2>'
        for block, title in headed(section):
            yield from _block(block, title, document.zone, shown)
    for sentence in (*document.basis, why):
        if sentence:
            yield f'<p style="margin:8px 0 0;font-size:12px;{_SOFT}">{_said(sentence)}</p>'
    yield "</td></tr></table></td></tr></table></body></html>"


def _block(block: Block, title: str, zone: str, shown: Mapping[str, str]) -> Iterator[str]:
    if title:
        yield f'<h3 style="font-size:14px;margin:16px 0 4px">{_said(title)}</h3>'
    match block:
        case Paragraph(said):
            yield from (
                f'<p style="margin:0 0 8px">{_said(one)}</p>' for one in said.split("\n") if one.strip()
            )
        case Notice(said, tone):
            yield f'<p style="margin:0 0 8px;padding:8px;{_LOZENGES[tone]}">{_said(said)}</p>'
        case Facts(_, facts):
            rows = "".join(
                f'<tr><td style="{_CELL}">{_said(fact_heading(fact))}</td>'
                f'<td style="{_RIGHT}"><strong>{_said(parts.figure(fact, zone=zone))}</strong></td>'
                f'<td style="{_CELL};{_SOFT}">{_said(fact.detail)}</td></tr>'
                for fact in facts
            )
            yield _grid(rows)
        case Chart():
            yield f'<p style="margin:0 0 8px">{_said(block.reading)}</p>'
            if block.key in shown:
                yield (
                    f'<img src="cid:{shown[block.key]}" width="660" alt="{_said(block.title)}" '
                    'style="max-width:100%;height:auto;display:block;background-color:#ffffff">'
                )
            else:
                yield from _table(block.table, zone)
        case Table():
            yield from _table(block, zone)


def _table(block: Table, zone: str) -> Iterator[str]:
    if block.reading:
        yield f'<p style="margin:0 0 8px">{_said(block.reading)}</p>'
    if not block.rows:
        yield f'<p style="margin:0 0 8px;{_SOFT}">{_said(block.empty)}</p>'
        return
    head = "".join(
        f'<th scope="col" style="{_style(column)}">{_said(heading(column))}</th>' for column in block.columns
    )
    rows = "".join(f"<tr>{_cells(row, block.columns, zone)}</tr>" for row in block.rows[:MOST_ROWS])
    yield _grid(f"<tr>{head}</tr>{rows}")
    yield _more(block, "<p>{}</p>")


def _more(block: Table, form: str) -> str:
    left = len(block.rows) - MOST_ROWS
    return form.format(parts.more_rows(left)) if left > 0 else ""


def _cells(row: Row, columns: Sequence[Column], zone: str) -> str:
    found = [_value(value, column, zone) for value, column in zip(row.cells, columns, strict=True)]
    if found and MARKS[row.mark]:
        found[0] = f"<strong>{MARKS[row.mark]}</strong> {found[0]}"
    if row.mark is Mark.TOTAL:
        found = [f"<strong>{one}</strong>" for one in found]
    return "".join(
        f'<td dir="auto" style="{_style(column)};word-break:break-word">{one}</td>'
        for one, column in zip(found, columns, strict=True)
    )


def _value(value: Value, column: Column, zone: str) -> str:
    if isinstance(value, Status):
        return f'<span style="padding:1px 6px;{_LOZENGES[value.tone]}">{_said(value.name)}</span>'
    link = web_address(value.url) if isinstance(value, IssueRef) else ""
    text = _said(written(value, column.kind, zone=zone))
    return f'<a href="{escape(link)}" style="{_LINK}">{text}</a>' if link else text


def _grid(rows: str) -> str:
    return (
        '<table cellpadding="0" cellspacing="0" border="0" width="100%" style="border-collapse:collapse;font-size:13px">'
        f"{rows}</table>"
    )


def _style(column: Column) -> str:
    return _RIGHT if column.kind in parts.NUMBERS else _CELL


def _said(text: str) -> str:
    return str(escape(clean(text)))


def _text(document: Document, why: str) -> Iterator[str]:
    yield from _wrapped(parts.title_of(document))
    yield from _wrapped(document.subtitle)
    yield from _wrapped(parts.made(document))
    if web_address(document.link):
        yield document.link
    for section in document.sections:
        title = parts.line(section.title)
        yield ""
        yield title
        yield "=" * min(len(title), _WIDTH)
        for block, heading_of in headed(section):
            yield from _block_text(block, heading_of, document.zone)
    yield ""
    for sentence in (*document.basis, why):
        yield from _wrapped(sentence)


def _block_text(block: Block, title: str, zone: str) -> Iterator[str]:
    match block:
        case Paragraph(said):
            yield from _wrapped(said)
        case Notice(said):
            yield from _wrapped(f"Note: {said}")
        case Facts(_, facts):
            for fact in facts:
                yield from _wrapped(f"{fact_heading(fact)}: {parts.figure(fact, zone=zone)} {fact.detail}")
        case Chart():
            yield ""
            yield from _wrapped(f"{title}: {block.reading}" if title else block.reading)
            yield from _table_text(block.table, zone)
        case Table():
            yield ""
            yield from _wrapped(title)
            yield from _wrapped(block.reading)
            yield from _table_text(block, zone)


def _table_text(block: Table, zone: str) -> Iterator[str]:
    if not block.rows:
        yield from _wrapped(block.empty)
    for row in block.rows[:MOST_ROWS]:
        texts = parts.cells(row, block.columns, zone=zone)
        yield from _wrapped(
            "- "
            + ", ".join(
                f"{heading(column)}: {text}" for column, text in zip(block.columns, texts, strict=True)
            )
        )
    yield from filter(None, [_more(block, "{}")])


def _wrapped(text: str) -> list[str]:
    return wrap(parts.line(text), _WIDTH, break_on_hyphens=False) if text.strip() else []
