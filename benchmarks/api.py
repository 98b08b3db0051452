"""REST: 200 users at once on one web process."""

import asyncio
from collections.abc import Mapping, Sequence

import psycopg

from benchmarks import users, web
from benchmarks.figures import Result, Row, Target, number, percentile
from benchmarks.ground import Ground
from sprintreports.kit import db
from sprintreports.settings import settings

_USERS, _SECONDS = 200, 30.0
_QUICK_USERS, _QUICK_SECONDS = 20, 4.0
_LIMIT = Target(must=500, aim=50, judged="p95")


def measure(ground: Ground) -> Result:
    """Once with a second between the questions of a user, once with none, which is as much as the process can answer."""
    count = _QUICK_USERS if ground.quick else _USERS
    seconds = _QUICK_SECONDS if ground.quick else _SECONDS
    with web.serving(ground) as served:
        paths = {
            "GET /api/v1/sprints": ["/api/v1/sprints", "/api/v1/sprints?state=closed&per_page=50&page=1"],
            "GET /api/v1/sprints/{id}/report": [
                f"/api/v1/sprints/{one}/report" for one in served.active + served.closed
            ],
            "GET /api/v1/sprints/{id}/burndown": [
                f"/api/v1/sprints/{one}/burndown" for one in served.active + served.closed
            ],
        }
        bearers = web.bearers(count)
        asyncio.run(_crowd(served, bearers[:10], paths, seconds=2.0, pause=0.0))  # warm-up
        rows = [_alone(served, bearers[0], paths, kind) for kind in paths]
        paced = asyncio.run(_crowd(served, bearers, paths, seconds=seconds, pause=1.0))
        rushed = asyncio.run(_crowd(served, bearers, paths, seconds=seconds, pause=0.0))
    rows += [
        _row(f"{kind}, {count} users, each once a second", paced.samples[kind], _LIMIT) for kind in paths
    ]
    everything = [sample for samples in rushed.samples.values() for sample in samples]
    rows.append(_row(f"all three, {count} users without a pause", everything, _LIMIT))
    rows.append(Row("answers a second then", [rushed.count / seconds], "/s"))
    failures = [*paced.failures, *rushed.failures]
    if failures:
        raise RuntimeError(
            f"{len(failures)} of {paced.count + rushed.count} requests failed, as {failures[0]}"
        )
    return Result(
        "api", "REST, 200 users at once", rows, [f"{paced.count + rushed.count:,} requests, none failed."]
    )


async def _crowd(
    served: web.Web,
    bearers: Sequence[str],
    paths: Mapping[str, Sequence[str]],
    *,
    seconds: float,
    pause: float,
) -> users.Answers:
    """The users, and somebody who writes every second: without a write, lists would be kept for good."""
    async with asyncio.TaskGroup() as group:
        crowd = group.create_task(users.crowd(served.port, bearers, paths, seconds=seconds, pause=pause))
        writing = group.create_task(_write_every_second())
        await crowd
        writing.cancel()
    return crowd.result()


async def _write_every_second() -> None:
    async with await psycopg.AsyncConnection.connect(
        db.libpq_url(settings().database_url), autocommit=True
    ) as connection:
        while True:
            await connection.execute("SELECT pg_current_xact_id()")  # makes the transaction a writing one
            await asyncio.sleep(1.0)


def _alone(served: web.Web, bearer: str, paths: dict[str, list[str]], kind: str) -> Row:
    answers = asyncio.run(_crowd(served, [bearer], {kind: paths[kind]}, seconds=2.0, pause=0.0))
    return _row(f"{kind}, one user", answers.samples[kind], Target())


def _row(what: str, samples: list[float], target: Target) -> Row:
    return Row(what, samples, "ms", target, remark=f"p99 {number(percentile(samples, 99))} ms")
