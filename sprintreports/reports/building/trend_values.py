"""Several sprints as a trend report takes them: rows of sums over time, for all, for each board and for each team."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from operator import add

from sprintreports.charts.words import number
from sprintreports.metrics.predictability import churn, say_do
from sprintreports.metrics.stats import median
from sprintreports.metrics.totals import Totals
from sprintreports.metrics.trend import HalfChange, half_change, left_over
from sprintreports.metrics.values import Unit
from sprintreports.metrics.velocity import SprintTotals, Velocity, velocity
from sprintreports.reports.building.told import NO_TEAM, UNKNOWN


@dataclass(frozen=True, slots=True)
class TrendSprint:
    """A closed sprint with its sums by discipline (0: none), and those of all disciplines shown taken together."""

    board_id: int
    board_name: str
    sprint_id: int
    name: str
    start: datetime | None
    close: datetime
    teams: Mapping[int, Totals]
    totals: Totals = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "totals", reduce(add, self.teams.values(), Totals()))


@dataclass(frozen=True, slots=True)
class Sprints:
    """All sprints of a report in order of their close. mixed: boards that count in other units are among them."""

    sprints: tuple[TrendSprint, ...]
    disciplines: Mapping[int, str]
    unit: Unit
    zone: str
    mixed: bool = False

    def team(self, discipline: int) -> str:
        return NO_TEAM if not discipline else self.disciplines.get(discipline) or UNKNOWN


@dataclass(frozen=True, slots=True)
class Line:
    """One board's or team's sprints in order of time, with their sums, those added up, and their figures. carried: the median of
    what was left over; halves: what was completed, the later half against the earlier one.
    """

    name: str
    key: int
    sprints: tuple[TrendSprint, ...]
    totals: tuple[Totals, ...]
    whole: Totals
    figures: Velocity
    carried: float | None
    halves: HalfChange | None


def line(name: str, key: int, found: Sequence[tuple[TrendSprint, Totals]], *, unit: Unit) -> Line:
    """The figures of these sums, which are in order of time."""
    figures = velocity(
        (SprintTotals(one.sprint_id, one.name, one.start, one.close, totals) for one, totals in found),
        last=max(1, len(found)),
        unit=unit,
    )
    totals = tuple(sums for _, sums in found)
    shares = [share for one in totals if (share := left_over(one, unit=unit)) is not None]
    return Line(
        name=name,
        key=key,
        sprints=tuple(one for one, _ in found),
        totals=totals,
        whole=reduce(add, totals, Totals()),
        figures=figures,
        carried=median(shares),
        halves=half_change([one.completed.value(unit) for one in totals]),
    )


def whole(found: Sprints) -> Line:
    """All sprints together, each one value."""
    return line("All", 0, [(one, one.totals) for one in found.sprints], unit=found.unit)


def by_board(found: Sprints) -> list[Line]:
    """A line for each board, by name."""
    grouped: defaultdict[int, list[tuple[TrendSprint, Totals]]] = defaultdict(list)
    for one in found.sprints:
        grouped[one.board_id].append((one, one.totals))
    return _sorted(
        line(rows[0][0].board_name, board, rows, unit=found.unit) for board, rows in grouped.items()
    )


def by_team(found: Sprints) -> list[Line]:
    """A line for each discipline, over the sprints in which it had issues; by name, "No team" last."""
    grouped: defaultdict[int, list[tuple[TrendSprint, Totals]]] = defaultdict(list)
    for one in found.sprints:
        for discipline, totals in one.teams.items():
            grouped[discipline].append((one, totals))
    return _sorted(line(found.team(team), team, rows, unit=found.unit) for team, rows in grouped.items())


def ratios(totals: Totals, unit: Unit) -> tuple[float | None, float | None, float | None]:
    """Say/do, churn and what was left over, of one sprint or team in it."""
    return say_do(totals, unit=unit), churn(totals, unit=unit), left_over(totals, unit=unit)


def _sorted(lines: Iterable[Line]) -> list[Line]:
    return sorted(lines, key=lambda one: (one.name == NO_TEAM, one.name, one.key))


def counted(sprints: Sequence[TrendSprint]) -> str:
    """ "1 sprint", "12 sprints"."""
    return f"{number(len(sprints))} {'sprint' if len(sprints) == 1 else 'sprints'}"
