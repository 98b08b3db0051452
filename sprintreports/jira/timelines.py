"""An issue's history in its packed form: for each attribute a track of (since when, value), oldest first.

The first entry of a track holds from the issue's creation. People and disciplines are our ids, points are thousandths.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TypeVar

import msgspec

from sprintreports.metrics.values import IssueHistory

V = TypeVar("V")
Track = tuple[tuple[datetime, V], ...]


class Timelines(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """All tracks of an issue. `points` has one per field that some board or project estimates with."""

    created: datetime
    is_subtask: bool
    sprints: Track[tuple[int, ...]]
    statuses: Track[str]
    points_field: str
    points: dict[str, Track[int | None]]
    seconds: Track[int | None]
    disciplines: Track[int]
    types: Track[str]
    priorities: Track[str]
    assignees: Track[int | None]
    reporters: Track[int | None]
    owners: Track[int | None]
    parents: Track[int | None]

    def points_by(self, field_id: str | None) -> Track[int | None]:
        """The track of a board's estimation field, or that of the field which the issue's project uses."""
        found = self.points.get(field_id) if field_id else None
        return self.points.get(self.points_field, ()) if found is None else found

    def ever_sprints(self) -> frozenset[int]:
        """The sprints that the issue's own Sprint field has held at any time."""
        return frozenset(sprint for _, sprints in self.sprints for sprint in sprints)


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Timelines)
pack = _encoder.encode
unpack = _decoder.decode


def value_at(track: Track[V], moment: datetime) -> V:
    """The value after all changes at or before `moment`; before the first entry, the first entry's."""
    if len(track) == 1:
        return track[0][1]
    return track[max(bisect_right(track, moment, key=_since) - 1, 0)][1]


def membership(timelines: Timelines, parents: Mapping[int, Timelines]) -> Track[frozenset[int]]:
    """Which sprints the issue was in. A sub-task follows whoever was its parent; an unknown parent was in none."""
    if not timelines.is_subtask:
        return tuple((at, frozenset(sprints)) for at, sprints in timelines.sprints)
    return _without_repeats(_of_parents(timelines, parents))


def history(
    timelines: Timelines,
    issue_id: int,
    *,
    points_field: str | None,
    counts: bool,
    parents: Mapping[int, Timelines],
    removed_at: datetime | None,
) -> IssueHistory:
    """The history as one board sees it: its points field, its rule on sub-tasks (`counts`)."""
    return IssueHistory(
        issue=issue_id,
        created=timelines.created,
        counts=counts,
        sprints=membership(timelines, parents),
        statuses=timelines.statuses,
        points=timelines.points_by(points_field),
        seconds=timelines.seconds,
        disciplines=timelines.disciplines,
        removed_at=removed_at,
    )


def _since(entry: tuple[datetime, object]) -> datetime:
    return entry[0]


def _of_parents(
    timelines: Timelines, parents: Mapping[int, Timelines]
) -> Iterator[tuple[datetime, frozenset[int]]]:
    for number, (since, parent_id) in enumerate(timelines.parents):
        until = timelines.parents[number + 1][0] if number + 1 < len(timelines.parents) else None
        parent = parents.get(parent_id) if parent_id is not None else None
        if parent is None:
            yield since, frozenset()
            continue
        yield since, frozenset(value_at(parent.sprints, since))
        for at, sprints in parent.sprints:
            if at > since and (until is None or at < until):
                yield at, frozenset(sprints)


def _without_repeats(entries: Iterator[tuple[datetime, frozenset[int]]]) -> Track[frozenset[int]]:
    kept: list[tuple[datetime, frozenset[int]]] = []
    for at, sprints in entries:
        if not kept or kept[-1][1] != sprints:
            kept.append((at, sprints))
    return tuple(kept)
