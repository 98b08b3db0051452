"""What all tests share: a real PostgreSQL, migrated once, copied for each test that commits.

SPRINTREPORTS_TEST_POSTGRES=/usr/lib/postgresql/15/bin runs the same tests on another server's binaries.
"""

import base64
import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from sprintreports import settings as settings_module
from sprintreports.kit import crypto, db, migrations, queue
from sprintreports.kit.embedded import EmbeddedPostgres

ROOT = Path(__file__).resolve().parents[1]
SHARED_DATA = ROOT.parent / "shared" / "data"
TEST_KEY = base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()


def pytest_configure(config: pytest.Config) -> None:
    os.environ.setdefault("SPRINTREPORTS_SECRET_KEY", TEST_KEY)
    os.environ.setdefault("SPRINTREPORTS_DATA_DIR", tempfile.mkdtemp(prefix="sprintreports-data-"))
    # Whatever tests ask stands on this machine; tests of the guard take it back.
    os.environ.setdefault("SPRINTREPORTS_OUTGOING_ALLOWED", "127.0.0.1, ::1, localhost")
    os.environ.pop("SPRINTREPORTS_DATABASE_URL", None)
    settings_module.reload()


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """In CI a skipped test is a failed one: nothing counts as checked that was not."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if os.environ.get("CI") and skipped and exitstatus == pytest.ExitCode.OK:
        reporter.write_line(f"{len(skipped)} tests were skipped, which fails in CI.")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_unconfigure(config: pytest.Config) -> None:
    folder = Path(os.environ["SPRINTREPORTS_DATA_DIR"])
    if folder.name.startswith("sprintreports-data-"):
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The recordings that none of us wrote. Conformance tests only."""
    if not SHARED_DATA.is_dir():
        pytest.fail(f"{SHARED_DATA} is absent: conformance tests need it (`make test` does without)")
    return SHARED_DATA


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """One running server for the tests of this process."""
    folder = Path(tempfile.mkdtemp(prefix="sprintreports-pg-"))
    folder.chmod(0o755)
    chosen = os.environ.get("SPRINTREPORTS_TEST_POSTGRES", "")
    server = EmbeddedPostgres(
        folder / "postgres",
        binaries=Path(chosen) if chosen else None,
        options=("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=64MB"),
    )
    server.start()
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def template(postgres: EmbeddedPostgres) -> str:
    """The name of a database that all migrations have been run on."""
    name = "template_migrated"
    with psycopg.connect(postgres.url_of("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    migrations.upgrade(postgres.url_of(name))
    return name


def _use(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("SPRINTREPORTS_DATABASE_URL", url)
    settings_module.reload()
    crypto.forget_key()
    queue.app.cache_clear()


@pytest.fixture(scope="session")
def shared_database(postgres: EmbeddedPostgres, template: str) -> str:
    with psycopg.connect(postgres.url_of("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE shared_work TEMPLATE {template}")
    return postgres.url_of("shared_work")


@pytest_asyncio.fixture
async def db_session(shared_database: str) -> AsyncIterator[AsyncSession]:
    """A session on a migrated database whose transaction is rolled back after the test."""
    engine = create_async_engine(
        db.sqlalchemy_url(shared_database), connect_args={"options": "-c timezone=UTC"}
    )
    async with engine.connect() as connection:
        outer = await connection.begin()
        async with AsyncSession(
            bind=connection, expire_on_commit=False, join_transaction_mode="create_savepoint"
        ) as session:
            yield session
        await outer.rollback()
    await engine.dispose()


@pytest_asyncio.fixture
async def pg_url(
    postgres: EmbeddedPostgres, template: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[str]:
    """A database of this test's own, set as the product's: for tests whose doors commit."""
    name = f"test_{secrets.token_hex(6)}"
    with psycopg.connect(postgres.url_of("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    _use(monkeypatch, postgres.url_of(name))
    yield postgres.url_of(name)
    await db.dispose()
    queue.app.cache_clear()
    monkeypatch.undo()
    settings_module.reload()
    with psycopg.connect(postgres.url_of("postgres"), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
