"""One async engine, one transaction a door, and COPY inside it."""

from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import asynccontextmanager
from functools import cache
from typing import Any, cast

import psycopg
from psycopg import AsyncConnection, sql
from sqlalchemy import event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection
from sqlmodel import SQLModel

from sprintreports.kit import clock
from sprintreports.kit.errors import Unavailable
from sprintreports.settings import settings

metadata = SQLModel.metadata
metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


_REST_SECONDS = 2.0


class DatabaseNotConfigured(Unavailable):
    """No database is set. Start with `sprintreports up`, or set SPRINTREPORTS_DATABASE_URL."""


def sqlalchemy_url(url: str) -> str:
    """`postgresql://…` as SQLAlchemy's psycopg dialect wants it."""
    for prefix in ("postgresql+psycopg://", "postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url[len(prefix) :]
    raise DatabaseNotConfigured(
        "The database URL must begin with postgresql://. Correct SPRINTREPORTS_DATABASE_URL." if url else ""
    )


def libpq_url(url: str) -> str:
    """The same address as psycopg itself wants it."""
    return sqlalchemy_url(url).replace("postgresql+psycopg://", "postgresql://", 1)


@cache
def engine() -> AsyncEngine:
    """This process's engine. Times travel as UTC; a query may run for a minute at most.

    No overflow: connections that are opened and closed under load cost more than waiting for one.
    """
    made = create_async_engine(
        sqlalchemy_url(settings().database_url),
        pool_size=settings().database_pool,
        max_overflow=0,
        pool_recycle=1800,
        connect_args={
            "options": "-c timezone=UTC -c statement_timeout=60s -c lock_timeout=10s",
            "connect_timeout": 10,
        },
    )
    event.listen(made.sync_engine.pool, "checkin", _note_time)
    event.listen(made.sync_engine.pool, "checkout", _ping_after_a_rest)
    return made


def _note_time(_connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
    record.info["rested_since"] = clock.monotonic()


def _ping_after_a_rest(
    connection: DBAPIConnection, record: ConnectionPoolEntry, _fairy: PoolProxiedConnection
) -> None:
    """A connection that rested may have lost its server: ask first, so that no request meets a dead one.

    One that was used a moment ago is not asked: the question would cost each request a round trip.
    """
    if clock.monotonic() - record.info.get("rested_since", clock.monotonic()) < _REST_SECONDS:
        return
    cursor = connection.cursor()
    try:
        cursor.execute("SELECT 1")
    except psycopg.Error as error:
        raise DisconnectionError from error
    finally:
        cursor.close()
    connection.rollback()


async def dispose() -> None:
    """Close all connections and forget the engine."""
    if engine.cache_info().currsize:
        await engine().dispose()
        engine.cache_clear()


@asynccontextmanager
async def transaction() -> AsyncGenerator[AsyncSession]:
    """The transaction of one request, event or job. Only doors open one; nobody else commits."""
    async with AsyncSession(engine(), expire_on_commit=False) as session, session.begin():
        yield session


async def raw(session: AsyncSession) -> AsyncConnection[Any]:
    """The psycopg connection of this session's transaction."""
    connection = await session.connection()
    fairy = await connection.get_raw_connection()
    return cast("AsyncConnection[Any]", fairy.driver_connection)


async def copy_rows(
    session: AsyncSession, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """COPY rows into a table, inside this session's transaction."""
    connection = await raw(session)
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    async with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            await copy.write_row(row)


async def ping(session: AsyncSession) -> None:
    """Raises when the database does not answer."""
    await session.execute(text("SELECT 1"))
