"""A team's calendar: zone, working weekdays, public holidays of its country, and days that the whole team is off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfoNotFoundError

from sprintreports.kit.errors import FieldProblem, Invalid
from sprintreports.metrics.calendar import MONDAY_TO_FRIDAY, zone_of
from sprintreports.planning.capacity.days import DayPart, Halves, without

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DayOff:
    """Days on which nobody of the team works, `first` to `last`, both counted; `part`: which half of each."""

    first: date
    last: date
    part: DayPart = DayPart.WHOLE
    name: str = ""


@dataclass(frozen=True, slots=True)
class Region:
    """Whose public holidays: an ISO 3166 country, and a part of it where holidays differ by part."""

    country: str
    subdivision: str | None = None


@dataclass(frozen=True, slots=True)
class TeamCalendar:
    """When a team works. Weekdays: 0 is Monday. region None: no public holidays."""

    zone: str = "UTC"
    weekdays: frozenset[int] = MONDAY_TO_FRIDAY
    region: Region | None = None
    days_off: tuple[DayOff, ...] = ()

    def working(self, halves: Halves, *, region: Region | None = None) -> Halves:
        """The halves on which the team works; `region`: whose holidays in place of the team's own, for one member.

        Raises Invalid for a country that is not known.
        """
        free = {day: part for day, part in halves.items() if day.weekday() in self.weekdays}
        closed = holidays_between(region or self.region, free)
        open_days = {day: part for day, part in free.items() if day not in closed} if closed else free
        return without(
            open_days, spread(((off.first, off.last, off.part) for off in self.days_off), open_days)
        )


def spread(ranges: Iterable[tuple[date, date, int]], halves: Halves) -> dict[date, int]:
    """The ranges' halves day by day, within these days alone; what overlaps is there once."""
    if not halves:
        return {}
    lowest, highest = min(halves), max(halves)
    found: dict[date, int] = {}
    for first, last, part in ranges:
        day, end = max(first, lowest), min(last, highest)
        while day <= end:
            found[day] = found.get(day, 0) | part
            day += _DAY
    return found


def holidays_between(region: Region | None, days: Iterable[date]) -> Mapping[date, str]:
    """Public holidays by day, with their names, of all years that the days touch. Raises Invalid."""
    years = () if region is None else sorted({day.year for day in days})
    if region is None or not years:
        return {}
    if len(years) == 1:
        return _holidays(region, years[0])
    found: dict[date, str] = {}
    for year in years:
        found |= _holidays(region, year)
    return found


def check_calendar(calendar: TeamCalendar) -> None:
    """Raises Invalid, with what to do, for a zone, weekday or country that does not exist."""
    problems: list[FieldProblem] = []
    try:
        zone_of(calendar.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        problems.append(
            FieldProblem(
                "zone", "There is no such time zone. Write it like Europe/Berlin or America/New_York."
            )
        )
    if not calendar.weekdays or not calendar.weekdays <= frozenset(range(7)):
        problems.append(
            FieldProblem("weekdays", "Choose at least one working weekday, 0 (Monday) to 6 (Sunday).")
        )
    if calendar.region is not None:
        problems.extend(problems_of(calendar.region))
    problems.extend(
        FieldProblem("days_off", f"The day off from {off.first} ends before it begins.")
        for off in calendar.days_off
        if off.last < off.first
    )
    if problems:
        raise Invalid(problems[0].message, details=tuple(problems))


def problems_of(region: Region) -> list[FieldProblem]:
    """What is wrong with a country or its part; nothing where its holidays are known."""
    known = _known()
    if region.country not in known:
        message = (
            f"The holidays of {region.country!r} are not known. Use a country's two letters, such as DE, US or IN, "
            "or leave the country empty and enter days off by hand."
        )
        return [FieldProblem("country", message)]
    parts = known[region.country]
    if region.subdivision is not None and region.subdivision not in parts:
        choice = f"Use one of {', '.join(parts)}, or leave it empty." if parts else "Leave it empty."
        message = f"{region.country} has no part {region.subdivision!r} with holidays of its own. {choice}"
        return [FieldProblem("subdivision", message)]
    return []


def regions() -> Mapping[str, tuple[str, ...]]:
    """All countries whose holidays are known, each with the parts that have holidays of their own."""
    return _known()


@lru_cache(maxsize=1)
def _known() -> Mapping[str, tuple[str, ...]]:
    from holidays.utils import list_supported_countries

    found = list_supported_countries(include_aliases=False)
    return {country: tuple(parts) for country, parts in sorted(found.items())}


@lru_cache(maxsize=2048)
def _holidays(region: Region, year: int) -> Mapping[date, str]:
    from holidays.utils import country_holidays

    problems = problems_of(region)
    if problems:
        raise Invalid(problems[0].message, details=tuple(problems))
    # In one language, where the country has it: else the machine's locale would decide.
    found = country_holidays(
        region.country, subdiv=region.subdivision, years=year, expand=False, language="en_US"
    )
    return {day: str(name) for day, name in found.items()}
