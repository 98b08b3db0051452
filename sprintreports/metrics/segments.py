"""An issue's history cut into segments: intervals in which nothing that a sprint counts changes.

Everything about a sprint is a fold over its segments. They do not depend on the sprint's dates, so a sprint
that is re-opened or whose dates are corrected needs no new segments.
"""

from __future__ import annotations

from datetime import datetime
from operator import itemgetter
from typing import Any, TypeAlias

from sprintreports.metrics.values import BoardRules, IssueHistory, Segment, State

_Spell: TypeAlias = tuple[datetime, datetime | None, bool]
_Run: TypeAlias = tuple[str, State, datetime | None]
_Change: TypeAlias = tuple[datetime, int, Any]

_NONE = (0, None, None, None)
_instant = itemgetter(0)


def sprints_of(history: IssueHistory) -> frozenset[int]:
    """Ids of all sprints that the issue was ever a member of, current or not."""
    return frozenset(sprint for _, ids in history.sprints for sprint in ids)


def segments_of(history: IssueHistory, *, sprint: int, rules: BoardRules) -> tuple[Segment, ...]:
    """The issue's segments in one sprint under one board's rules, ordered and without overlap.

    Neighbouring segments differ in at least one fact; a gap between two is a time outside the sprint. There
    is a segment for unmapped statuses too, since leaving the board's columns is a scope change with a reason.
    Entries of the same instant count as one change, the last one wins. An issue that does not count under
    the sub-task rule has no segments.
    """
    if not history.counts:
        return ()
    spells = _spells(history, sprint)
    if not spells:
        return ()
    facts, changes = _facts_and_changes(history, rules)
    following, count = 0, len(changes)
    segments: list[Segment] = []
    for begin, stop, born in spells:
        while following < count and changes[following][0] <= begin:
            _, slot, value = changes[following]
            facts[slot] = value
            following += 1
        opened, held = begin, tuple(facts)
        while following < count and (stop is None or changes[following][0] < stop):
            at = changes[following][0]
            while following < count and changes[following][0] == at:
                _, slot, value = changes[following]
                facts[slot] = value
                following += 1
            now = tuple(facts)
            if now != held:
                segments.append(_segment(history.issue, held, born=born, span=(opened, at)))
                opened, held = at, now
        segments.append(_segment(history.issue, held, born=born, span=(opened, stop)))
    return tuple(segments)


def _segment(
    issue: int, facts: tuple[Any, ...], *, born: bool, span: tuple[datetime, datetime | None]
) -> Segment:
    discipline, points, seconds, (status, state, done_since) = facts
    return Segment(issue, discipline, points, seconds, state, status, done_since, born, *span)


def _facts_and_changes(history: IssueHistory, rules: BoardRules) -> tuple[list[Any], list[_Change]]:
    """The facts at creation (discipline, points, seconds, status run) and all later changes in time order."""
    tracks = (history.disciplines, history.points, history.seconds, _status_runs(history, rules))
    facts = [track[0][1] if track else none for track, none in zip(tracks, _NONE, strict=True)]
    changes = [(at, slot, value) for slot, track in enumerate(tracks) for at, value in track[1:]]
    # By time alone: the sort is stable, so the last of simultaneous entries of a track wins.
    changes.sort(key=_instant)
    return facts, changes


def _spells(history: IssueHistory, sprint: int) -> list[_Spell]:
    """The times of membership. Entries that keep the membership, or undo it at once, do not cut them."""
    created, gone = history.created, history.removed_at
    spells: list[_Spell] = []
    inside = False
    began = created
    for entry_at, ids in history.sprints:
        if (sprint in ids) is inside:
            continue
        # An imported issue may carry changes dated before its creation: they hold from the creation on.
        at = max(created, entry_at)
        if gone is not None and at >= gone:
            break
        inside = not inside
        if not inside:
            if at > began:
                spells.append((began, at, began == created))
        elif spells and spells[-1][1] == at:
            began = spells.pop()[0]
        else:
            began = at
    if inside and (gone is None or began < gone):
        spells.append((began, gone, began == created))
    return spells


def _status_runs(history: IssueHistory, rules: BoardRules) -> list[tuple[datetime, _Run]]:
    """Statuses, their state and the start of the done run; of one instant's entries the last stays."""
    created = history.created
    runs: list[tuple[datetime, _Run]] = []
    for entry_at, status in history.statuses:
        at = max(created, entry_at)
        if runs and runs[-1][0] == at:
            runs.pop()
        state = rules.state(status)
        since: datetime | None = None
        if state is State.DONE:
            before = runs[-1][1][2] if runs else None
            since = at if before is None else before
        runs.append((at, (status, state, since)))
    return runs
