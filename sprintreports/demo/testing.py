"""For tests: the stand-in Jira in a process of its own, on a free port, stopped at the end."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sprintreports.demo.catalog import DEMO_EMAIL, DEMO_TOKEN, RESTRICTED_TOKEN, Dialect

_PATIENCE = 60.0
_FAREWELL = 10.0


@dataclass(frozen=True, slots=True)
class RunningDemo:
    """`base_url` answers. A replay's sites are below `{base_url}/site/{connection}`."""

    base_url: str
    pid: int
    email: str = DEMO_EMAIL
    token: str = DEMO_TOKEN
    restricted_token: str = RESTRICTED_TOKEN


@contextmanager
def running_demo(
    *,
    dialect: Dialect = Dialect.CLOUD,
    seed: int | str = 1,
    scale: float = 0.2,
    now: int | None = None,
    replay: Path | None = None,
    port: int = 0,
) -> Generator[RunningDemo]:
    """Raises RuntimeError with what the process said if it does not come up."""
    with tempfile.TemporaryDirectory(prefix="demo-jira-") as folder:
        ready = Path(folder) / "url"
        command = [
            sys.executable, "-m", "sprintreports.demo", "--port", str(port), "--dialect", dialect.value,
            "--seed", str(seed), "--scale", str(scale), "--ready-file", str(ready),
        ]  # fmt: skip
        if now is not None:
            command += ["--now", str(now)]
        if replay is not None:
            command += ["--replay", str(replay)]
        errors = Path(folder) / "errors"
        with (
            errors.open("w") as sink,
            subprocess.Popen(command, stdout=sink, stderr=subprocess.STDOUT) as process,
        ):
            try:
                yield RunningDemo(_wait_for(ready, process, errors), process.pid)
            finally:
                _stop(process)


def _wait_for(ready: Path, process: subprocess.Popen[bytes], errors: Path) -> str:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        if ready.exists():
            return ready.read_text(encoding="utf-8")
        if process.poll() is not None:
            break
        time.sleep(0.02)
    raise RuntimeError(f"The stand-in Jira did not start: {errors.read_text(encoding='utf-8').strip()}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_FAREWELL)
    except subprocess.TimeoutExpired:
        process.kill()
