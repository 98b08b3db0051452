"""Tables of a document as HTML. Written by hand, since there may be ten thousand rows: a template takes seconds for them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from markupsafe import Markup, escape

from sprintreports.kit.files.cleaning import clean
from sprintreports.reports.document.blocks import Column, IssueRef, Kind, Mark, Row, Status, Table, Value
from sprintreports.reports.document.text import NOTHING, written
from sprintreports.reports.export.words import MARKS, heading, web_address

_NUMBERS = frozenset({Kind.COUNT, Kind.NUMBER, Kind.CHANGE, Kind.SHARE})
_KEPT_WHOLE = frozenset({Kind.ISSUE, Kind.DAY, Kind.INSTANT})
#: A table with no more lines is printed on one page.
SHORT = 14
#: Names and statuses that are no longer stay on one line.
_SHORT_NAME, _SHORT_STATUS = 20, 14
_LONG_WORD, _PIECE = re.compile(r"\S{25,}"), re.compile(r"\S{1,12}")


def table(block: Table, place: str, *, zone: str, printed: bool = False) -> Markup:
    """The table with its caption, in a frame that scrolls; or the sentence in place of no rows. place: the beginning of its ids.
    printed: on paper, where nothing folds.
    """
    if printed and block.echoed:
        block = replace(block, rows=tuple(replace(row, children=()) for row in block.rows))
    if not block.rows:
        return Markup('<p class="soft" dir="auto">{}</p>').format(clean(block.empty))  # escaped by format
    title = escape(clean(block.title))
    short = " short" if _lines(block) <= SHORT else ""
    body = "".join(_rows(block, place, zone))
    return Markup(  # noqa: S704  # every part of it was escaped
        f'<div class="wide{short}" tabindex="0" role="region" aria-label="{title}"><table><caption class="unseen">{title}</caption>'
        f"{_head(block.columns)}<tbody>{body}</tbody></table></div>"
    )


def _lines(block: Table) -> int:
    """About how many lines it takes on paper."""
    each = 2 if any(column.wide for column in block.columns) else 1
    return sum(each + 3 * bool(row.children) + 2 * len(row.children) for row in block.rows)


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
            f'<tr class="kids" id="{name}"><td colspan="{width}"><table><caption class="unseen">{title}</caption>'
            f"{_head(block.child_columns)}<tbody>{inner}</tbody></table></td></tr>"
        )


def _head(columns: Sequence[Column]) -> str:
    cells = "".join(
        f'<th scope="col"{_class(column)} dir="auto">{_told(heading(column))}</th>' for column in columns
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
        short = isinstance(row.cells[0], str) and len(row.cells[0]) <= _SHORT_NAME and " class=" not in opened
        whole = ' class="k"' if short else ""
        cells[0] = f'<th scope="row"{whole}{opened[3:]}>{before}{rest[:-5]}</th>'
    kind = f' class="{row.mark}"' if row.mark is not Mark.NONE else ""
    return f"<tr{kind}>{''.join(cells)}</tr>"


def _cell(value: Value, column: Column, zone: str) -> str:
    if value is None:
        return f"<td{_class(column)}>{NOTHING}</td>"
    if isinstance(value, str):
        return f'<td{_class(column)} dir="auto">{_told(value)}</td>'
    if isinstance(value, IssueRef):
        url, key = web_address(value.url), escape(clean(value.key))
        return (
            f'<td class="k"><a href="{escape(url)}" rel="noreferrer noopener">{key}</a></td>'
            if url
            else f'<td class="k">{key}</td>'
        )
    if isinstance(value, Status):
        whole = ' class="k"' if len(value.name) <= _SHORT_STATUS else ""
        return f'<td{whole}><span class="s {value.tone}" dir="auto">{_told(value.name)}</span></td>'
    return f"<td{_class(column)}>{escape(written(value, column.kind, zone=zone))}</td>"


def _told(text: str) -> str:
    """Text that may go on in another line at its blanks, and within a word only where that is very long: columns are as wide as
    their words, so that none is broken without need.
    """
    cleaned = clean(text)
    if not _LONG_WORD.search(cleaned):
        return escape(cleaned)
    return Markup("").join(_pieces(cleaned))


def _pieces(text: str) -> Iterator[Markup]:
    at = 0
    for word in _LONG_WORD.finditer(text):
        yield escape(text[at : word.start()])
        yield Markup("<wbr>").join(escape(piece) for piece in _PIECE.findall(word[0]))
        at = word.end()
    yield escape(text[at:])


def _class(column: Column) -> str:
    if column.kind in _NUMBERS:
        return ' class="n"'
    if column.kind in _KEPT_WHOLE:
        return ' class="k"'
    return ' class="w"' if column.wide else ""


def _label(row: Row, columns: Sequence[Column], zone: str) -> str:
    return written(row.cells[0], columns[0].kind, zone=zone) if row.cells else ""
