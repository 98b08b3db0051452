"""A snapshot as canonical bytes and back, and the hash that holds it to what it was.

The bytes are JSON: keys in order, times in UTC, amounts as integers, the number of the schema first. Equal snapshots are equal
bytes, and whatever differs makes other bytes. The hash is of these bytes, so that how they are compressed may change.

A schema is read for good. Who changes what a snapshot says raises SCHEMA and keeps a reader of the old one; a stored sample of
each is in tests/unit/reports/stored/.
"""

from __future__ import annotations

import hashlib
import hmac
import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import cast

import msgspec

from sprintreports.jira.uncollected import uncollected
from sprintreports.kit.errors import SprintReportsError
from sprintreports.metrics.scope import Outcome, ScopeEvent
from sprintreports.metrics.sprint_report import SprintReport
from sprintreports.reports.snapshot import QueueLine, Snapshot, SnapshotIssue, SnapshotQueue

SCHEMA = 2
MOST_BYTES = 256 * 2**20
_LEVEL = 3  # quick, and JSON of this kind hardly gets smaller by more


class NotAsItWas(SprintReportsError):
    """This baseline is not what was frozen: its hash does not match its content. Restore it from a backup, and find out who changed it."""

    # Which one it is, where that is known: the door that meets it writes it into the audit log (`alarms.py`).
    baseline_id: int | None = None


class Unreadable(SprintReportsError):
    """This baseline was stored by a newer release. Update Sprint Reports."""


class _Stored(msgspec.Struct, frozen=True):
    schema: int
    snapshot: Snapshot


class _Numbered(msgspec.Struct, frozen=True):
    schema: int


def canonical(snapshot: Snapshot) -> bytes:
    """The snapshot as JSON in the form of SCHEMA."""
    return msgspec.json.encode(_Stored(SCHEMA, _settled(snapshot)), order="deterministic")


def digest_of(body: bytes) -> bytes:
    """SHA-256 over canonical bytes."""
    return hashlib.sha256(body).digest()


def packed(body: bytes) -> bytes:
    """Canonical bytes as they are stored."""
    return zlib.compress(body, _LEVEL)


def unpacked(content: bytes) -> bytes:
    """The canonical bytes that were stored. Raises NotAsItWas where they are damaged."""
    reading = zlib.decompressobj()
    try:
        body = reading.decompress(content, MOST_BYTES)
    except zlib.error as error:
        raise NotAsItWas from error
    if reading.unconsumed_tail or not reading.eof:
        raise NotAsItWas
    return body


def verify(body: bytes, digest: bytes) -> None:
    """Raises NotAsItWas unless the bytes have this hash."""
    if not hmac.compare_digest(digest_of(body), digest):
        raise NotAsItWas


def snapshot_of(body: bytes) -> Snapshot:
    """The snapshot of canonical bytes of any schema there ever was. Raises Unreadable, NotAsItWas."""
    try:
        schema = msgspec.json.decode(body, type=_Numbered).schema
        reader = _READERS.get(schema)
        if reader is None:
            raise Unreadable
        with uncollected():
            return reader(body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise NotAsItWas from error


def _present_schema(body: bytes) -> Snapshot:
    return msgspec.json.decode(body, type=_Stored).snapshot


def _first_schema(body: bytes) -> Snapshot:
    """Without the times of a queue's lines, which are None in their stead."""
    return _present_schema(body)


_READERS: Mapping[int, Callable[[bytes], Snapshot]] = {1: _first_schema, 2: _present_schema}


def _settled(snapshot: Snapshot) -> Snapshot:
    """Equal values in one form: times in UTC, numbers with a point as such."""
    return replace(
        snapshot,
        start=_utc(snapshot.start),
        planned_end=_utc(snapshot.planned_end),
        completed=_utc(snapshot.completed),
        moment=_in_utc(snapshot.moment),
        as_of=_utc(snapshot.as_of),
        report=_report(snapshot.report),
        issues=tuple(map(_issue, snapshot.issues)),
        events=tuple(map(_event, snapshot.events)),
        # JSON's keys are text, and are put in order as such.
        disciplines=cast("dict[int, str]", {str(one): name for one, name in snapshot.disciplines.items()}),
        queue=snapshot.queue and _queue(snapshot.queue),
    )


def _report(report: SprintReport) -> SprintReport:
    window = report.window
    return replace(
        report,
        window=replace(window, start=_utc(window.start), end=_in_utc(window.end)),
        teams=tuple(replace(team, excluded=dict(team.excluded)) for team in report.teams),
        excluded=dict(report.excluded),
    )


def _queue(queue: SnapshotQueue) -> SnapshotQueue:
    # Nothing, and nothing with a minus, are equal.
    fairness = None if queue.fairness is None else float(queue.fairness) + 0.0
    return replace(queue, fairness=fairness, lines=tuple(map(_line, queue.lines)))


def _line(line: QueueLine) -> QueueLine:
    if all(at is None or at.tzinfo is UTC for at in (line.start, line.end)):
        return line
    return replace(line, start=_utc(line.start), end=_utc(line.end))


def _issue(issue: SnapshotIssue) -> SnapshotIssue:
    outcome = issue.outcome
    settled = None if outcome is None else _outcome(outcome)
    return issue if settled is outcome else replace(issue, outcome=settled)


def _outcome(outcome: Outcome) -> Outcome:
    times = outcome.entered_at, outcome.left_at, outcome.done_at
    if all(at is None or at.tzinfo is UTC for at in times):
        return outcome
    entered, left, done = map(_utc, times)
    return replace(outcome, entered_at=entered, left_at=left, done_at=done)


def _event(event: ScopeEvent) -> ScopeEvent:
    return event if event.at.tzinfo is UTC else replace(event, at=_in_utc(event.at))


def _utc(at: datetime | None) -> datetime | None:
    return None if at is None else _in_utc(at)


def _in_utc(at: datetime) -> datetime:
    return at if at.tzinfo is UTC else at.astimezone(UTC)
