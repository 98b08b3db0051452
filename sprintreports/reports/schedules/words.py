"""When a schedule runs, in words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from croniter import croniter

from sprintreports.reports.schedules.triggers import (
    BeforeEnd,
    Clock,
    Closed,
    ForecastBelow,
    ScopeChange,
    Started,
    Trigger,
)

WEEKDAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_MINUTES = 60
_MOST_TIMES = 6  # more of them are told as a rhythm where they have one
_LEAST_RUN = 3  # so many neighbours are told as a span
_WORKING, _WEEK, _MONTH = {1, 2, 3, 4, 5}, 7, 31


def when(trigger: Trigger, zone: str) -> str:
    """ "every weekday at 09:00, Europe/Berlin"; "when a sprint of the board starts". The trigger has been checked."""
    match trigger:
        case Clock(cron=cron):
            return f"{clock(cron)}, {zone}"
        case Started():
            return "when a sprint of the board starts"
        case Closed():
            return "when a sprint of the board is closed"
        case BeforeEnd(days=days):
            left = "a day" if days == 1 else f"{days} days"
            return f"{left} before the planned end of each sprint, {zone}"
        case ScopeChange(percent=percent):
            return f"when the scope of a sprint is more than {percent} % away from its commitment"
        case ForecastBelow(percent=percent):
            return f"when the chance that a sprint finishes its scope is below {percent} %"


def clock(cron: str) -> str:
    """ "every weekday at 09:00", of an expression of five fields that `triggers.checked` takes."""
    minutes, hours, days, months, weekdays = (_chosen(one) for one in croniter.expand(cron)[0][:5])
    times, rhythm = _times(minutes, hours)
    which = _days(days, months, weekdays)
    if not rhythm:
        return f"{which} {times}"
    return times if which == "every day" else f"{times}, {which}"


def listed(words: Sequence[str]) -> str:
    """ "a, b and c"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _chosen(field: Sequence[int | str]) -> tuple[int, ...] | None:
    """The values of a field, None: all of them."""
    values = [one for one in field if isinstance(one, int)]
    return None if len(values) < len(field) else tuple(sorted(values))


def _times(minutes: tuple[int, ...] | None, hours: tuple[int, ...] | None) -> tuple[str, bool]:
    """The times of a day, and whether they are a rhythm rather than times."""
    if minutes is None or (len(minutes) > 1 and _even(minutes)):
        step = 1 if minutes is None else _MINUTES // len(minutes)
        pace = "every minute" if step == 1 else f"every {step} minutes"
        return f"{pace}{_within(hours, last=_MINUTES - step)}", True
    if hours is None:
        past = [str(one) for one in minutes]
        on_the_hour = minutes == (0,)
        return ("every hour" if on_the_hour else f"every hour at {listed(past)} minutes past"), True
    times = [f"{hour:02}:{minute:02}" for hour in hours for minute in minutes]
    if len(minutes) == 1 and len(times) > _MOST_TIMES and (step := _step(hours)):
        pace = "every hour" if step == 1 else f"every {step} hours"
        return f"{pace} from {times[0]} to {times[-1]}", True
    if len(times) <= _MOST_TIMES or len(minutes) == 1:
        return f"at {listed(times)}", False
    past = listed([str(one) for one in minutes])
    return f"at {past} minutes past the hours {listed(_spans(hours))}", False


def _within(hours: tuple[int, ...] | None, *, last: int) -> str:
    """Of which hours a rhythm of minutes is; last: the last minute of it in an hour."""
    if hours is None:
        return ""
    if len(hours) == hours[-1] - hours[0] + 1:
        return f" from {hours[0]:02}:00 to {hours[-1]:02}:{last:02}"
    return f" of the hours {listed(_spans(hours))}"


def _even(minutes: tuple[int, ...]) -> bool:
    """Whether these are an even rhythm through the hour that begins on the hour."""
    step, rest = divmod(_MINUTES, len(minutes))
    return rest == 0 and minutes == tuple(range(0, _MINUTES, step))


def _step(hours: tuple[int, ...]) -> int:
    """By how much each of these hours is later than the one before; 0 where it differs."""
    steps = {after - before for before, after in pairwise(hours)}
    return steps.pop() if len(steps) == 1 else 0


def _days(
    days: tuple[int, ...] | None, months: tuple[int, ...] | None, weekdays: tuple[int, ...] | None
) -> str:
    """On which days: where both kinds are named, either will do."""
    if days is not None and weekdays is not None and (len(weekdays) == _WEEK or len(days) == _MONTH):
        days = weekdays = None
    of = "" if months is None else listed(_spans(months, _MONTHS, first=1))
    if days is None:
        named = "every day" if weekdays is None else f"every {_weekdays(weekdays)}"
        return f"{named} in {of}" if of else named
    dates = f"on the {listed(_spans(days, _ORDINALS))}"
    if weekdays is None:
        return f"{dates} of {of or 'every month'}"
    either = f"{dates} and every {_weekdays(weekdays)}"
    return f"{either} of {of or 'every month'}"


def _weekdays(chosen: tuple[int, ...]) -> str:
    if set(chosen) == _WORKING:
        return "weekday"
    from_monday = sorted(chosen, key=lambda one: (one - 1) % len(WEEKDAYS))
    return listed([WEEKDAYS[one] for one in from_monday])


def _ordinal(number: int) -> str:
    teens = number % 100 in {11, 12, 13}
    return f"{number}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


_ORDINALS = tuple(_ordinal(number) for number in range(32))


def _spans(values: Sequence[int], names: Sequence[str] = (), *, first: int = 0) -> list[str]:
    """ "1, 2, 3, 4, 9" as "1 to 4", "9". first: the value of the first name."""
    found, rest = list[str](), list(values)
    while rest:
        length = 1
        while length < len(rest) and rest[length] == rest[0] + length:
            length += 1
        run, rest = rest[:length], rest[length:]
        told = [names[one - first] if names else str(one) for one in run]
        found += [f"{told[0]} to {told[-1]}"] if length >= _LEAST_RUN else told
    return found
