"""Instants as people read them, in the viewer's own time zone, which is named."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sprintreports.charts.writing import DateOrder, style

UNKNOWN = "—"


def zone_named(name: str) -> ZoneInfo:
    """The zone of an IANA name that a browser sent; UTC when it is missing or none of the known ones."""
    try:
        return ZoneInfo(name) if name else ZoneInfo("UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def day(moment: datetime | None, zone: ZoneInfo) -> str:
    """ "Tue 14 Oct 2025"."""
    if moment is None:
        return UNKNOWN
    local = moment.astimezone(zone)
    if style().dates is DateOrder.ISO:
        return f"{local:%a %Y-%m-%d}"
    if style().dates is DateOrder.MONTH_FIRST:
        return f"{local:%a} {local:%b} {local.day}, {local:%Y}"
    return f"{local:%a} {local.day} {local:%b %Y}"


def short_day(moment: datetime | None, zone: ZoneInfo) -> str:
    """ "14 Oct"."""
    if moment is None:
        return UNKNOWN
    return _day_of_month(moment.astimezone(zone))


def instant(moment: datetime | None, zone: ZoneInfo) -> str:
    """ "Tue 14 Oct 2025, 09:30"."""
    if moment is None:
        return UNKNOWN
    return f"{day(moment, zone)}, {moment.astimezone(zone):%H:%M}"


def moment_of_day(moment: datetime, zone: ZoneInfo) -> str:
    """ "Tue 14 Oct, 09:30": within a sprint, whose year is said above."""
    local = moment.astimezone(zone)
    return f"{local:%a} {_day_of_month(local)}, {local:%H:%M}"


def iso(moment: datetime | None) -> str:
    """For `<time datetime>`; empty when not known."""
    return moment.astimezone(UTC).isoformat(timespec="seconds") if moment else ""


def period(start: datetime | None, end: datetime | None, zone: ZoneInfo) -> str:
    """ "14 Oct – 28 Oct 2025", with what is missing said."""
    if start is None and end is None:
        return "no dates in Jira"
    if start is None:
        return f"until {day(end, zone)}"
    if end is None:
        return f"since {day(start, zone)}"
    if style().dates is DateOrder.ISO:
        return f"{start.astimezone(zone):%Y-%m-%d} – {end.astimezone(zone):%Y-%m-%d}"
    comma = "," if style().dates is DateOrder.MONTH_FIRST else ""
    return f"{short_day(start, zone)} – {short_day(end, zone)}{comma} {end.astimezone(zone):%Y}"


def _day_of_month(local: datetime) -> str:
    if style().dates is DateOrder.MONTH_FIRST:
        return f"{local:%b} {local.day}"
    return f"{local.day} {local:%b}"


def span(length: timedelta) -> str:
    """ "3 h 12 min", "48 s": how long something took."""
    seconds = max(0, round(length.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    minutes, rest = divmod(seconds, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"
