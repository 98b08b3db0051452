"""Programs that tests start, wait for and end."""

import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from sprintreports.kit import processes

ROOT = Path(__file__).resolve().parents[1]
_PATIENCE = 60.0
_POLITE_END = 15.0


@contextmanager
def running(
    command: Sequence[str | Path],
    *,
    log: Path,
    environment: Mapping[str, str] | None = None,
    cwd: Path = ROOT,
) -> Iterator[subprocess.Popen[bytes]]:
    """A program until the end, its output in `log`. It ends with the tests even if they are killed."""
    with log.open("wb") as sink:
        process = processes.start(command, environment=environment, log=sink, cwd=cwd)
    try:
        yield process
    finally:
        processes.stop(process, seconds=_POLITE_END)


def wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Until it answers with 200. Raises RuntimeError with the end of its output when it does not, or has ended."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(address).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise RuntimeError(f"Nothing answered at {address}: {log.read_text(errors='replace')[-3000:]}")
