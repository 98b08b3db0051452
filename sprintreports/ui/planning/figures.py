"""Figures of planning as text: exact fractions are rounded here and nowhere before."""

from datetime import date, datetime, time
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from sprintreports.metrics.values import Unit
from sprintreports.ui import dates, numbers

_UTC = ZoneInfo("UTC")
UNITS = (
    (Unit.POINTS.value, "Story points"),
    (Unit.HOURS.value, "Hours"),
    (Unit.COUNT.value, "Number of issues"),
)


def plain(value: Fraction | Decimal | None) -> str:
    """ "23.1"; an em dash for what is not known."""
    return numbers.plain(None if value is None else float(value))


def percent(value: Fraction | None) -> str:
    """ "86 %" of 0.8658."""
    return numbers.percent(None if value is None else float(value))


def amount(value: Fraction | None, unit: Unit) -> str:
    """ "20.8 pts"; an em dash for what is not known."""
    if value is None:
        return numbers.UNKNOWN
    return f"{plain(value)} {numbers.short_unit(float(value), unit)}"


def days(value: Fraction) -> str:
    """ "1 day", "8.5 days"."""
    text = plain(value)
    return f"{text} {'day' if text in {'1', '−1'} else 'days'}"


def day(value: date) -> str:
    """ "Tue 14 Oct 2025", as the viewer writes dates."""
    return dates.day(datetime.combine(value, time(12), tzinfo=_UTC), _UTC)


def signed(value: Fraction | None, unit: str = "") -> str:
    """ "+2 pts", "−1.5 pts", "no change"."""
    if value is None:
        return "not known"
    text = numbers.signed(float(value))
    return "no change" if text == "0" else f"{text} {unit}".strip()


def typed(value: Decimal | Fraction) -> str:
    """As a number field holds it: "7.5", "80"."""
    return f"{round(float(value), 4):g}"
