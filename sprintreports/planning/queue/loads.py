"""What each candidate weighs and what each team can hold, in the unit that the team plans in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median_low

from sprintreports.kit.errors import Invalid
from sprintreports.metrics.values import Amount, Estimate, Unit
from sprintreports.planning.queue.options import Options, Unestimated
from sprintreports.planning.queue.values import Candidate, Inputs, TeamLimit


@dataclass(frozen=True, slots=True)
class Room:
    """A team as the queue sees it. limit: after buffer and changes, never below 0. known: it was given a limit."""

    team: int | None
    name: str
    unit: Unit
    limit: int
    known: bool


@dataclass(frozen=True, slots=True)
class Loads:
    """Per candidate, in the order they were given: its load, and whether that is assumed or unusable."""

    loads: Sequence[int]
    assumed: frozenset[int]
    unusable: frozenset[int]


def amount_in(amount: Amount, unit: Unit) -> int:
    """The amount as the integer of its unit: thousandths of a point, seconds, issues."""
    if unit is Unit.POINTS:
        return amount.points
    return amount.seconds if unit is Unit.HOURS else amount.count


def estimate_in(estimate: Estimate, unit: Unit) -> int | None:
    """The estimate as the integer of its unit. None: not estimated in it."""
    if unit is Unit.COUNT:
        return 1
    return estimate.points if unit is Unit.POINTS else estimate.seconds


def rooms_of(inputs: Inputs, teams: Iterable[int | None], options: Options) -> list[Room]:
    """The teams that have a limit or a candidate, by id, the one without a team last. teams: of the candidates.

    Raises Invalid when a team has two limits.
    """
    twice = [team for team, times in Counter(limit.team for limit in inputs.limits).items() if times > 1]
    if twice:
        raise Invalid(f"Team {twice[0]} has two limits. Give one for each team.")
    limits = {limit.team: limit for limit in inputs.limits}
    seen = {*teams, *limits}
    return [
        _room(team, limits.get(team), options)
        for team in sorted(seen, key=lambda team: (team is None, team or 0))
    ]


def loads_of(candidates: Sequence[Candidate], units: Mapping[int | None, Unit], options: Options) -> Loads:
    """What each candidate weighs in its team's unit; a negative estimate counts as none.

    Without an estimate it weighs what `options.unestimated` says: the (low) median of its team's estimated
    candidates, of all that plan in the unit where the team has none, else one point or one hour.
    """
    found = _estimates(candidates, units)
    known = [load for load in found if load is not None]
    if len(known) == len(found) and min(known, default=0) >= 0:
        return Loads(known, frozenset(), frozenset())
    unusable = frozenset(at for at, load in enumerate(found) if load is not None and load < 0)
    missing = unusable | {at for at, load in enumerate(found) if load is None}
    by_team: dict[int | None, list[int]] = {}
    by_unit: dict[Unit, list[int]] = {}
    for at, candidate in enumerate(candidates):
        load = found[at]
        if load is not None and at not in missing:
            by_team.setdefault(candidate.team, []).append(load)
            by_unit.setdefault(units[candidate.team], []).append(load)
    middle = {team: median_low(loads) for team, loads in by_team.items()}
    usual = {unit: median_low(loads) for unit, loads in by_unit.items()}
    one = {Unit.POINTS: 1000, Unit.HOURS: 3600, Unit.COUNT: 1}

    def assumed(candidate: Candidate) -> int:
        unit = units[candidate.team]
        return middle.get(candidate.team, usual.get(unit, one[unit]))

    median = options.unestimated is Unestimated.MEDIAN
    loads = [
        (assumed(candidates[at]) if median else 0) if at in missing else (load or 0)
        for at, load in enumerate(found)
    ]
    return Loads(loads, frozenset(missing), unusable)


def _estimates(candidates: Sequence[Candidate], units: Mapping[int | None, Unit]) -> list[int | None]:
    kinds = set(units.values())
    if kinds == {Unit.POINTS}:
        return [candidate.estimate.points for candidate in candidates]
    if kinds == {Unit.HOURS}:
        return [candidate.estimate.seconds for candidate in candidates]
    return [estimate_in(candidate.estimate, units[candidate.team]) for candidate in candidates]


def _room(team: int | None, limit: TeamLimit | None, options: Options) -> Room:
    if limit is None:
        name = "No team" if team is None else f"Team {team}"
        given = max(0, options.extra.get(team, 0))
        return Room(team, name, options.unit or Unit.POINTS, given, known=False)
    unit = options.unit or limit.unit
    whole = max(0, amount_in(limit.capacity, unit) + options.extra.get(team, 0))
    return Room(team, limit.name, unit, whole * (100 - options.buffer) // 100, known=True)
