"""Children of `sprintreports up`: started, watched, started again when they die, stopped in order."""

import signal
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from sprintreports.kit import processes
from sprintreports.kit.embedded import EmbeddedPostgres
from sprintreports.kit.errors import Unavailable
from sprintreports.observability import logs

log = logs.get("supervisor")

_LOG_LIMIT = 20_000_000
_SLOWEST_RESTART = 30.0
_STEADY_SECONDS = 60.0


class PortBusy(Unavailable):
    """The port is in use."""


def check_port(host: str, port: int) -> None:
    """Raises PortBusy where something listens on the port already."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortBusy(
                f"Port {port} is in use by another program. Stop that program, or choose another port: "
                f"SPRINTREPORTS_PORT={port + 1} make run"
            ) from error


@dataclass(slots=True)
class Child:
    """One program and how to start it."""

    name: str
    command: list[str]
    environment: dict[str, str]
    log_file: Path
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    delay: float = 0.5
    restart_at: float = 0.0

    def start(self) -> None:
        if self.log_file.exists() and self.log_file.stat().st_size > _LOG_LIMIT:
            self.log_file.replace(self.log_file.with_suffix(".log.1"))
        with self.log_file.open("ab") as target:
            self.process = processes.start(self.command, environment=self.environment, log=target)
        self.started = time.monotonic()
        self.restart_at = 0.0

    def last_words(self) -> str:
        try:
            lines = [line for line in self.log_file.read_text(errors="replace").splitlines() if line.strip()]
        except OSError:
            return ""
        return lines[-1] if lines else ""


@dataclass(slots=True)
class Supervisor:
    """Keeps the children (and the embedded database) running until told to stop."""

    database: EmbeddedPostgres | None = None
    children: list[Child] = field(default_factory=list[Child])
    stopping: bool = False

    def add(self, child: Child) -> Child:
        child.start()
        self.children.append(child)
        return child

    def watch(self) -> None:
        """Look once: start again what has died (the database first), with growing delay."""
        if self.database is not None and self.database.poll() is not None and not self.stopping:
            log.error("database_died", exit_code=self.database.poll())
            print("The database ended unexpectedly; starting it again.", flush=True)
            self.database.start()
        for child in self.children:
            self._watch_child(child)

    def _watch_child(self, child: Child) -> None:
        if child.process is None or child.process.poll() is None:
            if child.process and time.monotonic() - child.started > _STEADY_SECONDS:
                child.delay = 0.5
            return
        if not child.restart_at:
            processes.end_group(child.process)
            log.error("child_died", child=child.name, exit_code=child.process.returncode)
            print(
                f"The {child.name} process ended unexpectedly (its log: {child.log_file}); starting it again.",
                flush=True,
            )
            child.restart_at = time.monotonic() + child.delay
            child.delay = min(child.delay * 2, _SLOWEST_RESTART)
        elif time.monotonic() >= child.restart_at:
            child.start()

    def stop(self) -> None:
        """Ask every child to end, newest first, then the database."""
        self.stopping = True
        for child in reversed(self.children):
            if child.process and child.process.poll() is None:
                child.process.send_signal(signal.SIGTERM)
        for child in reversed(self.children):
            if child.process:
                processes.stop(child.process, seconds=10.0)
        if self.database is not None:
            self.database.stop()
