"""Cells of a CSV file or a pasted spreadsheet: columns by their titles, and the few things that cells hold."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from sprintreports.kit.errors import Invalid
from sprintreports.planning.capacity.days import DayPart
from sprintreports.planning.importing.reading import EARLIEST, LATEST, Unreadable

MOST_LINES = 20_000
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})\.?")
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_PARTS = {
    DayPart.WHOLE: {"", "1", "1.0", "full", "whole", "day", "full day", "whole day", "all day"},
    DayPart.MORNING: {"am", "morning", "half", "0.5", "half day", "first half"},
    DayPart.AFTERNOON: {"pm", "afternoon", "second half"},
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line: its number, and its cells by the name of the column."""

    line: int
    cells: Mapping[str, str]

    def get(self, name: str) -> str:
        return self.cells.get(name, "")


def rows_of(
    lines: Iterable[str], *, titles: Mapping[str, Sequence[str]], usual: Sequence[str]
) -> Iterator[Row]:
    """The lines as rows. titles: what each column may be called; usual: the order of the columns without a line of titles.

    Empty lines are skipped and counted. The separator is the first line's: a tab, else the more frequent of ; and ,.
    Raises Invalid for more than 20,000 lines.
    """
    known = {title: name for name, others in titles.items() for title in (name, *others)}
    order: list[str] | None = None
    separator = ""
    for number, line in enumerate(lines, start=1):
        if number > MOST_LINES:
            raise Invalid(f"There are more than {MOST_LINES:,} lines. Import them in parts.")
        if not line.strip():
            continue
        separator = separator or _separator(line)
        cells = [cell.strip() for cell in next(csv.reader([line], delimiter=separator))]
        if order is None:
            found = [known.get(_title(cell), "") for cell in cells]
            order = found if found[0] or len([name for name in found if name]) > 1 else list(usual)
            if order is found:
                continue
        yield Row(number, {name: cell for name, cell in zip(order, cells, strict=False) if name})


def day(text: str) -> date:
    """A day as 2026-03-24, 24.3.2026, or with slashes where only one reading is possible. Raises Unreadable."""
    slashed = _SLASHED.fullmatch(text)
    if slashed and slashed[1] != slashed[2] and int(slashed[1]) <= 12 and int(slashed[2]) <= 12:
        raise Unreadable(f"{text} can be two different days. Write it as 2026-03-24.")
    try:
        found = _day(text, slashed)
    except ValueError:
        raise Unreadable(f"{text!r} is no day. Write it as 2026-03-24.") from None
    if not EARLIEST <= found <= LATEST:
        raise Unreadable(f"{text} is not between {EARLIEST.year} and {LATEST.year}. Correct the year.")
    return found


def _day(text: str, slashed: re.Match[str] | None) -> date:
    dotted = _DOTTED.fullmatch(text)
    if dotted:
        return date(int(dotted[3]), int(dotted[2]), int(dotted[1]))
    if slashed is None:
        return date.fromisoformat(text)
    one, two = int(slashed[1]), int(slashed[2])
    return date(int(slashed[3]), one, two) if one <= 12 else date(int(slashed[3]), two, one)


def part(text: str) -> DayPart:
    """A whole day, or which half of it. Raises Unreadable."""
    word = " ".join(text.lower().replace(",", ".").split())
    for found, words in _PARTS.items():
        if word in words:
            return found
    raise Unreadable(f"{text!r} is no part of a day. Write whole, morning or afternoon.")


def percent(text: str) -> Fraction:
    """80, 80 % or 33.3: a part of a whole. Raises Unreadable; 0.8 could be 80 % or 0.8 %, so it is asked back."""
    bare = text.replace("%", "").strip()
    value = number(bare)
    if 0 < value < 1 and "%" not in text:
        raise Unreadable(f"{text} can be {text} % or {float(value * 100):g} %. Write it with a % sign.")
    if not 0 <= value <= 100:
        raise Unreadable(f"{text} is not from 0 to 100 %. Correct it.")
    return value / 100


def number(text: str) -> Fraction:
    """A number with a point or a comma. Raises Unreadable."""
    if not re.fullmatch(r"\d{1,6}([.,]\d{1,3})?", text):
        raise Unreadable(f"{text!r} is no number. Write it like 7.5.")
    return Fraction(text.replace(",", "."))


def _separator(line: str) -> str:
    if "\t" in line:
        return "\t"
    return ";" if line.count(";") > line.count(",") else ","


def _title(cell: str) -> str:
    return re.sub(r"[\s_\-]+", " ", cell.lower().strip("\ufeff %*")).strip()
