"""All that is stored about who signs in: shown as JSON, and erased so that what they did stays told, by number alone.

What belongs to somebody is found in the database's own catalogue: every table that refers to `user_account`. A table that
comes tomorrow is shown and erased without being named here.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from psycopg import sql
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import accounts, audit, users
from sprintreports.identity.permissions import Permission, Role
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import db
from sprintreports.kit.errors import NotFound

MOST = 10_000  # rows of one table that are shown

# Columns that name a user without a foreign key: what they did, which stays told when they are gone.
_TOLD = (
    ("audit_entry", "actor_id"),
    ("sync_run", "requested_by"),
    ("sprint_reconciliation", "received_by"),
    ("oauth_request", "user_id"),
    ("sign_in_attempt", "user_id"),
    ("api_client", "created_by"),
    ("absence", "created_by"),
    ("capacity_override", "created_by"),
    ("capacity_override", "ended_by"),
    ("queue", "created_by"),
    ("queue_version", "created_by"),
    ("queue_edit", "created_by"),
)
# Of those, what goes with the person.
_GOES = frozenset({("oauth_request", "user_id"), ("sign_in_attempt", "user_id")})
_SECRET = re.compile(r"hash|secret|digest|password|sealed|verifier|(^|_)tokens?$|(^|_)body$|^before$|^after$")
# What of an account stays: its number, and what the rest of the data needs of it.
_STAYS = frozenset({"id", "role", "credentials_version", "created_at"})

_REFERRING = text("""
SELECT c.conrelid::regclass::text AS table, a.attname AS column, c.confdeltype = 'c' AS goes
FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
WHERE c.contype = 'f' AND c.confrelid = 'user_account'::regclass ORDER BY 1, 2
""")
_COLUMNS = text("""
SELECT column_name AS name, data_type AS type, is_nullable = 'YES' AS nullable, column_default IS NOT NULL AS filled
FROM information_schema.columns WHERE table_schema = 'public' AND table_name = :table ORDER BY ordinal_position
""")
_ACCOUNT = text("SELECT role, deleted_at IS NOT NULL AS deleted, email FROM user_account WHERE id = :id")


@dataclass(frozen=True, slots=True)
class _Place:
    table: str
    column: str
    goes: bool  # with the person


async def personal_data(session: AsyncSession, viewer: Viewer, user_id: int) -> dict[str, Any]:
    """Everything stored about an account, table by table, without secrets. Raises Forbidden, NotFound.

    Everybody may ask for their own; for others' an admin.
    """
    if viewer.user_id != user_id:
        viewer.require(Permission.USERS_WRITE)
    await _account(session, user_id)
    found = {"user_account": await _rows(session, _Place("user_account", "id", goes=False), user_id)}
    for place in await _places(session):
        rows = await _rows(session, place, user_id)
        if rows:
            found.setdefault(place.table, []).extend(rows)
    await audit.record(session, viewer, audit.Action.USER_EXPORTED, subject=("user", user_id))
    return found


async def erase(session: AsyncSession, viewer: Viewer, user_id: int, *, now: datetime) -> None:
    """Delete the account, its sessions, keys and identities, and put a number in the place of name and address.

    Raises Forbidden, Oneself, LastSuperAdmin, NotFound. What they did stays told, by the number.
    """
    account = await _account(session, user_id)
    users.check_may(viewer, current=Role(account["role"]) if account["role"] else None)
    if not account["deleted"]:
        await accounts.delete(session, viewer, user_id=user_id, now=now)
    connection = await db.raw(session)
    for place in await _places(session):
        if place.goes:
            statement = sql.SQL("DELETE FROM {} WHERE {} = %s").format(
                sql.Identifier(place.table), sql.Identifier(place.column)
            )
            await connection.execute(statement, (user_id,))
    values: dict[str, Any] = {
        "email": f"erased-{user_id}@erased.invalid", "username": f"erased-{user_id}", "name": f"Former user {user_id}",
        "is_active": False, "deleted_at": now, "updated_at": now,
    }  # fmt: skip
    parts: list[sql.Composable] = []
    for column in await _columns(session, "user_account"):
        if column["name"] in values:
            parts.append(
                sql.SQL("{} = {}").format(sql.Identifier(column["name"]), sql.Placeholder(column["name"]))
            )
        elif column["name"] not in _STAYS:
            empty = sql.SQL("NULL" if column["nullable"] and not column["filled"] else "DEFAULT")
            parts.append(sql.SQL("{} = {}").format(sql.Identifier(column["name"]), empty))
    statement = sql.SQL("UPDATE user_account SET {} WHERE id = %(id)s").format(sql.SQL(", ").join(parts))
    await connection.execute(statement, {**values, "id": user_id})
    await audit.record(session, viewer, audit.Action.USER_ERASED, subject=("user", user_id))


async def forget_link(session: AsyncSession, jira_account_id: str) -> None:
    """No account is linked any more to somebody in Jira who is being erased."""
    statement = text("UPDATE user_account SET jira_account_id = NULL WHERE jira_account_id = :account")
    await session.execute(statement, {"account": jira_account_id})


async def _account(session: AsyncSession, user_id: int) -> Any:
    row = (await session.execute(_ACCOUNT, {"id": user_id})).mappings().one_or_none()
    if row is None:
        raise NotFound("There is no such user.")
    return row


async def _places(session: AsyncSession) -> list[_Place]:
    found = [_Place(row.table, row.column, row.goes) for row in await session.execute(_REFERRING)]
    return [*found, *(_Place(table, column, (table, column) in _GOES) for table, column in _TOLD)]


async def _columns(session: AsyncSession, table: str) -> list[Any]:
    return list((await session.execute(_COLUMNS, {"table": table})).mappings())


async def _rows(session: AsyncSession, place: _Place, user_id: int) -> list[dict[str, Any]]:
    shown = [
        column["name"]
        for column in await _columns(session, place.table)
        if column["type"] != "bytea" and not _SECRET.search(column["name"])
    ]
    query = sql.SQL("SELECT {} FROM {} WHERE {} = %s LIMIT {}").format(
        sql.SQL(", ").join(map(sql.Identifier, shown)), sql.Identifier(place.table), sql.Identifier(place.column),
        sql.Literal(MOST),
    )  # fmt: skip
    cursor = await (await db.raw(session)).execute(query, (user_id,))
    return [dict(zip(shown, map(_plain, row), strict=True)) for row in await cursor.fetchall()]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID | Decimal) else value
