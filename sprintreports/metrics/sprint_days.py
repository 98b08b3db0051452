"""A sprint day by day in one unit: what each working day brought, and the moments at which something can be told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sprintreports.metrics.calendar import WorkCalendar, days_between, midnight

#: Of a sprint with more working days, every second one is told, or every third, and so on.
MOST_MOMENTS = 40
#: Dates further apart than that are wrong ones.
LONGEST = timedelta(days=1_100)

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DayState:
    """Scope and done at the end of a local day; of the day that runs, as far as it is known."""

    day: date
    scope: int
    done: int


@dataclass(frozen=True, slots=True)
class SprintDays:
    """A sprint that has started, day by day in one unit: what forecasts are made from.

    name: what its trials are seeded with, the same in every process. stop: the close, or up to when it is known. initial: the
    commitment. days: in order; a day of (start, stop] that is not among them ended as the one before it.
    """

    name: str
    start: datetime
    stop: datetime
    closed: bool
    planned_end: datetime | None
    initial: int
    days: tuple[DayState, ...]


@dataclass(frozen=True, slots=True)
class Past:
    """A closed sprint as what later ones are forecast from. amounts: what each of its working days brought; not empty."""

    name: str
    stop: datetime
    amounts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Moment:
    """When something is told. done: for certain; floor: what of it the day that runs has brought, which may become more.

    worked: what the sprint's working days before brought.
    """

    day: date
    at: datetime
    scope: int
    done: int
    floor: int
    days_left: int
    worked: tuple[int, ...]


def past(sprints: Iterable[SprintDays], *, calendar: WorkCalendar) -> list[Past]:
    """Those that are closed, had a working day and did not last longer than LONGEST, in the order of their close."""
    found = (
        Past(one.name, one.stop, worked(one, calendar=calendar))
        for one in sprints
        if one.closed and one.stop - one.start <= LONGEST
    )
    return sorted((one for one in found if one.amounts), key=lambda one: (one.stop, one.name))


def last_day(start: datetime, end: datetime, *, calendar: WorkCalendar) -> date:
    """The last local day that a sprint touches; that of its start where it ends before it started."""
    return max(days_between(start, end, zone=calendar.zone), default=calendar.day_of(start))


def worked(sprint: SprintDays, *, calendar: WorkCalendar) -> tuple[int, ...]:
    """What each working day of the sprint brought, oldest first; negative where more was reopened than done.

    What happened on other days is the next working day's, or the last one's where none follows. () without a working day.
    """
    amounts: list[int] = []
    rest = 0
    for day, _, brought in _course(sprint, calendar=calendar):
        rest += brought
        if calendar.is_working(day):
            amounts.append(rest)
            rest = 0
    if amounts:
        amounts[-1] += rest
    return tuple(amounts)


def _course(sprint: SprintDays, *, calendar: WorkCalendar) -> Iterator[tuple[date, DayState, int]]:
    """Each local day, how it ended, and what was done on it."""
    states = {state.day: state for state in sprint.days}
    days = sorted({*days_between(sprint.start, sprint.stop, zone=calendar.zone), *states})
    held = DayState(days[0], sprint.initial, 0)
    for day in days:
        before, held = held, states.get(day, held)
        yield day, held, held.done - before.done


def moments(sprint: SprintDays, *, calendar: WorkCalendar) -> list[Moment]:
    """When something can be told, in order: at the start, at the end of each working day that is followed by another before
    the planned end, and of a sprint that runs now.

    None without a planned end, or a working day before it, or where it is further from the start than LONGEST.
    """
    end = sprint.planned_end
    if end is None or end - sprint.start > LONGEST:
        return []
    plan = [day for day in days_between(sprint.start, end, zone=calendar.zone) if calendar.is_working(day)]
    if not plan:
        return []
    first = calendar.day_of(sprint.start)
    found = [Moment(first, sprint.start, sprint.initial, 0, 0, len(plan), ())]
    told = frozenset(plan[:-1][:: -(-len(plan) // MOST_MOMENTS)])
    amounts: list[int] = []
    rest = 0
    before = DayState(first, sprint.initial, 0)
    for day, state, brought in _course(sprint, calendar=calendar):
        over = midnight(day + _DAY, zone=calendar.zone)
        if over > sprint.stop:
            break
        rest += brought
        if calendar.is_working(day):
            amounts.append(rest)
            rest = 0
        if day in told:
            left = sum(1 for later in plan if later > day)
            found.append(Moment(day, over, state.scope, state.done, 0, left, tuple(amounts)))
        before = state
    now = None if sprint.closed else _now(sprint, before, plan, tuple(amounts), calendar=calendar)
    return found if now is None or found[-1].at == now.at else [*found, now]


def _now(
    sprint: SprintDays,
    before: DayState,
    plan: Sequence[date],
    amounts: tuple[int, ...],
    *,
    calendar: WorkCalendar,
) -> Moment | None:
    """As things stand: a working day that runs counts whole, and what it has brought so far is certain."""
    today = calendar.day_of(sprint.stop)
    left = sum(1 for day in plan if day >= today)
    if sprint.planned_end is None or sprint.stop > sprint.planned_end or not left:
        return None
    state = sprint.days[-1] if sprint.days else before
    floor = max(0, state.done - before.done) if calendar.is_working(today) else 0
    return Moment(today, sprint.stop, state.scope, state.done, floor, left, amounts)
