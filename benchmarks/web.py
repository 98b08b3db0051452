"""A web process as `sprintreports web` serves it, over the demo company synced at its usual size."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.ground import Ground, run
from benchmarks.sync import synced
from sprintreports import settings as settings_module
from sprintreports.cli import accounts
from sprintreports.demo.catalog import Dialect
from sprintreports.demo.testing import running_demo
from sprintreports.identity import sessions, tokens
from sprintreports.identity.viewer import Viewer
from sprintreports.jira.reads import sprints
from sprintreports.kit import clock, db, http, processes
from sprintreports.kit.embedded import free_port
from sprintreports.metrics.values import SprintState
from sprintreports.settings import PROJECT_ROOT, settings
from sprintreports.ui import build

_READY_SECONDS = 60.0
_ADMIN = 1


@dataclass(frozen=True, slots=True)
class Web:
    """The process, and what may be asked of it."""

    base_url: str
    port: int
    pid: int
    active: list[int]  # our ids of sprints
    closed: list[int]


@contextmanager
def serving(ground: Ground) -> Iterator[Web]:
    """A company with its numbers computed, and one web process over it until the end."""
    ground.migrated("bench_web")
    with running_demo(scale=0.3 if ground.quick else 1.0) as jira:
        synced(jira, Dialect.CLOUD, "full")
    active, closed = run(_prepare)
    with answering(ground) as (port, pid):
        yield Web(f"http://127.0.0.1:{port}", port, pid, active, closed)


@contextmanager
def answering(ground: Ground) -> Iterator[tuple[int, int]]:
    """One web process over the database of now: its port and its id."""
    _front_end()
    port = free_port()
    settings_module.set_variable("port", str(port))
    settings_module.set_variable("public_url", f"http://127.0.0.1:{port}")
    # All 200 users are one admin here: their requests are counted as always, but against a limit that they do not reach.
    settings_module.set_variable("requests_per_minute", "10000000")
    with child(ground, "web") as pid:
        _wait(port, ground.folder / "web.log")
        yield port, pid


@contextmanager
def child(ground: Ground, verb: str) -> Iterator[int]:
    """One of the product's processes, `web` or `worker`, as an admin starts it; its id."""
    command = [sys.executable, "-m", "sprintreports", verb]
    with (ground.folder / f"{verb}.log").open("ab") as log:
        process = processes.start(
            command, environment=settings_module.environment(), log=log, cwd=PROJECT_ROOT
        )
    try:
        yield process.pid
    finally:
        processes.stop(process)


async def _prepare() -> tuple[list[int], list[int]]:
    await accounts.ensure_first_admin()
    async with db.transaction() as session:
        viewer = Viewer.system()
        active = await sprints.page(session, viewer, state=SprintState.ACTIVE, per_page=100)
        closed = await sprints.page(session, viewer, state=SprintState.CLOSED, per_page=100)
        return [row.id for row in active.items], [row.id for row in closed.items]


def cookies(count: int) -> list[str]:
    """So many browsers signed in: the values of their session cookies."""

    async def make() -> list[str]:
        async with db.transaction() as session:
            options = {"user_id": _ADMIN, "user_agent": "bench", "address": "127.0.0.1", "now": clock.now()}
            return [(await sessions.create(session, **options)).token for _ in range(count)]

    return run(make)


def bearers(count: int) -> list[str]:
    """So many API clients signed in: their access tokens."""

    async def make() -> list[str]:
        async with db.transaction() as session:
            options = {"user_id": _ADMIN, "user_agent": "bench", "address": "127.0.0.1", "now": clock.now()}
            return [(await tokens.issue(session, **options)).access_token for _ in range(count)]

    return run(make)


def _front_end() -> None:
    """The checkout's own build, made first where it is missing, and a copy of it for this process."""
    built = build.ensure_built(PROJECT_ROOT, into=PROJECT_ROOT / ".sprintreports" / "web")
    target = settings().data_dir / "web"
    target.mkdir(parents=True, exist_ok=True)
    build.pack(built, target)


def _wait(port: int, log: Path) -> None:
    deadline = time.monotonic() + _READY_SECONDS

    async def ready() -> bool:
        return await http.answers(f"http://127.0.0.1:{port}/health/ready")

    while not run(ready):
        if time.monotonic() > deadline:
            raise RuntimeError(
                f"The web process did not become ready: {log.read_text(errors='replace')[-2000:]}"
            )
        time.sleep(0.1)
