"""The engine: pooled connections survive a database that was away."""

import asyncio

import psycopg
import pytest
from sqlalchemy import text

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
