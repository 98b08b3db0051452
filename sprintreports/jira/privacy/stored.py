"""Goes through what is stored as Jira sent it and takes out who was erased: a few rows a transaction, off the event loop."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

from psycopg import sql

from sprintreports.jira.erased.finding import finder, scrub_packed, without
from sprintreports.jira.erased.scrubbing import Find, scrub
from sprintreports.jira.store import body_of, digest_of, raw_of
from sprintreports.jira.sync.work import UnitOfWork
from sprintreports.kit import db

BATCH = 200

Row = Sequence[Any]
Rewrite = Callable[[Row, Find], tuple[Any, ...] | None]


@dataclass(frozen=True, slots=True)
class _Place:
    """Stored rows. `rewrite`: from key and values to new values; None: they stay."""

    table: str
    key: tuple[str, ...]
    values: tuple[str, ...]
    rewrite: Rewrite
    only: LiteralString = "true"


def _payload(row: Row, find: Find) -> tuple[Any, ...] | None:
    raw = raw_of(int(row[0]), bytes(row[2]))
    found = without(raw, find)
    # An issue that is marked to be read anew has no digest, and keeps none.
    return None if found == raw else (digest_of(found) if row[1] else row[1], body_of(found))


def _packed(row: Row, find: Find) -> tuple[Any, ...] | None:
    body = bytes(row[-1])
    found = scrub_packed(body, find)
    return None if found is body else (found,)


def _delivery(row: Row, find: Find) -> tuple[Any, ...] | None:
    body = bytes(row[-1])
    found = scrub(body, find)
    return None if found is body else (found,)


_PLACES = (
    _Place("stored_payload", ("external_id",), ("digest", "body"), _payload, "kind = 'issue'"),
    _Place(
        "sprint_reconciliation", ("jira_board_id", "jira_sprint_id"), ("body",), _packed, "body IS NOT NULL"
    ),
    _Place("webhook_delivery", ("id",), ("body",), _delivery),
)


async def scrub_site(unit: UnitOfWork, site_id: int) -> int:
    """Scrub all that is stored of a site; how many rows were changed. Can be cut off and run again."""
    changed = 0
    for place in _PLACES:
        after: Row | None = ()
        while after is not None:
            done, after = await _batch(unit, site_id, place, after)
            changed += done
    return changed


async def _batch(unit: UnitOfWork, site_id: int, place: _Place, after: Row) -> tuple[int, Row | None]:
    names = sql.SQL(", ").join(map(sql.Identifier, place.key))
    places = sql.SQL(", ").join(sql.Placeholder() for _ in place.key)
    beyond = sql.SQL("AND ({}) > ({})").format(names, places) if after else sql.SQL("")
    query = sql.SQL(
        "SELECT {names}, {values} FROM {table} WHERE site_id = %s AND {only} {beyond} ORDER BY {names} LIMIT {limit} "
        "FOR UPDATE"
    ).format(
        names=names, values=sql.SQL(", ").join(map(sql.Identifier, place.values)), table=sql.Identifier(place.table),
        only=sql.SQL(place.only), beyond=beyond, limit=sql.Literal(BATCH),
    )  # fmt: skip
    change = sql.SQL("UPDATE {table} SET {values} WHERE site_id = %s AND ({names}) = ({places})").format(
        table=sql.Identifier(place.table), names=names, places=places,
        values=sql.SQL(", ").join(sql.SQL("{} = %s").format(sql.Identifier(name)) for name in place.values),
    )  # fmt: skip
    async with unit() as session:
        find = await finder(session, site_id)
        if find is None:
            return 0, None
        connection = await db.raw(session)
        rows: list[Row] = await (await connection.execute(query, (site_id, *after))).fetchall()
        found = await asyncio.to_thread(lambda: [place.rewrite(row, find) for row in rows])
        news = [(new, row[: len(place.key)]) for new, row in zip(found, rows, strict=True) if new is not None]
        for new, key in news:
            await connection.execute(change, (*new, site_id, *key))
    return len(news), tuple(rows[-1][: len(place.key)]) if len(rows) == BATCH else None
