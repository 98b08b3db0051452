"""A document's sprints and deadlines as an iCalendar file (RFC 5545). An entry keeps its identity, so that importing twice doubles none."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from icalendar import Calendar, Event

from sprintreports.reports.document.blocks import CalendarEntry, Document
from sprintreports.reports.export.words import plain, web_address

PRODUCT = "-//Sprint Reports//Reports//EN"


def as_ical(document: Document) -> bytes:
    """All entries: instants in UTC, which calendars show in their own zone; days as days."""
    calendar = Calendar()
    _put(calendar, "prodid", PRODUCT)
    _put(calendar, "version", "2.0")
    _put(calendar, "method", "PUBLISH")
    _put(calendar, "x-wr-calname", plain(document.title))
    _put(calendar, "x-wr-timezone", plain(document.zone))
    for entry in document.calendar:
        calendar.add_component(_event(entry, document))
    return calendar.to_ical()


def _event(entry: CalendarEntry, document: Document) -> Event:
    event = Event()
    _put(event, "uid", plain(entry.uid))
    _put(event, "dtstamp", document.made_at.astimezone(UTC))
    _put(event, "summary", plain(entry.title))
    _put(event, "dtstart", _moment(entry.start))
    if entry.until is not None:
        _put(event, "dtend", _moment(entry.until))
    _put(event, "transp", "TRANSPARENT")
    if entry.text:
        _put(event, "description", plain(entry.text))
    if web_address(entry.url):
        _put(event, "url", entry.url)
    return event


def _moment(value: datetime | date) -> datetime | date:
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def _put(component: Any, name: str, value: Any) -> None:
    """The library says too little of its types to be called directly."""
    component.add(name, value)
