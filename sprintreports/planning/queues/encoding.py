"""Options and changes as JSON and back, without loss. Equal values have equal JSON: keys are in order, times in UTC.

Keys that may be None or numbers are kept as lists of pairs, since JSON's keys are text. What is stored is read for good:
a field is added with a default, never renamed (`tests/unit/planning/queues/stored/`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

import msgspec

from sprintreports.kit.errors import Invalid
from sprintreports.metrics.values import Estimate, Unit
from sprintreports.planning.queue.options import (
    AddCapacity,
    Edit,
    Exclude,
    IgnoreLink,
    Include,
    Options,
    Pin,
    PinIssue,
    ResetTiming,
    SetEstimate,
    SetTeam,
    SetTiming,
    Unestimated,
    Unpin,
)
from sprintreports.planning.queue.values import Timing
from sprintreports.planning.queues.changes import Change, SetRule, SetWeight

V = TypeVar("V")

_KINDS: dict[str, type[Change]] = {
    "pin": PinIssue,
    "unpin": Unpin,
    "exclude": Exclude,
    "include": Include,
    "team": SetTeam,
    "timing": SetTiming,
    "reset_timing": ResetTiming,
    "estimate": SetEstimate,
    "ignore_link": IgnoreLink,
    "add_capacity": AddCapacity,
    "rule": SetRule,
    "weight": SetWeight,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}
_EDITS = frozenset(_KINDS) - {"rule", "weight"}


class OptionsWire(msgspec.Struct, frozen=True, omit_defaults=False):
    """Options as they are stored. Each mapping is a list of pairs in order of its keys, None first."""

    algorithm: str = "round_robin"
    include_subtasks: bool = False
    weights: tuple[tuple[int | None, int], ...] = ()
    unit: Unit | None = None
    buffer: int = 0
    carry_over_first: bool = False
    unestimated: Unestimated = Unestimated.MEDIAN
    pins: tuple[tuple[int, int | None], ...] = ()
    exclusions: tuple[int, ...] = ()
    teams: tuple[tuple[int, int | None], ...] = ()
    timings: tuple[tuple[int, Timing], ...] = ()
    estimates: tuple[tuple[int, Estimate], ...] = ()
    ignored: tuple[tuple[int, int], ...] = ()
    extra: tuple[tuple[int | None, int], ...] = ()
    seed: int = 0
    seconds: float = 5.0
    gap: int = 0


def options_wire(options: Options) -> OptionsWire:
    """The options as they are stored."""
    return OptionsWire(
        algorithm=str(options.algorithm),
        include_subtasks=options.include_subtasks,
        weights=_pairs(options.weights),
        unit=options.unit,
        buffer=options.buffer,
        carry_over_first=options.carry_over_first,
        unestimated=options.unestimated,
        pins=tuple((issue, pin.position) for issue, pin in sorted(options.pins.items())),
        exclusions=tuple(sorted(options.exclusions)),
        teams=_pairs(options.teams),
        timings=tuple((issue, timing_in_utc(timing)) for issue, timing in sorted(options.timings.items())),
        estimates=_pairs(options.estimates),
        ignored=tuple(sorted(options.ignored)),
        extra=_pairs(options.extra),
        seed=options.seed,
        seconds=float(options.seconds),
        gap=options.gap,
    )


def options_from(wire: OptionsWire) -> Options:
    """The options that were stored. Raises Invalid for what no options can be."""
    return Options(
        algorithm=wire.algorithm,
        include_subtasks=wire.include_subtasks,
        weights=dict(wire.weights),
        unit=wire.unit,
        buffer=wire.buffer,
        carry_over_first=wire.carry_over_first,
        unestimated=wire.unestimated,
        pins={issue: Pin(position) for issue, position in wire.pins},
        exclusions=frozenset(wire.exclusions),
        teams=dict(wire.teams),
        timings=dict(wire.timings),
        estimates=dict(wire.estimates),
        ignored=frozenset(wire.ignored),
        extra=dict(wire.extra),
        seed=wire.seed,
        seconds=wire.seconds,
        gap=wire.gap,
    )


def options_json(options: Options) -> dict[str, Any]:
    """The options as plain JSON values."""
    return msgspec.to_builtins(options_wire(options))


def options_of(plain: object) -> Options:
    """The options of plain JSON values. Raises Invalid."""
    return options_from(_converted(plain, OptionsWire))


def change_json(change: Change) -> dict[str, Any]:
    """A change as plain JSON values, its kind under "kind"."""
    plain = SetTiming(change.issue, timing_in_utc(change.timing)) if isinstance(change, SetTiming) else change
    return {"kind": _NAMES[type(change)], **msgspec.to_builtins(plain)}


def change_of(plain: object) -> Change:
    """The change of plain JSON values. Raises Invalid, with the kinds there are."""
    fields = dict(cast("Mapping[str, Any]", plain)) if isinstance(plain, Mapping) else {}
    kind = fields.pop("kind", None)
    if not isinstance(kind, str) or kind not in _KINDS:
        raise Invalid(f"A change names its kind: one of {', '.join(_KINDS)}.")
    return _converted(fields, _KINDS[kind])


def edit_of(plain: object) -> Edit:
    """The same of what a conflict may suggest: an edit of an issue, a link or a team. Raises Invalid."""
    change = change_of(plain)
    if isinstance(change, SetRule | SetWeight):
        raise Invalid(f"An edit is one of {', '.join(sorted(_EDITS))}.")
    return change


def timing_in_utc(timing: Timing) -> Timing:
    """The same instants in UTC, so that equal timings are written alike. Raises Invalid at the ends of time."""
    return Timing(timing.kind, in_utc(timing.start), in_utc(timing.end))


def in_utc(at: datetime | None) -> datetime | None:
    """The same instant in UTC. Raises Invalid at the ends of time."""
    try:
        return None if at is None else at.astimezone(UTC)
    except OverflowError:
        raise Invalid("A time of the schedule is out of all bounds. Choose another one.") from None


def _pairs(mapping: Mapping[Any, V]) -> tuple[tuple[Any, V], ...]:
    return tuple(sorted(mapping.items(), key=lambda pair: (pair[0] is not None, pair[0] or 0)))


def _converted(plain: object, kind: type[V]) -> V:
    try:
        return msgspec.convert(plain, kind)
    except msgspec.ValidationError as error:
        raise Invalid(f"This is not written as it should be: {error}.") from error
