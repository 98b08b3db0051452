"""The document: sections of blocks with typed values, none of them formatted yet.

Builders (`reports/building/`) make it, renderers (`reports/export/`, `reports/publishing/`, the page) write it down. What a
renderer shows comes from here alone, so that two of them cannot disagree. Numbers are in the unit that they are shown in:
points, hours, issues, never thousandths. Readings and notes are whole sentences in the reader's style (`charts.writing`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TypeAlias

from sprintreports.charts.figures import Figure
from sprintreports.metrics.values import Unit


class Kind(StrEnum):
    """How a value is written. A value of None is "not known" or empty, whatever its kind."""

    TEXT = "text"  # str
    ISSUE = "issue"  # IssueRef
    STATUS = "status"  # Status: a lozenge where there are such
    COUNT = "count"  # int
    NUMBER = "number"  # float, at most two decimals; with the column's or fact's unit, where it has one
    CHANGE = "change"  # float with its sign
    SHARE = "share"  # float, 1.0 is 100 %
    DAY = "day"  # date
    INSTANT = "instant"  # aware datetime, written in the document's zone


class Tone(StrEnum):
    """What a lozenge, a notice or a row means to its reader; colour is never the only sign of it."""

    NEUTRAL = "neutral"
    ACTIVE = "active"
    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


class Mark(StrEnum):
    """What a row is in its table."""

    NONE = ""
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    TOTAL = "total"


@dataclass(frozen=True, slots=True)
class IssueRef:
    """An issue by its key, and where it is in Jira; url empty: not known any more."""

    key: str
    url: str


@dataclass(frozen=True, slots=True)
class Status:
    """A status with what it means on the board."""

    name: str
    tone: Tone


Value: TypeAlias = str | int | float | date | datetime | IssueRef | Status | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table. wide: may take the room that is left, and wraps."""

    key: str
    label: str
    kind: Kind = Kind.TEXT
    unit: Unit | None = None
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """Values in the order of the columns; the issues behind the row, in the order of the table's child columns."""

    cells: tuple[Value, ...]
    mark: Mark = Mark.NONE
    children: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure with its name. change: against what the report compares with; good: whether that is welcome, None: neither."""

    key: str
    label: str
    value: Value
    kind: Kind = Kind.NUMBER
    unit: Unit | None = None
    change: float | None = None
    good: bool | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Plain text, no markup; "\\n" begins a new paragraph."""

    text: str


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence that must not be overlooked."""

    text: str
    tone: Tone = Tone.WARNING


@dataclass(frozen=True, slots=True)
class Facts:
    """Figures side by side."""

    key: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns. empty: the sentence in place of no rows. child_columns: of the rows' children; echoed: these say in a table
    what a cell of their row says, so that paper leaves them out.
    """

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    empty: str
    reading: str = ""
    child_columns: tuple[Column, ...] = ()
    echoed: bool = False


class Shape(StrEnum):
    """What a spreadsheet's own chart looks like."""

    COLUMNS = "columns"
    BARS = "bars"
    LINES = "lines"
    STEPS = "steps"
    AREAS = "areas"


@dataclass(frozen=True, slots=True)
class Series:
    """A column of the chart's table that is drawn. colour: as #rrggbb."""

    column: str
    label: str
    colour: str


@dataclass(frozen=True, slots=True)
class Native:
    """How a spreadsheet draws the chart from its table: labels or times from one column, values from others."""

    shape: Shape
    category: str
    series: tuple[Series, ...]
    stacked: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture with its sentence and its table twin. light and dark: Plotly figures as plain dicts, as charts/ makes them."""

    key: str
    title: str
    reading: str
    light: Figure
    dark: Figure
    table: Table
    native: Native | None = None


Block: TypeAlias = Paragraph | Notice | Facts | Table | Chart


@dataclass(frozen=True, slots=True)
class Section:
    """A part with a heading. key: by which templates choose and order."""

    key: str
    title: str
    blocks: tuple[Block, ...]


class DocumentKind(StrEnum):
    BASELINE = "baseline"
    COMPARISON = "comparison"
    TREND = "trend"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """A sprint or a deadline for a calendar. until None: an instant, or a day for a date. uid: the same for ever."""

    uid: str
    title: str
    start: datetime | date
    until: datetime | date | None
    text: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A report. made_at: when it was put together; moment: the latest state that it speaks of.

    basis: sentences that say what the numbers rest on (board, definitions, zone, baseline's hash). link: where the report is
    in Sprint Reports, empty where it is not stored. locale as in `charts.writing.STYLES`.
    """

    kind: DocumentKind
    title: str
    subtitle: str
    made_at: datetime
    moment: datetime
    zone: str
    locale: str
    sections: tuple[Section, ...]
    basis: tuple[str, ...] = ()
    calendar: tuple[CalendarEntry, ...] = ()
    link: str = ""

    @property
    def charts(self) -> Iterator[Chart]:
        """All charts in reading order."""
        return (block for section in self.sections for block in section.blocks if isinstance(block, Chart))

    @property
    def tables(self) -> Iterator[Table]:
        """All tables in reading order, charts' twins included."""
        for section in self.sections:
            for block in section.blocks:
                if isinstance(block, Table):
                    yield block
                elif isinstance(block, Chart):
                    yield block.table
