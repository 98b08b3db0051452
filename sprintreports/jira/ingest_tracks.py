"""A field's track out of its changes and its current value, walking the changelog backwards where it must."""

from collections.abc import Sequence
from datetime import datetime
from typing import Generic, TypeVar

import msgspec

from sprintreports.jira.ingest_values import NotReadable
from sprintreports.jira.timelines import Track

V = TypeVar("V")


class FieldChange(msgspec.Struct, Generic[V], frozen=True, gc=False):
    """One change of one field; either side may be unreadable."""

    at: datetime
    before: V | NotReadable
    after: V | NotReadable


class Rebuilt(msgspec.Struct, Generic[V], frozen=True, gc=False):
    """The track, and in how many places the changelog contradicts itself or the current value."""

    track: Track[V]
    gaps: int


def rebuild(created: datetime, changes: Sequence[FieldChange[V]], current: V, *, unknown: V) -> Rebuilt[V]:
    """The field's values over time. `changes` are in order; what no source tells is `unknown`.

    The first value is what the first change says was there before. Where a change contradicts the one before it, each
    change is believed from its own moment on. From the last change on, the current value is believed.
    """
    if not changes:
        return Rebuilt(((created, current),), 0)
    first = changes[0].before
    entries: list[tuple[datetime, V]] = [(created, unknown if isinstance(first, NotReadable) else first)]
    gaps = 0
    for number, change in enumerate(changes):
        if number and not isinstance(change.before, NotReadable) and change.before != entries[-1][1]:
            gaps += 1
        after = change.after
        if isinstance(after, NotReadable):
            following = changes[number + 1].before if number + 1 < len(changes) else current
            after = entries[-1][1] if isinstance(following, NotReadable) else following
        entries.append((max(change.at, created), after))
    if entries[-1][1] != current:
        gaps += 1
        entries[-1] = (entries[-1][0], current)
    return Rebuilt(_compact(entries), gaps)


def _compact(entries: Sequence[tuple[datetime, V]]) -> Track[V]:
    """One entry an instant (the last said), and none that changes nothing."""
    kept: list[tuple[datetime, V]] = []
    for at, value in entries:
        if kept and kept[-1][0] == at:
            kept.pop()
        if not kept or kept[-1][1] != value:
            kept.append((at, value))
    return tuple(kept)
