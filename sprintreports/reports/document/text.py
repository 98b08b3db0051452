"""A document's values as its reader writes them: numbers, days and instants in the style and zone of the document."""

from __future__ import annotations

from datetime import date, datetime

from sprintreports.charts import writing
from sprintreports.charts.words import amount, noun, number, percent, signed
from sprintreports.charts.writing import DateOrder
from sprintreports.metrics.calendar import zone_of
from sprintreports.metrics.values import Unit
from sprintreports.reports.document.blocks import IssueRef, Kind, Status, Value

#: What stands where nothing is known.
NOTHING = "–"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def written(value: Value, kind: Kind, *, zone: str, unit: Unit | None = None) -> str:
    """The value as text, in the style set by `charts.writing.write_as`. unit: its word follows the number."""
    if value is None:
        return NOTHING
    if isinstance(value, IssueRef):
        return value.key
    if isinstance(value, Status):
        return value.name
    if isinstance(value, datetime):
        return instant(value, zone=zone)
    if isinstance(value, date):
        return day(value)
    if isinstance(value, str):
        return value
    if kind is Kind.SHARE:
        return percent(value)
    if kind is Kind.CHANGE:
        return signed(value) if unit is None else f"{signed(value)} {noun(abs(value), unit)}"
    return number(value) if unit is None else amount(value, unit)


def day(value: date) -> str:
    """A day in the reader's order: "14 Oct 2025", "Oct 14, 2025" or "2025-10-14"."""
    order = writing.style().dates
    if order is DateOrder.ISO:
        return value.isoformat()
    month = _MONTHS[value.month - 1]
    if order is DateOrder.MONTH_FIRST:
        return f"{month} {value.day}, {value.year}"
    return f"{value.day} {month} {value.year}"


def instant(value: datetime, *, zone: str) -> str:
    """A day with the local minute in the zone."""
    local = value.astimezone(zone_of(zone))
    return f"{day(local.date())} {local:%H:%M}"
