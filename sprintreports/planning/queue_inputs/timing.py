"""When Jira's fields say that an issue is to happen: its class, its times, and what it lacks of them.

A class that the scheduling field names comes first; without one, a due date alone makes a soft deadline. Who plans may say
otherwise for a queue, which is stronger than all of this (`queue/order.py`). A day without a time is a day on the board's clock:
until its end for a deadline, from 9 to 17 for what is at exact times; where the sprint begins or ends on that day, no longer than that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from sprintreports.jira.mapping_classes import Said, meaning_of
from sprintreports.jira.mapping_values import FieldMapping
from sprintreports.jira.reads.candidates import IssueNow
from sprintreports.metrics.calendar import zone_of
from sprintreports.planning.queue.values import FLEXIBLE, Scheduling, Sprint, Timing
from sprintreports.planning.queue_inputs.hours import CLOSES, OPENS

_LAST_MINUTE = time(23, 59)
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class InJira:
    """told: the field and its value that the class is from, "" where Jira says nothing. lacks: the class that Jira names and
    has no times for; then the timing is what is left without it."""

    timing: Timing = FLEXIBLE
    told: str = ""
    lacks: Scheduling | None = None


_SILENT = InJira()


@dataclass(frozen=True, slots=True)
class Clock:
    """A board's clock, and the sprint that days are cut to."""

    zone: ZoneInfo
    sprint: Sprint

    @classmethod
    def of(cls, zone: str, sprint: Sprint) -> Clock:
        return cls(zone_of(zone), sprint)

    def window(self, start: str | None, end: str | None) -> tuple[datetime, datetime] | None:
        """From the one to the other; a first day alone is the whole of it. None: that is no stretch of time."""
        if start is None or (end is None and not _is_day(start)):
            return None
        begins = self._opens(start)
        ends = self._closes(start if end is None else end, CLOSES)
        return (begins, ends) if begins < ends else None

    def deadline(self, text: str) -> datetime:
        return self._closes(text, _LAST_MINUTE)

    def _opens(self, text: str) -> datetime:
        if not _is_day(text):
            return self._instant(text)
        at = self._on(text, OPENS)
        first = self.sprint.start
        return first if first is not None and self._same_day(first, text) and at < first else at

    def _closes(self, text: str, closes: time) -> datetime:
        if not _is_day(text):
            return self._instant(text)
        at = self._on(text, closes)
        last = self.sprint.end
        return last if last is not None and self._same_day(last, text) and last < at else at

    def _on(self, day: str, at: time) -> datetime:
        return datetime.combine(date.fromisoformat(day), at, tzinfo=self.zone).astimezone(UTC)

    def _same_day(self, at: datetime, day: str) -> bool:
        return at.astimezone(self.zone).date().isoformat() == day

    def _instant(self, text: str) -> datetime:
        at = datetime.fromisoformat(text)
        return (at.replace(tzinfo=self.zone) if at.tzinfo is None else at).astimezone(UTC)


def timing_of(one: IssueNow, mapping: FieldMapping, clock: Clock) -> InJira:
    """What Jira says of an issue's time, as this site's fields are mapped."""
    held = one.times
    if not held.scheduling and held.deadline is None:
        return _SILENT
    due = Timing(Scheduling.SOFT, None, clock.deadline(held.deadline)) if held.deadline is not None else None
    said = meaning_of(held.scheduling, mapping.scheduling_values) if held.scheduling else None
    if said in (None, Said.NOTHING):
        return _SILENT if due is None else InJira(due, _told(mapping, mapping.deadline, held.deadline))
    told = _told(mapping, mapping.scheduling, held.scheduling)
    if said is Said.FLEXIBLE:
        return InJira(FLEXIBLE, told)
    if said is Said.SOFT:
        return InJira(FLEXIBLE, told, Scheduling.SOFT) if due is None else InJira(due, told)
    window = clock.window(held.planned_start, held.planned_end)
    if window is None:
        return InJira(due or FLEXIBLE, told, Scheduling.HARD)
    return InJira(Timing(Scheduling.HARD, *window), told)


def unknown_classes(issues: Iterable[IssueNow], mapping: FieldMapping) -> str:
    """What to tell about values whose class nobody knows; empty if there are none."""
    lost = Counter(
        one.times.scheduling
        for one in issues
        if one.times.scheduling
        and not one.done
        and meaning_of(one.times.scheduling, mapping.scheduling_values) is None
    )
    if not lost:
        return ""
    count, values = lost.total(), sorted(lost)
    shown = ", ".join(f"“{value}”" for value in values[:_SHOWN])
    more = f" and {len(values) - _SHOWN} more" if len(values) > _SHOWN else ""
    named = mapping.name_of(mapping.scheduling) or "the scheduling field"
    have, they = ("issue has", "it is") if count == 1 else ("issues have", "they are")
    return (
        f"{count} {have} a value of {named} whose class is not known: {shown}{more}. Until an admin says on the site's page what "
        f"it means, {they} planned as if nothing was said there."
    )


def _told(mapping: FieldMapping, field: str | None, value: str | None) -> str:
    return f"{mapping.name_of(field) or field or 'a field'} = {value}"


def _is_day(text: str) -> bool:
    return "T" not in text
