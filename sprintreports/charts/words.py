"""How numbers, days and instants are written in charts, tables and readings. Free of the process's locale."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sprintreports.charts.writing import figures
from sprintreports.kit.files.cleaning import clean
from sprintreports.metrics.calendar import zone_of
from sprintreports.metrics.values import Unit

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_WORDS = {Unit.POINTS: ("point", "points"), Unit.HOURS: ("hour", "hours"), Unit.COUNT: ("issue", "issues")}

UNKNOWN = "not known"


def unit_title(unit: Unit) -> str:
    """The unit as an axis or column names it."""
    return {Unit.POINTS: "Story points", Unit.HOURS: "Hours", Unit.COUNT: "Issues"}[unit]


def number(value: float) -> str:
    """At most two decimals (estimates are often halves), thousands grouped, no minus before zero."""
    text = f"{value:,.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else figures(text)


def rounded(value: float) -> str:
    """One decimal, for means and spreads, which are no more exact than that."""
    text = f"{value:,.1f}".removesuffix(".0")
    return "0" if text == "-0" else figures(text)


def amount(value: float, unit: Unit) -> str:
    """ "1 point", "13 points", "2.5 hours"."""
    return f"{number(value)} {noun(value, unit)}"


def noun(value: float, unit: Unit) -> str:
    """The unit's word beside this number."""
    one, many = _WORDS[unit]
    return one if number(value) == "1" else many


def common_words(names: Sequence[str]) -> str:
    """The words, with a space behind, that all names begin with and that leave each name something of its own."""
    if len(names) < 2:
        return ""
    first, last = min(names), max(names)
    length = next(
        (at for at, (one, other) in enumerate(zip(first, last, strict=False)) if one != other), len(first)
    )
    return first[:length].rpartition(" ")[0] + " " if " " in first[:length] else ""


def shortened(text: str, most: int) -> str:
    """At most so many characters, the last one a sign that there are more."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def as_is(text: str) -> str:
    """A name of strangers as Plotly is to show it: it reads a little markup in texts, links among it, and a name is none. What no
    picture can hold is left out."""
    return clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def signed(value: float) -> str:
    """ "+5", "-3", "0"."""
    text = number(value)
    return f"+{text}" if value > 0 and text != "0" else text


def percent(share: float | None) -> str:
    """A share as a whole percentage; 1.0 is "100 %"."""
    return UNKNOWN if share is None else f"{share * 100:.0f} %"


def day_name(day: date) -> str:
    """ "Tuesday 4 March"."""
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}"


def plotted(at: datetime, *, zone: str) -> str:
    """An instant as the local time that Plotly draws; Plotly knows no zones."""
    return at.astimezone(zone_of(zone)).replace(tzinfo=None).isoformat(sep=" ", timespec="seconds")


def clock_text(at: datetime, *, zone: str) -> str:
    """An instant as the local minute that a table shows."""
    return at.astimezone(zone_of(zone)).replace(tzinfo=None).isoformat(sep=" ", timespec="minutes")
