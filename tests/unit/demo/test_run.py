"""The stand-in as a process of its own."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from sprintreports.demo.catalog import Dialect
from sprintreports.demo.testing import running_demo

pytestmark = pytest.mark.with_children


@pytest.mark.parametrize("dialect", list(Dialect))
def test_it_starts_on_a_free_port_answers_and_ends(dialect: Dialect) -> None:
    version = 3 if dialect is Dialect.CLOUD else 2
    with running_demo(dialect=dialect, scale=0.05) as jira:
        auth = (jira.email, jira.token)
        answer = httpx.get(f"{jira.base_url}/rest/api/{version}/serverInfo", auth=auth)
        assert answer.json()["baseUrl"] == jira.base_url
        assert httpx.get(f"{jira.base_url}/rest/agile/1.0/board", auth=auth).json()["total"] == 6
        pid = jira.pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_busy_port_is_one_sentence_and_code_2() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "sprintreports.demo", "--port", str(port), "--scale", "0.05"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert (
        done.stderr.strip()
        == f"Port {port} on 127.0.0.1 is in use: choose another one with --port, or 0 for any free one."
    )


def test_nothing_to_replay_is_one_sentence_and_code_2(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sprintreports.demo", "--replay", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "nothing to replay" in done.stderr


def test_a_process_that_cannot_start_is_reported(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="did not start"), running_demo(replay=tmp_path):
        pass
