"""Webhooks: edits in Jira at a given pace, from the sender's request until the numbers have followed."""

import asyncio
import hashlib
import hmac
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, LiteralString

import msgspec
import psycopg

from benchmarks.figures import Result, Row, Target
from benchmarks.ground import Ground, run
from benchmarks.sync import synced
from benchmarks.web import answering, child
from sprintreports.demo.catalog import Dialect
from sprintreports.demo.testing import RunningDemo, running_demo
from sprintreports.identity.viewer import Viewer
from sprintreports.jira import sync, webhooks
from sprintreports.kit import clock, db, http

_SITE = 1
# Edits that make one webhook each.
_KINDS = ("status", "estimate", "sprint", "assignee", "priority")
_TICK, _PATIENCE, _PROBES_A_SECOND = 0.1, 300.0, 4
_MINUTE, _ACCEPTED = 60, 202


@dataclass(frozen=True, slots=True)
class Pace:
    """So many edits a second, for so many seconds."""

    name: str
    rate: float
    seconds: float
    target: Target  # of webhooks a minute
    fresh: Target


# Offered a little faster than is asked for, so that the pace itself is not what misses.
_SLOW = Pace(
    "1,000 a minute", 1020 / _MINUTE, 60, Target(must=1000, at_least=True), Target(must=5, judged="p95")
)
_FAST = Pace("200 a second", 204, 30, Target(aim=12_000, at_least=True), Target(aim=5, judged="p95"))
_QUICK = Pace("a few", 10, 4, Target(), Target())


@dataclass(slots=True)
class Storm:
    """What one pace brought. `acknowledged`: seconds that each probe waited; `fresh`: from arrival to stored numbers."""

    pace: Pace
    written: int = 0
    lost: int = 0
    per_minute: float = 0.0
    fresh: list[float] = field(default_factory=list[float])
    acknowledged: list[float] = field(default_factory=list[float])


@dataclass(frozen=True, slots=True)
class Place:
    """Where webhooks go, and the Jira that they come from."""

    jira: RunningDemo
    database: str
    address: str
    secret: str


def measure(ground: Ground) -> Result:
    """A company synced once; then its people edit, and the stand-in tells of each edit."""
    with _place(ground) as place:
        paces = (_QUICK,) if ground.quick else (_SLOW, _FAST)
        storms = [_storm(place, pace) for pace in paces]
        changed = run(_missed)
    if changed:
        raise RuntimeError(f"the webhooks left {changed} issues behind, which the next sync brought")
    rows = [row for storm in storms for row in _rows(storm)]
    notes = [
        "Stand-in, web process, worker and PostgreSQL share the cores. An edit is a change of status, estimate, sprint, assignee "
        "or priority, mostly in sprints that are not over, and makes one signed webhook with the whole issue in it. “Fresh” is "
        "from the arrival to the commit of all numbers that rest on it. Acknowledgements are those of further webhooks, sent "
        f"{_PROBES_A_SECOND} a second meanwhile. Afterwards a sync found nothing that the webhooks had missed."
    ]
    return Result("webhooks", "Webhooks", rows, notes)


@contextmanager
def _place(ground: Ground) -> Iterator[Place]:
    database = ground.migrated("bench_webhooks")
    with running_demo(scale=0.3 if ground.quick else 1.0) as jira:
        synced(jira, Dialect.CLOUD, "full")
        with answering(ground) as (port, _), child(ground, "worker"):
            made = run(_hooked)
            address = f"http://127.0.0.1:{port}{webhooks.PATH}/{_SITE}"
            jira.listen(address, secret=made)
            yield Place(jira, database, address, made)


async def _hooked() -> str:
    async with db.transaction() as session:
        made = await webhooks.renew(session, Viewer.system(), _SITE, now=clock.now())
    if made.secret is None:
        raise RuntimeError("a new webhook came without its secret")
    return made.secret


def _storm(place: Place, pace: Pace) -> Storm:
    storm = Storm(pace)
    first = _last_delivery(place) + 1
    before = place.jira.deliveries()

    async def blow() -> None:
        ended = asyncio.Event()
        probing = asyncio.create_task(_probe(place, storm, ended))
        await asyncio.to_thread(_edit, place.jira, pace)
        ended.set()
        await probing

    run(blow)
    tally = _until_delivered(place.jira)
    _until_worked_on(place)
    storm.written = tally["letters"] - before["letters"]
    arrived = _read(place, storm, first) - len(storm.acknowledged)
    storm.lost = storm.written - arrived
    return storm


def _edit(jira: RunningDemo, pace: Pace) -> None:
    """As many edits as are due, some ten times a second."""
    made, total, began = 0, round(pace.rate * pace.seconds), time.monotonic()
    while made < total:
        due = min(total, int((time.monotonic() - began) * pace.rate) + 1) - made
        if due > 0:
            jira.edit(due, seed=f"{pace.name}/{made}", kinds=_KINDS, delivery={"concurrency": 16})
            made += due
        time.sleep(_TICK)


async def _probe(place: Place, storm: Storm, ended: asyncio.Event) -> None:
    """Webhooks of our own, whose acknowledgements are timed."""
    issues = [
        issue
        for (issue,) in _query(place, "SELECT jira_issue_id FROM issue WHERE deleted_at IS NULL LIMIT 500")
    ]
    async with http.client() as client:
        while not ended.is_set():
            number = len(storm.acknowledged)
            body = msgspec.json.encode(
                {
                    "timestamp": time.time_ns() // 1_000_000,
                    "webhookEvent": "jira:issue_updated",
                    "issue": {
                        "id": str(issues[number % len(issues)]),
                        "key": "",
                        "fields": {"description": "x" * 5000},
                    },
                }
            )
            signature = "sha256=" + hmac.new(place.secret.encode(), body, hashlib.sha256).hexdigest()
            headers = {
                "X-Hub-Signature": signature, "Content-Type": "application/json",
                "X-Atlassian-Webhook-Identifier": f"probe-{storm.pace.name}-{number}",
            }  # fmt: skip
            began = time.perf_counter()
            answer = await client.post(place.address, content=body, headers=headers)
            storm.acknowledged.append(time.perf_counter() - began)
            if answer.status_code != _ACCEPTED:
                raise RuntimeError(f"a webhook was answered with {answer.status_code}: {answer.text[:300]}")
            await asyncio.sleep(1 / _PROBES_A_SECOND)


def _until_delivered(jira: RunningDemo) -> dict[str, int]:
    deadline = time.monotonic() + _PATIENCE
    while (tally := jira.deliveries())["pending"]:
        if time.monotonic() > deadline:
            raise RuntimeError(f"the stand-in could not bring its webhooks: {tally}")
        time.sleep(0.2)
    return tally


def _until_worked_on(place: Place) -> None:
    deadline = time.monotonic() + _PATIENCE
    while waiting := _query(place, "SELECT count(*) FROM webhook_delivery WHERE outcome = 'waiting'")[0][0]:
        if time.monotonic() > deadline:
            raise RuntimeError(f"{waiting} webhooks were never worked on")
        time.sleep(0.2)


def _read(place: Place, storm: Storm, first: int) -> int:
    """Take the times of what arrived from this delivery on; how many were worked on well."""
    rows = _query(
        place,
        "SELECT outcome, extract(epoch FROM processed_at - received_at)::float8, extract(epoch FROM received_at)::float8 "
        "FROM webhook_delivery WHERE id >= %s",
        first,
    )
    storm.fresh = [fresh for _, fresh, _ in rows]
    moments = [at for _, _, at in rows]
    storm.per_minute = len(rows) / (max(moments) - min(moments)) * _MINUTE
    return sum(outcome == "done" for outcome, _, _ in rows)


def _last_delivery(place: Place) -> int:
    return _query(place, "SELECT coalesce(max(id), 0) FROM webhook_delivery")[0][0]


def _query(place: Place, statement: LiteralString, *values: object) -> list[tuple[Any, ...]]:
    with psycopg.connect(place.database) as connection:
        return connection.execute(statement, values).fetchall()


async def _missed() -> int:
    """What an incremental sync still finds."""
    async with db.transaction() as session:
        run_id, _ = await sync.prepare(session, Viewer.system(), _SITE, mode=sync.Mode.INCREMENTAL)
    outcome = await sync.run(db.transaction, run_id=run_id, now=clock.now)
    if outcome.error is not None:
        raise RuntimeError(outcome.error)
    return outcome.changed


def _rows(storm: Storm) -> list[Row]:
    name, pace = storm.pace.name, storm.pace
    count = f"{storm.written + len(storm.acknowledged):,} webhooks"
    return [
        Row(f"{name}: {count} taken", [storm.per_minute], "a minute", pace.target),
        Row(f"{name}: lost", [storm.lost], "", Target(must=0)),
        Row(
            f"{name}: acknowledged after",
            [1000 * one for one in storm.acknowledged],
            "ms",
            Target(must=50, judged="p95"),
        ),
        Row(f"{name}: numbers fresh after", storm.fresh, "s", pace.fresh),
    ]
