"""`sprintreports up --demo`: starts everything, survives what dies, stops whole, and starts again."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
import pytest

from sprintreports.kit import processes
from sprintreports.kit.embedded import free_port

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "seven quiet lanterns drift"


@dataclass(slots=True)
class Up:
    """A running `up` and what it has printed."""

    process: subprocess.Popen[bytes]
    port: int
    output: Path

    def said(self) -> str:
        return self.output.read_text(errors="replace")

    def wait_until(self, condition, seconds: float = 120.0) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.1)

    def children(self) -> dict[str, int]:
        """Process ids by what they are."""
        names = {
            "worker": "sprintreports worker",
            "web": "granian",
            "demo": "sprintreports.demo",
            "database": "bin/postgres",
        }
        found: dict[str, int] = {}
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, IndexError, ValueError):
                continue
            line = processes.command_line(int(entry.name))
            for name, mark in names.items():
                if parent == self.process.pid and mark in line:
                    found[name] = int(entry.name)
        return found

    def everything(self) -> set[int]:
        """Process ids of the whole family: children and what they started."""
        parents: dict[int, int] = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                except (OSError, IndexError, ValueError):
                    continue
        family, grown = {self.process.pid}, True
        while grown:
            more = {pid for pid, parent in parents.items() if parent in family} - family
            family |= more
            grown = bool(more)
        return family - {self.process.pid}

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/health/ready", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def signs_in(self) -> bool:
        answer = httpx.post(
            f"http://127.0.0.1:{self.port}/api/v1/auth/token",
            data={"grant_type": "password", "username": "boss@example.com", "password": PASSWORD},
            timeout=10,
        )
        return answer.status_code == 200


@pytest.fixture(scope="module")
def data_dir() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="sprintreports-up-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running(data_dir: Path) -> Iterator[Up]:
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SPRINTREPORTS_")}
    environment = {
        **kept,
        "SPRINTREPORTS_DATA_DIR": str(data_dir),
        "SPRINTREPORTS_WEB_DIR": str(ROOT / ".sprintreports" / "web"),
        "SPRINTREPORTS_PORT": str(port),
        "SPRINTREPORTS_ADMIN_EMAIL": "boss@example.com",
        "SPRINTREPORTS_ADMIN_PASSWORD": PASSWORD,
    }
    output = data_dir / f"up-{port}.out"
    with output.open("wb") as sink:
        process = subprocess.Popen(
            [sys.executable, "-m", "sprintreports", "up", "--demo"],
            env=environment, cwd=ROOT, stdout=sink, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    up = Up(process, port, output)
    try:
        yield up
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.wait(60)


def facts(data_dir: Path) -> tuple[int, int, int]:
    """Issues, changes and facts in the stopped cluster's database, read while it runs."""
    home = data_dir / "postgres"
    address = "postgresql://sprintreports:{}@127.0.0.1:{}/sprintreports".format(
        (home / "password").read_text().strip(), (home / "port").read_text().strip()
    )
    with psycopg.connect(address) as connection:
        row = connection.execute(
            "SELECT (SELECT count(*) FROM issue), (SELECT count(*) FROM change_item), "
            "(SELECT count(*) FROM sprint_issue_fact)"
        ).fetchone()
    assert row is not None
    return row


@pytest.mark.with_children
def test_everything_starts_is_synced_and_stops(data_dir: Path):
    with running(data_dir) as up:
        up.wait_until(lambda: "Ctrl-C stops everything" in up.said(), 300)
        assert f"http://localhost:{up.port}" in up.said()
        assert "boss@example.com" in up.said()
        assert PASSWORD not in up.said(), "a given password is not printed"
        assert re.search(r"Synced \d{4} issues", up.said())
        assert up.signs_in()
        assert all(count > 1_000 for count in facts(data_dir))
        assert set(up.children()) == {"worker", "web", "demo", "database"}
        family = up.everything()
        assert len(family) > 4
    assert up.process.returncode == 0
    assert "Nothing is left running" in up.said()
    assert not any(processes.is_alive(pid) for pid in family)


def test_a_stop_in_the_middle_of_the_start_leaves_nothing(data_dir: Path):
    with running(data_dir) as up:
        up.wait_until(lambda: "web" in up.children() and len(up.everything()) > 5)
        family = up.everything()
    assert up.process.returncode == 0
    assert not any(processes.is_alive(pid) for pid in family)


@pytest.mark.with_children
def test_what_is_killed_is_started_again_and_nothing_is_lost(data_dir: Path):
    with running(data_dir) as up:
        up.wait_until(lambda: "Ctrl-C stops everything" in up.said())
        before = facts(data_dir)
        for name in ("web", "worker", "database"):
            pid = up.children()[name]
            os.kill(pid, signal.SIGKILL)
            up.wait_until(lambda name=name, pid=pid: up.children().get(name, pid) != pid)
            up.wait_until(up.is_ready)
        up.wait_until(up.signs_in)
        assert facts(data_dir) == before


def test_a_killed_supervisor_takes_its_children_along_and_the_next_start_recovers(data_dir: Path):
    with running(data_dir) as up:
        up.wait_until(lambda: "Ctrl-C stops everything" in up.said())
        before = facts(data_dir)
        family = {pid: processes.command_line(pid) for pid in up.everything()}
        os.kill(up.process.pid, signal.SIGKILL)
        up.process.wait()
        deadline = time.monotonic() + 30
        while left := [line for pid, line in family.items() if processes.is_alive(pid)]:
            assert time.monotonic() < deadline, left
            time.sleep(0.1)
    with running(data_dir) as again:
        again.wait_until(lambda: "Ctrl-C stops everything" in again.said())
        assert facts(data_dir) == before
        assert again.signs_in()


def test_a_second_one_on_the_same_data_is_refused(data_dir: Path):
    with running(data_dir) as up:
        up.wait_until(lambda: "Ctrl-C stops everything" in up.said())
        with running(data_dir) as second:
            second.process.wait(60)
        assert second.process.returncode == 1
        assert "runs already" in second.said()
        assert "Traceback" not in second.said()
