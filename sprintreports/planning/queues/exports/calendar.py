"""A queue's times as an iCalendar file: what is scheduled at exact times, and deadlines.

An event keeps its identity from version to version, so that a calendar that subscribes to it moves events and does not double
them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from icalendar import Calendar, Event

from sprintreports.kit.files.cleaning import clean
from sprintreports.planning.queue.results import Placement, Queue, Side
from sprintreports.planning.queue.values import Scheduling, Timing
from sprintreports.planning.queues.exports.lines import Names, Text

PRODUCT = "-//Sprint Reports//Sprint queue//EN"
_REFRESH = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Source:
    """Which queue it is. made: when the version was kept, which is when its events were last changed."""

    queue_id: int
    number: int
    name: str
    made: datetime


def as_ical(queue: Queue, names: Names, source: Source) -> bytes:
    """Events of all that has a time of its own and is not put aside; a deadline is a moment that takes no time up."""
    calendar = Calendar()
    _put(calendar, "prodid", PRODUCT)
    _put(calendar, "version", "2.0")
    _put(calendar, "method", "PUBLISH")
    _put(calendar, "x-wr-calname", _plain(source.name))
    calendar.refresh_interval = _REFRESH
    for team, placement, timing in _timed(queue):
        calendar.add_component(_event(team, placement, timing, names, source))
    return calendar.to_ical()


def timed_part(queue: Queue) -> Queue:
    """The queue with nothing in it but what a calendar shows: no other names need be looked for."""
    wanted = {placement.issue for _, placement, _ in _timed(queue)}
    teams = (
        replace(team, placements=tuple(one for one in team.placements if one.issue in wanted))
        for team in queue.teams
    )
    return replace(queue, teams=tuple(teams), conflicts=())


def _timed(queue: Queue) -> Iterator[tuple[str, Placement, Timing]]:
    for team in queue.teams:
        for placement in team.placements:
            timing = queue.timing_of(placement.issue)
            if timing.kind is not Scheduling.FLEXIBLE and placement.side is not Side.ASIDE:
                yield team.name, placement, timing


def _event(team: str, placement: Placement, timing: Timing, names: Names, source: Source) -> Event:
    text = names.issues.get(placement.issue, Text())
    due = timing.kind is Scheduling.SOFT
    event = Event()
    _put(event, "uid", f"queue-{source.queue_id}-issue-{placement.issue}@sprint-reports")
    _put(event, "dtstamp", source.made.astimezone(UTC))
    _put(event, "last-modified", source.made.astimezone(UTC))
    _put(event, "sequence", source.number)
    title = f"{placement.key} {text.summary}".strip()
    _put(event, "summary", _plain(f"Due: {title}" if due else title))
    begins = timing.end if due else timing.start
    if begins is not None:
        _put(event, "dtstart", begins.astimezone(UTC))
    if timing.end is not None:
        _put(event, "dtend", timing.end.astimezone(UTC))
    _put(event, "transp", "TRANSPARENT" if due else "OPAQUE")
    not_in = "" if placement.side is Side.IN else " It is below the cut-line of the plan."
    _put(event, "description", _plain(f"Planned for {team}.{not_in}"))
    _put(event, "categories", [_plain(team)])
    if text.url.startswith(("https://", "http://")):
        _put(event, "url", _plain(text.url))
    return event


def _put(component: Any, name: str, value: Any, **more: Any) -> None:
    """The library says too little of its types to be called directly."""
    component.add(name, value, **more)


def _plain(text: str) -> str:
    return " ".join(clean(text).split())
