"""The engine: pooled connections survive a database that was away."""

import asyncio

import psycopg
import pytest
from sqlalchemy import text

from sprintreports import settings as settings_module
from sprintreports.kit import db
from sprintreports.kit.embedded import EmbeddedPostgres


async def _backend() -> int:
    async with db.transaction() as session:
        return int((await session.execute(text("SELECT pg_backend_pid()"))).scalar_one())


async def test_a_connection_that_died_while_it_rested_is_replaced(
    pg_url: str, postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(db, "_REST_SECONDS", 0.0)
    first = await _backend()
    assert await _backend() == first, "a resting connection is used again"
    with psycopg.connect(postgres.url_of("postgres"), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", (first,))
    assert await _backend() != first


async def test_a_busy_connection_is_not_asked_first(pg_url: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(db, "_REST_SECONDS", 1_000.0)
    await _backend()
    asked: list[str] = []
    monkeypatch.setattr(
        "sqlalchemy.dialects.postgresql.psycopg.AsyncAdapt_psycopg_cursor.execute", asked.append
    )
    connection = await db.engine().connect()
    await connection.close()
    assert asked == []


async def _write_and_fail() -> None:
    async with db.transaction() as session:
        await session.execute(text("INSERT INTO installation (id) VALUES (1)"))
        raise RuntimeError("stop")


async def test_a_rolled_back_transaction_leaves_nothing(pg_url: str):
    with pytest.raises(RuntimeError, match="stop"):
        await _write_and_fail()
    async with db.transaction() as session:
        assert (await session.execute(text("SELECT count(*) FROM installation"))).scalar_one() == 0
        await db.ping(session)


async def test_many_at_once_wait_for_a_connection(pg_url: str):
    pids = await asyncio.gather(*(_backend() for _ in range(40)))
    assert len(set(pids)) <= 10


@pytest.fixture
def one_connection(pg_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPRINTREPORTS_DATABASE_POOL", "1")
    settings_module.reload()


@pytest.mark.usefixtures("one_connection")
async def test_who_asked_first_is_served_first():
    served: list[int] = []

    async def ask(number: int) -> None:
        async with db.transaction() as session:
            await db.ping(session)
            served.append(number)

    asking: list[asyncio.Task[None]] = []
    for number in range(300):  # so that one comes whenever a connection is given back
        asking.append(asyncio.create_task(ask(number)))
        await asyncio.sleep(0)
    await asyncio.gather(*asking)
    assert served == sorted(served)


@pytest.mark.usefixtures("one_connection")
async def test_one_who_gives_up_waiting_leaves_the_place_to_the_next():
    async with db._turn():
        early, late, patient = [asyncio.create_task(_backend()) for _ in range(3)]
        await asyncio.sleep(0)
        early.cancel()
        await asyncio.gather(early, return_exceptions=True)
    late.cancel()  # it has just been given its turn and does not know it yet
    async with asyncio.timeout(60):
        assert await patient > 0
        assert await _backend() > 0
    assert early.cancelled()
    assert late.cancelled()


@pytest.mark.usefixtures("one_connection")
async def test_a_wait_that_is_too_long_ends_with_a_sentence(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(db, "_WAIT_SECONDS", 0.01)
    async with db._turn():
        with pytest.raises(db.DatabaseBusy, match="Try again in a moment") as refused:
            await _backend()
    assert refused.value.status == 503
    assert await _backend() > 0


async def _seen() -> str | None:
    async with db.transaction() as session:
        return await db.seen(session)


async def test_a_state_of_the_database_has_a_name_of_its_own(pg_url: str):
    before = await _seen()
    async with db.transaction() as session:
        assert await db.seen(session) is not None
        await session.execute(text("INSERT INTO installation (id) VALUES (1)"))
        assert await db.seen(session) is None, "only this transaction sees its row"
        during = await _seen()
    after = await _seen()
    assert after not in {None, before, during}


async def test_a_state_is_found_again_where_nothing_was_written(pg_url: str):
    async def twice() -> bool:
        return await _seen() == await _seen()

    # The server's own housekeeping may write in between, but not each time.
    assert any([await twice() for _ in range(20)])


async def test_raw_rows_within_a_savepoint_go_with_it(pg_url: str):
    async with db.transaction() as session:
        await (await db.raw(session)).execute("CREATE TEMP TABLE kept (n int)")
        inner = await session.begin_nested()
        await (await db.raw(session)).execute("INSERT INTO kept VALUES (1)")
        await inner.rollback()
        await (await db.raw(session)).execute("INSERT INTO kept VALUES (2)")
        assert (await session.scalars(text("SELECT n FROM kept"))).all() == [2]
