"""Who asks: what it costs to check a token or a key, and what sign-ins do to everybody else."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import httpx
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks import users as crowd
from benchmarks import web
from benchmarks.figures import Result, Row, Target, number, percentile
from benchmarks.ground import Ground, run
from sprintreports.identity import tokens, users
from sprintreports.identity.clients import keys
from sprintreports.identity.permissions import Permission, Role
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import clock, db, http

_READERS = 50
_SIGN_INS, _SIGN_IN_SECONDS = 200, 60.0
_QUICK_SIGN_INS, _QUICK_SECONDS = 20, 6.0
_ROUNDS, _CHECKS = 20, 100
_PEOPLE = 20
_PASSWORD = "tall green yak 7"  # noqa: S105  # of the benchmark's own accounts


def measure(ground: Ground) -> Result:
    """The checks within this process, the reads and the sign-ins over HTTP against one web process."""
    count = _QUICK_SIGN_INS if ground.quick else _SIGN_INS
    seconds = _QUICK_SECONDS if ground.quick else _SIGN_IN_SECONDS
    with web.serving(ground) as served:
        key = run(_prepare)
        bearers = web.bearers(_READERS)
        rows = [
            *run(lambda: _checked("token check", lambda session: _token(session, bearers[0]))),
            *run(lambda: _checked("API key check", lambda session: _key(session, key))),
        ]
        paths = {"read": [f"/api/v1/sprints/{one}" for one in served.active + served.closed]}
        asyncio.run(crowd.crowd(served.port, bearers[:5], paths, seconds=2.0, pause=0.0))  # warm-up
        rushed = asyncio.run(crowd.crowd(served.port, bearers, paths, seconds=min(seconds, 20.0), pause=0.0))
        alone = asyncio.run(crowd.crowd(served.port, bearers, paths, seconds=min(seconds, 20.0), pause=1.0))
        beside, took, failed = asyncio.run(_beside(served, bearers, paths, count=count, seconds=seconds))
    failures = [*rushed.failures, *alone.failures, *beside.failures, *failed]
    if failures:
        raise RuntimeError(f"{len(failures)} requests failed, as {failures[0]}")
    before, after = (percentile(answers.samples["read"], 95) for answers in (alone, beside))
    rows += [
        _row(f"a read, {_READERS} at once without a pause", rushed.samples["read"], Target(must=20, judged="p95")),
        _row(f"a read, {_READERS} users, each once a second", alone.samples["read"], Target(must=20, judged="p95")),
        _row(f"the same beside {count} sign-ins in {number(seconds)} s", beside.samples["read"], Target(must=20, judged="p95")),
        _row("a sign-in by password then", took, Target()),
    ]  # fmt: skip
    note = (
        f"The sign-ins change the 95th percentile of the reads from {number(before)} to {number(after)} ms."
    )
    return Result("auth", "Who asks: tokens, keys and sign-ins", rows, [note])


async def _prepare() -> str:
    """Accounts to sign in with, and an API key of the first admin."""
    async with db.transaction() as session:
        for one in range(_PEOPLE):
            await users.create(
                session,
                Viewer.system(),
                email=f"bench{one}@example.org",
                password=_PASSWORD,
                role=Role.VIEWER,
            )
        admin = Viewer(1, "Admin", "", Role.SUPER_ADMIN)
        made = await keys.create(
            session, admin, name="bench", scopes=frozenset({Permission.SPRINTS_READ}), now=clock.now()
        )
        return made.secret


async def _token(session: AsyncSession, bearer: str) -> object:
    return await tokens.resolve(session, bearer, now=clock.now())


async def _key(session: AsyncSession, key: str) -> object:
    return await keys.resolve(session, key, address="127.0.0.1", now=clock.now())


async def _checked(what: str, check: Callable[[AsyncSession], Awaitable[object]]) -> list[Row]:
    """Milliseconds of one check: on the clock, and of this process's CPU (the rest is the database's answer)."""
    wall: list[float] = []
    cpu: list[float] = []
    async with db.transaction() as session:
        assert await check(session) is not None  # also: the connection is open
        for _ in range(_ROUNDS):
            began, worked = time.perf_counter(), time.process_time()
            for _ in range(_CHECKS):
                await check(session)
            wall.append(1000 * (time.perf_counter() - began) / _CHECKS)
            cpu.append(1000 * (time.process_time() - worked) / _CHECKS)
    limit = Target(must=1.0)
    return [Row(f"{what}, with its query", wall, "ms", limit), Row(f"{what}, CPU of ours", cpu, "ms", limit)]


async def _beside(
    served: web.Web, bearers: list[str], paths: dict[str, list[str]], *, count: int, seconds: float
) -> tuple[crowd.Answers, list[float], list[str]]:
    """The readers as before, and people who sign in, evenly spread."""
    took: list[float] = []
    failed: list[str] = []
    began = time.perf_counter()

    async def sign_in(client: httpx.AsyncClient, one: int) -> None:
        await asyncio.sleep(max(0.0, began + seconds * one / count - time.perf_counter()))
        fields = {
            "grant_type": "password",
            "username": f"bench{one % _PEOPLE}@example.org",
            "password": _PASSWORD,
        }
        sent = time.perf_counter()
        answer = await client.post("/api/v1/auth/token", data=fields)
        took.append(1000 * (time.perf_counter() - sent))
        if answer.status_code != 200:
            failed.append(f"{answer.status_code} {answer.text[:200]}")

    async with http.client(base_url=served.base_url) as client, asyncio.TaskGroup() as group:
        reading = group.create_task(crowd.crowd(served.port, bearers, paths, seconds=seconds, pause=1.0))
        for one in range(count):
            group.create_task(sign_in(client, one))
    return reading.result(), took, failed


def _row(what: str, samples: list[float], target: Target) -> Row:
    return Row(what, samples, "ms", target, remark=f"p99 {number(percentile(samples, 99))} ms")
