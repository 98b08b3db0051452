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
import structlog
from argon2 import PasswordHasher
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from sprintreports import settings as settings_module
from sprintreports.identity import passwords
from sprintreports.kit import crypto, db, migrations, queue
from sprintreports.kit.embedded import EmbeddedPostgres
from tests.measuring import pytest_runtest_protocol

__all__ = ["pytest_runtest_protocol"]

ROOT = Path(__file__).resolve().parents[1]
SHARED_DATA = ROOT.parent / "shared" / "data"
LONGEST = (
    "test_webhooks", "test_up", "test_equals_jira", "test_image", "test_sync_jobs", "test_matrix_socket", "test_soak",
    "test_matrix_http", "test_sweep", "test_collection", "test_dynamic_webhooks", "test_truth_against_history",
)  # fmt: skip
MEMORY = Path("/dev/shm")  # noqa: S108  # where there is room, the server's files need no disk
ROOM = 3 * 1024**3
TEST_KEY = base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()


def pytest_configure(config: pytest.Config) -> None:
    os.environ.setdefault("SPRINTREPORTS_SECRET_KEY", TEST_KEY)
    os.environ.setdefault("SPRINTREPORTS_DATA_DIR", tempfile.mkdtemp(prefix="sprintreports-data-"))
    # Whatever tests ask stands on this machine; tests of the guard take it back.
    os.environ.setdefault("SPRINTREPORTS_OUTGOING_ALLOWED", "127.0.0.1, ::1, localhost")
    os.environ.pop("SPRINTREPORTS_DATABASE_URL", None)
    settings_module.reload()
    # Before a door has configured it, structlog prints exceptions with all local variables in colours: seconds for each.
    plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*structlog.get_config()["processors"][:-1], plain])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first, so that no worker waits for another at the end. The browser's keep their order."""

    def place(item: pytest.Item) -> int:
        late = item.path.stem not in LONGEST or "browser" in item.path.parts
        return len(LONGEST) if late else LONGEST.index(item.path.stem)

    items.sort(key=place)


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


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Hashes of a weak kind, as making them is no test's subject but test_passwords.py's, which takes the real ones back."""
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", weak)
        patch.setattr(passwords, "_OF_NOBODY", f"$argon2id$v=19$m=8,t=1,p=1${'A' * 22}${'A' * 43}")
        yield


def _in_memory() -> Path | None:
    """A folder that is no disk, if this machine has one with room for a server or two."""
    return MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM else None


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """One running server for the tests of this process."""
    folder = Path(tempfile.mkdtemp(prefix="sprintreports-pg-", dir=_in_memory()))
    folder.chmod(0o755)
    chosen = os.environ.get("SPRINTREPORTS_TEST_POSTGRES", "")
    server = EmbeddedPostgres(
        folder / "postgres",
        binaries=Path(chosen) if chosen else None,
        options=(
            "fsync=off",
            "synchronous_commit=off",
            "full_page_writes=off",
            "shared_buffers=64MB",
            "max_wal_size=256MB",
        ),
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
    strategy = "FILE_COPY" if MEMORY in postgres.home.parents else "WAL_LOG"
    with psycopg.connect(postgres.url_of("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY {strategy}")
    _use(monkeypatch, postgres.url_of(name))
    yield postgres.url_of(name)
    await db.dispose()
    queue.app.cache_clear()
    monkeypatch.undo()
    settings_module.reload()
    with psycopg.connect(postgres.url_of("postgres"), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
