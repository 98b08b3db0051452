"""The figures on top of the sprint page, each beside what the sprints before did: pure."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sprintreports.metrics.basis import Basis, SprintBasis
from sprintreports.metrics.predictability import say_do
from sprintreports.metrics.sprint_report import SprintReport
from sprintreports.metrics.totals import Totals
from sprintreports.metrics.values import SprintState, Unit
from sprintreports.ui.components.figures import Kpi
from sprintreports.ui.numbers import (
    UNKNOWN,
    counted,
    none_estimated,
    percent,
    plain,
    short_unit,
    signed,
    whole,
    with_unit,
)
from sprintreports.ui.sparks import spark_path

_FEWEST_BEFORE = 2
_NO_ESTIMATE = {Unit.POINTS: "none has story points", Unit.HOURS: "none has a time estimate"}


def tiles(
    report: SprintReport, unit: Unit, basis: SprintBasis, *, before: Sequence[Totals] = (), doubts: str = ""
) -> dict[str, Kpi]:
    """The figures. `before`: the sums of the board's sprints that closed before this one, last first.

    basis: how many issues each rests on; doubts: the address of the page that names those without an estimate.
    A sprint that has not started has no commitment, and so no say/do. What nobody estimated is not known, not zero.
    """
    totals = report.totals
    if report.state is SprintState.FUTURE or report.window.start is None:
        return _planned(totals, unit, Resting(basis, unit, doubts))
    if none_estimated(totals, unit):
        return _unestimated(totals, unit)
    closed = report.window.closed
    history = [sums for sums in before if not none_estimated(sums, unit)]
    rests = Resting(basis, unit, doubts)
    committed = rests.on(basis.commitment, _amount(totals.initial.value(unit), unit))
    done = rests.on(basis.completed, _amount(totals.completed.value(unit), unit, _of_scope(totals, unit)))
    kept = _kept(say_do(totals, unit=unit), closed=closed)
    return {
        "commitment": _beside(committed, totals, history, lambda sums: sums.initial.value(unit), unit=unit),
        "added": rests.on(basis.added, _amount(totals.added.value(unit), unit, sign=True)),
        "removed": rests.on(basis.removed, _amount(-totals.removed.value(unit), unit, sign=True)),
        "reestimated": rests.on(
            Basis(basis.reestimated(unit)),
            _amount(totals.reestimated.value(unit), unit, _moved(totals, unit, closed=closed), sign=True),
        ),
        "completed": _beside(done, totals, history, lambda sums: sums.completed.value(unit), unit=unit),
        "remaining": rests.on(
            basis.not_completed,
            _amount(totals.not_completed.value(unit), unit),
            left_out=basis.left_out,
        ),
        "say_do": _beside(
            rests.on(basis.say_do, kept), totals, history, lambda sums: say_do(sums, unit=unit), unit=None
        ),
    }


@dataclass(frozen=True, slots=True)
class Resting:
    """Says of a tile what it rests on."""

    basis: SprintBasis
    unit: Unit
    doubts: str

    def on(self, basis: Basis, tile: Kpi, *, left_out: int = 0) -> Kpi:
        """The tile with the number of its issues, and of those that add nothing. An unknown figure rests on nothing."""
        if tile.value == UNKNOWN:
            return tile
        missing = basis.without(self.unit)
        doubts = [f"{whole(missing)} without estimate"] * bool(missing) + [
            f"{whole(left_out)} left out"
        ] * bool(left_out)
        return replace(
            tile,
            rests=counted(basis.issues, "issue") if basis.issues else "no issue",
            doubt=", ".join(doubts),
            doubt_link=self.doubts if doubts else "",
        )


def _planned(totals: Totals, unit: Unit, rests: Resting) -> dict[str, Kpi]:
    before = Kpi(note="The sprint has not started.")
    count = counted(totals.not_completed.count, "issue")
    planned = (
        Kpi(note=f"{count}; {_NO_ESTIMATE[unit]}")
        if none_estimated(totals, unit)
        else rests.on(
            rests.basis.not_completed,
            _amount(totals.not_completed.value(unit), unit, "planned so far"),
            left_out=rests.basis.left_out,
        )
    )
    names = ("commitment", "added", "removed", "reestimated", "completed", "say_do")
    return {**dict.fromkeys(names, before), "remaining": planned}


def _unestimated(totals: Totals, unit: Unit) -> dict[str, Kpi]:
    def nothing(count: int) -> Kpi:
        return Kpi(note=f"{counted(count, 'issue')}; {_NO_ESTIMATE[unit]}" if count else "no issue")

    return {
        "commitment": nothing(totals.initial.count),
        "added": nothing(totals.added.count),
        "removed": nothing(totals.removed.count),
        "reestimated": Kpi(note="nothing to estimate anew"),
        "completed": nothing(totals.completed.count),
        "remaining": nothing(totals.not_completed.count),
        "say_do": Kpi(note="No commitment to measure against."),
    }


def _beside(
    tile: Kpi,
    totals: Totals,
    history: Sequence[Totals],
    value: Callable[[Totals], float | None],
    *,
    unit: Unit | None,
) -> Kpi:
    """The tile with the median of the sprints before, and their values and its own as a small line."""
    known = [found for sums in history if (found := value(sums)) is not None]
    if len(known) < _FEWEST_BEFORE:
        return tile
    middle = statistics.median(known)
    said = percent(middle) if unit is None else f"{plain(middle)} {short_unit(middle, unit)}"
    own = value(totals)
    line = spark_path([*reversed(known), *([] if own is None else [own])])
    return replace(
        tile, trend=f"usually {said}", spark=line, basis=f"Median of the {len(known)} sprints before."
    )


def _amount(value: float, unit: Unit, note: str = "", *, sign: bool = False) -> Kpi:
    return Kpi(signed(value) if sign else plain(value), short_unit(value, unit), note)


def _moved(totals: Totals, unit: Unit, *, closed: bool) -> str:
    final = with_unit(totals.final.value(unit), unit)
    return f"scope was {final} at the close" if closed else f"scope is {final} now"


def _of_scope(totals: Totals, unit: Unit) -> str:
    scope = totals.final.value(unit)
    return (
        f"{percent(totals.completed.value(unit) / scope)} of the scope" if scope > 0 else "nothing in scope"
    )


def _kept(kept: float | None, *, closed: bool) -> Kpi:
    if kept is None:
        return Kpi(note="No commitment to measure against.")
    if not closed:
        return Kpi(percent(kept), "", "so far; the sprint is still open")
    tone = "good" if kept >= 0.85 else "warn" if kept >= 0.6 else "bad"
    return Kpi(percent(kept), "", {"good": "kept", "warn": "partly kept", "bad": "far below"}[tone], tone)
