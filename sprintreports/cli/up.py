"""`sprintreports up`: everything on one machine, watched, and stopped with one Ctrl-C."""

import asyncio
import signal
import sys
import threading
import time
from pathlib import Path
from types import FrameType

from sprintreports import settings as settings_module
from sprintreports.cli import accounts, secrets, starting
from sprintreports.cli import demo as demo_company
from sprintreports.cli.database import cluster, ensure_key, is_external, only_one
from sprintreports.cli.supervisor import Child, Supervisor, check_port
from sprintreports.kit import clock, db, http, migrations
from sprintreports.kit.errors import Unavailable
from sprintreports.observability import logs
from sprintreports.settings import settings
from sprintreports.ui import build

_READY_SECONDS = 120.0


class Stopped(Exception):  # not an error: someone pressed Ctrl-C
    """Someone asked to stop."""


def _raise_stopped(_signal: int, _frame: FrameType | None) -> None:
    raise Stopped


def run(*, demo: bool, reload: bool) -> None:
    """Start everything, print how to sign in, and watch until asked to stop."""
    logs.configure("WARNING")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _raise_stopped)
    supervisor = Supervisor()
    try:
        with only_one():
            try:
                _start(supervisor, demo=demo, reload=reload)
                while True:
                    supervisor.watch()
                    time.sleep(0.5)
            finally:
                for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                    signal.signal(number, signal.SIG_IGN)
                supervisor.stop()
    except Stopped:
        print("\nStopped. Nothing is left running.", flush=True)


def _start(supervisor: Supervisor, *, demo: bool, reload: bool) -> None:
    began = clock.monotonic()
    starting.check_first()
    check_port(settings().host, settings().port)
    ensure_key()
    front_end = _FrontEnd(skip=reload)
    if not is_external():
        _say("Starting the database")
        supervisor.database = cluster()
        settings_module.set_variable("database_url", supervisor.database.start())
    migrations.ensure(settings().database_url)
    secrets.check_first()
    # Before the others, which inherit that it may be asked.
    stand_in, base_url = demo_company.child(log_folder=_log_folder()) if demo else (None, "")
    web = supervisor.add(_web(reload=reload)) if front_end.is_ready else None
    supervisor.add(_child("worker", "worker"))
    if stand_in is not None:
        supervisor.add(stand_in)
    admin = asyncio.run(_prepare(base_url, supervisor))
    front_end.wait()
    _wait_until_ready(supervisor, web or supervisor.add(_web(reload=reload)))
    _greet(admin, seconds=clock.monotonic() - began)


def _web(*, reload: bool) -> Child:
    return _child("web", "web", *(["--reload"] if reload else []))


async def _prepare(base_url: str, supervisor: Supervisor) -> tuple[str, str] | None:
    """The first admin and, for the demo, its connected, synced and planned site."""
    try:
        admin = await accounts.ensure_first_admin()
        if base_url:
            from sprintreports.cli import (
                demo_planning,
                demo_reports,
            )  # all of planning and reports comes along, which only a demo needs here

            site_id = await demo_company.connect_and_sync(base_url, watch=supervisor.watch)
            await demo_planning.ensure(site_id)
            await demo_reports.ensure(site_id)
        return admin
    finally:
        await db.dispose()


class _FrontEnd:
    """The front end is built beside the database's start and the first sync."""

    def __init__(self, *, skip: bool) -> None:
        self._problem: BaseException | None = None
        self._thread = threading.Thread(target=self._build, daemon=True)
        self.is_ready = skip or build.is_built(settings_module.PROJECT_ROOT)
        if not self.is_ready:
            _say("Building the pages (once, until their sources change)")
            self._thread.start()

    def _build(self) -> None:
        try:
            build.ensure_built(settings_module.PROJECT_ROOT)
        except BaseException as error:  # noqa: BLE001  # carried to the waiting thread
            self._problem = error

    def wait(self) -> None:
        if self.is_ready:
            return
        while self._thread.is_alive():
            self._thread.join(0.2)
        if self._problem is not None:
            raise self._problem


def _log_folder() -> Path:
    folder = settings().data_dir / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _child(name: str, *arguments: str) -> Child:
    return Child(
        name,
        [sys.executable, "-m", "sprintreports", *arguments],
        settings_module.environment(),
        _log_folder() / f"{name}.log",
    )


def _wait_until_ready(supervisor: Supervisor, web: Child) -> None:
    address = f"http://{_reachable_host()}:{settings().port}/health/ready"
    deadline = clock.monotonic() + _READY_SECONDS
    while not asyncio.run(http.answers(address)):
        supervisor.watch()
        if clock.monotonic() > deadline:
            raise Unavailable(
                f"The web process did not become ready. Its log {web.log_file} ends: {web.last_words()}"
            )
        time.sleep(0.1)


def _reachable_host() -> str:
    return "127.0.0.1" if settings().host in {"0.0.0.0", "::"} else settings().host  # noqa: S104  # compared, not bound


def _say(text: str) -> None:
    print(text, flush=True)


def _greet(admin: tuple[str, str] | None, *, seconds: float) -> None:
    address = f"http://localhost:{settings().port}"
    lines = [f"Sprint Reports is ready after {seconds:.0f} s:  {address}"]
    if admin is None:
        lines.append("Sign in with your account. Forgotten the password? This makes another admin:")
        lines.append(f"  {sys.executable} -m sprintreports create-admin --email you@example.com")
    elif admin[1]:
        lines.append(f"Sign in as  {admin[0]}  with the password  {admin[1]}  (shown this once; keep it).")
    else:
        lines.append(f"Sign in as  {admin[0]}  with the password from SPRINTREPORTS_ADMIN_PASSWORD.")
    lines.append("Ctrl-C stops everything.")
    print("\n" + "\n".join(lines), flush=True)
