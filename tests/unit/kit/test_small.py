"""Errors, pages, addresses, processes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sprintreports.kit import db, http, processes
from sprintreports.kit.errors import (
    Conflict,
    FieldProblem,
    Invalid,
    NotFound,
    SprintReportsError,
    TooManyRequests,
)
from sprintreports.kit.paging import Page


def all_errors(kind: type[SprintReportsError]) -> list[type[SprintReportsError]]:
    return [kind, *(deeper for child in kind.__subclasses__() for deeper in all_errors(child))]


def test_every_error_has_a_whole_sentence():
    for kind in all_errors(SprintReportsError):
        words = " ".join((kind.__doc__ or "").split())
        assert words, f"{kind.__name__} has no sentence"
        assert words.endswith("."), f"{kind.__name__}: {words}"
        assert 400 <= kind.status < 600


def test_an_error_carries_its_own_sentence_and_details():
    error = Invalid("The name is empty.", details=(FieldProblem("name", "Give a name."),))
    assert (str(error), error.details[0].field, error.status) == ("The name is empty.", "name", 422)
    assert NotFound().message.startswith("This does not exist")
    assert Conflict("x").code == "CONFLICT"
    assert TooManyRequests(retry_after=9).retry_after == 9


def test_a_page_knows_its_place():
    page = Page(items=["c"], total=5, page=3, per_page=2)
    assert (page.pages, page.offset) == (3, 4)
    assert Page(items=[], total=0, page=1, per_page=25).pages == 1


@pytest.mark.parametrize(
    "given", ["postgres://u:p@h/d", "postgresql://u:p@h/d", "postgresql+psycopg://u:p@h/d"]
)
def test_database_addresses(given: str):
    assert db.sqlalchemy_url(given) == "postgresql+psycopg://u:p@h/d"
    assert db.libpq_url(given) == "postgresql://u:p@h/d"


@pytest.mark.parametrize("given", ["", "mysql://h/d", "h/d"])
def test_other_addresses_are_refused_with_a_sentence(given: str):
    with pytest.raises(db.DatabaseNotConfigured, match="SPRINTREPORTS_DATABASE_URL"):
        db.sqlalchemy_url(given)


def test_the_http_client_follows_no_redirect_and_trusts_no_environment():
    made = http.client(base_url="http://127.0.0.1:1", headers={"X-Other": "1"})
    assert made.follow_redirects is False
    assert made.trust_env is False
    assert made.headers["User-Agent"].startswith("SprintReports/")


async def test_nobody_answers_on_a_closed_port():
    assert await http.answers("http://127.0.0.1:9/") is False


def test_a_child_dies_with_its_parent(tmp_path):
    script = (
        "import sys, time\n"
        "from sprintreports.kit import processes\n"
        "child = processes.start([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert processes.is_alive(child)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 10
    while processes.is_alive(child) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not processes.is_alive(child)


def test_a_zombie_is_not_alive():
    child = subprocess.Popen([sys.executable, "-c", ""])
    while b") Z " not in Path(f"/proc/{child.pid}/stat").read_bytes():
        time.sleep(0.01)
    os.kill(child.pid, 0)
    assert not processes.is_alive(child.pid)
    child.wait()
    assert not processes.is_alive(child.pid)
    assert processes.command_line(child.pid) == ""


def test_a_deaf_child_is_killed():
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.readline()
    processes.stop(child, seconds=0.2)
    child.stdout.close()
    assert child.returncode == -signal.SIGKILL
    processes.stop(child)


def test_what_a_child_started_ends_with_it():
    code = (
        "import subprocess, sys, time\n"
        "print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']).pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, start_new_session=True)
    assert child.stdout is not None
    grandchild = int(child.stdout.readline())
    processes.stop(child)
    child.stdout.close()
    deadline = time.monotonic() + 10
    while processes.is_alive(grandchild) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not processes.is_alive(grandchild)


def test_a_worker_can_ask_to_die_with_its_parent():
    inner = "from sprintreports.kit import processes; processes.die_with_parent(); print('asked', flush=True); import time; time.sleep(60)"
    code = (
        "import subprocess, sys, time\n"
        f"inner = subprocess.Popen([sys.executable, '-c', {inner!r}], stdout=subprocess.PIPE)\n"
        "inner.stdout.readline()\n"
        "print(inner.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    worker = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 10
    while processes.is_alive(worker) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not processes.is_alive(worker)
