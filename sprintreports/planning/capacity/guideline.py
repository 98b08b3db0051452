"""The guideline of a burndown by what teams can really do: each team's commitment falls as its person-days go by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from sprintreports.metrics.calendar import GuidePoint, WorkCalendar, midnight
from sprintreports.metrics.values import NOTHING, Amount
from sprintreports.planning.capacity.availability import Presence, TeamPlan
from sprintreports.planning.capacity.days import Span

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Stretch:
    """From when to when work goes on evenly; weight: how much of it, beside the others of the same pace."""

    since: datetime
    until: datetime
    weight: Fraction


@dataclass(frozen=True, slots=True)
class Part:
    """What is to be done at one pace: a team's commitment; team "": what is of no team, or of one without available days."""

    team: str
    amount: Amount
    pace: tuple[Stretch, ...]


def pace_of(plan: TeamPlan, start: datetime, end: datetime) -> tuple[Stretch, ...]:
    """A team's available person-days between two instants, each day's from midnight to midnight on the team's clock.

    () where nobody is available. Raises Invalid for an unknown country.
    """
    span = Span(start, end)
    by_day = Presence(plan, (span,)).by_day(span, plan.overrides)
    found: list[Stretch] = []
    for day, weight in sorted(by_day.items()):
        since = max(start, midnight(day, zone=plan.calendar.zone))
        until = min(end, midnight(day + _DAY, zone=plan.calendar.zone))
        found.append(Stretch(since, until, weight))
    return tuple(found)


def pace_of_days(calendar: WorkCalendar, start: datetime, end: datetime) -> tuple[Stretch, ...]:
    """The working time of a board; where it has none, all the time."""
    working: list[tuple[datetime, datetime]] = []
    since = start
    for begins, ends in calendar.rests(start, end):
        if since < begins:
            working.append((since, begins))
        since = ends
    if since < end:
        working.append((since, end))
    return tuple(
        Stretch(since, until, Fraction((until - since) // timedelta(microseconds=1)))
        for since, until in working or [(start, end)]
    )


def parts_of(
    initial: Amount,
    teams: Iterable[tuple[Amount, TeamPlan]],
    calendar: WorkCalendar,
    start: datetime,
    end: datetime,
) -> tuple[Part, ...]:
    """A commitment by who works on it: teams with available days, and the rest, which goes by the board's working days.

    () where no team has any, and of absurd dates. Raises Invalid for an unknown country.
    """
    if end <= start or Span(start, end).absurd:
        return ()
    found: list[Part] = []
    rest = initial
    for amount, plan in teams:
        if amount != NOTHING and (pace := pace_of(plan, start, end)):
            found.append(Part(plan.name, amount, pace))
            rest -= amount
    if found and rest != NOTHING:
        found.append(Part("", rest, pace_of_days(calendar, start, end)))
    return tuple(found)


def guideline(parts: Sequence[Part], start: datetime, end: datetime) -> tuple[GuidePoint, ...]:
    """The line from all that is to be done at the start to nothing at the end, straight between its corners; () of no parts.

    Every part falls by the share of its weight that has gone by, so the lines of two teams add up to that of both.
    """
    if not parts:
        return ()
    edges = (edge for part in parts for one in part.pace for edge in (one.since, one.until))
    corners = sorted({start, end, *edges})
    sums = [[0.0, 0.0, 0.0] for _ in corners]
    for part in parts:
        for place, left in enumerate(_left(part.pace, corners)):
            for at, value in enumerate((part.amount.points, part.amount.seconds, part.amount.count)):
                sums[place][at] += value * left
    return tuple(GuidePoint(at, *figures) for at, figures in zip(corners, sums, strict=True))


def _left(pace: Sequence[Stretch], corners: Sequence[datetime]) -> Iterator[float]:
    """What part of the work is still ahead at each corner. The stretches are in order and do not overlap."""
    whole = sum((one.weight for one in pace), Fraction())
    gone, place = Fraction(), 0
    for at in corners:
        while place < len(pace) and pace[place].until <= at:
            gone += pace[place].weight
            place += 1
        begun = Fraction()
        if place < len(pace) and pace[place].since < at:
            one = pace[place]
            begun = one.weight * Fraction((at - one.since) / (one.until - one.since))
        yield float(1 - (gone + begun) / whole)
