"""One absence as a file tells it: who, from when to when, which half of the days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sprintreports.planning.capacity.days import DayPart


@dataclass(frozen=True, slots=True)
class ReadAbsence:
    """who: e-mail addresses and names it may concern, the surest first; none where the file does not say.

    uid: what names the event in its calendar, so that a later import replaces it; empty for a CSV line.
    """

    line: int
    who: tuple[str, ...]
    first: date
    last: date
    part: DayPart = DayPart.WHOLE
    uid: str = ""
