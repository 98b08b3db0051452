"""What all channels write alike: cells, figures with their change, and the sentences in place of what does not fit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextvars import copy_context
from typing import TypeVar

from sprintreports.charts.words import number, signed
from sprintreports.charts.writing import write_as
from sprintreports.kit.files.cleaning import clean
from sprintreports.reports.document.blocks import Chart, Column, Document, Fact, Kind, Row
from sprintreports.reports.document.text import instant, written
from sprintreports.reports.export.words import KINDS, MARKS

Made = TypeVar("Made")
Pictures = Mapping[str, bytes]

NUMBERS = frozenset({Kind.COUNT, Kind.NUMBER, Kind.CHANGE, Kind.SHARE})
NO_PICTURES = "The charts stand here as tables, since pictures of them could not be drawn."
LONGEST_TITLE = 200


def in_style(document: Document, write: Callable[[], Made]) -> Made:
    """What `write` makes with numbers and days in the document's style; whoever called keeps their own."""

    def styled() -> Made:
        write_as(document.locale)
        return write()

    return copy_context().run(styled)


def line(text: str) -> str:
    """Text of strangers on one line, without what no channel can hold."""
    return " ".join(clean(text).split())


def title_of(document: Document) -> str:
    """The title on one line, never empty and never too long."""
    return short(line(document.title) or KINDS[document.kind], LONGEST_TITLE)


def titled(title: str, said: str) -> str:
    """A sentence behind the title of what it is about, on one line; either may be missing."""
    return ": ".join(filter(None, (line(title), line(said))))


def short(text: str, most: int) -> str:
    """At most so many characters, the last one an ellipsis where some are missing."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def cells(row: Row, columns: Sequence[Column], *, zone: str) -> list[str]:
    """The row as text, its mark before the first cell."""
    found = [
        line(written(value, column.kind, zone=zone)) for value, column in zip(row.cells, columns, strict=True)
    ]
    if found and MARKS[row.mark]:
        found[0] = f"{MARKS[row.mark]}: {found[0]}"
    return found


def more_rows(left: int) -> str:
    """In place of the rows that a channel has no room for."""
    return f"{number(left)} more {'row is' if left == 1 else 'rows are'} in the report itself."


def figure(fact: Fact, *, zone: str) -> str:
    """The figure with its unit, and what it changed by."""
    text = line(written(fact.value, fact.kind, zone=zone, unit=fact.unit))
    if fact.change is None:
        return text
    if not fact.change:
        return f"{text} (unchanged)"
    welcome = {True: ", an improvement", False: ", a deterioration", None: ""}[fact.good]
    return f"{text} ({signed(fact.change)}{welcome})"


def made(document: Document) -> str:
    """When it was made, and of which moment it speaks."""
    zone = document.zone
    return f"State of {instant(document.moment, zone=zone)}, put together {instant(document.made_at, zone=zone)} ({zone})."


def picture_name(chart: Chart) -> str:
    """What the file of a chart's picture is called."""
    plain = "".join(
        sign if sign.isascii() and (sign.isalnum() or sign in "-_") else "-" for sign in chart.key
    )
    return f"chart-{plain[:80]}.png"
