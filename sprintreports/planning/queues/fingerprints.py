"""What names one state of a queue's inputs, to tell whether Jira, or the capacity, has moved on since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import TypeVar

import msgspec

from sprintreports.planning.queue.values import Candidate, Inputs, Person, Sprint, TeamLimit, WorkingTime
from sprintreports.planning.queues.encoding import in_utc, timing_in_utc

V = TypeVar("V")
_Stretch = tuple[str, str]


class _Wire(msgspec.Struct, frozen=True):
    candidates: tuple[Candidate, ...]
    limits: tuple[TeamLimit, ...]
    sprint: _Stretch
    people: tuple[tuple[int, tuple[tuple[int | None, tuple[int, int, int]], ...], tuple[_Stretch, ...]], ...]
    hours: tuple[tuple[int | None, tuple[_Stretch, ...]], ...]


def fingerprint(inputs: Inputs) -> bytes:
    """Of the inputs in whatever order they come. Names of people are no part of it, nor is who asks, nor what Jira calls a class."""
    wire = _Wire(
        candidates=tuple(
            replace(one, timing=timing_in_utc(one.timing), told="")
            for one in sorted(inputs.candidates, key=lambda one: one.issue)
        ),
        limits=tuple(sorted(inputs.limits, key=lambda one: (one.team is None, one.team or 0))),
        sprint=(_text(inputs.sprint.start), _text(inputs.sprint.end)),
        people=tuple(_person(one) for one in sorted(inputs.people, key=lambda one: one.person)),
        hours=tuple(
            (team, _stretches(inputs.sprint, calendar)) for team, calendar in _by_team(inputs.calendars)
        ),
    )
    return sha256(msgspec.json.encode(wire, order="deterministic")).digest()


def _stretches(sprint: Sprint, calendar: WorkingTime) -> tuple[_Stretch, ...]:
    if sprint.start is None or sprint.end is None:
        return ()
    return tuple(
        (_text(since), _text(until)) for since, until in calendar.stretches(sprint.start, sprint.end)
    )


def _person(
    one: Person,
) -> tuple[int, tuple[tuple[int | None, tuple[int, int, int]], ...], tuple[_Stretch, ...]]:
    limits = tuple(
        (team, (amount.points, amount.seconds, amount.count)) for team, amount in _by_team(one.limits)
    )
    return one.person, limits, tuple((_text(away.start), _text(away.end)) for away in one.absences)


def _by_team(mapping: Mapping[int | None, V]) -> list[tuple[int | None, V]]:
    return sorted(mapping.items(), key=lambda pair: (pair[0] is None, pair[0] or 0))


def _text(at: datetime | None) -> str:
    found = in_utc(at)
    return "" if found is None else found.isoformat()
