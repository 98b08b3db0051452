"""Connections to outside services: set up and changed by admins, used by whoever publishes. A secret goes in and never comes out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from sprintreports.identity import audit
from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.integrations.channel import ChannelError, Checked
from sprintreports.integrations.exchange import without
from sprintreports.kit import crypto
from sprintreports.kit.errors import Conflict, NotFound
from sprintreports.kit.paging import Page, Sort, order_by
from sprintreports.reports.publishing import circuits
from sprintreports.reports.publishing.checking import Draft, address_of, checked
from sprintreports.reports.publishing.circuits import Circuit
from sprintreports.reports.publishing.line import put_in_line
from sprintreports.reports.publishing.tables import ConnectionRow
from sprintreports.reports.publishing.values import Connection, Service, Settings, read_settings

ORDERS = {
    "name": "lower(name) {way}",
    "kind": "kind {way}",
    "checked_at": "checked_at {way} NULLS LAST",
    "delivered_at": "delivered_at {way} NULLS LAST",
    "created_at": "created_at {way}",
}
# What waits for the connection begins again.
_RESUME = text("""
UPDATE delivery SET next_at = :now, updated_at = :now WHERE connection_id = :id AND state = 'waiting' RETURNING id
""")
_END = text("""
UPDATE delivery SET state = 'failed', failure = 'admin', next_at = NULL, ended_at = :now, updated_at = :now,
  sentence = 'The connection was deleted before this was sent. Publish the report by another one.'
WHERE connection_id = :id AND state IN ('queued', 'waiting')
""")


class NameTaken(Conflict):
    """There is a connection with this name already. Choose another name."""


class ConnectionUnknown(NotFound):
    """There is no such connection. It may have been deleted: load the list of connections again."""


async def listing(
    session: AsyncSession, viewer: Viewer, *, sort: Sort = (), page: int = 1, per_page: int = 25
) -> Page[Connection]:
    """All connections, by name. Raises Forbidden."""
    viewer.require(Permission.REPORTS_READ)
    order = order_by(sort, ORDERS, usual="lower(name)", last="id").removeprefix("ORDER BY ")
    living = select(ConnectionRow).where(col(ConnectionRow.deleted_at).is_(None))
    rows = (await session.scalars(living.order_by(text(order)))).all()
    first = (page - 1) * per_page
    items = [shown(row) for row in rows[first : first + per_page]]
    return Page(items, total=len(rows), page=page, per_page=per_page)


async def one(session: AsyncSession, viewer: Viewer, connection_id: int) -> Connection:
    """Raises Forbidden, ConnectionUnknown."""
    if not viewer.can(Permission.SETTINGS_READ):  # a program that sets connections up has no other scope
        viewer.require(Permission.REPORTS_READ)
    return shown(await row_of(session, connection_id))


async def create(session: AsyncSession, viewer: Viewer, draft: Draft) -> Connection:
    """Set a connection up. Test it next. Raises Forbidden, Invalid, NameTaken."""
    viewer.require(Permission.SETTINGS_WRITE)
    draft = checked(draft)
    row = ConnectionRow(
        kind=kind_of(draft.settings).value,
        name=draft.name,
        settings=msgspec.to_builtins(draft.settings),
        circuit={},
        created_by=viewer.user_id,
    )
    await _written(session, row)
    _seal(row, draft.secret)
    await session.flush()
    await session.refresh(row)
    made = shown(row)
    subject = ("connection", made.id)
    await audit.record(session, viewer, audit.Action.CONNECTION_CREATED, subject=subject, after=_told(made))
    return made


async def change(
    session: AsyncSession, viewer: Viewer, connection_id: int, draft: Draft, *, now: datetime
) -> Connection:
    """Change it; an empty secret keeps the one before, unless it would then go to another address. What waits begins again.

    Raises Forbidden, ConnectionUnknown, Invalid, NameTaken.
    """
    viewer.require(Permission.SETTINGS_WRITE)
    row = await row_of(session, connection_id, lock=True)
    before = shown(row)
    kept = before.has_secret and address_of(before.settings) == address_of(draft.settings)
    draft = checked(draft, kind=before.kind, keeps_secret=kept)
    row.name, row.settings = draft.name, msgspec.to_builtins(draft.settings)
    _seal(row, draft.secret)
    if not kept and not draft.secret:
        row.secret = None
    row.circuit, row.updated_at = {}, now
    await _written(session, row)
    await resume(session, connection_id, now=now)
    after = shown(row)
    told = _told(after) | ({"secret": "entered again"} if draft.secret else {})
    subject = ("connection", connection_id)
    await audit.record_change(
        session, viewer, audit.Action.CONNECTION_CHANGED, subject=subject, before=_told(before), after=told
    )
    return after


async def delete(session: AsyncSession, viewer: Viewer, connection_id: int, *, now: datetime) -> None:
    """Forget it: its secret goes at once, what was delivered stays in the list. Raises Forbidden, ConnectionUnknown."""
    viewer.require(Permission.SETTINGS_WRITE)
    row = await row_of(session, connection_id, lock=True)
    before = shown(row)
    row.secret, row.deleted_at, row.updated_at = None, now, now
    await session.flush()
    await session.execute(_END, {"id": connection_id, "now": now})
    subject = ("connection", connection_id)
    await audit.record(
        session, viewer, audit.Action.CONNECTION_DELETED, subject=subject, before=_told(before)
    )


async def with_secret(session: AsyncSession, viewer: Viewer, connection_id: int) -> tuple[Connection, str]:
    """For a test: the connection and its secret in clear. Raises Forbidden, ConnectionUnknown."""
    viewer.require(Permission.SETTINGS_WRITE)
    row = await row_of(session, connection_id)
    return shown(row), secret_of(row)


async def note_check(
    session: AsyncSession,
    viewer: Viewer,
    connection_id: int,
    result: Checked | ChannelError,
    *,
    now: datetime,
) -> Connection:
    """Keep what a test brought. A good one ends a pause, and what waits begins again."""
    viewer.require(Permission.SETTINGS_WRITE)
    row = await row_of(session, connection_id, lock=True)
    row.checked_at, row.check_ok = now, isinstance(result, Checked)
    said = result.sentence if isinstance(result, Checked) else result.message
    row.check_message = without(said, secret_of(row))
    if isinstance(result, Checked):
        row.circuit = {}
        await resume(session, connection_id, now=now)
    else:
        result.message = row.check_message  # the pause tells it, too
        row.circuit = circuits.stored(circuits.read(row.circuit).failed(result, now))
    await session.flush()
    subject, outcome = ("connection", connection_id), {"ok": row.check_ok}
    await audit.record(session, viewer, audit.Action.CONNECTION_TESTED, subject=subject, after=outcome)
    return shown(row)


async def resume(session: AsyncSession, connection_id: int, *, now: datetime) -> None:
    """Deliveries that wait for this connection are tried now."""
    for delivery_id in (await session.scalars(_RESUME, {"id": connection_id, "now": now})).all():
        await put_in_line(session, delivery_id, connection_id)


async def row_of(session: AsyncSession, connection_id: int, *, lock: bool = False) -> ConnectionRow:
    """Raises ConnectionUnknown."""
    query = select(ConnectionRow).where(
        col(ConnectionRow.id) == connection_id, col(ConnectionRow.deleted_at).is_(None)
    )
    query = query.with_for_update() if lock else query
    row = await session.scalar(query.execution_options(populate_existing=True))
    if row is None:
        raise ConnectionUnknown
    return row


def secret_of(row: ConnectionRow) -> str:
    """In clear; empty where there is none."""
    return crypto.unseal(bytes(row.secret), context=_context(row)).decode() if row.secret else ""


def kind_of(settings: Settings) -> Service:
    return Service(msgspec.to_builtins(settings)["kind"])


def shown(row: ConnectionRow) -> Connection:
    """The row without its secret."""
    circuit: Circuit = circuits.read(row.circuit)
    return Connection(
        id=row.id or 0,
        kind=Service(row.kind),
        name=row.name,
        settings=read_settings(row.settings),
        has_secret=row.secret is not None,
        paused=circuit.open,
        paused_reason=circuit.reason if circuit.open else "",
        paused_until=circuit.until if circuit.open else None,
        checked_at=row.checked_at,
        check_ok=row.check_ok,
        check_message=row.check_message,
        delivered_at=row.delivered_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


async def _written(session: AsyncSession, row: ConnectionRow) -> None:
    try:
        async with session.begin_nested():
            session.add(row)
            await session.flush()
    except IntegrityError as error:
        raise NameTaken from error


def _seal(row: ConnectionRow, secret: str) -> None:
    if secret:
        row.secret = crypto.seal(secret.encode(), context=_context(row))


def _context(row: ConnectionRow) -> str:
    return f"connection:{row.id}"


def _told(connection: Connection) -> dict[str, Any]:
    """What the audit log tells: no secret, and no account or address, which may be a person's."""
    return {
        "name": connection.name,
        "kind": connection.kind.value,
        "address": address_of(connection.settings),
    }
