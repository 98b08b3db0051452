"""The files that a version can be had as, and the private links to its calendar, as text. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sprintreports.planning.queues.feeds import Feed
from sprintreports.planning.queues.files import Format
from sprintreports.ui.dates import day, instant
from sprintreports.ui.links import address

FILES: Mapping[Format, tuple[str, str]] = {
    Format.CSV: ("CSV", "Every issue in a row, for any program."),
    Format.XLSX: ("Excel", "A workbook with a sheet for each team."),
    Format.JSON: ("JSON", "The whole plan with rules, reasons and conflicts, for programs."),
    Format.ICAL: ("iCalendar", "What is at exact times, and deadlines, to import once into a calendar."),
    Format.HTML: ("Print", "A page to open and print, or to keep as PDF."),
}
DAYS = (("30", "30 days"), ("90", "90 days"), ("180", "Half a year"), ("366", "A year"))
_STATES = {
    "active": ("Active", "good"),
    "expired": ("Expired", ""),
    "revoked": ("Revoked", ""),
    "ended": ("Ended with its owner's account or password", "warn"),
}


@dataclass
class FileLink:
    """A file to have."""

    name: str = ""
    told: str = ""
    link: str = ""


@dataclass
class FeedLine:
    """A private link, without its address."""

    id: str = ""
    name: str = ""
    owner: str = ""
    until: str = ""
    used: str = ""
    state: str = ""
    tone: str = ""
    active: bool = False


def file_links(queue_id: int, number: int) -> list[FileLink]:
    path = f"/api/v1/queues/{queue_id}/versions/{number}/export"
    return [FileLink(name, told, address(path, format=form.value)) for form, (name, told) in FILES.items()]


def feed_line(feed: Feed, zone: ZoneInfo) -> FeedLine:
    label, tone = _STATES[feed.state]
    return FeedLine(
        id=str(feed.id),
        name=feed.name,
        owner=feed.owner,
        until=day(feed.expires_at, zone),
        used=instant(feed.last_used_at, zone) if feed.last_used_at else "never",
        state=label,
        tone=tone,
        active=feed.state == "active",
    )
