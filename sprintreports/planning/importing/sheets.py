"""Absences from a CSV file, and members with their rates as pasted from a spreadsheet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TypeVar

from sprintreports.planning.importing import cells
from sprintreports.planning.importing.absences import ReadAbsence
from sprintreports.planning.importing.cells import Row
from sprintreports.planning.importing.reading import (
    LONGEST,
    MOST_BYTES,
    Found,
    Notes,
    Unreadable,
    lines_of,
)

T = TypeVar("T")

_ABSENCE_TITLES = {
    "who": ("person", "name", "member", "employee", "full name", "display name"),
    "email": ("e mail", "mail", "email address", "e mail address"),
    "first": ("from", "start", "start date", "first day", "begin", "date"),
    "last": ("to", "until", "till", "end", "end date", "last day"),
    "part": ("half", "half day", "part of day", "day part", "portion"),
}
_MEMBER_TITLES = {
    "who": ("person", "name", "member", "employee", "full name", "display name"),
    "email": ("e mail", "mail", "email address", "e mail address"),
    "share": ("share in %", "allocation", "capacity", "percent", "share of time"),
    "hours": ("hours per day", "hours a day", "h/day", "hours day"),
    "part_time": ("part time", "fte", "employment"),
    "since": ("from", "start", "start date", "first day"),
    "until": ("to", "end", "end date", "last day"),
    "skills": ("skill", "role", "roles"),
}


@dataclass(frozen=True, slots=True)
class ReadMember:
    """A member as a line tells it. None: the line does not say, and what is known stays."""

    line: int
    who: tuple[str, ...]
    share: Fraction | None = None
    hours_per_day: Fraction | None = None
    part_time: Fraction | None = None
    since: date | None = None
    until: date | None = None
    skills: tuple[str, ...] | None = None


def read_absences(chunks: Iterable[bytes]) -> Found[ReadAbsence]:
    """Lines of who, first day, last day and part of the day, with a line of titles or in that order.

    Raises Invalid for what is too large or no text.
    """
    return _read(lines_of(chunks), _ABSENCE_TITLES, ("who", "first", "last", "part"), _absence)


def read_members(pasted: str) -> Found[ReadMember]:
    """Lines of who, share, hours per day, part-time, first day, last day and skills, with titles or in that order."""
    chunks = [pasted[: MOST_BYTES + 1].encode()]
    usual = ("who", "share", "hours", "part_time", "since", "until", "skills")
    return _read(lines_of(chunks), _MEMBER_TITLES, usual, _member)


def _read(
    lines: Iterable[str],
    titles: Mapping[str, Sequence[str]],
    usual: Sequence[str],
    read: Callable[[Row], T],
) -> Found[T]:
    notes = Notes()
    found: list[T] = []
    for row in cells.rows_of(lines, titles=titles, usual=usual):
        try:
            found.append(read(row))
        except Unreadable as error:
            notes.add(row.line, str(error))
    return notes.with_items(found)


def _absence(row: Row) -> ReadAbsence:
    first = cells.day(_needed(row, "first", "the first day"))
    last = cells.day(row.get("last")) if row.get("last") else first
    if last < first:
        raise Unreadable(f"The absence ends on {last}, before it begins. Swap the two days.")
    if last - first > LONGEST:
        raise Unreadable("The absence lasts over two years. Correct a day, or let the person leave the team.")
    return ReadAbsence(row.line, _who(row), first, last, cells.part(row.get("part")))


def _member(row: Row) -> ReadMember:
    since, until = (cells.day(text) if (text := row.get(name)) else None for name in ("since", "until"))
    if since and until and until < since:
        raise Unreadable(f"The last day in the team, {until}, is before the first. Swap the two days.")
    hours = cells.number(row.get("hours")) if row.get("hours") else None
    if hours is not None and not 0 < hours <= 24:
        raise Unreadable("A working day has more than 0 and at most 24 hours. Correct the hours.")
    share, part_time = (
        cells.percent(text) if (text := row.get(name)) else None for name in ("share", "part_time")
    )
    skills = [skill.strip() for skill in row.get("skills").replace(";", ",").split(",")]
    names = tuple(dict.fromkeys(skill for skill in skills if skill)) or None
    return ReadMember(row.line, _who(row), share, hours, part_time, since, until, names)


def _who(row: Row) -> tuple[str, ...]:
    found = tuple(filter(None, (row.get("email"), row.get("who"))))
    if not found:
        raise Unreadable("It does not say who. Write a name or an e-mail address into the first column.")
    return found


def _needed(row: Row, name: str, what: str) -> str:
    if not row.get(name):
        raise Unreadable(f"It does not say {what}. Write it as 2026-03-24.")
    return row.get(name)
