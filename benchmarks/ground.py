"""A server and settings of the benchmarks' own: nothing of the product's data is touched, nothing is left behind."""

import asyncio
import base64
import secrets
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import psycopg

from sprintreports import settings as settings_module
from sprintreports.kit import crypto, db, migrations, queue
from sprintreports.kit.embedded import EmbeddedPostgres
from sprintreports.observability import logs

T = TypeVar("T")
_TEMPLATE = "bench_template"


@dataclass(frozen=True, slots=True)
class Ground:
    """A folder, and in it a PostgreSQL as `sprintreports up` starts it: durable, with the same options."""

    folder: Path
    server: EmbeddedPostgres
    quick: bool

    @property
    def version(self) -> str:
        with psycopg.connect(self.server.url_of("postgres")) as connection:
            return connection.execute("SHOW server_version").fetchall()[0][0].split()[0]

    def migrated(self, name: str, *, renew: bool = True) -> str:
        """A database with all tables, made the product's own from here on; an old one of the name is dropped."""
        with psycopg.connect(self.server.url_of("postgres"), autocommit=True) as connection:
            known = {row[0] for row in connection.execute("SELECT datname FROM pg_database").fetchall()}
            if _TEMPLATE not in known:
                connection.execute(f"CREATE DATABASE {_TEMPLATE}")
                migrations.upgrade(self.server.url_of(_TEMPLATE))
            if renew or name not in known:
                connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
                connection.execute(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
        use(self.server.url_of(name))
        return self.server.url_of(name)


def use(url: str) -> None:
    """Make this the product's database."""
    settings_module.set_variable("database_url", url)
    crypto.forget_key()
    queue.app.cache_clear()


@contextmanager
def ground(*, quick: bool, kept: Path | None = None) -> Iterator[Ground]:
    """The ground of one call. `kept`: a folder that outlives it, to go on with what an earlier call began."""
    folder = kept or Path(tempfile.mkdtemp(prefix="sprintreports-bench-"))
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    settings_module.set_variable("data_dir", str(folder / "data"))
    settings_module.set_variable("secret_key", base64.b64encode(secrets.token_bytes(32)).decode())
    settings_module.set_variable("log_level", "ERROR")
    settings_module.set_variable(
        "outgoing_allowed", "127.0.0.1, ::1, localhost"
    )  # all that is asked stands here
    settings_module.set_variable("admin_email", "bench@example.com")
    settings_module.set_variable("admin_password", secrets.token_urlsafe(18))
    logs.configure("ERROR")
    server = EmbeddedPostgres(folder / "postgres")
    try:
        server.start()
        yield Ground(folder, server, quick)
    finally:
        server.stop()
        if kept is None:
            shutil.rmtree(folder, ignore_errors=True)


def run(work: Callable[[], Awaitable[T]]) -> T:
    """Run asynchronous work of this process's own against the database, and close its connections."""

    async def all_of_it() -> T:
        try:
            return await work()
        finally:
            await db.dispose()

    return asyncio.run(all_of_it())
