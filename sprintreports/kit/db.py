"""One async engine, one transaction a door, and COPY inside it."""

import asyncio
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
from sqlalchemy.orm import SessionTransaction
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
_RAW = "kit.db.raw"  # in a session's info: its transaction, and the connection of that
# Longer than lock_timeout, so that a lock is named as what held everybody up; shorter than the 30 seconds after which
# browsers and proxies have usually given up, so that the answer still has a reader.
_WAIT_SECONDS = 15.0


class DatabaseBusy(Unavailable):
    """Too much is asked of the database at the moment. Try again in a moment."""


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


@cache
def _turns() -> asyncio.Semaphore:
    """As many turns as there are connections, taken in the order of asking.

    The pool's own queue is not fair: a newcomer takes the connection that a waiter was woken for, and the waiter goes
    back to the end.
    """
    return asyncio.Semaphore(settings().database_pool)


@asynccontextmanager
async def _turn() -> AsyncGenerator[None]:
    turns = _turns()
    if turns.locked():
        try:
            async with asyncio.timeout(_WAIT_SECONDS):
                await turns.acquire()
        except TimeoutError:
            raise DatabaseBusy from None
    else:
        await turns.acquire()
    try:
        yield
    finally:
        turns.release()


def busy() -> bool:
    """Whether all connections of this process are in use, so that whoever comes has to wait for a turn."""
    return _turns().locked()


async def value_aside(query: str) -> Any:
    """The first value that a query finds, asked over a connection of its own: for who must not wait for a turn."""
    url = libpq_url(settings().database_url)
    options = "-c timezone=UTC -c statement_timeout=5s"
    async with await AsyncConnection[Any].connect(
        url, autocommit=True, connect_timeout=5, options=options
    ) as aside:
        row = await (await aside.execute(query.encode())).fetchone()
    return None if row is None else row[0]


async def dispose() -> None:
    """Close all connections and forget the engine."""
    _turns.cache_clear()
    if engine.cache_info().currsize:
        await engine().dispose()
        engine.cache_clear()


@asynccontextmanager
async def transaction() -> AsyncGenerator[AsyncSession]:
    """The transaction of one request, event or job. Only doors open one; nobody else commits.

    Whoever asks first is served first. Raises DatabaseBusy after a long wait for a connection.
    """
    async with _turn(), AsyncSession(engine(), expire_on_commit=False) as session, session.begin():
        yield session


async def raw(session: AsyncSession) -> AsyncConnection[Any]:
    """The psycopg connection of this session's transaction."""
    transaction = _innermost(session)
    known = session.info.get(_RAW)
    if known is not None and known[0] is transaction:
        return known[1]
    connection = await session.connection()
    fairy = await connection.get_raw_connection()
    found = cast("AsyncConnection[Any]", fairy.driver_connection)
    session.info[_RAW] = _innermost(session), found
    return found


def _innermost(session: AsyncSession) -> SessionTransaction | None:
    """A savepoint counts: the session sets it only when it is asked for its connection within it."""
    return session.sync_session.get_nested_transaction() or session.sync_session.get_transaction()


async def seen(session: AsyncSession) -> str | None:
    """A name for all that this transaction sees just now: under the same name, the same rows are seen.

    Each commit that wrote anything changes it. None in a transaction that has itself written, which nobody else sees.
    """
    connection = await raw(session)
    cursor = await connection.execute(_SEEN, prepare=True)
    row = await cursor.fetchone()
    return row[0] if row is not None else None


# A server that was set back to an earlier state counts its transactions from there again, but was started anew.
_SEEN = """
SELECT concat_ws(' ', current_database(), pg_postmaster_start_time(), pg_current_snapshot())
WHERE pg_current_xact_id_if_assigned() IS NULL
"""


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
