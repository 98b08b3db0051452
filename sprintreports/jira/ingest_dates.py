"""Days and moments of Jira's fields, read without trusting them: a day stays a day until a board's clock is known.

Kept as text in one form each: `2026-03-24`, a day; `2026-03-24T09:30:00`, a moment on the board's clock, of fields that name no
offset; `2026-03-24T08:30:00+00:00`, an instant in UTC.
"""

import re
from datetime import UTC, date, datetime

from sprintreports.jira.ingest_values import NOT_READABLE, NotReadable

#: Nobody plans in another century: 0001 and 9999 are how programs write "none" and "never".
EARLIEST, LATEST = 2000, 2100
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_LONGEST = 40


def moment(value: object) -> str | NotReadable | None:
    """A day or a moment in the form that is kept; None for nothing; NOT_READABLE for what cannot be one."""
    if value is None or value in ("", []):
        return None
    if not isinstance(value, str) or len(value) > _LONGEST:
        return NOT_READABLE
    text = value.strip()
    if not text:
        return None
    try:
        if _DAY.fullmatch(text):
            return text if _sensible(date.fromisoformat(text)) else NOT_READABLE
        at = datetime.fromisoformat(text).replace(microsecond=0)
        if not _sensible(at):
            return NOT_READABLE
        at = at if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return NOT_READABLE
    # A basic form such as 20260324 is a moment at midnight to Python, and a day to people.
    return at.isoformat() if ":" in text or "T" in text else NOT_READABLE


def _sensible(day: date) -> bool:
    return EARLIEST <= day.year < LATEST
