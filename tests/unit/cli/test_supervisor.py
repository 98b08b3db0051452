"""What `sprintreports up` watches."""

import socket
import sys
import time
from pathlib import Path

import pytest

from sprintreports import settings as settings_module
from sprintreports.cli.supervisor import Child, PortBusy, Supervisor, check_port


def _child(folder: Path, code: str) -> Child:
    return Child("helper", [sys.executable, "-c", code], settings_module.environment(), folder / "helper.log")


def _wait_for(condition, seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_busy_port_is_said_with_the_way_out():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortBusy, match=f"SPRINTREPORTS_PORT={port + 1}"):
            check_port("127.0.0.1", port)
    check_port("127.0.0.1", port)


def test_a_dead_child_is_started_again(tmp_path, capsys):
    supervisor = Supervisor()
    child = supervisor.add(_child(tmp_path, "print('gone')"))
    child.delay = 0.05
    assert child.process is not None
    first = child.process.pid
    child.process.wait()
    supervisor.watch()
    _wait_for(lambda: supervisor.watch() or (child.process is not None and child.process.pid != first))
    assert "ended unexpectedly" in capsys.readouterr().out
    assert child.last_words() == "gone"
    assert child.delay > 0.05
    supervisor.stop()


def test_stop_ends_the_children(tmp_path):
    supervisor = Supervisor()
    child = supervisor.add(_child(tmp_path, "import time; time.sleep(60)"))
    supervisor.stop()
    assert child.process is not None
    assert child.process.returncode is not None
    assert child.last_words() == ""


def test_a_large_log_is_set_aside(tmp_path):
    child = _child(tmp_path, "")
    child.log_file.write_bytes(b"x" * 20_000_001)
    child.start()
    assert child.process is not None
    child.process.wait()
    assert (tmp_path / "helper.log.1").stat().st_size == 20_000_001
    assert child.log_file.stat().st_size == 0
