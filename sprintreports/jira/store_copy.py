"""COPY, and COPY through a stage into a table that may hold the rows already."""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from itertools import chain, islice
from types import NoneType
from typing import Any

import msgspec
from psycopg import AsyncConnection, sql

# JSON's values are CSV's when a backslash escapes, and msgspec writes JSON ten times as fast as Python can join texts.
_FORM = r"(FORMAT csv, NULL 'null', ESCAPE '\')"
_ROWS = 500
_FEW = 200
_PLAIN = frozenset({NoneType, str, int, bool, datetime, date})
_ESCAPED = re.compile(rb"\\(?:u[0-9a-f]{4}|.)")
_encoder = msgspec.json.Encoder()


async def copy(
    connection: AsyncConnection[Any], table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> int:
    """COPY rows into a table; how many. Characters that PostgreSQL cannot hold (NUL, lone surrogates) are dropped."""
    coming = iter(rows)
    some = list(islice(coming, _ROWS))
    if not some:
        return 0
    statement = sql.SQL("COPY {} ({}) FROM STDIN {}").format(
        sql.Identifier(table), _names(columns), sql.SQL(_FORM)
    )
    count = 0
    async with connection.cursor() as cursor, cursor.copy(statement) as target:
        while some:
            await target.write(_block(some))
            count += len(some)
            some = list(islice(coming, _ROWS))
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
    changed = [name for name in columns if name not in key] if update is None else list(update)
    query = sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {} ON CONFLICT ({}) {}")
    names, into = _names(columns), sql.Identifier(table)
    told = _names(key), _action(table, changed, stamp=stamp)
    rows = list(rows)
    if len(rows) <= _FEW:
        if not rows:
            return 0
        few = sql.SQL("json_populate_recordset(NULL::{}, %s::json)").format(into)
        cursor = await connection.execute(
            query.format(into, names, names, few, *told), (_objects(columns, rows),)
        )
        return cursor.rowcount
    stage = sql.Identifier(f"stage_{table}")
    await connection.execute(
        sql.SQL("CREATE TEMP TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA").format(
            stage, names, into
        )
    )
    await copy(connection, f"stage_{table}", columns, rows)
    cursor = await connection.execute(query.format(into, names, names, stage, *told))
    written = cursor.rowcount
    await connection.execute(sql.SQL("DROP TABLE {}").format(stage))
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


def _block(rows: list[Sequence[Any]]) -> bytes:
    """Lines of CSV: JSON's lines without their brackets. JSON has no line break inside a value, so none is cut."""
    lines = _encoded(_encoder.encode_lines, rows)[1:-2].replace(b"]\n[", b"\n") + b"\n"
    return _ESCAPED.sub(_unescaped, lines) if b"\\" in lines else lines


def _objects(columns: Sequence[str], rows: list[Sequence[Any]]) -> str:
    """The same as a JSON list of objects."""

    def encode(values: list[Sequence[Any]]) -> bytes:
        return _encoder.encode([dict(zip(columns, row, strict=True)) for row in values])

    return _ESCAPED.sub(_without_nul, _encoded(encode, rows)).decode()


def _encoded(encode: Callable[[list[Sequence[Any]]], bytes], rows: list[Sequence[Any]]) -> bytes:
    if not _PLAIN.issuperset(map(type, chain.from_iterable(rows))):
        rows = [
            [value if type(value) in _PLAIN else _WRITERS[type(value)](value) for value in row]
            for row in rows
        ]
    try:
        return encode(rows)
    except UnicodeEncodeError:
        return encode([[_encodable(value) for value in row] for row in rows])


def _unescaped(found: re.Match[bytes]) -> bytes:
    r"""CSV knows `\"` and `\\` alone: what else JSON escapes, a line break or NUL, stands for itself or is dropped."""
    escape = found.group()
    if escape in (rb"\"", rb"\\"):
        return escape
    character = msgspec.json.decode(b'"' + escape + b'"', type=str)
    return b"" if character == "\0" else character.encode()


def _without_nul(found: re.Match[bytes]) -> bytes:
    escape = found.group()
    return b"" if escape == rb"\u0000" else escape


def _encodable(value: object) -> object:
    return value.encode(errors="ignore").decode() if isinstance(value, str) else value


def _list(value: Sequence[str]) -> str:
    items = (item.replace("\\", "\\\\").replace('"', '\\"') for item in value)
    return "{" + ",".join(f'"{item}"' for item in items) + "}"


_WRITERS: dict[type, Callable[[Any], str]] = {
    float: repr,
    bytes: lambda value: "\\x" + value.hex(),
    list: _list,
    tuple: _list,
}
