"""Weekdays and a time, which most schedules by the clock are, as an expression of five fields and back. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time

from sprintreports.kit.errors import FieldProblem, Invalid

_PLAIN = re.compile(r"([0-9]{1,2}) ([0-9]{1,2}) \* \* (\*|[0-9,-]+)")
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_EVERY = tuple(range(1, 8))


@dataclass(frozen=True, slots=True)
class Weekly:
    """weekdays: 1 for Monday to 7 for Sunday, in order; at: the time on the wall."""

    weekdays: tuple[int, ...]
    at: time


def entered(weekdays: tuple[int, ...], at: str) -> Weekly:
    """From what a form holds. Raises Invalid where no day is chosen, or the time is none."""
    problems = list[FieldProblem]()
    found = _CLOCK.fullmatch(at.strip())
    if not weekdays:
        problems.append(FieldProblem("trigger.weekdays", "Choose at least one weekday."))
    if found is None:
        problems.append(FieldProblem("trigger.at", "Write the time as 09:00."))
    if problems or found is None:
        raise Invalid(problems[0].message, details=tuple(problems))
    return Weekly(tuple(sorted(set(weekdays))), time(int(found[1]), int(found[2])))


def as_cron(weekly: Weekly) -> str:
    """ "0 9 * * 1-5"."""
    days = "*" if weekly.weekdays == _EVERY else ",".join(_runs(weekly.weekdays))
    return f"{weekly.at.minute} {weekly.at.hour} * * {days}"


def from_cron(cron: str) -> Weekly | None:
    """None where the expression says more than weekdays and a time."""
    found = _PLAIN.fullmatch(" ".join(cron.split()))
    if found is None:
        return None
    minute, hour = int(found[1]), int(found[2])
    days = _weekdays(found[3])
    return Weekly(days, time(hour, minute)) if days and hour < 24 and minute < 60 else None


def _weekdays(text: str) -> tuple[int, ...]:
    """1 to 7 of them; none where the text is not as `as_cron` or most people write it."""
    if text == "*":
        return _EVERY
    days = set[int]()
    for part in text.split(","):
        first, dash, last = part.partition("-")
        if not first.isdigit() or (dash and not last.isdigit()):
            return ()
        low, high = int(first), int(last or first)
        if high > 7 or (dash and low >= high):
            return ()
        days |= {one or 7 for one in range(low, high + 1)}
    return tuple(sorted(days))


def _runs(days: tuple[int, ...]) -> list[str]:
    """ "1-5", "7"; Sunday is written as 7."""
    found, rest = list[str](), list(days)
    while rest:
        length = 1
        while length < len(rest) and rest[length] == rest[0] + length:
            length += 1
        found.append(str(rest[0]) if length == 1 else f"{rest[0]}-{rest[length - 1]}")
        rest = rest[length:]
    return found
