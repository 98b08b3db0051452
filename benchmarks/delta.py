"""Delta: another sync of a company in which nothing has changed."""

from benchmarks.figures import Result, Row, Target
from benchmarks.ground import Ground
from benchmarks.sync import synced
from sprintreports.demo import run as stand_in
from sprintreports.demo.catalog import Dialect
from sprintreports.demo.testing import running_demo

# About 1,500 issues. The company's last hour lies two hours back, beyond what an incremental sync reads again for safety.
_SCALE, _QUICK_SCALE = 0.53, 0.2
_RUNS = 9
_TWO_HOURS_MS = 2 * 3_600_000


def measure(ground: Ground) -> Result:
    """Incremental syncs after a full one; then full ones, which read every issue again only to find it the same."""
    ground.migrated("bench_delta")
    times = 2 if ground.quick else _RUNS
    again = 1 if ground.quick else 3
    now = stand_in.this_hour() - _TWO_HOURS_MS
    with running_demo(scale=_QUICK_SCALE if ground.quick else _SCALE, now=now) as jira:
        first, *rest = synced(jira, Dialect.CLOUD, "full", *["incremental"] * times, *["full"] * again)
    deltas, repeats = rest[:times], rest[times:]
    if any(run["changed"] for run in rest):
        raise RuntimeError("something changed in a company that stands still")
    issues = f"{first['issues']:,.0f} issues"
    limit = Target(must=0.5)
    return Result(
        "delta",
        "Sync without changes",
        [
            Row(
                f"incremental sync, {issues} in scope, none changed",
                [run["seconds"] for run in deltas],
                "s",
                limit,
            ),
            Row(
                f"full sync of the same, {issues} read again and found the same",
                [run["seconds"] for run in repeats],
                "s",
            ),
        ],
        [
            f"Of an incremental sync the process itself works {deltas[0]['cpu']:.2f} s; the rest is waiting for Jira and the database."
        ],
    )
