"""Two plans of one sprint side by side: what is in only one of them, and what stands elsewhere, each with both reasons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sprintreports.planning.queue.reasons import reason_in_words
from sprintreports.planning.queue.replan import Change, Move, changes
from sprintreports.planning.queue.results import Placement, Queue, Side, TeamQueue

NOT_THERE = "It is not among the issues of this plan."


class Standing(StrEnum):
    """ONLY_FIRST, ONLY_SECOND: in one plan and not in the other. TEAM: in both, for another team. PLACE: in both, of those
    that change the order of a team as few as possible."""

    ONLY_FIRST = "only_first"
    ONLY_SECOND = "only_second"
    TEAM = "team"
    PLACE = "place"


@dataclass(frozen=True, slots=True)
class Difference:
    """An issue that two plans treat differently. None: it is not among the issues of that plan."""

    standing: Standing
    issue: int
    key: str
    first: Placement | None
    second: Placement | None


@dataclass(frozen=True, slots=True)
class TeamPair:
    """One team in both plans, with what differs. None: that plan has no such team."""

    team: int | None
    name: str
    first: TeamQueue | None
    second: TeamQueue | None
    differences: tuple[Difference, ...]

    def of(self, standing: Standing) -> tuple[Difference, ...]:
        return tuple(one for one in self.differences if one.standing is standing)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two plans, team by team. same: how many issues are in both, for the same team and in the same order."""

    first: Queue
    second: Queue
    teams: tuple[TeamPair, ...]
    same: int

    def count(self, standing: Standing) -> int:
        return sum(len(team.of(standing)) for team in self.teams)


def compared(first: Queue, second: Queue) -> Comparison:
    """An issue that changes its team is told under the team that has it in the second plan."""
    found = [one for change in changes(first, second) if (one := _difference(change)) is not None]
    by_team: dict[int | None, list[Difference]] = {}
    for one in found:
        by_team.setdefault(_home(one), []).append(one)
    ones, others = ({team.team: team for team in queue.teams} for queue in (first, second))
    both = {issue for issue, one in first.placements().items() if one.side is Side.IN} & {
        issue for issue, one in second.placements().items() if one.side is Side.IN
    }
    moved = {one.issue for one in found if one.standing in (Standing.TEAM, Standing.PLACE)}
    return Comparison(
        first,
        second,
        tuple(
            TeamPair(
                team,
                (others.get(team) or ones[team]).name,
                ones.get(team),
                others.get(team),
                tuple(_in_order(by_team.get(team, ()))),
            )
            for team in dict.fromkeys((*ones, *others))
        ),
        len(both - moved),
    )


def in_words(one: Difference, comparison: Comparison, *, names: Mapping[int, str]) -> tuple[str, str]:
    """Why the issue is where it is, in the first plan and in the second. names: of people."""
    return (
        _told(one.first, comparison.first, names),
        _told(one.second, comparison.second, names),
    )


def _told(placement: Placement | None, queue: Queue, names: Mapping[int, str]) -> str:
    if placement is None:
        return NOT_THERE
    place = f"Position {placement.position}. " if placement.side is Side.IN else ""
    return place + reason_in_words(placement, queue, names=names)


def _difference(change: Change) -> Difference | None:
    """What is in neither plan is no difference between them, nor is another timing that leaves an issue in its place."""
    if change.move is Move.TIMED:
        return None
    before, after = _inside(change.before), _inside(change.after)
    if not before and not after:
        return None
    if before and after:
        standing = Standing.TEAM if change.move is Move.TEAM else Standing.PLACE
    else:
        standing = Standing.ONLY_FIRST if before else Standing.ONLY_SECOND
    return Difference(standing, change.issue, change.key, change.before, change.after)


def _inside(placement: Placement | None) -> bool:
    return placement is not None and placement.side is Side.IN


def _home(one: Difference) -> int | None:
    """The team whose plan the issue is in: the second's, if it is in there."""
    if one.standing is Standing.ONLY_FIRST and one.first is not None:
        return one.first.team
    return one.second.team if one.second is not None else None


def _in_order(differences: Iterable[Difference]) -> list[Difference]:
    """By kind, then by position."""
    order = list(Standing)

    def place(one: Difference) -> tuple[int, int, str]:
        shown = one.first if one.standing is Standing.ONLY_FIRST else one.second
        return order.index(one.standing), 0 if shown is None else shown.position, one.key

    return sorted(differences, key=place)
