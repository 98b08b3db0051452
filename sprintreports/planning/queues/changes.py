"""What somebody can change about a draft: the edits of single issues and teams, the rules of the whole, and weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sprintreports.kit.errors import Invalid
from sprintreports.metrics.values import Unit
from sprintreports.planning.queue.algorithms import dealer_of
from sprintreports.planning.queue.options import (
    AddCapacity,
    Edit,
    Exclude,
    IgnoreLink,
    Include,
    Options,
    PinIssue,
    ResetTiming,
    SetEstimate,
    SetTeam,
    SetTiming,
    Unestimated,
    Unpin,
)
from sprintreports.planning.queue.results import Queue

Value = str | int | float | bool | None
MOST_AMOUNT = 10**12
_EARLIEST, _LATEST = 2000, 2100


class Rule(StrEnum):
    """What can be decided about the whole queue; each is a field of Options."""

    ALGORITHM = "algorithm"
    SUBTASKS = "include_subtasks"
    UNIT = "unit"
    BUFFER = "buffer"
    CARRY_OVER_FIRST = "carry_over_first"
    UNESTIMATED = "unestimated"
    SEED = "seed"
    SECONDS = "seconds"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class SetRule:
    """Decide a rule of the whole queue."""

    rule: Rule
    value: Value

    def applied(self, options: Options) -> Options:
        """The options with this rule. Raises Invalid for a value that it cannot have."""
        return replace(options, **{self.rule.value: _READ[self.rule](self.value)})


@dataclass(frozen=True, slots=True)
class SetWeight:
    """Give a stakeholder's issues more or less weight, in hundredths; None: the usual one again."""

    person: int | None
    weight: int | None

    def applied(self, options: Options) -> Options:
        """The options with this weight. Raises Invalid for one that there cannot be."""
        others = {who: weight for who, weight in options.weights.items() if who != self.person}
        return replace(
            options, weights=others if self.weight is None else {**others, self.person: self.weight}
        )


Change = Edit | SetRule | SetWeight
Touch = tuple[str | int | None, ...]


def touch_of(change: Change) -> Touch:
    """The thing that a change is about: two changes of the same thing cannot both hold."""
    match change:
        case PinIssue() | Unpin() | Exclude() | Include() | SetTeam():
            return "place", change.issue
        case SetTiming() | ResetTiming():
            return "timing", change.issue
        case SetEstimate():
            return "estimate", change.issue
        case IgnoreLink():
            return "link", change.blocker, change.blocked
        case AddCapacity():
            return "capacity", change.team
        case SetRule():
            return "rule", change.rule.value
        case SetWeight():
            return "weight", change.person


def issues_of(change: Change) -> tuple[int, ...]:
    """The issues that a change names."""
    match change:
        case IgnoreLink():
            return change.blocker, change.blocked
        case AddCapacity() | SetRule() | SetWeight():
            return ()
        case _:
            return (change.issue,)


def teams_of(change: Change, queue: Queue) -> frozenset[int | None] | None:
    """The teams whose lists a change is about, as they stand in a queue. None: it is about the whole."""
    if isinstance(change, SetRule | SetWeight):
        return None
    if isinstance(change, AddCapacity):
        return frozenset({change.team})
    placed = queue.placements()
    here = [placed[issue].team for issue in issues_of(change) if issue in placed]
    return frozenset([*here, change.team] if isinstance(change, SetTeam) else here) or None


def check(change: Change) -> None:
    """Raises Invalid for what cannot be meant: a time in another century, an absurd amount."""
    if isinstance(change, SetTiming):
        for at in (change.timing.start, change.timing.end):
            if at is not None and not _EARLIEST <= at.year <= _LATEST:
                raise Invalid(f"Choose a time between the years {_EARLIEST} and {_LATEST}.")
    if isinstance(change, SetEstimate):
        for amount in (change.estimate.points, change.estimate.seconds):
            if amount is not None and not 0 <= amount <= MOST_AMOUNT:
                raise Invalid("An estimate is not negative, and no larger than a billion points.")
    if isinstance(change, AddCapacity) and abs(change.amount) > MOST_AMOUNT:
        raise Invalid("This is more than any team can do. Give a smaller amount.")
    change.applied(Options())


def _algorithm(value: Value) -> str:
    if not isinstance(value, str):
        raise Invalid("An algorithm is given by its name.")
    dealer_of(value)
    return value


def _yes_or_no(value: Value) -> bool:
    if not isinstance(value, bool):
        raise Invalid("This rule is switched on or off: give true or false.")
    return value


def _whole(value: Value) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > MOST_AMOUNT:
        raise Invalid("Give a whole number.")
    return value


def _seconds(value: Value) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Invalid("Give a number of seconds.")
    return float(value)


def _one_of(kind: type[StrEnum]) -> Callable[[Value], Any]:
    def read(value: Value) -> StrEnum:
        if not isinstance(value, str) or value not in set(kind):
            raise Invalid(f"Give one of {', '.join(kind)}.")
        return kind(value)

    return read


def _unit(value: Value) -> Unit | None:
    return None if value is None else _one_of(Unit)(value)


_READ: Mapping[Rule, Callable[[Value], Any]] = {
    Rule.ALGORITHM: _algorithm,
    Rule.SUBTASKS: _yes_or_no,
    Rule.UNIT: _unit,
    Rule.BUFFER: _whole,
    Rule.CARRY_OVER_FIRST: _yes_or_no,
    Rule.UNESTIMATED: _one_of(Unestimated),
    Rule.SEED: _whole,
    Rule.SECONDS: _seconds,
    Rule.GAP: _whole,
}
