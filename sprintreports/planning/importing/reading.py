"""Reads what was uploaded within limits, and says of each line that cannot be read what to do with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Generic, TypeVar

from sprintreports.kit.errors import Invalid

MOST_BYTES = 5 * 1024 * 1024
LONGEST_LINE = 100_000
MOST_PROBLEMS = 200
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 12, 31)
LONGEST = timedelta(days=732)  # that one absence lasts

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class LineProblem:
    """A line (numbered from 1) that was left out, and what to do."""

    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """What was read. problems: at most 200 of them; left_out: how many lines were left out in all."""

    items: tuple[T, ...]
    problems: tuple[LineProblem, ...] = ()
    left_out: int = 0


class Unreadable(ValueError):
    """A line cannot be read. The message is a sentence for whoever sent it."""


class Notes:
    """Collects what is wrong with lines, however many there are."""

    def __init__(self) -> None:
        self.kept: list[LineProblem] = []
        self.count: int = 0

    def add(self, line: int, message: str) -> None:
        self.count += 1
        if len(self.kept) < MOST_PROBLEMS:
            self.kept.append(LineProblem(line, message))

    def with_items(self, items: Iterable[T]) -> Found[T]:
        return Found(tuple(items), tuple(self.kept), self.count)


def lines_of(chunks: Iterable[bytes]) -> Iterator[str]:
    """The lines of a file that comes in pieces, without their ends. UTF-8 with or without a mark, else Windows-1252.

    Raises Invalid for a file or a line that is too large: as soon as it is, however much would follow.
    """
    rest, size, first = b"", 0, True
    for chunk in chunks:
        size += len(chunk)
        if size > MOST_BYTES:
            raise Invalid(
                f"This file is larger than {MOST_BYTES // 1024 // 1024} MB. Export a shorter time or fewer people at once."
            )
        *complete, rest = (rest + chunk).split(b"\n")
        for line in complete:
            yield _text(line, first=first)
            first = False
        _check_length(rest)
    if rest:
        yield _text(rest, first=first)


def _text(line: bytes, *, first: bool) -> str:
    _check_length(line)
    line = line.removesuffix(b"\r").replace(b"\r", b" ")
    if first:
        line = line.removeprefix(b"\xef\xbb\xbf")
    if first and line.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Invalid(
            "This file is UTF-16. Save it as UTF-8 (in a spreadsheet: “CSV UTF-8”), then choose it again."
        )
    if b"\0" in line:
        raise Invalid("This is not a text file. Choose a file that ends in .ics or .csv.")
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("cp1252", errors="replace")


def _check_length(line: bytes) -> None:
    if len(line) > LONGEST_LINE:
        raise Invalid("A line of this file is far too long. Choose a file that ends in .ics or .csv.")
