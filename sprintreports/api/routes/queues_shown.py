"""What lists of a queue that was made have in common, kept or not: filters, order, and the names of what is on a page alone."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import Query, Request

from sprintreports.api.answers import Many, cut, many
from sprintreports.api.door import Asked
from sprintreports.api.listing import Asking
from sprintreports.api.parameters import OptionalId, Search
from sprintreports.api.schemas.queue_results import QueueConflictOut, QueueIssueOut, QueueMoveOut, Row
from sprintreports.kit.paging import Sort
from sprintreports.planning.queue.replan import Change, Move
from sprintreports.planning.queue.results import Conflict, ConflictKind, Placement, Queue, Severity, Side
from sprintreports.planning.queues import naming, serving
from sprintreports.planning.queues.exports.lines import Names
from sprintreports.planning.queues.store import QueueInfo
from sprintreports.planning.queues.stored_results import named

TeamChoice = Annotated[
    int | None, Query(ge=0, le=2**63 - 1, description="issues of this team alone; 0: those of no team")
]
_ISSUES: Mapping[str, Callable[[Row], Any]] = {
    "position": lambda row: row.one.position or None,
    "place": lambda row: row.one.place or None,
    "key": lambda row: row.one.key.casefold(),
    "team_name": lambda row: row.team.name.casefold(),
    "side": lambda row: list(Side).index(row.one.side),
    "round": lambda row: row.one.round or None,
    "load": lambda row: row.one.load,
    "start": lambda row: row.one.start,
    "finish": lambda row: row.one.finish,
}
ISSUE_ORDERS = tuple(_ISSUES)
CONFLICT_ORDERS = ("severity", "kind", "team_id")
MOVE_ORDERS = ("key", "move")


@dataclass(frozen=True, slots=True)
class IssueFilters:
    """Which issues of a queue are asked for."""

    team: TeamChoice = None
    side: Annotated[Side | None, Query()] = None
    stakeholder: OptionalId = None
    search: Search = ""

    def rows(self, queue: Queue, sort: Sort) -> list[Row]:
        """In the order of the teams and their positions, unless sorted."""
        wanted = self.search.strip().casefold()
        found = [
            Row(team, one)
            for team in queue.teams
            if self.team is None or (team.team or 0) == self.team
            for one in team.placements
            if (self.side is None or one.side is self.side)
            and (self.stakeholder is None or one.stakeholder == self.stakeholder)
            and (not wanted or wanted in one.key.casefold())
        ]
        for by in reversed(sort):
            found = _sorted(found, _ISSUES[by.name], descending=by.descending)
        return found


@dataclass(frozen=True, slots=True)
class ConflictFilters:
    """Which conflicts of a queue are asked for."""

    team: TeamChoice = None
    kind: Annotated[ConflictKind | None, Query()] = None
    severity: Annotated[Severity | None, Query()] = None

    def rows(self, queue: Queue, sort: Sort) -> list[Conflict]:
        """The worst first, unless sorted."""
        placed: Mapping[int, Placement] = queue.placements() if self.team is not None else {}
        found = [
            one
            for one in queue.conflicts
            if (self.kind is None or one.kind is self.kind)
            and (self.severity is None or one.severity is self.severity)
            and (self.team is None or self.team in _teams_of(one, placed))
        ]
        getters: Mapping[str, Callable[[Conflict], Any]] = {
            "severity": lambda one: list(Severity).index(one.severity),
            "kind": lambda one: one.kind,
            "team_id": lambda one: one.team,
        }
        found = _sorted(found, getters["severity"], descending=False)
        for by in reversed(sort):
            found = _sorted(found, getters[by.name], descending=by.descending)
        return found


async def issues(
    request: Request, asked: Asked, info: QueueInfo, queue: Queue, filters: IssueFilters, asking: Asking
) -> Many[QueueIssueOut]:
    """A page of a queue's issues."""
    page = cut(await asyncio.to_thread(filters.rows, queue, asking.sort), asking)
    names = await names_for(asked, info, queue, (row.one for row in page.items))
    return many(request, page, lambda row: QueueIssueOut.of(row, queue, names), asking.fields)


async def conflicts(
    request: Request, asked: Asked, info: QueueInfo, queue: Queue, filters: ConflictFilters, asking: Asking
) -> Many[QueueConflictOut]:
    """A page of a queue's conflicts."""
    page = cut(await asyncio.to_thread(filters.rows, queue, asking.sort), asking)
    few = replace(queue, teams=(), conflicts=tuple(page.items))
    names = await naming.names_of(asked.session, serving.reader(asked.viewer), info, few)
    shown = replace(page, items=list(named(few, names.people).conflicts))
    return many(request, shown, QueueConflictOut.of, asking.fields)


def moves(
    found: Iterable[Change], *, team: int | None = None, move: Move | None = None, sort: Sort = ()
) -> list[Change]:
    """What moved, by key unless sorted."""
    rows = [
        one
        for one in found
        if (move is None or one.move is move)
        and (team is None or team in {(at.team or 0) for at in (one.before, one.after) if at is not None})
    ]
    getters: Mapping[str, Callable[[Change], Any]] = {
        "key": lambda one: one.key.casefold(),
        "move": lambda one: one.move,
    }
    for by in reversed(sort):
        rows = _sorted(rows, getters[by.name], descending=by.descending)
    return rows


async def moved(
    asked: Asked, info: QueueInfo, before: Queue, after: Queue, changes: Iterable[Change]
) -> list[QueueMoveOut]:
    """What moved, with the reasons on both sides."""
    listed = list(changes)
    people: dict[int, str] = {}
    for queue, side in ((before, "before"), (after, "after")):
        placed = [at for one in listed if (at := getattr(one, side)) is not None]
        people |= (await names_for(asked, info, queue, placed)).people
    return [QueueMoveOut.of(one, before, after, people) for one in listed]


async def names_for(asked: Asked, info: QueueInfo, queue: Queue, placed: Iterable[Placement]) -> Names:
    """Of the people and issues of these placements alone."""
    by_team: dict[int | None, list[Placement]] = {}
    for one in placed:
        by_team.setdefault(one.team, []).append(one)
    teams = tuple(replace(team, placements=tuple(by_team.get(team.team, ()))) for team in queue.teams)
    few = replace(queue, teams=teams, conflicts=())
    return await naming.names_of(asked.session, serving.reader(asked.viewer), info, few)


def _teams_of(conflict: Conflict, placed: Mapping[int, Placement]) -> set[int]:
    if conflict.team is not None:
        return {conflict.team}
    return {placed[issue].team or 0 for issue in conflict.issues if issue in placed}


def _sorted(rows: list[Any], get: Callable[[Any], Any], *, descending: bool) -> list[Any]:
    """What is not known comes last either way."""
    known = [(value, row) for row in rows if (value := get(row)) is not None]
    known.sort(key=lambda pair: pair[0], reverse=descending)
    return [*(row for _, row in known), *(row for row in rows if get(row) is None)]
