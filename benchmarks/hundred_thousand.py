"""A hundred thousand issues with a million and a half changes: synced whole, kept up to date, read again with another mapping."""

from statistics import median

import psycopg

from benchmarks.figures import Result, Row, Target
from benchmarks.ground import Ground
from benchmarks.sync import shares, synced
from sprintreports.demo import run as stand_in
from sprintreports.demo.catalog import Dialect
from sprintreports.demo.testing import running_demo

# About 2,850 issues at scale 1. With so much chatter an issue has 15 changed fields in its history, on average.
_SCALE, _QUICK_SCALE, _CHATTER = 35.5, 0.5, 17
_DELTAS, _EDITS = 3, 50
_PATIENCE, _START_SECONDS = 1500.0, 240.0
# The company's last hour lies two hours back, beyond what an incremental sync reads again for safety.
_TWO_HOURS_MS = 2 * 3_600_000
_MOST_MEGABYTES = 500


def measure(ground: Ground) -> Result:
    """Each dialect's full sync into an empty database; over Cloud's then the deltas, and a changed mapping."""
    rows: list[Row] = []
    notes: list[str] = []
    now = stand_in.this_hour() - _TWO_HOURS_MS
    for dialect in Dialect:
        whole = dialect is Dialect.CLOUD
        deltas = 1 if ground.quick else _DELTAS
        steps = [f"edit={_EDITS}", "incremental"] * deltas + ["map=discipline", "replay"]
        url = ground.migrated("bench_hundred_thousand")
        with running_demo(
            dialect=dialect,
            scale=_QUICK_SCALE if ground.quick else _SCALE,
            chatter=_CHATTER,
            now=now,
            patience=_START_SECONDS,
        ) as jira:
            (first,) = synced(jira, dialect, "full", patience=_PATIENCE)
            rest = synced(jira, dialect, "again", *steps, patience=_PATIENCE) if whole else []
        changes = _changes(url)
        rows += _full(dialect, first, changes)
        notes.append(shares(dialect, [first]))
        if whole:
            rows += _kept(first, rest[:deltas], rest[deltas:], notes)
    return Result("hundred_thousand", "A hundred thousand issues", rows, notes)


def _changes(url: str) -> int:
    with psycopg.connect(url) as database:
        return database.execute("SELECT count(*) FROM change_item").fetchall()[0][0]


def _full(dialect: Dialect, run: dict[str, float], changes: int) -> list[Row]:
    size = f"{dialect.value}, {run['issues']:,.0f} issues with {changes:,} changed fields"
    return [
        Row(f"{size}: full sync", [run["issues"] / run["seconds"]], "issues/s", Target(must=100, at_least=True)),
        Row(f"{dialect.value}, the whole of it", [run["seconds"]], "s"),
        Row(f"{dialect.value}, share of the time waiting for Jira alone", [100 * run["wait_jira"] / run["seconds"]], "%"),
        Row(
            f"{dialect.value}, peak memory of the full sync, second process included",
            [run["peak_mb"]], "MB", Target(must=_MOST_MEGABYTES),
        ),
    ]  # fmt: skip


def _kept(
    full: dict[str, float], deltas: list[dict[str, float]], replays: list[dict[str, float]], notes: list[str]
) -> list[Row]:
    issues = f"{full['issues']:,.0f} issues"
    if any(not run["changed"] for run in deltas):
        raise RuntimeError("a delta found nothing, although the company had been edited")
    if any(run["changed"] < full["issues"] * 0.9 for run in replays):
        raise RuntimeError("a replay did not read all issues again")
    changed = f"{min(run['changed'] for run in deltas):,.0f} to {max(run['changed'] for run in deltas):,.0f}"
    notes.append(
        f"A delta follows {_EDITS} edits, of which {changed} issues are fetched again; of its time the process itself works "
        f"{median(run['cpu'] for run in deltas):.1f} s. " + _phases("delta", deltas)
    )
    notes.append(
        "A mapping change takes the field of the discipline teams away: every issue is read again from its stored payload, and every sprint's numbers are computed anew. "
        + _phases("replay", replays)
    )
    peak = max(run["peak_mb"] for run in replays)
    return [
        Row(f"incremental sync after {_EDITS} edits in {issues}", [run["seconds"] for run in deltas], "s", Target(must=3)),
        Row(f"replay of a mapping change over {issues}", [run["seconds"] for run in replays], "s", Target(must=60)),
        Row("peak memory of deltas and replay, second process included", [peak], "MB", Target(must=_MOST_MEGABYTES)),
    ]  # fmt: skip


def _phases(what: str, runs: list[dict[str, float]]) -> str:
    names = dict.fromkeys(name for run in runs for name in run if name.startswith("phase_"))
    parts = [
        f"{name.removeprefix('phase_')} {median(run.get(name, 0) for run in runs):.1f} s" for name in names
    ]
    return f"Of a {what}: {', '.join(parts)}."
