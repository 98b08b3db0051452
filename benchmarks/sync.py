"""Sync: a company with changelogs, from the stand-in Jira over HTTP to facts in the database."""

import json
import subprocess
import sys
from collections import defaultdict

from benchmarks.figures import Result, Row, Target
from benchmarks.ground import Ground
from sprintreports import settings as settings_module
from sprintreports.demo.catalog import Dialect
from sprintreports.demo.testing import RunningDemo, running_demo

# The company has about 2,850 issues at scale 1.
_SCALE, _QUICK_SCALE = 3.52, 0.2
_RUNS = 3
_PATIENCE = 600.0


def measure(ground: Ground) -> Result:
    """Full syncs in both dialects, each into an empty database, each in a process of its own."""
    rows: list[Row] = []
    notes: list[str] = []
    for dialect in Dialect:
        with running_demo(dialect=dialect, scale=_QUICK_SCALE if ground.quick else _SCALE) as jira:
            runs: list[dict[str, float]] = []
            for _ in range(1 if ground.quick else _RUNS):
                ground.migrated("bench_sync")
                runs += synced(jira, dialect, "full")
        rows += _rows(dialect, runs)
        notes.append(shares(dialect, runs))
    return Result("sync", "Full sync, end to end", rows, notes)


def synced(
    jira: RunningDemo, dialect: Dialect, *steps: str, patience: float = _PATIENCE
) -> list[dict[str, float]]:
    """What a process of its own measured of these syncs, one after the other (steps: see benchmarks.syncing)."""
    command = [sys.executable, "-m", "benchmarks.syncing", jira.base_url, dialect.value, ",".join(steps)]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        timeout=patience,
        env=settings_module.environment(),
        cwd=settings_module.PROJECT_ROOT,
    )
    if done.returncode:
        raise RuntimeError(f"The sync failed: {done.stderr[-2000:]}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def _rows(dialect: Dialect, runs: list[dict[str, float]]) -> list[Row]:
    issues = f"{runs[0]['issues']:,.0f} issues"
    return [
        Row(
            f"{dialect.value}, {issues}",
            [run["issues"] / run["seconds"] for run in runs],
            "issues/s",
            Target(must=100, aim=1000, at_least=True),
        ),
        Row(f"{dialect.value}, whole sync", [run["seconds"] for run in runs], "s"),
        Row(
            f"{dialect.value}, share of the time waiting for Jira alone",
            [100 * run["wait_jira"] / run["seconds"] for run in runs],
            "%",
        ),
        Row(f"{dialect.value}, peak memory of the syncing process", [run["peak_mb"] for run in runs], "MB"),
    ]


def shares(dialect: Dialect, runs: list[dict[str, float]]) -> str:
    sums: defaultdict[str, float] = defaultdict(float)
    for run in runs:
        for name, value in run.items():
            sums[name] += value / len(runs)
    whole = sums["seconds"]
    parts = {
        "own work (or waiting for a core)": whole
        - sum(value for name, value in sums.items() if name.startswith("wait_")),
        "waiting for the database": sums["wait_database"],
        "waiting for both": sums["wait_both"],
        "waiting for Jira": sums["wait_jira"],
    }
    shares = ", ".join(f"{name} {100 * value / whole:.0f} %" for name, value in parts.items())
    phases = ", ".join(
        f"{name.removeprefix('phase_')} {value:.1f} s"
        for name, value in sums.items()
        if name.startswith("phase_")
    )
    return f"{dialect.value}: {shares}. {phases}."
