"""Start the stand-in Jira: on this machine only, on the port asked for or a free one."""

import asyncio
import gc
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

from granian.constants import Interfaces
from granian.server.embed import Server
from starlette.types import ASGIApp

from sprintreports.demo import company as companies
from sprintreports.demo.catalog import DEMO_EMAIL, DEMO_TOKEN, Dialect
from sprintreports.demo.chatter import talk
from sprintreports.demo.faults import Faults
from sprintreports.demo.recording import NoRecording
from sprintreports.demo.replay import create_replay
from sprintreports.demo.server import create_app

_HOST = "127.0.0.1"
_HOUR = 3_600_000
BUSY_PORT = 2
NOTHING_TO_REPLAY = 2
_LAST_BREATH = 0.2


def this_hour() -> int:
    """The default `now` of the company: the hour that has just begun."""
    milliseconds = time.time_ns() // 1_000_000
    return milliseconds - milliseconds % _HOUR


def serve(
    *,
    port: int = 0,
    dialect: Dialect = Dialect.CLOUD,
    seed: int | str = 1,
    scale: float = 1.0,
    chatter: int = 0,
    replay: Path | None = None,
    now: int | None = None,
    faults: Faults | None = None,
    ready: Callable[[str], None] | None = None,
) -> int:
    """Serve until told to stop (SIGINT or SIGTERM). Returns the exit code; `ready` gets the base URL once it answers."""
    try:
        taken = _take_port(port)
    except OSError:
        sys.stderr.write(
            f"Port {port} on {_HOST} is in use: choose another one with --port, or 0 for any free one.\n"
        )
        return BUSY_PORT
    chosen: int = taken.getsockname()[1]
    base_url = f"http://{_HOST}:{chosen}"
    try:
        app = _app(
            base_url,
            dialect=dialect,
            seed=seed,
            scale=scale,
            chatter=chatter,
            replay=replay,
            now=now,
            faults=faults,
        )
    except NoRecording as problem:
        sys.stderr.write(f"{problem}\n")
        return NOTHING_TO_REPLAY
    finally:
        taken.close()
    asyncio.run(_run(app, chosen, lambda: (ready or _announce)(base_url)))
    return 0


def _take_port(port: int) -> socket.socket:
    """Bind early: a busy port is known before the company is built."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((_HOST, port))
    except OSError:
        listener.close()
        raise
    return listener


def _app(
    base_url: str,
    *,
    dialect: Dialect,
    seed: int | str,
    scale: float,
    chatter: int,
    replay: Path | None,
    now: int | None,
    faults: Faults | None,
) -> ASGIApp:
    if replay is not None:
        return create_replay(replay, base_url=base_url, faults=faults)
    # A big company is millions of objects that live as long as the process: not worth looking through again and again.
    gc.disable()
    built = companies.found(seed=seed, scale=scale, now=this_hour() if now is None else now)
    if chatter:
        talk(built, most=chatter)
    gc.freeze()
    gc.enable()
    return create_app(built, dialect=dialect, base_url=base_url, faults=faults)


async def _run(app: ASGIApp, port: int, ready: Callable[[], None]) -> None:
    server = Server(
        app, address=_HOST, port=port, interface=Interfaces.ASGINL, websockets=False, log_enabled=False
    )
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, server.stop)
    serving = asyncio.create_task(server.serve())
    await _until_it_listens(port, serving)
    ready()
    await serving
    # The server's own threads let go of the loop a moment after it says that it has ended.
    await asyncio.sleep(_LAST_BREATH)


async def _until_it_listens(port: int, serving: asyncio.Task[None]) -> None:
    while not serving.done():
        try:
            _, writer = await asyncio.open_connection(_HOST, port)
        except OSError:
            await asyncio.sleep(0.02)
            continue
        writer.close()
        return


def _announce(base_url: str) -> None:
    sys.stdout.write(f"Stand-in Jira: {base_url}  (account {DEMO_EMAIL}, token {DEMO_TOKEN})\n")
    sys.stdout.flush()
