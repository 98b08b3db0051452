"""Expected times: a team works through its running load at an even pace over the sprint's working time.

A hard-scheduled issue happens at its own times and takes its load out of the pace there. Whatever waits for a
blocker in another team starts no earlier than that blocker is expected to be finished.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Protocol

from sprintreports.metrics.calendar import days_between, zone_of
from sprintreports.planning.queue.problem import Problem
from sprintreports.planning.queue.values import Inputs, Scheduling

Times = tuple[datetime, datetime]


class Days(Protocol):
    """What office hours need of a calendar; `metrics.calendar.WorkCalendar` is one."""

    @property
    def zone(self) -> str:
        """The team's zone."""
        ...

    def is_working(self, day: date) -> bool:
        """Whether the team works on this day."""
        ...


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """The same hours on each working day of a calendar, by the team's clock."""

    days: Days
    opens: time = field(default=time(9))
    closes: time = field(default=time(17))

    def stretches(self, start: datetime, end: datetime) -> Sequence[Times]:
        """The hours of each working day between two instants, cut to the ends."""
        zone = zone_of(self.days.zone)
        found: list[Times] = []
        for day in days_between(start, end, zone=self.days.zone):
            if self.days.is_working(day):
                since = max(start, datetime.combine(day, self.opens, tzinfo=zone))
                until = min(end, datetime.combine(day, self.closes, tzinfo=zone))
                if since < until:
                    found.append((since, until))
        return tuple(found)


class Pace:
    """A team's working time as a ruler: from load to instant and back. Instants are seconds since 1970 here."""

    def __init__(self, stretches: Sequence[Times], limit: int) -> None:
        self._since = [since.timestamp() for since, _ in stretches]
        self._until = [until.timestamp() for _, until in stretches]
        self.limit = limit
        self._marks = [0.0]
        for since, until in zip(self._since, self._until, strict=True):
            self._marks.append(self._marks[-1] + until - since)
        self._step = self._marks[-1] / limit if limit > 0 else 0.0

    @property
    def usable(self) -> bool:
        """Whether there is working time and something to do in it."""
        return self._step > 0

    def at(self, load: float, *, finishing: bool) -> float:
        """When the load has been worked off. At the end of a day, what starts then starts the next working day."""
        seconds = load * self._step
        at = bisect_right(self._marks, seconds - 0.5 if finishing else seconds + 0.5, 1, len(self._since)) - 1
        found = self._since[at] + seconds - self._marks[at]
        return found if self._since[at] <= found <= self._until[at] else self._nearest(found, at)

    def _nearest(self, found: float, at: int) -> float:
        return max(self._since[at], min(found, self._until[at]))

    def load_at(self, instant: float) -> float:
        """How much has been worked off by an instant."""
        at = bisect_right(self._since, instant) - 1
        if at < 0:
            return 0.0
        return (self._marks[at] + min(instant, self._until[at]) - self._since[at]) / self._step


@dataclass(frozen=True, slots=True)
class Schedule:
    """Expected start and finish by number. late: those whose blockers leave too little of the sprint."""

    times: Mapping[int, Times]
    late: frozenset[int]


def expected(inputs: Inputs, problem: Problem, taken: Sequence[int]) -> Schedule:
    """The expected times of those in; none for a team without working time, or in a sprint without dates.

    taken: blockers before what they block. A hard-scheduled issue has its times in any case.
    """
    sprint = inputs.sprint
    found: dict[int, Times] = {}
    late: set[int] = set()
    hard: dict[int, list[int]] = {}
    for number in taken:
        timing = problem.candidates[number].timing
        if timing.kind is Scheduling.HARD and timing.start is not None and timing.end is not None:
            found[number] = (timing.start, timing.end)
            hard.setdefault(problem.team[number], []).append(number)
    if sprint.start is None or sprint.end is None or sprint.start >= sprint.end:
        return Schedule(found, frozenset())
    walks: dict[int, _Walk] = {}
    known: dict[int, Sequence[Times]] = {}
    ends = {number: end.timestamp() for number, (_, end) in found.items()}
    for number in taken:
        if number in found:
            continue
        team = problem.team[number]
        walk = walks.get(team)
        if walk is None:
            room = problem.rooms[team]
            calendar = inputs.calendars.get(room.team)
            if id(calendar) not in known:
                known[id(calendar)] = calendar.stretches(sprint.start, sprint.end) if calendar else ()
            stretches = known[id(calendar)]
            walk = walks[team] = _Walk(Pace(stretches, room.limit), problem, hard.get(team, []), found)
        if walk.pace.usable:
            first = problem.before[number]
            after = max((ends[one] for one in first if one in ends), default=None) if first else None
            start, ends[number] = walk.next(problem.load[number], after)
            found[number] = (_instant(start), _instant(ends[number]))
            if walk.late:
                late.add(number)
    return Schedule(found, frozenset(late))


class _Walk:
    def __init__(self, pace: Pace, problem: Problem, hard: Sequence[int], times: Mapping[int, Times]) -> None:
        self.pace = pace
        self._at = 0.0
        if pace.usable:
            stops = sorted(
                (pace.load_at(times[number][0].timestamp()), problem.load[number]) for number in hard
            )
            self._stops = stops
        else:
            self._stops = []
        self._passed = 0
        self.late = False

    def next(self, load: int, after: float | None) -> tuple[float, float]:
        """The times of the next issue of this load; `after`: when its blockers are expected to be finished."""
        self._pass()
        begins = self._at
        self._at += load
        self._pass()
        start = self.pace.at(begins, finishing=False)
        finish = max(start, self.pace.at(self._at, finishing=True))
        self.late = False
        if after is None or after <= start:
            return start, finish
        delayed = self.pace.load_at(after)
        self.late = delayed + load > self.pace.limit
        later = max(after, self.pace.at(delayed, finishing=False))
        return later, max(later, self.pace.at(delayed + load, finishing=True))

    def _pass(self) -> None:
        """Take in the hard-scheduled work that falls into what has been worked off."""
        while self._passed < len(self._stops) and self._stops[self._passed][0] <= self._at:
            self._at += self._stops[self._passed][1]
            self._passed += 1


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(round(seconds), UTC)
