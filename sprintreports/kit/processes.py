"""Child processes that never outlive their parent."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

_PR_SET_PDEATHSIG = 1


def _dies_with_parent(signal_number: int) -> Callable[[], None] | None:
    """What the child runs before it becomes the program: ask Linux to end it when its parent ends."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None, use_errno=True)

    def ask() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal_number, 0, 0, 0)

    return ask


def start(
    command: Sequence[str | Path],
    *,
    environment: Mapping[str, str] | None = None,
    log: IO[bytes] | None = None,
    user: int | None = None,
    death_signal: int = signal.SIGKILL,
    cwd: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own (so that Ctrl-C reaches only us), its output into `log`.

    `death_signal` reaches it when we die without having stopped it. By then its database may be gone too, and a polite
    end would wait for it; being killed loses nothing that was committed.
    """
    return subprocess.Popen(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=log or subprocess.DEVNULL,
        stderr=subprocess.STDOUT if log else subprocess.DEVNULL,
        env=dict(environment) if environment is not None else None,
        user=user,
        group=user,
        extra_groups=[] if user is not None else None,
        start_new_session=True,
        preexec_fn=_dies_with_parent(death_signal),
        cwd=cwd,
    )


def die_with_parent(signal_number: int = signal.SIGKILL) -> None:
    """Ask Linux to end this very process when its parent ends: for workers that a server starts by itself."""
    ask = _dies_with_parent(signal_number)
    if ask is not None:
        ask()


def end_group(process: subprocess.Popen[bytes]) -> None:
    """Kill what a child that has ended left behind in its session: its own children."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def stop(
    process: subprocess.Popen[bytes], *, signal_number: int = signal.SIGTERM, seconds: float = 10.0
) -> None:
    """Ask a child to end, wait, and kill it when it does not. What it started itself ends with it."""
    if process.poll() is None:
        process.send_signal(signal_number)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    end_group(process)


def is_alive(pid: int) -> bool:
    """Whether a process runs under this id; a zombie does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return True
    return state not in {"Z", "X"}


def command_line(pid: int) -> str:
    """The command line of a process, or an empty string where it cannot be read."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""
