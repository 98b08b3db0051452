"""COPY, and COPY through a stage into a table that may hold the rows already."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any

from psycopg import AsyncConnection, sql

_BLOCK = 256 * 1024
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": None})


async def copy(
    connection: AsyncConnection[Any], table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> int:
    """COPY rows into a table; how many. Characters that PostgreSQL cannot hold (NUL, lone surrogates) are dropped."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), _names(columns))
    count, size = 0, 0
    lines: list[str] = []
    async with connection.cursor() as cursor, cursor.copy(statement) as target:
        for row in rows:
            line = "\t".join([_WRITERS[type(value)](value) for value in row])
            lines.append(line)
            count += 1
            size += len(line)
            if size > _BLOCK:
                await target.write(_block(lines))
                lines, size = [], 0
        if lines:
            await target.write(_block(lines))
    return count


async def merge(
    connection: AsyncConnection[Any],
    table: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    key: Sequence[str],
    update: Sequence[str] | None = None,
    stamp: bool = False,
) -> int:
    """Insert rows, or update those that are there and differ in a column of `update` (None: all but the key).

    `stamp`: set updated_at of what is updated. Returns how many rows were inserted or updated.
    """
    stage = f"stage_{table}"
    await connection.execute(
        sql.SQL("CREATE TEMP TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA").format(
            sql.Identifier(stage), _names(columns), sql.Identifier(table)
        )
    )
    written = 0
    if await copy(connection, stage, columns, rows):
        changed = [name for name in columns if name not in key] if update is None else list(update)
        query = sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {} ON CONFLICT ({}) {}").format(
            sql.Identifier(table), _names(columns), _names(columns), sql.Identifier(stage), _names(key),
            _action(table, changed, stamp=stamp),
        )  # fmt: skip
        cursor = await connection.execute(query)
        written = cursor.rowcount
    await connection.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(stage)))
    return written


def _action(table: str, columns: Sequence[str], *, stamp: bool) -> sql.Composable:
    if not columns:
        return sql.SQL("DO NOTHING")
    sets: list[sql.Composable] = [
        sql.SQL("{0} = excluded.{0}").format(sql.Identifier(name)) for name in columns
    ]
    if stamp:
        sets.append(sql.SQL("updated_at = now()"))
    old = sql.SQL(", ").join(sql.Identifier(table, name) for name in columns)
    new = sql.SQL(", ").join(sql.Identifier("excluded", name) for name in columns)
    return sql.SQL("DO UPDATE SET {} WHERE ({}) IS DISTINCT FROM ({})").format(
        sql.SQL(", ").join(sets), old, new
    )


def _names(columns: Sequence[str]) -> sql.Composable:
    return sql.SQL(", ").join(map(sql.Identifier, columns))


def _block(lines: list[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode("utf-8", errors="ignore")


def _text(value: str) -> str:
    return value.translate(_ESCAPES) if "\\" in value or not value.isprintable() else value


def _time(value: datetime) -> str:
    # A naive isoformat takes a third of the time of an aware one, and a batch writes tens of thousands.
    return (value if value.tzinfo is UTC else value.astimezone(UTC)).replace(tzinfo=None).isoformat() + "+00"


def _list(value: Sequence[str]) -> str:
    items = (item.replace("\\", "\\\\").replace('"', '\\"') for item in value)
    return _text("{" + ",".join(f'"{item}"' for item in items) + "}")


_WRITERS: dict[type, Callable[[Any], str]] = {
    type(None): lambda _: "\\N",
    str: _text,
    int: str,
    bool: lambda value: "t" if value else "f",
    float: repr,
    bytes: lambda value: "\\\\x" + value.hex(),
    datetime: _time,
    date: date.isoformat,
    list: _list,
    tuple: _list,
}
