"""The rows of a sprint, added up by team and by label."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from operator import add
from typing import TypeAlias

from sprintreports.metrics.scope import Outcome
from sprintreports.metrics.totals import (
    Parts,
    Tally,
    Totals,
    end_parts,
    entry_parts,
    excluded_parts,
    transfer_parts,
)
from sprintreports.metrics.values import NOTHING, Amount


class Dimension(StrEnum):
    TEAM = "team"
    TYPE = "type"
    STATUS = "status"
    PRIORITY = "priority"
    ASSIGNEE = "assignee"
    STAKEHOLDER = "stakeholder"


@dataclass(frozen=True, slots=True)
class IssueRow:
    """One issue of a sprint with what readers group and search by. People are internal ids, None for nobody.

    stakeholder: the Owner field where it is set (stakeholder_is_owner), else the reporter.
    """

    outcome: Outcome
    key: str
    summary: str
    type: str
    priority: str
    status_name: str
    assignee: int | None
    stakeholder: int | None
    stakeholder_is_owner: bool


@dataclass(frozen=True, slots=True)
class Excluded:
    """A member of the sprint that the report leaves out, and why (`excluded_reason`)."""

    issue: int
    discipline: int
    reason: str


@dataclass(frozen=True, slots=True)
class Breakdown:
    """The sums of one label of a dimension. Teams and people are labelled by id, nobody by "", no team by "0"."""

    dimension: Dimension
    label: str
    totals: Totals


@dataclass(frozen=True, slots=True)
class Transfer:
    """Issues that changed the team during the sprint. None: a team outside the slice."""

    source: int | None
    target: int | None
    amount: Amount


@dataclass(frozen=True, slots=True)
class TeamReport:
    """One discipline's part: what it started with, what it ended with, and what moved in and out between."""

    discipline: int
    totals: Totals
    transferred_in: Amount
    transferred_out: Amount
    breakdowns: tuple[Breakdown, ...]
    excluded: Mapping[str, int]


_Tallies: TypeAlias = defaultdict[tuple[int, Dimension, str], Tally]


def merge_teams(teams: Sequence[TeamReport]) -> tuple[Totals, tuple[Breakdown, ...], Mapping[str, int]]:
    """Totals, breakdowns and exclusions of several teams taken together."""
    totals = reduce(add, (team.totals for team in teams), Totals())
    parts = merge_breakdowns(part for team in teams for part in team.breakdowns)
    excluded: Counter[str] = Counter()
    for team in teams:
        excluded.update(team.excluded)
    return totals, parts, dict(excluded)


def team_reports(rows: Sequence[IssueRow], *, excluded: Iterable[Excluded] = ()) -> tuple[TeamReport, ...]:
    """One report for each discipline that an issue started in, ended in or was left out of, by id."""
    tallies: _Tallies = defaultdict(Tally)
    reasons: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for row in rows:
        outcome = row.outcome
        origin, target = outcome.discipline_initial, outcome.discipline
        if origin == target:
            _spread(tallies, row, target, entry_parts(outcome) + end_parts(outcome))
        else:
            moved = transfer_parts(outcome)
            _spread(tallies, row, target, end_parts(outcome) + moved)
            _spread(tallies, row, origin, entry_parts(outcome) + [(place, -value) for place, value in moved])
    for item in excluded:
        tallies[item.discipline, Dimension.TEAM, str(item.discipline)].add(excluded_parts())
        reasons[item.discipline][item.reason] += 1
    return _assemble(tallies, transfers_of(rows), reasons)


def transfers_of(rows: Iterable[IssueRow]) -> tuple[Transfer, ...]:
    """The moves between teams, by the team at the start or entry and the team at the end; in id order.

    Valued at the initial estimates. An issue that came back to its first team did not move.
    """
    moved: defaultdict[tuple[int, int], Amount] = defaultdict(lambda: NOTHING)
    for row in rows:
        outcome = row.outcome
        if outcome.discipline_initial != outcome.discipline:
            moved[outcome.discipline_initial, outcome.discipline] += Amount.of(outcome.initial)
    return tuple(
        Transfer(source, target, amount) for (source, target), amount in sorted(moved.items(), key=_teams)
    )


def slice_transfers(transfers: Iterable[Transfer], disciplines: Collection[int]) -> tuple[Transfer, ...]:
    """The moves that touch these teams; a team outside is None, so that a slice does not tell of others."""
    moved: defaultdict[tuple[int | None, int | None], Amount] = defaultdict(lambda: NOTHING)
    for transfer in transfers:
        source = transfer.source if transfer.source in disciplines else None
        target = transfer.target if transfer.target in disciplines else None
        if source is not None or target is not None:
            moved[source, target] += transfer.amount
    return tuple(Transfer(source, target, amount) for (source, target), amount in moved.items())


def merge_breakdowns(parts: Iterable[Breakdown]) -> tuple[Breakdown, ...]:
    """Breakdowns of several teams as one, ordered by dimension and label."""
    merged: dict[tuple[Dimension, str], Totals] = {}
    for part in parts:
        place = part.dimension, part.label
        merged[place] = merged[place] + part.totals if place in merged else part.totals
    return tuple(
        Breakdown(dimension, label, merged[dimension, label])
        for dimension, label in sorted(merged, key=_label)
    )


def _spread(tallies: _Tallies, row: IssueRow, team: int, parts: Parts) -> None:
    tallies[team, Dimension.TEAM, str(team)].add(parts)
    tallies[team, Dimension.TYPE, row.type].add(parts)
    tallies[team, Dimension.STATUS, row.status_name].add(parts)
    tallies[team, Dimension.PRIORITY, row.priority].add(parts)
    tallies[team, Dimension.ASSIGNEE, _person(row.assignee)].add(parts)
    tallies[team, Dimension.STAKEHOLDER, _person(row.stakeholder)].add(parts)


def _assemble(
    tallies: _Tallies, transfers: Sequence[Transfer], reasons: Mapping[int, Mapping[str, int]]
) -> tuple[TeamReport, ...]:
    parts: defaultdict[int, list[Breakdown]] = defaultdict(list)
    for (team, dimension, label), tally in tallies.items():
        parts[team].append(Breakdown(dimension, label, tally.totals()))
    return tuple(
        TeamReport(
            discipline=team,
            totals=tallies[team, Dimension.TEAM, str(team)].totals(),
            transferred_in=_sum(move.amount for move in transfers if move.target == team),
            transferred_out=_sum(move.amount for move in transfers if move.source == team),
            breakdowns=merge_breakdowns(parts[team]),
            excluded=dict(reasons.get(team, {})),
        )
        for team in sorted(parts)
    )


def _sum(amounts: Iterable[Amount]) -> Amount:
    return reduce(add, amounts, NOTHING)


def _person(person: int | None) -> str:
    return "" if person is None else str(person)


def _label(place: tuple[Dimension, str]) -> tuple[int, str]:
    return _DIMENSIONS[place[0]], place[1]


def _teams(item: tuple[tuple[int, int], Amount]) -> tuple[int, int]:
    return item[0]


_DIMENSIONS = {dimension: place for place, dimension in enumerate(Dimension)}
