"""How a plan fares while its sprint runs: what is done, what is next for each team, and what slipped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sprintreports.planning.queue.results import Placement, Queue, Side, TeamQueue
from sprintreports.planning.queue.values import Blocker, Candidate

NEXT = 3


class Standing(StrEnum):
    """DONE. READY: nothing planned before it keeps it back. WAITING: for an issue that is not done. GONE: no longer among
    the issues of the sprint."""

    DONE = "done"
    READY = "ready"
    WAITING = "waiting"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class ItemProgress:
    """An issue that the plan has in. late: it was to be finished by now and is not. waits_for: keys of undone blockers."""

    placement: Placement
    standing: Standing
    late: bool
    waits_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TeamProgress:
    """One team's plan against now. load and done: in the team's unit, of what is in. next: the first that can be begun."""

    team: int | None
    name: str
    load: int
    done: int
    items: tuple[ItemProgress, ...]

    @property
    def next(self) -> tuple[ItemProgress, ...]:
        return tuple(one for one in self.items if one.standing is Standing.READY)[:NEXT]

    @property
    def slipped(self) -> tuple[ItemProgress, ...]:
        """What should have been done by now, or has left the sprint undone."""
        return tuple(one for one in self.items if one.late or one.standing is Standing.GONE)


@dataclass(frozen=True, slots=True)
class Progress:
    """A plan against now. extra: done though it was not in; fresh: issues that the plan does not know, both by number."""

    teams: tuple[TeamProgress, ...]
    extra: tuple[int, ...]
    fresh: tuple[int, ...]


def progress_of(queue: Queue, candidates: Sequence[Candidate], *, now: datetime) -> Progress:
    """The plan as it was kept, held against the sprint's issues as they are now."""
    known = {candidate.issue: candidate for candidate in candidates}
    planned = queue.placements()
    outside = [
        candidate
        for issue, candidate in known.items()
        if issue not in planned or planned[issue].side is not Side.IN
    ]
    ignored = queue.options.ignored
    return Progress(
        teams=tuple(_team(team, known, ignored, now) for team in queue.teams),
        extra=tuple(sorted(one.issue for one in outside if one.done and _was_below(planned.get(one.issue)))),
        fresh=tuple(sorted(one.issue for one in outside if one.issue not in planned and not one.done)),
    )


def _was_below(placement: Placement | None) -> bool:
    return placement is None or placement.side is Side.BELOW


def _team(
    team: TeamQueue, known: Mapping[int, Candidate], ignored: Iterable[tuple[int, int]], now: datetime
) -> TeamProgress:
    links = frozenset(ignored)
    items = tuple(
        _item(placement, known, links, now) for placement in team.placements if placement.side is Side.IN
    )
    return TeamProgress(
        team.team,
        team.name,
        load=sum(one.placement.load for one in items),
        done=sum(one.placement.load for one in items if one.standing is Standing.DONE),
        items=items,
    )


def _item(
    placement: Placement,
    known: Mapping[int, Candidate],
    ignored: frozenset[tuple[int, int]],
    now: datetime,
) -> ItemProgress:
    candidate = known.get(placement.issue)
    late = placement.finish is not None and placement.finish < now
    if candidate is None:
        return ItemProgress(placement, Standing.GONE, late=False)
    if candidate.done:
        return ItemProgress(placement, Standing.DONE, late=False)
    waits = tuple(
        blocker.key
        for blocker in candidate.blockers
        if (blocker.issue, candidate.issue) not in ignored and not _done(blocker, known)
    )
    return ItemProgress(placement, Standing.WAITING if waits else Standing.READY, late, waits)


def _done(blocker: Blocker, known: Mapping[int, Candidate]) -> bool:
    found = known.get(blocker.issue)
    return found.done if found is not None else blocker.done
