"""`sprintreports up --demo` from nothing to the first chart, and again over what the first start left."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser

from benchmarks import charts, memory
from benchmarks.figures import Result, Row, Target
from benchmarks.ground import Ground
from sprintreports import settings as settings_module
from sprintreports.kit.embedded import free_port
from sprintreports.settings import settings

_FRESH, _AGAIN = 3, 5
_PATIENCE, _FAREWELL, _CALM_SECONDS = 300.0, 40.0, 5.0


@dataclass(slots=True)
class Samples:
    """Seconds and MB."""

    ready: list[float] = field(default_factory=list)
    chart: list[float] = field(default_factory=list)
    second: list[float] = field(default_factory=list)
    stopped: list[float] = field(default_factory=list)
    web: list[float] = field(default_factory=list)
    worker: list[float] = field(default_factory=list)
    database: list[float] = field(default_factory=list)


def measure(ground: Ground) -> Result:
    """Everything as `make run` does once its packages are installed: keys, database, pages, demo company, sync, web."""
    samples = Samples()
    with charts.chromium() as browser:
        for number in range(1 if ground.quick else _FRESH):
            folder = ground.folder / f"up-{number}"
            folder.mkdir(mode=0o755)
            began = time.monotonic()
            with _up(folder, samples.stopped) as (address, _):
                samples.ready.append(time.monotonic() - began)
                _first_chart(browser, address)
                samples.chart.append(time.monotonic() - began)
            for _ in range(1 if ground.quick or number + 1 < _FRESH else _AGAIN):
                began = time.monotonic()
                with _up(folder, samples.stopped) as (_, pid):
                    samples.second.append(time.monotonic() - began)
                    time.sleep(_CALM_SECONDS)
                    _weigh(pid, samples)
            shutil.rmtree(folder, ignore_errors=True)
    return Result("up", "`sprintreports up --demo`, packages installed", _rows(samples))


def _rows(samples: Samples) -> list[Row]:
    return [
        Row("nothing to ready", samples.ready, "s"),
        Row("nothing to the first chart in a browser", samples.chart, "s", Target(must=300, aim=90)),
        Row("second start to ready", samples.second, "s", Target(must=10)),
        Row("Ctrl-C until all has ended", samples.stopped, "s"),
        Row("web process, idle", samples.web, "MB", Target(must=400, aim=200)),
        Row("worker, idle", samples.worker, "MB"),
        Row("embedded PostgreSQL, idle", samples.database, "MB"),
    ]


@contextmanager
def _up(folder: Path, stopped: list[float]) -> Iterator[tuple[str, int]]:
    """The command in a process of its own until it says that it is ready; ended as by Ctrl-C."""
    port = free_port()
    changes = {
        "SPRINTREPORTS_DATA_DIR": str(folder), "SPRINTREPORTS_DATABASE_URL": "", "SPRINTREPORTS_SECRET_KEY": "",
        "SPRINTREPORTS_PORT": str(port), "SPRINTREPORTS_PUBLIC_URL": f"http://localhost:{port}",
    }  # fmt: skip
    said = folder / "up.log"
    with said.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "sprintreports", "up", "--demo"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=settings_module.environment(**changes),
            cwd=settings_module.PROJECT_ROOT,
            start_new_session=True,
        )
    try:
        yield _ready(process, said), process.pid
        began = time.monotonic()
        _end(process)
        stopped.append(time.monotonic() - began)
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGINT)
    try:
        process.wait(_FAREWELL)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _ready(process: subprocess.Popen[bytes], said: Path) -> str:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        found = re.search(r"is ready after .*?(http://\S+)", said.read_text(errors="replace"))
        if found:
            return found.group(1)
        time.sleep(0.02)
    raise RuntimeError(f"It did not become ready: {said.read_text(errors='replace')[-2000:]}")


def _first_chart(browser: Browser, address: str) -> None:
    """Sign in as the first admin, who comes to the overview, and open the sprint page."""
    page = charts.new_page(browser)
    page.goto(f"{address}/sign-in?next=/sprint")
    page.fill("input[name=login]", settings().admin_email)
    page.fill("input[name=password]", settings().admin_password.get_secret_value())
    page.click("button[type=submit]")
    page.wait_for_url("**/sprint*")
    charts.wait_for_chart(page)
    page.context.close()


def _weigh(pid: int, samples: Samples) -> None:
    """Memory of each child of the supervisor, named by its command line."""
    for child in memory.children(pid):
        command = memory.command(child)
        for sign, where in (
            ("granian", samples.web),
            ("worker", samples.worker),
            ("postgres", samples.database),
        ):
            if sign in command:
                where.append(memory.resident(child))
                break
