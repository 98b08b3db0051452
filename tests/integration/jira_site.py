"""A small site in the database: one board, four sprints of two weeks, ready for issues."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from psycopg.types.json import Jsonb
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.jira import context, facts, store
from sprintreports.jira.context import SiteContext
from sprintreports.jira.mapping import FieldMapping
from sprintreports.jira.payloads import (
    BoardConfiguration,
    BoardPayload,
    RawIssue,
    SprintPayload,
    StatusPayload,
)
from sprintreports.kit import db
from tests.unit.jira.samples import MAPPING, POINTS, STATUSES, day, stamp

BOARD = 7
NOW = day(50)
COLUMNS = (("To do", ("1",)), ("In progress", ("2",)), ("Done", ("3",)))


def sprint(number: int, state: str, start: float, end: float, complete: float | None = None) -> SprintPayload:
    return SprintPayload(
        id=number, name=f"Sprint {number}", state=state, start_date=stamp(day(start)), end_date=stamp(day(end)),
        complete_date=stamp(day(complete)) if complete is not None else None, origin_board_id=BOARD,
    )  # fmt: skip


SPRINTS = (
    sprint(1, "closed", 2, 16, 16.5),
    sprint(2, "closed", 17, 31, 31.5),
    sprint(3, "active", 45, 59),
    sprint(4, "future", 60, 74),
)


def configuration(
    columns: Sequence[tuple[str, Sequence[str]]] = COLUMNS, field: str | None = POINTS
) -> BoardConfiguration:
    raw: dict[str, Any] = {
        "id": BOARD,
        "columnConfig": {
            "columns": [
                {"name": name, "statuses": [{"id": status} for status in ids]} for name, ids in columns
            ]
        },
        "estimation": {"type": "field", "field": {"fieldId": field}} if field else {"type": "issueCount"},
    }
    return msgspec.convert(raw, BoardConfiguration)


def found(board: int = BOARD, **options: Any) -> store.FoundBoard:
    return store.FoundBoard(BoardPayload(id=board, name=f"Board {board}"), configuration(**options))


def statuses() -> list[StatusPayload]:
    raw = [
        {"id": status, "name": name, "statusCategory": {"key": category}}
        for status, (name, category) in STATUSES.items()
    ]
    return msgspec.convert(raw, list[StatusPayload])


async def make_site(
    session: AsyncSession,
    *,
    base_url: str = "https://jira.test",
    boards: Iterable[int] = (BOARD,),
    mapping: FieldMapping = MAPPING,
) -> SiteContext:
    connection = await db.raw(session)
    cursor = await connection.execute(
        "INSERT INTO site (name, base_url, dialect, auth, account, status, status_message, mapping, last_synced_at) "
        "VALUES ('Test', %s, 'cloud', 'basic', 'a@b.test', 'ok', '', %s, %s) RETURNING id",
        (base_url, Jsonb(msgspec.to_builtins(mapping)), NOW),
    )
    row = await cursor.fetchone()
    assert row is not None
    site = await context.load(session, row[0])
    await store.store_statuses(session, site, statuses(), now=NOW)
    await store.store_boards(session, site, [found(board) for board in boards], now=NOW)
    await connection.execute("UPDATE board SET selected = true WHERE site_id = %s", (site.site_id,))
    for board in boards:
        await store.store_sprints(session, site, board, SPRINTS, now=NOW)
    return site


async def fill(
    session: AsyncSession,
    site: SiteContext,
    issues: Sequence[RawIssue],
    *,
    boards: Iterable[int] = (BOARD,),
    now: datetime = NOW,
) -> store.StoreResult:
    """Show the issues on the boards, store them and rebuild all that this touches."""
    for board in boards:
        await store.store_board_issues(
            session, site, board, [raw.issue_id for raw in issues], now=now, complete=False
        )
    result = await store.store_issues(session, site, issues, run_id=None, now=now)
    await rebuild(session, site, now=now)
    return result


async def rebuild(session: AsyncSession, site: SiteContext, *, now: datetime = NOW) -> None:
    while await facts.rebuild_touched(session, site.site_id, now=now, limit=50):
        pass


async def rows(session: AsyncSession, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    connection = await db.raw(session)
    return await (await connection.execute(statement, values)).fetchall()
