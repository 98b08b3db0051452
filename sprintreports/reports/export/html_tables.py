"""Tables of a document as HTML. Written by hand, since there may be ten thousand rows: a template takes seconds for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markupsafe import Markup, escape

from sprintreports.kit.files.cleaning import clean
from sprintreports.reports.document.blocks import Column, IssueRef, Kind, Mark, Row, Status, Table, Value
from sprintreports.reports.document.text import NOTHING, written
from sprintreports.reports.export.words import MARKS, heading, web_address

_NUMBERS = frozenset({Kind.COUNT, Kind.NUMBER, Kind.CHANGE, Kind.SHARE})
_KEPT_WHOLE = frozenset({Kind.ISSUE, Kind.DAY, Kind.INSTANT})


def table(block: Table, place: str, *, zone: str) -> Markup:
    """The table with its caption, in a frame that scrolls; or the sentence in place of no rows. place: the beginning of its ids."""
    if not block.rows:
        return Markup('<p class="soft" dir="auto">{}</p>').format(clean(block.empty))  # escaped by format
    title = escape(clean(block.title))
    body = "".join(_rows(block, place, zone))
    return Markup(  # noqa: S704  # every part of it was escaped
        f'<div class="wide" tabindex="0" role="region" aria-label="{title}"><table><caption class="unseen">{title}</caption>'
        f"{_head(block.columns)}<tbody>{body}</tbody></table></div>"
    )


def _rows(block: Table, place: str, zone: str) -> Iterator[str]:
    width = len(block.columns)
    for number, row in enumerate(block.rows):
        if not row.children:
            yield _row(row, block.columns, zone)
            continue
        name = f"{place}-r{number}"
        yield _row(row, block.columns, zone, fold=name)
        title = escape(clean(_label(row, block.columns, zone)))
        inner = "".join(_row(child, block.child_columns, zone) for child in row.children)
        yield (
            f'<tr class="kids" id="{name}"><td colspan="{width}"><table><caption>{title}</caption>'
            f"{_head(block.child_columns)}<tbody>{inner}</tbody></table></td></tr>"
        )


def _head(columns: Sequence[Column]) -> str:
    cells = "".join(
        f'<th scope="col"{_class(column)} dir="auto">{escape(clean(heading(column)))}</th>'
        for column in columns
    )
    return f"<thead><tr>{cells}</tr></thead>"


def _row(row: Row, columns: Sequence[Column], zone: str, *, fold: str = "") -> str:
    """fold: the id of the row below that it opens."""
    before = f'<span class="mark">{MARKS[row.mark]}</span>' if MARKS[row.mark] else ""
    if fold:
        name = escape(clean(_label(row, columns, zone)))
        before = (
            f'<button type="button" class="fold" aria-expanded="false" aria-controls="{fold}" '
            f'aria-label="Show what is in {name}"><span aria-hidden="true">+</span></button>{before}'
        )
    cells = [_cell(value, column, zone) for value, column in zip(row.cells, columns, strict=True)]
    if cells:
        opened, _, rest = cells[0].partition(">")
        cells[0] = f'<th scope="row"{opened[3:]}>{before}{rest[:-5]}</th>'
    kind = f' class="{row.mark}"' if row.mark is not Mark.NONE else ""
    return f"<tr{kind}>{''.join(cells)}</tr>"


def _cell(value: Value, column: Column, zone: str) -> str:
    if value is None:
        return f"<td{_class(column)}>{NOTHING}</td>"
    if isinstance(value, str):
        return f'<td{_class(column)} dir="auto">{escape(clean(value))}</td>'
    if isinstance(value, IssueRef):
        url, key = web_address(value.url), escape(clean(value.key))
        return (
            f'<td class="k"><a href="{escape(url)}" rel="noreferrer noopener">{key}</a></td>'
            if url
            else f'<td class="k">{key}</td>'
        )
    if isinstance(value, Status):
        return f'<td><span class="s {value.tone}" dir="auto">{escape(clean(value.name))}</span></td>'
    return f"<td{_class(column)}>{escape(written(value, column.kind, zone=zone))}</td>"


def _class(column: Column) -> str:
    if column.kind in _NUMBERS:
        return ' class="n"'
    if column.kind in _KEPT_WHOLE:
        return ' class="k"'
    return ' class="w"' if column.wide else ""


def _label(row: Row, columns: Sequence[Column], zone: str) -> str:
    return written(row.cells[0], columns[0].kind, zone=zone) if row.cells else ""
