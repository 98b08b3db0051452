"""Say something to all processes, and hear it: PostgreSQL's NOTIFY, which arrives when the transaction has committed."""

import asyncio
from collections.abc import Callable

import psycopg
from psycopg import AsyncConnection, sql
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.kit import db
from sprintreports.observability import logs
from sprintreports.settings import settings

NUMBERS = "sprintreports_numbers"  # the channel of those who computed numbers; said of which site
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 30.0

log = logs.get("kit.listening")


async def announce(session: AsyncSession, channel: str, payload: str) -> None:
    """Tell whoever listens to the channel, as soon as this transaction has committed."""
    await session.execute(select(func.pg_notify(channel, payload)))


async def listen(channel: str, heard: Callable[[str], None]) -> None:
    """Call `heard` with each payload, until cancelled.

    On a connection of its own, made again when it is lost. Each new one begins with `heard("")`: something may have been
    said before.
    """
    wait = _FIRST_WAIT
    while True:
        try:
            connection = await AsyncConnection.connect(
                db.libpq_url(settings().database_url),
                autocommit=True,
                connect_timeout=10,
                # A server that is gone without a word is noticed after about a minute.
                keepalives_idle=30,
                keepalives_interval=10,
                keepalives_count=3,
            )
            async with connection:
                await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
                wait = _FIRST_WAIT
                heard("")
                async for notice in connection.notifies():
                    heard(notice.payload)
        except (psycopg.Error, db.DatabaseNotConfigured) as error:
            log.warning("listening_lost", channel=channel, error=str(error), wait=wait)
        await asyncio.sleep(wait)
        wait = min(wait * 2, _LONGEST_WAIT)
