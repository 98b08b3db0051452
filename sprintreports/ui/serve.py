"""How the web process is started on a prebuilt front end: its command and its environment.

The names that begin with `__REFLEX_` are Reflex's own: it is pinned exactly, and tests/browser starts this way.
"""

import sys
from pathlib import Path

from sprintreports.settings import environment, settings

APP = "sprintreports.sprintreports:app"


def command(*, host: str, port: int) -> list[str]:
    """Granian with one worker: more of them need Redis for Reflex's states, and then run as processes of their own."""
    return [
        sys.executable, "-m", "granian", "--interface", "asgi", "--factory", "--host", host, "--port", str(port),
        "--workers", "1", "--log-level", "warning", "--no-access-log", "--backpressure", "4096", APP,
    ]  # fmt: skip


def variables(built: Path, **changes: str) -> dict[str, str]:
    """This process's environment, with what makes Reflex serve the build and compile nothing."""
    return environment(
        REFLEX_WEB_WORKDIR=str(built),
        REFLEX_ENV_MODE="prod",
        REFLEX_USE_GRANIAN="true",
        REFLEX_TELEMETRY_ENABLED="false",
        __REFLEX_SKIP_COMPILE="true",
        __REFLEX_MOUNT_FRONTEND_COMPILED_APP="true",
        **changes,
    )


def development() -> tuple[list[str], dict[str, str]]:
    """Command and environment that load pages and code again as they are edited, on one port as in production."""
    command = [
        sys.executable, "-m", "reflex", "run", "--env", "preview",
        "--backend-host", settings().host, "--backend-port", str(settings().port),
    ]  # fmt: skip
    return command, environment(
        REFLEX_WEB_WORKDIR=str(settings().data_dir / "web-dev"),
        REFLEX_USE_GRANIAN="true",
        REFLEX_TELEMETRY_ENABLED="false",
    )
