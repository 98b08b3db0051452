"""A whole queue as stored bytes and back: canonical JSON in a format of its own number, compressed.

A format is read for good. Who changes what a queue says raises FORMAT and keeps a reader of the old one.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC
from typing import Any

import msgspec
from msgspec import structs

from sprintreports.kit.errors import Invalid, SprintReportsError
from sprintreports.planning.queue.results import (
    Bound,
    Conflict,
    ConflictKind,
    Fairness,
    InJira,
    Placement,
    Queue,
    Severity,
    Suggestion,
    TeamQueue,
)
from sprintreports.planning.queues.encoding import (
    OptionsWire,
    change_json,
    edit_of,
    in_utc,
    options_from,
    options_wire,
    timing_in_utc,
)

FORMAT = 2  # 1: before queues knew how Jira schedules an issue
MOST_BYTES = 64 * 2**20
_LEVEL = 3  # quick, and JSON of this kind hardly gets smaller by more


class Unreadable(SprintReportsError):
    """This version of the queue was stored by a newer release, or is damaged. Update Sprint Reports, or restore a backup."""


class _SuggestionWire(msgspec.Struct, frozen=True):
    words: str
    edit: dict[str, Any]


class _ConflictWire(msgspec.Struct, frozen=True):
    kind: ConflictKind
    severity: Severity
    words: str
    issues: tuple[int, ...] = ()
    team: int | None = None
    person: int | None = None
    suggestions: tuple[_SuggestionWire, ...] = ()


class _BoundWire(msgspec.Struct, frozen=True):
    """Values may be larger than JSON's readers like their numbers: they are text."""

    value: str
    bound: str
    proven: bool
    stopped: bool = False


class _QueueWire(msgspec.Struct, frozen=True):
    format: int
    options: OptionsWire
    teams: tuple[TeamQueue, ...]
    fairness: Fairness
    conflicts: tuple[_ConflictWire, ...]
    value: str
    bound: _BoundWire | None = None
    in_jira: tuple[tuple[int, InJira], ...] = ()


def as_json(queue: Queue) -> bytes:
    """The queue as canonical JSON: equal queues are equal bytes. People are numbers in it."""
    return msgspec.json.encode(
        _QueueWire(
            format=FORMAT,
            options=options_wire(queue.options),
            teams=tuple(_team(team) for team in queue.teams),
            fairness=queue.fairness,
            conflicts=tuple(_conflict(one) for one in queue.conflicts),
            value=str(queue.value),
            bound=None if queue.bound is None else _bound(queue.bound),
            in_jira=tuple(
                (issue, replace(one, timing=timing_in_utc(one.timing)))
                for issue, one in sorted(queue.in_jira.items())
            ),
        ),
        order="deterministic",
    )


def from_json(body: bytes, *, format_: int = FORMAT) -> Queue:
    """The queue of JSON in this format. Raises Unreadable."""
    reader = _READERS.get(format_)
    if reader is None:
        raise Unreadable
    try:
        return reader(body)
    except (msgspec.DecodeError, Invalid, ValueError) as error:
        raise Unreadable from error


def packed(queue: Queue) -> bytes:
    """As it is stored."""
    return zlib.compress(as_json(queue), _LEVEL)


def unpacked(body: bytes, *, format_: int) -> Queue:
    """The queue that was stored. Raises Unreadable."""
    reading = zlib.decompressobj()
    try:
        plain = reading.decompress(body, MOST_BYTES)
    except zlib.error as error:
        raise Unreadable from error
    if reading.unconsumed_tail or not reading.eof:
        raise Unreadable
    return from_json(plain, format_=format_)


def named(queue: Queue, names: Mapping[int, str]) -> Queue:
    """The queue for people to read: its conflicts name people, whom the stored sentences know by number alone."""
    if not names:
        return queue
    return replace(queue, conflicts=tuple(_named(one, names) for one in queue.conflicts))


def _named(one: Conflict, names: Mapping[int, str]) -> Conflict:
    if one.person is None or not names.get(one.person):
        return one
    return replace(one, words=one.words.replace(f"Person {one.person} ", f"{names[one.person]} ", 1))


def _team(team: TeamQueue) -> TeamQueue:
    placements = tuple(map(_placement, team.placements))
    return replace(team, placements=placements)


def _placement(one: Placement) -> Placement:
    """Its times in UTC: those of hard-scheduled work come as somebody gave them."""
    start, finish = one.start, one.finish
    if (start is None or start.tzinfo is UTC) and (finish is None or finish.tzinfo is UTC):
        return one
    return structs.replace(one, start=in_utc(start), finish=in_utc(finish))


def _conflict(one: Conflict) -> _ConflictWire:
    suggestions = tuple(_SuggestionWire(each.words, change_json(each.edit)) for each in one.suggestions)
    return _ConflictWire(one.kind, one.severity, one.words, one.issues, one.team, one.person, suggestions)


def _bound(bound: Bound) -> _BoundWire:
    return _BoundWire(str(bound.value), str(bound.bound), bound.proven, bound.stopped)


def _read(body: bytes) -> Queue:
    wire = msgspec.json.decode(body, type=_QueueWire)
    conflicts = tuple(
        Conflict(
            one.kind,
            one.severity,
            one.words,
            one.issues,
            one.team,
            one.person,
            tuple(Suggestion(each.words, edit_of(each.edit)) for each in one.suggestions),
        )
        for one in wire.conflicts
    )
    bound = wire.bound
    return Queue(
        options=options_from(wire.options),
        teams=wire.teams,
        fairness=wire.fairness,
        conflicts=conflicts,
        value=int(wire.value),
        bound=None
        if bound is None
        else Bound(int(bound.value), int(bound.bound), bound.proven, bound.stopped),
        in_jira=dict(wire.in_jira),
    )


# The second format only adds to the first.
_READERS: Mapping[int, Callable[[bytes], Queue]] = {1: _read, 2: _read}
