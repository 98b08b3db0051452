"""The sprint queue: each algorithm over instances made from a seed, beside a plain greedy and the solver's bound.

Each size runs in a process of its own, so that its peak memory is its own. What is known of inputs is kept while these live
(`planning/queue/order.py`): a queue is timed on inputs never seen before, an edit on those of the queue that is edited.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from benchmarks.figures import Result, Row, Target, number
from benchmarks.queue_instances import instance
from sprintreports.planning.queue.generate import dealt, generate, preview, told
from sprintreports.planning.queue.options import AddCapacity, Algorithm, Exclude, Options, PinIssue
from sprintreports.planning.queue.parts import glance, part, spliced
from sprintreports.planning.queue.replan import replan
from sprintreports.planning.queue.results import Queue
from sprintreports.planning.queue.values import Inputs

if TYPE_CHECKING:  # a measured process is to hold the queue alone
    from benchmarks.ground import Ground

_FAIR = (Algorithm.ROUND_ROBIN, Algorithm.WEIGHTED_FAIR, Algorithm.PRIORITY)
_SIZES = (500, 2_000, 10_000)
_QUICK_SIZES = (500, 2_000)
_RUNS = 5
_EDITS = 40
_EDIT = 0.1, 0.05  # to the screen: must, aim
_SECONDS = 30.0
_GAP = 1_000  # millionths: 0.1 %
_OPTIMAL = {500: Target(must=0.2), 2_000: Target(must=2.0)}
_PATIENCE = 900.0


def measure(ground: Ground) -> Result:
    """Sizes are issues; 100 teams, 600 people, 15 % of the issues blocked, half of those across teams."""
    rows: list[Row] = []
    notes: list[str] = []
    for issues in _QUICK_SIZES if ground.quick else _SIZES:
        found = _in_a_process(issues)
        rows += [
            Row(one["what"], one["samples"], one["unit"], Target(**one["target"])) for one in found["rows"]
        ]
        notes += found["notes"]
    return Result("queue", "Sprint queue", rows, notes)


def _in_a_process(issues: int) -> dict:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.queue", str(issues)],
        check=True,
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
    )
    return json.loads(done.stdout.splitlines()[-1])


def _measured(issues: int) -> dict:
    rows: list[dict] = []
    coupled = instance(issues, seed=1)

    def row(
        what: str, samples: list[float], must: float | None = None, aim: float | None = None, unit: str = "s"
    ) -> None:
        rows.append({"what": what, "samples": samples, "unit": unit, "target": {"must": must, "aim": aim}})

    size = f"{issues:,} issues"
    values: dict[str, int] = {}
    for algorithm in _FAIR:
        samples, queue = _timed(lambda name=algorithm: generate(replace(coupled), Options(algorithm=name)))
        row(f"{size}, {algorithm}", samples, 0.3 if issues == max(_SIZES) else None)
        values[algorithm] = queue.value
    for algorithm in _FAIR:
        shown, whole = _tied(coupled, algorithm)
        row(
            f"{size}, {algorithm}, all teams tied, one edit: the edited team's list put into the rest",
            shown,
            *_EDIT,
        )
        row(f"{size}, {algorithm}, all teams tied, one edit: until the whole is there", whole, *_EDIT)
    before = generate(coupled, Options())
    pinned = PinIssue(issues // 2, 1).applied(before.options)
    samples, _ = _timed(lambda: replan(coupled, pinned, before).queue)
    row(f"{size}, one pin more, all else kept: the new queue and what moved", samples, *_EDIT)
    row(
        f"{size}, no link across teams, one pin more: its team alone, put into the rest",
        _edited(issues),
        *_EDIT,
    )
    optimal = Options(algorithm=Algorithm.OPTIMAL, seconds=_SECONDS)
    samples, greedy = _timed(lambda: preview(replace(coupled), optimal))
    row(f"{size}, preview of optimal: the plain greedy", samples)
    samples, best = _timed(lambda: generate(replace(coupled), optimal))
    notes = [_said(f"{size}, optimal", best, greedy), _beside(size, values, greedy)]
    target = _OPTIMAL.get(issues)
    row(f"{size}, optimal until proven", samples, target.must if target else None)
    if issues == max(_SIZES):
        within, good = _timed(lambda: generate(replace(coupled), replace(optimal, gap=_GAP)))
        row(f"{size}, optimal until the gap is ≤ 0.1 %", within, 5.0)
        notes.append(_said(f"{size}, optimal with a gap of 0.1 % allowed", good, greedy))
        apart, alone = _separable(issues)
        row(f"{size}, no link across teams: every team proven", apart, 2.0)
        notes.append(
            f"{size}, no link across teams: {'proven' if alone.bound and alone.bound.proven else 'NOT proven'}."
        )
    row(
        f"{size}, peak memory of the process",
        [resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024],
        300.0,
        unit="MB",
    )
    return {"rows": rows, "notes": notes}


def _separable(issues: int) -> tuple[list[float], Queue]:
    inputs: Inputs = instance(issues, seed=1, across=False)
    return _timed(lambda: generate(replace(inputs), Options(algorithm=Algorithm.OPTIMAL, seconds=_SECONDS)))


def _tied(inputs: Inputs, algorithm: str) -> tuple[list[float], list[float]]:
    """Edits where links tie all teams together, each of the queue as it was: until the edited team's list can be shown, and
    until the whole can. Every edit is of another issue, and of another kind than the one before.
    """
    options = Options(algorithm=algorithm)
    before = generate(inputs, options)
    shown: list[float] = []
    whole: list[float] = []
    for at in range(_EDITS):
        candidate = inputs.candidates[(2 * at + 1) * len(inputs.candidates) // (2 * _EDITS)]
        kinds = (PinIssue(candidate.issue, 1), Exclude(candidate.issue), AddCapacity(candidate.team, 5_000))
        edited = kinds[at % len(kinds)].applied(options)
        began = time.perf_counter()
        half = dealt(inputs, edited)
        spliced(before, edited, glance(half, [candidate.team]))
        shown.append(time.perf_counter() - began)
        told(half)
        whole.append(time.perf_counter() - began)
    return shown, whole


def _edited(issues: int) -> list[float]:
    inputs = instance(issues, seed=1, across=False)
    before = generate(inputs, Options())
    pinned = PinIssue(issues // 2, 1).applied(before.options)
    team = inputs.candidates[issues // 2].team

    def shown() -> Queue:
        found = part(inputs, pinned, [team])
        if found is None:
            raise RuntimeError("nothing ties these teams, so one of them can be told alone")
        return spliced(before, pinned, found)

    samples, _ = _timed(shown)
    return samples


def _said(what: str, best: Queue, greedy: Queue) -> str:
    if best.bound is None or not best.bound.bound:
        return f"{what}: nothing to choose."
    lost = 100 * (best.bound.bound - greedy.value) / best.bound.bound
    state = (
        "proven best"
        if best.bound.proven
        else f"within {number(100 * best.bound.gap)} % of the solver's bound"
    )
    return f"{what}: {state}. The plain greedy is {number(lost)} % below that bound."


def _beside(size: str, values: dict[str, int], greedy: Queue) -> str:
    told = [f"{name} {number(100 * value / greedy.value)} %" for name, value in values.items()]
    return f"{size}, rank-weighted value beside the plain greedy's: {', '.join(told)}."


def _timed(work: Callable[[], Queue]) -> tuple[list[float], Queue]:
    samples: list[float] = []
    queue = work()
    for _ in range(_RUNS):
        began = time.perf_counter()
        queue = work()
        samples.append(time.perf_counter() - began)
    return samples, queue


if __name__ == "__main__":
    print(json.dumps(_measured(int(sys.argv[1]))))
