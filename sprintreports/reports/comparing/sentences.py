"""What moved the numbers, in whole sentences: the sums first, then single issues, the largest first."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import reduce
from operator import add

from sprintreports.charts.words import amount, number, percent, signed
from sprintreports.metrics.values import NOTHING, Amount, Estimate, Unit
from sprintreports.reports.comparing.values import (
    Comparison,
    Field,
    IssueChange,
    Standing,
    completed,
    in_scope,
)

#: More single issues than this are not told one by one; the tables have them all.
MOST_SINGLE = 12
NO_CHANGE = "Nothing changed between the two states."

TeamName = Callable[[int], str]


def movements(comparison: Comparison, *, unit: Unit, team: TeamName) -> tuple[str, ...]:
    """The sentences. team: the name of a discipline."""
    if comparison.same_sprint and comparison.empty:
        return (NO_CHANGE,)
    sums = [_scope(comparison, unit=unit)]
    if comparison.same_sprint:
        sums += [_completed(comparison, unit=unit)]
        told = sorted(_singles(comparison, unit=unit, team=team), key=lambda one: -one[0])
    else:
        sums += [_carried(comparison, unit=unit)]
        told = sorted(_reestimates(comparison.carried, unit=unit), key=lambda one: -one[0])
    singles = [sentence for _, sentence in told]
    if len(singles) > MOST_SINGLE:
        rest = len(singles) - MOST_SINGLE
        more = (
            f"{number(rest)} more {'issue' if rest == 1 else 'issues'} moved by less; the tables name them."
        )
        singles = [*singles[:MOST_SINGLE], more]
    return tuple(sentence for sentence in (*sums, *singles) if sentence)


def _scope(comparison: Comparison, *, unit: Unit) -> str:
    scope = comparison.scope
    before, after = scope.before.value(unit), scope.after.value(unit)
    share = scope.share(unit)
    part = "" if share is None or not share else f" ({_signed_percent(share)})"
    if not comparison.same_sprint:
        return _two_scopes(comparison, before, after, part, unit=unit)
    parts = _scope_parts(comparison, unit=unit)
    if before == after:
        if not parts:
            return f"Scope did not change: it is {amount(after, unit)}."
        return f"Scope is {amount(after, unit)} on both sides, though it moved: {parts}."
    verb = "grew" if after > before else "shrank"
    moved = amount(abs(after - before), unit)
    return f"Scope {verb} by {moved}, from {number(before)} to {number(after)}{part}: {parts}."


def _two_scopes(comparison: Comparison, before: float, after: float, part: str, *, unit: Unit) -> str:
    first, second = comparison.before.sprint_name, comparison.after.sprint_name
    if before == after:
        return f"Both sprints, {first} and {second}, hold {amount(after, unit)}."
    way = "more" if after > before else "less" if unit is not Unit.COUNT else "fewer"
    return f"{second} holds {amount(after, unit)}, {number(abs(after - before))} {way} than {first}{part}."


def _scope_parts(comparison: Comparison, *, unit: Unit) -> str:
    scope = comparison.scope
    estimated = sum(1 for one in comparison.changed if one.scope.value(unit))
    parts = [
        (len(comparison.added), "added", scope.added.value(unit)),
        (len(comparison.removed), "removed", -scope.removed.value(unit)),
        (estimated, "re-estimated", scope.reestimated.value(unit)),
    ]
    told: list[str] = []
    for count, verb, moved in parts:
        if count:
            subject = amount(count, Unit.COUNT) if not told else number(count)
            told.append(f"{subject} {verb} ({signed(moved)})")
    return ", ".join(told)


def _completed(comparison: Comparison, *, unit: Unit) -> str:
    before = comparison.before.report.totals.completed
    after = comparison.after.report.totals.completed
    change = after.value(unit) - before.value(unit)
    done = [
        one for one in comparison.issues if not completed(one.before).count and completed(one.after).count
    ]
    undone = [
        one for one in comparison.issues if completed(one.before).count and not completed(one.after).count
    ]
    parts: list[str] = []
    if done:
        parts.append(f"{amount(len(done), Unit.COUNT)} completed ({signed(_moved(done).value(unit))})")
    if undone:
        count = number(len(undone)) if parts else amount(len(undone), Unit.COUNT)
        parts.append(f"{count} reopened or taken out ({signed(_moved(undone).value(unit))})")
    other = change - (_moved(done) + _moved(undone)).value(unit)
    if round(other, 6):
        parts.append(f"completed issues re-estimated ({signed(other)})")
    if not parts:
        return ""
    told = ", ".join(parts)
    if round(change, 6) == 0:
        return (
            f"The work completed is {amount(after.value(unit), unit)} on both sides, though it moved: {told}."
        )
    verb = "grew" if change > 0 else "shrank"
    return (
        f"The work completed {verb} by {amount(abs(change), unit)}, "
        f"from {number(before.value(unit))} to {number(after.value(unit))}: {told}."
    )


def _carried(comparison: Comparison, *, unit: Unit) -> str:
    first = comparison.before.sprint_name
    if not comparison.carried:
        return f"No issue was carried over from {first}."
    held = reduce(add, (in_scope(one.after) for one in comparison.carried), NOTHING)
    count = len(comparison.carried)
    size = "" if unit is Unit.COUNT else f" ({amount(held.value(unit), unit)})"
    were = "was" if count == 1 else "were"
    return f"{amount(count, Unit.COUNT)}{size} {were} carried over from {first}, where {'it' if count == 1 else 'they'} {were} not completed."


def _singles(comparison: Comparison, *, unit: Unit, team: TeamName) -> Iterable[tuple[float, str]]:
    for one in comparison.added:
        yield _size(one, unit), f"{one.latest.key} came into scope{_held(one, unit=unit)}{_why(one)}."
    for one in comparison.removed:
        yield _size(one, unit), f"{one.latest.key} left the scope{_held(one, unit=unit)}{_why(one)}."
    yield from _reestimates(comparison.changed, unit=unit)
    for one in comparison.changed:
        moved = one.of(Field.TEAM)
        if moved and one.before and in_scope(one.before).count and in_scope(one.after).count:
            old, new = moved.before, moved.after
            if isinstance(old, int) and isinstance(new, int):
                size = in_scope(one.after).value(unit)
                where = f"from {team(old)} to {team(new)}"
                yield size, f"{one.latest.key} moved {where}{_held(one, unit=unit)}."


def _reestimates(changes: Iterable[IssueChange], *, unit: Unit) -> Iterable[tuple[float, str]]:
    for one in changes:
        found = one.of(Field.ESTIMATE)
        if not (found and one.before and in_scope(one.before).count and in_scope(one.after).count):
            continue
        old, new = found.before, found.after
        if not (isinstance(old, Estimate) and isinstance(new, Estimate)):
            continue
        key = one.latest.key
        if old.missing(unit) and not new.missing(unit):
            yield (
                _size(one, unit),
                f"{key} was estimated at {amount(_value(new, unit), unit)}; it had no estimate.",
            )
        elif new.missing(unit) and not old.missing(unit):
            yield _size(one, unit), f"{key} lost its estimate of {amount(_value(old, unit), unit)}."
        elif _value(old, unit) != _value(new, unit):
            went = f"from {number(_value(old, unit))} to {amount(_value(new, unit), unit)}"
            yield _size(one, unit), f"{key} went {went}."


def _why(one: IssueChange) -> str:
    """Why it came or left, as far as the later state knows it, or the earlier one where the comparison runs backwards."""
    later = one.after
    if later is None or later.outcome is None:
        return "" if later is None else f": {later.excluded}"
    if later.outcome.reason:
        return f": {later.outcome.reason}"
    outside = one.of(Field.STANDING)
    return ": completed outside the sprint" if outside and outside.after is Standing.OUTSIDE else ""


def _held(one: IssueChange, *, unit: Unit) -> str:
    """What the issue brought or took, as a reader is told."""
    known = one.after if in_scope(one.after).count else one.before
    estimate = known.outcome.final if known and known.outcome else None
    if unit is Unit.COUNT:
        return ""
    if estimate is None or estimate.missing(unit):
        return " without an estimate"
    return f" with {amount(_value(estimate, unit), unit)}"


def _size(one: IssueChange, unit: Unit) -> float:
    return abs(one.scope.value(unit))


def _value(estimate: Estimate, unit: Unit) -> float:
    return Amount.of(estimate).value(unit)


def _moved(changes: Iterable[IssueChange]) -> Amount:
    return reduce(add, (one.completed for one in changes), NOTHING)


def _signed_percent(share: float) -> str:
    return f"+{percent(share)}" if share > 0 else percent(share)
