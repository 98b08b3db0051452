"""The sums of a sprint, of a team in it, or of a slice of it, and how rows add up to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any

from sprintreports.metrics.scope import Outcome
from sprintreports.metrics.values import NOTHING, Amount, Bucket, Estimate, Unit


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over issues. Always: final = initial + added - removed + reestimated + transferred.

    initial: the commitment. reestimated: net change of the estimates of issues that were ever in scope; its
    count is 0. final: what is in scope at the end (or now), completed and not completed. completed and
    not_completed are by estimates at the end, the `_initial` ones by those at the start or entry.
    outside: completed outside the sprint. transferred: net of the moves between teams, nothing for a whole
    sprint. issues: all rows of the report. unestimated: issues in the final scope without story points;
    untimed: without a time estimate. excluded: members that the report leaves out.
    """

    initial: Amount = NOTHING
    added: Amount = NOTHING
    removed_initial: Amount = NOTHING
    removed: Amount = NOTHING
    reestimated: Amount = NOTHING
    final: Amount = NOTHING
    completed_initial: Amount = NOTHING
    completed: Amount = NOTHING
    not_completed_initial: Amount = NOTHING
    not_completed: Amount = NOTHING
    outside: Amount = NOTHING
    transferred: Amount = NOTHING
    issues: int = 0
    unestimated: int = 0
    untimed: int = 0
    excluded: int = 0

    def __add__(self, other: Totals) -> Totals:
        return Totals(*[mine + theirs for mine, theirs in zip(_values(self), _values(other), strict=True)])

    def unestimated_in(self, unit: Unit) -> int:
        """Issues in the final scope that add nothing in this unit because nobody estimated them."""
        if unit is Unit.POINTS:
            return self.unestimated
        return self.untimed if unit is Unit.HOURS else 0

    def known_in(self, unit: Unit) -> bool:
        """Whether the sums say anything in this unit: not where issues are in scope, none is estimated, and all sums are 0."""
        if unit is Unit.COUNT or self.unestimated_in(unit) < self.final.count or not self.final.count:
            return True
        return any(getattr(self, name).value(unit) for name in _AMOUNTS)


_NAMES = tuple(field.name for field in fields(Totals))
_values = attrgetter(*_NAMES)
_AMOUNTS = _NAMES[: _NAMES.index("issues")]
_PLACE = {name: 3 * place for place, name in enumerate(_AMOUNTS)}
_PLACES = tuple(_PLACE.values())
_COUNTERS = {name: 3 * len(_AMOUNTS) + place for place, name in enumerate(_NAMES[len(_AMOUNTS) :])}
_WIDTH = 3 * len(_AMOUNTS) + len(_COUNTERS)

_IN_BUCKET = {
    Bucket.COMPLETED: ("completed_initial", "completed"),
    Bucket.NOT_COMPLETED: ("not_completed_initial", "not_completed"),
    Bucket.REMOVED: ("removed_initial", "removed"),
}


class Tally:
    """A Totals in the making. Sums plain integers: a sprint of 12,000 issues is added up several times."""

    __slots__ = ("_sums",)

    def __init__(self) -> None:
        self._sums = [0] * _WIDTH

    def add(self, parts: Iterable[tuple[int, int]]) -> None:
        """Adds the parts that `entry_parts`, `end_parts` and `excluded_parts` give."""
        sums = self._sums
        for place, value in parts:
            sums[place] += value

    def totals(self) -> Totals:
        """The sums so far."""
        sums = self._sums
        amounts: list[Any] = [
            Amount(sums[place], sums[place + 1], sums[place + 2])
            if sums[place] or sums[place + 1] or sums[place + 2]
            else NOTHING
            for place in _PLACES
        ]
        return Totals(*amounts, *sums[3 * len(_AMOUNTS) :])


Parts = list[tuple[int, int]]


def entry_parts(outcome: Outcome) -> Parts:
    """What an issue adds to the sums of the team that it started in: commitment or addition."""
    if outcome.committed:
        return _parts("initial", outcome.initial)
    return _parts("added", outcome.initial) if outcome.added else []


def end_parts(outcome: Outcome) -> Parts:
    """What an issue adds to the sums of the team that it ended in: all but commitment and addition."""
    initial, final = outcome.initial, outcome.final
    parts = [_ONE_ISSUE]
    if outcome.bucket is Bucket.OUTSIDE:
        return parts + _parts("outside", final)
    by_initial, by_final = _IN_BUCKET[outcome.bucket]
    parts += _parts(by_initial, initial) + _parts(by_final, final)
    if outcome.committed or outcome.added:
        parts += _difference("reestimated", initial, final)
    if outcome.bucket is not Bucket.REMOVED:
        parts += _parts("final", final)
        if final.points is None:
            parts.append(_ONE_UNESTIMATED)
        if final.seconds is None:
            parts.append(_ONE_UNTIMED)
    return parts


def transfer_parts(outcome: Outcome) -> Parts:
    """What a move to another team adds to the team that the issue ended in; the first team loses the same.

    Valued at the initial estimate, so that re-estimates belong to the team that the issue ended in.
    """
    return _parts("transferred", outcome.initial)


def excluded_parts() -> Parts:
    """What a member that the report leaves out adds: a count, so that nothing vanishes unseen."""
    return [(_COUNTERS["excluded"], 1)]


_ONE_ISSUE = _COUNTERS["issues"], 1
_ONE_UNESTIMATED = _COUNTERS["unestimated"], 1
_ONE_UNTIMED = _COUNTERS["untimed"], 1


def _parts(name: str, estimate: Estimate) -> Parts:
    """One issue with this estimate. What adds nothing is left out."""
    place = _PLACE[name]
    parts = [(place + 2, 1)]
    if estimate.points:
        parts.append((place, estimate.points))
    if estimate.seconds:
        parts.append((place + 1, estimate.seconds))
    return parts


def _difference(name: str, before: Estimate, after: Estimate) -> Parts:
    if before is after:
        return []
    place = _PLACE[name]
    points = (after.points or 0) - (before.points or 0)
    seconds = (after.seconds or 0) - (before.seconds or 0)
    return [(at, value) for at, value in ((place, points), (place + 1, seconds)) if value]
