"""Expected times: a team works through its running load at an even pace over the sprint's working time.

A hard-scheduled issue happens at its own times and takes its load out of the pace there. Whatever waits for a
blocker in another team starts no earlier than that blocker is expected to be finished.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Protocol
from weakref import WeakKeyDictionary

from sprintreports.metrics.calendar import days_between, zone_of
from sprintreports.planning.queue.deal import IN
from sprintreports.planning.queue.order import Ordered
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


@dataclass(frozen=True, slots=True)
class Ruler:
    """A team's working time: its stretches in seconds since 1970, and how much of it has passed before each, and at last."""

    since: Sequence[float]
    until: Sequence[float]
    marks: Sequence[float]

    @classmethod
    def of(cls, stretches: Sequence[Times]) -> Ruler:
        """The ruler of stretches that are in order and apart."""
        since = [since.timestamp() for since, _ in stretches]
        until = [until.timestamp() for _, until in stretches]
        marks = [0.0]
        for start, end in zip(since, until, strict=True):
            marks.append(marks[-1] + end - start)
        return cls(since, until, marks)


_IDLE = Ruler.of(())


class Pace:
    """From load to instant and back, by a team's ruler. Instants are seconds since 1970 here."""

    __slots__ = ("_marks", "_since", "_step", "_until", "limit", "usable")

    def __init__(self, ruler: Ruler, limit: int) -> None:
        self._since, self._until, self._marks = ruler.since, ruler.until, ruler.marks
        self.limit = limit
        self._step = ruler.marks[-1] / limit if limit > 0 else 0.0
        #: Whether there is working time and something to do in it.
        self.usable = self._step > 0

    def at(self, load: float, *, slack: float) -> float:
        """When the load has been worked off. At the end of a day, what starts (slack 0.5) then starts the next working
        day, and what finishes (-0.5) does so on this one."""
        seconds = load * self._step
        at = bisect_right(self._marks, seconds + slack, 1, len(self._since)) - 1
        since = self._since[at]
        found = since + seconds - self._marks[at]
        return found if since <= found <= self._until[at] else max(since, min(found, self._until[at]))

    def through(
        self, loads: Iterable[int], stops: Sequence[tuple[float, int]]
    ) -> Iterator[tuple[float, float]]:
        """Start and finish of each of these loads, one after the other: twice `at`, in line, since there are so many.

        stops: where hard-scheduled work falls into what has been worked off, and its load, which is taken in there.
        """
        since, until, marks, step, last = self._since, self._until, self._marks, self._step, len(self._since)
        passed, done = 0, 0.0
        for load in loads:
            while passed < len(stops) and stops[passed][0] <= done:
                done += stops[passed][1]
                passed += 1
            seconds = done * step
            at = bisect_right(marks, seconds + 0.5, 1, last) - 1
            start = since[at] + seconds - marks[at]
            if not since[at] <= start <= until[at]:
                start = max(since[at], min(start, until[at]))
            done += load
            while passed < len(stops) and stops[passed][0] <= done:
                done += stops[passed][1]
                passed += 1
            seconds = done * step
            at = bisect_right(marks, seconds - 0.5, 1, last) - 1
            finish = since[at] + seconds - marks[at]
            if not since[at] <= finish <= until[at]:
                finish = max(since[at], min(finish, until[at]))
            yield start, max(start, finish)

    def load_at(self, instant: float) -> float:
        """How much has been worked off by an instant."""
        at = bisect_right(self._since, instant) - 1
        if at < 0:
            return 0.0
        return (self._marks[at] + min(instant, self._until[at]) - self._since[at]) / self._step


class _Instants(dict[int, datetime]):
    """Seconds since 1970 as instants: most of those of a queue are those of the one before."""

    def __missing__(self, second: int) -> datetime:
        found = self[second] = datetime.fromtimestamp(second, UTC)
        return found


@dataclass(frozen=True, slots=True)
class _Run:
    """How a team works through loads, as if nothing waited for another team; `asked`: limit, loads, and what stops it."""

    asked: tuple[int, list[int], list[tuple[float, int]]]
    begins: Sequence[float]
    ends: Sequence[float]
    starts: Sequence[datetime]
    finishes: Sequence[datetime]


@dataclass(frozen=True, slots=True)
class _Known:
    """What is kept for as long as the inputs live: rulers of teams, instants, and the last run of each team."""

    rulers: dict[int | None, Ruler]
    instants: _Instants
    runs: dict[int | None, _Run]


_MOST = 200_000  # instants, some times what a queue of 60,000 issues has
_known: WeakKeyDictionary[Ordered, _Known] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Schedule:
    """Expected start and finish by number, None where there is none. late: whose blockers leave too little of the sprint."""

    starts: Sequence[datetime | None]
    finishes: Sequence[datetime | None]
    late: frozenset[int]


def expected(
    inputs: Inputs, problem: Problem, decided: Sequence[int], lines: Sequence[Sequence[int]]
) -> Schedule:
    """The expected times of those in; none for a team without working time, or in a sprint without dates.

    decided: IN for those in; lines: these by team, in their order. A hard-scheduled issue has its times in any case.
    """
    sprint = inputs.sprint
    starts: list[datetime | None] = [None] * len(problem.candidates)
    finishes = starts.copy()
    hard = _scheduled(problem, decided)
    for number, (since, until) in hard.items():
        starts[number], finishes[number] = since, until
    if sprint.start is None or sprint.end is None or sprint.start >= sprint.end:
        return Schedule(starts, finishes, frozenset())
    known = _known.get(problem.known)
    if known is None or len(known.instants) > _MOST:
        known = _known[problem.known] = _Known(_rulers(inputs, sprint.start, sprint.end), _Instants(), {})
    paces = [Pace(known.rulers.get(room.team, _IDLE), room.limit) for room in problem.rooms]
    begins = [0.0] * len(starts)
    ends = begins.copy()
    for pace, line, room in zip(paces, lines, problem.rooms, strict=True):
        if not pace.usable:
            continue
        stops = (
            sorted((pace.load_at(hard[one][0].timestamp()), problem.load[one]) for one in line if one in hard)
            if hard
            else []
        )
        flexible = [number for number in line if number not in hard] if stops else line
        run = _run(known, room.team, pace, (room.limit, list(map(problem.load.__getitem__, flexible)), stops))
        for number, begin, end, start, finish in zip(
            flexible, run.begins, run.ends, run.starts, run.finishes, strict=True
        ):
            begins[number], ends[number], starts[number], finishes[number] = begin, end, start, finish
    delayed, late = _waited(problem, paces, decided, hard, begins, ends)
    for number in delayed:
        starts[number] = known.instants[round(begins[number])]
        finishes[number] = known.instants[round(ends[number])]
    return Schedule(starts, finishes, late)


def _scheduled(problem: Problem, decided: Sequence[int]) -> dict[int, Times]:
    """Of those in, the ones at exact times, with these."""
    found: dict[int, Times] = {}
    for number in problem.timed:
        timing = problem.candidates[number].timing
        hard = timing.kind is Scheduling.HARD and decided[number] == IN
        if hard and timing.start is not None and timing.end is not None:
            found[number] = (timing.start, timing.end)
    return found


def _rulers(inputs: Inputs, start: datetime, end: datetime) -> dict[int | None, Ruler]:
    """One for each team with a calendar; teams with the same calendar share it."""
    found: dict[int, Ruler] = {}
    rulers: dict[int | None, Ruler] = {}
    for team, calendar in inputs.calendars.items():
        ruler = found.get(id(calendar))
        if ruler is None:
            ruler = found[id(calendar)] = Ruler.of(calendar.stretches(start, end))
        rulers[team] = ruler
    return rulers


def _run(
    known: _Known, team: int | None, pace: Pace, asked: tuple[int, list[int], list[tuple[float, int]]]
) -> _Run:
    """The team's run through these loads, the last one where nothing of it has changed."""
    held = known.runs.get(team)
    if held is not None and held.asked == asked:
        return held
    times = list(pace.through(asked[1], asked[2]))
    begins, ends = [begin for begin, _ in times], [end for _, end in times]
    instant = known.instants.__getitem__
    found = _Run(
        asked, begins, ends, list(map(instant, map(round, begins))), list(map(instant, map(round, ends)))
    )
    known.runs[team] = found
    return found


def _waited(
    problem: Problem,
    paces: Sequence[Pace],
    decided: Sequence[int],
    hard: Mapping[int, Times],
    begins: list[float],
    ends: list[float],
) -> tuple[list[int], frozenset[int]]:
    """Put off what would start before its blockers are expected to be finished. Returns these, and those for which it is
    late."""
    delayed: list[int] = []
    late: set[int] = set()
    usable = [pace.usable for pace in paces]
    for number, (_, until) in hard.items():
        ends[number] = until.timestamp()
    for number in problem.waiting:
        pace = paces[problem.team[number]]
        if decided[number] != IN or number in hard or not pace.usable:
            continue
        known = (one for one in problem.before[number] if one in hard or usable[problem.team[one]])
        after = max((ends[one] for one in known), default=begins[number])
        if after <= begins[number]:
            continue
        load = problem.load[number]
        passed = pace.load_at(after)
        if passed + load > pace.limit:
            late.add(number)
        start = begins[number] = max(after, pace.at(passed, slack=0.5))
        ends[number] = max(start, pace.at(passed + load, slack=-0.5))
        delayed.append(number)
    return delayed, frozenset(late)
