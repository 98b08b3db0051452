"""When a schedule is due: by the clock in a time zone, or by what happens to a sprint. Pure.

Clock times are those on the wall: a time that the change of the clock leaves out runs at the next minute that exists, once; one
that comes twice runs the first time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile
from typing import TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from croniter import CroniterBadCronError, CroniterBadDateError, croniter

from sprintreports.kit.errors import FieldProblem, Invalid
from sprintreports.metrics.calendar import zone_of
from sprintreports.metrics.forecast import MOST_CERTAIN

FIELDS, LONGEST_EXPRESSION, MOST_DAYS, MOST_PERCENT = 5, 100, 60, 1_000
MOST_CHANCE = round(MOST_CERTAIN * 100)  # no forecast is ever told as more
MOST_AN_HOUR = 4  # whoever reads the reports is a person, and the mail server somebody else's
MOST_MISSED = 1_000  # what is counted; more are told as so many
_FIELD = re.compile(
    r"(?:[0-9*/,-]|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC|SUN|MON|TUE|WED|THU|FRI|SAT)+",
    re.IGNORECASE,
)
_MINUTE = timedelta(minutes=1)
_NO_CRON = (
    "Write five fields: minute, hour, day of the month, month, weekday; such as 0 9 * * 1-5 for nine o'clock from Monday to "
    "Friday."
)


_TOO_OFTEN = f"A schedule runs {MOST_AN_HOUR} times an hour at most. Name so many minutes or fewer in the first field, such as 0,30 or */15."


class Clock(msgspec.Struct, frozen=True, tag="clock", tag_field="on", forbid_unknown_fields=True):
    """By the clock. cron: minute, hour, day of the month, month, weekday (0 and 7 are Sunday)."""

    cron: str


class Started(msgspec.Struct, frozen=True, tag="sprint_started", tag_field="on", forbid_unknown_fields=True):
    """A sprint of the board started."""


class Closed(msgspec.Struct, frozen=True, tag="sprint_closed", tag_field="on", forbid_unknown_fields=True):
    """A sprint of the board was closed."""


class BeforeEnd(msgspec.Struct, frozen=True, tag="before_end", tag_field="on", forbid_unknown_fields=True):
    """So many days are left to the planned end of a sprint that runs."""

    days: int


class ScopeChange(
    msgspec.Struct, frozen=True, tag="scope_change", tag_field="on", forbid_unknown_fields=True
):
    """The scope of a sprint that runs is further from its commitment than so many percent of it, in the board's unit."""

    percent: int


class ForecastBelow(
    msgspec.Struct, frozen=True, tag="forecast_below", tag_field="on", forbid_unknown_fields=True
):
    """The chance that a sprint that runs finishes all that is in its scope is below so many percent, in the board's unit."""

    percent: int


Trigger: TypeAlias = Clock | Started | Closed | BeforeEnd | ScopeChange | ForecastBelow


def checked(trigger: Trigger, zone: str) -> None:
    """Raises Invalid for a trigger that never comes, or a time zone that is none."""
    problems: list[FieldProblem] = []
    try:
        zone_of(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        problems.append(FieldProblem("zone", "There is no such time zone. Use a name such as Europe/Berlin."))
    match trigger:
        case Clock(cron=cron):
            problems += _cron_problems(cron)
        case BeforeEnd(days=days) if not 1 <= days <= MOST_DAYS:
            problems.append(FieldProblem("trigger.days", f"Choose 1 to {MOST_DAYS} days before the end."))
        case ScopeChange(percent=percent) if not 1 <= percent <= MOST_PERCENT:
            problems.append(FieldProblem("trigger.percent", f"Choose 1 to {MOST_PERCENT:,} percent."))
        case ForecastBelow(percent=percent) if not 1 <= percent <= MOST_CHANCE:
            problems.append(
                FieldProblem(
                    "trigger.percent",
                    f"Choose 1 to {MOST_CHANCE} percent: no forecast is told as more certain than that.",
                )
            )
        case _:
            pass
    if problems:
        raise Invalid(problems[0].message, details=tuple(problems))


def next_due(trigger: Trigger, after: datetime, zone: str) -> datetime | None:
    """The first moment after `after` at which the clock says to run, in UTC; None: not by the clock, or never again."""
    if not isinstance(trigger, Clock):
        return None
    return next(_times(trigger, after, zone), None)


def _times(trigger: Clock, after: datetime, zone: str) -> Iterator[datetime]:
    """All moments after `after`, in order. Walking on costs a fraction of beginning anew."""
    place = zone_of(zone)
    # Wall times come in order, and so do the instants that they stand for: none before this one can be after `after`.
    times = croniter(trigger.cron, after.astimezone(place).replace(tzinfo=None))
    while True:
        try:
            wall = times.get_next(datetime)
        except CroniterBadDateError:
            return
        at = instant(wall, place)
        if at > after:
            after = at
            yield at


def upcoming(trigger: Trigger, after: datetime, zone: str, count: int) -> list[datetime]:
    """The next so many times by the clock, in UTC; fewer where it stops."""
    found, at = list[datetime](), next_due(trigger, after, zone)
    while at is not None and len(found) < count:
        found.append(at)
        at = next_due(trigger, at, zone)
    return found


def missed(trigger: Trigger, due: datetime, *, zone: str, now: datetime) -> int:
    """How many times after `due` the clock has said to run by now: one run stands for all of them. At most MOST_MISSED."""
    if not isinstance(trigger, Clock):
        return 0
    times = takewhile(lambda at: at <= now, _times(trigger, due, zone))
    return sum(1 for _ in islice(times, MOST_MISSED))


def instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """When the clock on the wall first shows this time, in UTC; the next minute that exists where it never does."""
    at = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if at.astimezone(zone).replace(tzinfo=None) == wall:
        return at
    # With the offset of before, `at` lies after the gap by as much as the time lies in it; its end is between these two.
    end = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    before, after = min(at, end), max(at, end)
    offset = before.astimezone(zone).utcoffset()
    while after - before > _MINUTE:
        middle = before + _whole_minutes((after - before) / 2)
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after


def before_end(planned_end: datetime, days: int, zone: str) -> datetime:
    """The same time on the wall so many days before a sprint's planned end, in UTC."""
    place = zone_of(zone)
    wall = planned_end.astimezone(place).replace(tzinfo=None) - timedelta(days=days)
    return instant(wall, place)


def scope_moved(commitment: int, scope: int, percent: int) -> bool:
    """Whether the scope is further from the commitment than so many percent; anything is, from nothing."""
    return abs(scope - commitment) * 100 > percent * commitment


def unlikely(chance: float | None, percent: int) -> bool:
    """Whether a chance (1.0 is certain) is known and below so many percent."""
    return chance is not None and chance < percent / 100


def _whole_minutes(span: timedelta) -> timedelta:
    return max(_MINUTE, span // _MINUTE * _MINUTE)


def _cron_problems(cron: str) -> list[FieldProblem]:
    fields = cron.split()
    plain = len(cron) <= LONGEST_EXPRESSION and all(_FIELD.fullmatch(one) for one in fields)
    if len(fields) != FIELDS or not plain:
        return [FieldProblem("trigger.cron", _NO_CRON)]
    try:
        croniter(cron, datetime(2026, 1, 1)).get_next(datetime)  # noqa: DTZ001  # a time on the wall
    except CroniterBadDateError:
        return [FieldProblem("trigger.cron", "No such day ever comes. Choose another day or month.")]
    except (CroniterBadCronError, ValueError):
        return [FieldProblem("trigger.cron", _NO_CRON)]
    minutes = croniter.expand(cron)[0][0]
    if minutes == ["*"] or len(minutes) > MOST_AN_HOUR:
        return [FieldProblem("trigger.cron", _TOO_OFTEN)]
    return []
