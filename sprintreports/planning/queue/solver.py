"""The mixed-integer program behind `optimal`, and the only file that knows HiGHS.

maximise sum of value x chosen, under sum of load x chosen <= limit for each team, and blocked <= blocker for each
link. Single-threaded and seeded, so that the same program has the same answer unless time runs out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import floor, gcd, inf, isfinite
from threading import Event
from time import monotonic

import highspy

_INTEGRAL = 0.999  # values are integers: whoever is closer to the bound than one is at it
_SMALL = 100  # columns
_WHOLE = 0.999999  # what the relaxation takes whole
_CORE = 20  # columns in doubt for each team
_CORE_GAP = 0.0003


@dataclass(frozen=True, slots=True)
class Program:
    """values: of the columns. teams: (limit, columns, their loads). links: (blocker, blocked) columns."""

    values: Sequence[int]
    teams: Sequence[tuple[int, Sequence[int], Sequence[int]]]
    links: Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Solution:
    """Which columns, and the most that any choice can be worth. proven: this one is worth that."""

    chosen: Sequence[bool]
    bound: int
    proven: bool


def solve(
    program: Program, start: Sequence[bool], *, gap: float, seconds: float, seed: int, cancelled: Event
) -> Solution:
    """The best choice found until the relative gap, the end of the time, or the cancellation.

    start: a choice that keeps all rules, returned if nothing better is found. First the linear relaxation, whose value
    bounds all choices; of a large program then the core alone, the columns about which the relaxation is in
    doubt (after Balas and Zemel 1980), which mostly is good enough; then the whole, without the columns that
    by their reduced costs are as they are in the relaxation wherever more than this can be had.
    """
    deadline = monotonic() + seconds
    best = Solution(start, relaxed(program), proven=False)
    if seconds <= 0 or cancelled.is_set():
        return _closed(program, best)
    unit = gcd(*program.values) or 1
    model = _model(program, unit, seed=seed)
    model.setOptionValue("solve_relaxation", True)
    model.setOptionValue("presolve", "off")
    model.setOptionValue("time_limit", seconds)
    model.run()
    search = partial(_searched, program, unit, seed=seed, deadline=deadline, stop=cancelled)
    most = inf
    sure: dict[int, float] = {}
    if model.getModelStatus() == highspy.HighsModelStatus.kOptimal:
        best = _bounded(best, model.getInfo().objective_function_value, unit)
        best = _better(program, best, [one > _WHOLE for one in model.getSolution().col_value])
        core = _core(program, model) if len(program.values) > 2 * _CORE * len(program.teams) else {}
        if core:
            rough = gap if len(program.values) - len(core) <= _SMALL else _CORE_GAP
            best, most = search(best, core, gap=rough)
        sure = _sure(model, _value(program, best.chosen) / unit)
        if core and core.keys() <= sure.keys():  # nothing better is outside the core
            best = _bounded(best, max(most, _value(program, best.chosen) / unit), unit)
    if _gap(program, best) > gap and monotonic() < deadline and not cancelled.is_set():
        best, most = search(best, sure, gap=gap)
        best = _bounded(best, max(most, _value(program, best.chosen) / unit), unit)
    return _closed(program, best)


def _core(program: Program, relaxation: highspy.Highs) -> dict[int, float]:
    """The columns that are settled before the core is searched, with their values."""
    found = relaxation.getSolution()
    values, costs = found.col_value, found.col_dual
    settled = [at for at, value in enumerate(values) if min(value, 1 - value) < 1e-6]
    settled.sort(key=lambda at: (abs(costs[at]), at))
    open_ = max(0, _CORE * len(program.teams) - (len(values) - len(settled)))
    return {at: float(round(values[at])) for at in settled[open_:]}


def _sure(relaxation: highspy.Highs, value: float) -> dict[int, float]:
    """The columns that cannot be otherwise in any choice of more than this value: that alone would cost too much."""
    found = relaxation.getSolution()
    room = relaxation.getInfo().objective_function_value - value
    room += 1e-6 * (1 + abs(room))
    pairs = enumerate(zip(found.col_value, found.col_dual, strict=True))
    return {
        at: float(round(one)) for at, (one, cost) in pairs if abs(cost) > room and min(one, 1 - one) < 1e-6
    }


def _searched(
    program: Program,
    unit: int,
    best: Solution,
    fixed: Mapping[int, float],
    *,
    gap: float,
    seed: int,
    deadline: float,
    stop: Event,
) -> tuple[Solution, float]:
    """A better choice with these columns fixed, if there is one, and a bound of such choices in units."""
    model = _model(program, unit, seed=seed)
    model.setOptionValue("mip_rel_gap", gap)
    model.setOptionValue("mip_abs_gap", _INTEGRAL)
    model.setOptionValue("time_limit", max(0.001, deadline - monotonic()))
    for column, value in fixed.items():
        model.changeColBounds(column, value, value)
    if len(program.values) > _SMALL and 2 * len(fixed) < len(program.values):
        model.setOptionValue("presolve", "off")  # measured: of large programs it takes longer than it saves
    if all(best.chosen[column] == (value > 0) for column, value in fixed.items()):
        known = highspy.HighsSolution()
        known.col_value = [float(one) for one in best.chosen]
        model.setSolution(known)

    def watch(event: highspy.HighsCallbackEvent) -> None:
        if stop.is_set():
            event.interrupt()

    model.cbMipInterrupt.subscribe(watch)
    model.run()
    info = model.getInfo()
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return best, info.mip_dual_bound
    return _better(program, best, [one > 0.5 for one in model.getSolution().col_value]), info.mip_dual_bound


def _better(program: Program, best: Solution, chosen: Sequence[bool]) -> Solution:
    """This choice, if it keeps all rules and is worth more."""
    if keeps(program, chosen) and _value(program, chosen) > _value(program, best.chosen):
        return Solution(chosen, best.bound, proven=False)
    return best


def _bounded(best: Solution, bound: float, unit: int) -> Solution:
    """With this bound if it says more; values are whole numbers, and the solver's last digits are not to be trusted."""
    if not isfinite(bound):
        return best
    whole = floor(bound + 1e-6 + 1e-9 * abs(bound)) * unit
    return Solution(best.chosen, min(best.bound, whole), proven=False)


def _gap(program: Program, solution: Solution) -> float:
    value = _value(program, solution.chosen)
    return (solution.bound - value) / solution.bound if solution.bound > value else -1.0


def _closed(program: Program, best: Solution) -> Solution:
    value = _value(program, best.chosen)
    return Solution(best.chosen, max(best.bound, value), proven=best.bound <= value)


def keeps(program: Program, chosen: Sequence[bool]) -> bool:
    """Whether a choice keeps every limit and link, in whole numbers."""
    for limit, columns, loads in program.teams:
        if sum(load for column, load in zip(columns, loads, strict=True) if chosen[column]) > limit:
            return False
    return all(chosen[blocker] or not chosen[blocked] for blocker, blocked in program.links)


def relaxed(program: Program) -> int:
    """A bound without a solver: each team filled by value per load, the last one in part (Dantzig 1957)."""
    total = 0
    for limit, columns, loads in program.teams:
        left = limit
        pairs = sorted(
            ((program.values[column], load) for column, load in zip(columns, loads, strict=True)),
            key=lambda pair: (-pair[0] / pair[1] if pair[1] else float("-inf"), pair),
        )
        for value, load in pairs:
            if load > left:
                total += -(-value * left // load)
                break
            total += value
            left -= load
    return total


def _value(program: Program, chosen: Sequence[bool]) -> int:
    return sum(value for value, one in zip(program.values, chosen, strict=True) if one)


class _Silent(highspy.Highs):
    """Says nothing on standard output, not even the banner that HiGHS prints before it can be asked not to: making one
    sets callbacks up, which is the first thing that prints."""

    def enableCallbacks(self) -> None:  # noqa: N802  # the name is the library's
        self.setOptionValue("output_flag", False)
        super().enableCallbacks()


def _model(program: Program, unit: int, *, seed: int) -> highspy.Highs:
    columns = len(program.values)
    index: list[int] = []
    value: list[float] = []
    starts: list[int] = [0]
    upper: list[float] = []
    for limit, members, loads in program.teams:
        step = gcd(*loads) or 1
        index.extend(members)
        value.extend(load // step for load in loads)
        starts.append(len(index))
        upper.append(limit // step)
    for blocker, blocked in program.links:
        index.extend((blocked, blocker))
        value.extend((1.0, -1.0))
        starts.append(len(index))
        upper.append(0.0)
    rows = len(upper)
    lp = highspy.HighsLp()
    lp.num_col_ = columns
    lp.num_row_ = rows
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.col_cost_ = [float(one // unit) for one in program.values]
    lp.col_lower_ = [0.0] * columns
    lp.col_upper_ = [1.0] * columns
    lp.row_lower_ = [-highspy.kHighsInf] * rows
    lp.row_upper_ = upper
    lp.integrality_ = [highspy.HighsVarType.kInteger] * columns
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = starts
    lp.a_matrix_.index_ = index
    lp.a_matrix_.value_ = value
    model = _Silent()
    for name, setting in (
        ("threads", 1),
        ("parallel", "off"),
        ("random_seed", seed % 2**31),
    ):
        model.setOptionValue(name, setting)
    model.passModel(lp)
    return model
