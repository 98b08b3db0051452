"""The processes of a deployment: web, worker, migrate, and small questions to them."""

import asyncio
import json
import os
import sys
from pathlib import Path

from sprintreports import settings as settings_module
from sprintreports.cli import secrets, starting
from sprintreports.cli.database import database, is_external
from sprintreports.kit import http, migrations
from sprintreports.kit.errors import Unavailable
from sprintreports.observability import logs
from sprintreports.settings import settings


def _need_database() -> None:
    if not is_external():
        raise Unavailable(
            "No database is set. Start everything with `sprintreports up`, or set SPRINTREPORTS_DATABASE_URL."
        )


def web(*, reload: bool) -> None:
    """Become the web process."""
    from sprintreports.ui import build, serve

    _need_database()
    starting.check_first()
    secrets.check_first()
    if reload:
        command, environment = serve.development()
    else:
        built = build.ensure_built(settings_module.PROJECT_ROOT)
        command = serve.command(host=settings().host, port=settings().port)
        environment = serve.variables(built)
    sys.stdout.flush()
    os.execvpe(command[0], command, environment)  # noqa: S606  # our own arguments


def worker() -> None:
    """Run jobs until asked to stop."""
    from sprintreports.jobs import worker as jobs_worker

    _need_database()
    logs.configure()
    starting.check_first()
    secrets.check_first()
    jobs_worker.main()


def migrate(*, revision: str, down_to: str) -> None:
    """Run the migrations on the database that is set (or the embedded one)."""
    logs.configure("WARNING")
    with database():
        url = settings().database_url
        if down_to:
            migrations.downgrade(url, down_to)
            print(f"The tables are back at revision {down_to}.")
        else:
            migrations.upgrade(url, revision)
            print(f"The tables are at revision {migrations.head() if revision == 'head' else revision}.")


def openapi(output: Path | None) -> None:
    """Write the OpenAPI document."""
    from sprintreports.api.app import create_api

    text = json.dumps(create_api().openapi(), indent=2, ensure_ascii=False) + "\n"
    if output is None:
        print(text, end="")
    else:
        output.write_text(text)


def health() -> None:
    """Exit code 0 when the web process of this host is ready."""
    address = f"http://127.0.0.1:{settings().port}/health/ready"
    if not asyncio.run(http.answers(address)):
        raise Unavailable(f"The web process on port {settings().port} is not ready.")
    print("ready")
