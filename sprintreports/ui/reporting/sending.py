"""Deliveries in words: services, states, targets, and what somebody may do about one that has not arrived."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sprintreports.integrations.channel import Choice
from sprintreports.reports.publishing.values import (
    UNDER_WAY,
    Delivery,
    DeliveryState,
    FileFormat,
    Service,
    Target,
)
from sprintreports.ui.dates import instant
from sprintreports.ui.links import address
from sprintreports.ui.numbers import counted

DELIVERIES, CONNECTIONS = "/deliveries", "/connections"
SERVICES = {
    Service.CONFLUENCE: "Confluence",
    Service.SLACK: "Slack",
    Service.TEAMS: "Microsoft Teams",
    Service.EMAIL: "E-mail",
}
STATES = {
    DeliveryState.QUEUED: ("In line", ""),
    DeliveryState.SENDING: ("Being sent", "info"),
    DeliveryState.WAITING: ("Waiting for its next try", "warn"),
    DeliveryState.DELIVERED: ("Delivered", "good"),
    DeliveryState.FAILED: ("Failed", "bad"),
    DeliveryState.CLASH: ("Somebody has to choose", "warn"),
    DeliveryState.UNKNOWN: ("Nobody knows whether it arrived", "warn"),
}
FILES = {FileFormat.PDF: "PDF", FileFormat.XLSX: "Excel"}
_CHOICES = {
    Choice.OVERWRITE: (
        "Overwrite the page",
        "What is there stays in the page's history in Confluence. Later deliveries ask again if somebody edits it.",
    ),
    Choice.NEW_PAGE: ("Make a new page", "The page that is there stays as it is, and a new one is made beside it."),
}  # fmt: skip
_MOST_NAMES = 3


@dataclass
class Way:
    """Something that may be done about a delivery that has not arrived. choice: empty to send it once more."""

    choice: str = ""
    label: str = ""
    told: str = ""


def ways(found: Delivery) -> list[Way]:
    """What may be done; nothing while it is on its way by itself, or has arrived."""
    match found.state:
        case DeliveryState.CLASH:
            return [Way(one.value, *_CHOICES[one]) for one in found.choices]
        case DeliveryState.FAILED:
            return [Way("", "Try again", "What had arrived already is not sent twice.")]
        case DeliveryState.WAITING:
            return [Way("", "Try again now", "Else it is tried again by itself.")]
        case DeliveryState.UNKNOWN:
            return [Way("", "Send it again", "Look first whether it has arrived: it would be there twice.")]
        case _:
            return []


def under_way(found: Delivery) -> bool:
    return found.state in UNDER_WAY


def place(target: Target) -> str:
    """Where at the service, in words; empty where the connection itself says it."""
    if target.space:
        return f"Space {target.space}" + (f", under page {target.parent}" if target.parent else "")
    if target.to:
        named = ", ".join(target.to[:_MOST_NAMES])
        more = len(target.to) - _MOST_NAMES
        return f"{named} and {counted(more, 'other')}" if more > 0 else named
    return target.channel


def enclosed(target: Target) -> str:
    """What is attached, in words."""
    return " and ".join(FILES[one] for one in target.files)


def next_try(found: Delivery, zone: ZoneInfo) -> str:
    """When it is tried again by itself; empty where it is not."""
    if found.state is not DeliveryState.WAITING or found.next_at is None:
        return ""
    return f"Next try: {instant(found.next_at, zone)}."


def where(found: Delivery) -> str:
    """The address of a delivery's page of ours."""
    return address(DELIVERIES, delivery=found.id)


def reachable(url: str) -> str:
    """The address where it can be seen, if it is one that a browser may follow."""
    return url if url.startswith(("https://", "http://")) else ""
