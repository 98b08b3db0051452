"""Where sealed secrets are stored, and how each of them is sealed anew with the present key."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import sql
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.kit import crypto, db

BATCH = 100


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column of sealed secrets. `context`: what each was sealed for, from the values of `key`, in their order."""

    table: str
    column: str
    context: Callable[..., str]
    key: tuple[str, ...] = ("id",)

    def __str__(self) -> str:
        return f"{self.table}.{self.column}"


Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Renewed:
    """How many were sealed anew, how many no key opened, and after which key to go on (None: that was all)."""

    done: int
    unopened: int
    after: Key | None


async def left(session: AsyncSession, place: SealedColumn) -> int:
    """How many of its secrets are sealed with another key than the present one."""
    connection = await db.raw(session)
    query = sql.SQL("SELECT count(*) FROM {table} WHERE {old}").format(**_names(place))
    row = await (await connection.execute(query, (crypto.HEAD_BYTES, crypto.head()))).fetchone()
    return int(row[0]) if row else 0


async def renew(
    session: AsyncSession, place: SealedColumn, *, after: Key | None, limit: int = BATCH
) -> Renewed:
    """Seal the next secrets anew, at most `limit`. Who writes one of those rows waits for it, nobody else."""
    connection = await db.raw(session)
    beyond = sql.SQL("AND ({key}) > ({places})" if after else "").format(**_names(place))
    query = sql.SQL(
        "SELECT {value}, {key} FROM {table} WHERE {old} {beyond} ORDER BY {key} LIMIT {limit} FOR UPDATE"
    ).format(limit=sql.Literal(limit), beyond=beyond, **_names(place))
    cursor = await connection.execute(query, (crypto.HEAD_BYTES, crypto.head(), *(after or ())))
    rows: Sequence[Sequence[Any]] = await cursor.fetchall()
    change = sql.SQL("UPDATE {table} SET {value} = %s WHERE ({key}) = ({places})").format(**_names(place))
    done = 0
    for value, *key in rows:
        context = place.context(*key)
        try:
            plain = crypto.unseal(bytes(value), context=context)
        except crypto.SecretKeyWrong:
            continue
        await connection.execute(change, (crypto.seal(plain, context=context), *key))
        done += 1
    return Renewed(done, len(rows) - done, tuple(rows[-1][1:]) if len(rows) == limit else None)


async def sample(session: AsyncSession, place: SealedColumn) -> tuple[bytes, str] | None:
    """One of its secrets with its context; None when there is none."""
    connection = await db.raw(session)
    query = sql.SQL("SELECT {value}, {key} FROM {table} WHERE {value} IS NOT NULL LIMIT 1").format(
        **_names(place)
    )
    row = await (await connection.execute(query)).fetchone()
    return (bytes(row[0]), place.context(*row[1:])) if row else None


def _names(place: SealedColumn) -> dict[str, sql.Composable]:
    value = sql.Identifier(place.column)
    return {
        "table": sql.Identifier(place.table),
        "value": value,
        "key": sql.SQL(", ").join(map(sql.Identifier, place.key)),
        "old": sql.SQL("{0} IS NOT NULL AND substr({0}, 1, %s) <> %s").format(value),
        "places": sql.SQL(", ").join(sql.Placeholder() for _ in place.key),
    }
