"""Deliveries as people ask for them, look at them and send them again. What makes one is `delivering.py`, in a job."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from sprintreports.identity import audit
from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.integrations.channel import Choice
from sprintreports.kit.errors import Conflict, FieldProblem, Invalid, NotFound
from sprintreports.kit.paging import Page, Sort, order_by
from sprintreports.observability import logs
from sprintreports.reports.library import reports, specs
from sprintreports.reports.publishing import connections
from sprintreports.reports.publishing.checking import checked_target
from sprintreports.reports.publishing.line import DELIVER_JOB, put_in_line
from sprintreports.reports.publishing.tables import DeliveryAttempt, DeliveryRow
from sprintreports.reports.publishing.values import (
    Attempt,
    Connection,
    Delivery,
    DeliveryState,
    Service,
    Source,
    Target,
)

log = logs.get("reports.publishing")

LONGEST_KEY = 64
KEPT = timedelta(days=180)
ORDERS = {
    "created_at": "d.created_at {way}",
    "updated_at": "d.updated_at {way}",
    "title": "lower(d.title) {way}",
    "state": "d.state {way}",
    "next_at": "d.next_at {way} NULLS LAST",
}
_FROM = "delivery d JOIN connection c ON c.id = d.connection_id LEFT JOIN user_account u ON u.id = d.user_id"
# Everybody sees their own; who may read settings sees all.
_MINE = """(:all OR d.user_id = :user) AND (CAST(:connection AS bigint) IS NULL OR d.connection_id = :connection)
AND (CAST(:state AS varchar) IS NULL OR d.state = :state)
AND (CAST(:report AS bigint) IS NULL OR (d.source ->> 'report_id')::bigint = :report)"""
_COLUMNS = """
d.id, d.connection_id, c.name AS connection, c.kind, d.user_id, coalesce(u.name, '') AS user, d.source, d.target, d.title, d.state,
d.failure, d.choices, d.attempts, d.sentence, d.url, d.next_at, d.created_at, d.updated_at, d.ended_at
"""
_TOTAL = text(f"SELECT count(*) FROM {_FROM} WHERE {_MINE}")
_ONE = text(f"SELECT {_COLUMNS} FROM {_FROM} WHERE {_MINE} AND d.id = :id")
_SEVERAL = text(
    f"SELECT {_COLUMNS} FROM {_FROM} WHERE {_MINE} AND d.id = ANY(CAST(:ids AS bigint[])) ORDER BY d.id"
)
_KNOWN = text("SELECT id, user_id, connection_id, source, target FROM delivery WHERE key = :key")
_INSERT = text("""
INSERT INTO delivery (connection_id, user_id, key, source, target, title, next_at, created_at, updated_at)
VALUES (:connection, :user, :key, CAST(:source AS jsonb), CAST(:target AS jsonb), :title, NULL, :now, :now)
ON CONFLICT (key) DO NOTHING RETURNING id
""")
_PURGE = text("DELETE FROM delivery WHERE ended_at < :before")
# Under way, with nobody who works on it: its job was lost, or it was to wait for a pause that had just ended.
_LOST = text("""
SELECT d.id, d.connection_id FROM delivery d JOIN connection c ON c.id = d.connection_id
WHERE d.state IN ('queued', 'waiting', 'sending') AND d.updated_at < :before AND coalesce(d.next_at, d.updated_at) < :before
  AND NOT (d.state = 'waiting' AND d.next_at IS NULL AND coalesce((c.circuit ->> 'open')::boolean, false))
  AND NOT EXISTS (
      SELECT FROM procrastinate_jobs j
      WHERE j.status IN ('todo', 'doing') AND j.task_name = :job AND (j.args ->> 'delivery_id')::bigint = d.id
  )
ORDER BY d.id LIMIT 200
""")
_FORGET = text("""
DELETE FROM connection c WHERE deleted_at < :before AND NOT EXISTS (SELECT FROM delivery d WHERE d.connection_id = c.id)
""")
_LOST_AFTER = timedelta(minutes=5)
_AGAIN = frozenset({DeliveryState.FAILED, DeliveryState.CLASH, DeliveryState.UNKNOWN, DeliveryState.WAITING})


class DeliveryUnknown(NotFound):
    """There is no such delivery, or it is somebody else's. Choose one from the list of deliveries."""


class NotAgain(Conflict):
    """This delivery is under way or has arrived, so there is nothing to send again. Publish the report anew instead."""


class KeyTaken(Conflict):
    """This key belongs to another delivery. Use a new one."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be sent, by which connection, and where to."""

    source: Source
    connection_id: int
    target: Target
    title: str = ""


async def allowed(
    session: AsyncSession, viewer: Viewer, wanted: Wanted, *, now: datetime
) -> tuple[Connection, Wanted]:
    """The connection, and what is wanted with its target checked. Raises Forbidden, NotFound, Invalid.

    Publishing takes the right to write reports on every board that the report speaks of; a mail to oneself, to read them.
    """
    source, title = wanted.source, wanted.title
    if (source.report_id is None) == (source.spec is None):
        problem = FieldProblem(
            "report_id", "Name a stored report, or say by a spec what it is about: one of them."
        )
        raise Invalid(problem.message, details=(problem,))
    if source.report_id is not None:
        info = await reports.one(session, viewer, source.report_id)
        spec, title = info.spec, title or info.name
    else:
        spec = source.spec
    about = await specs.definite(session, viewer, spec, now=now)  # pyright: ignore[reportArgumentType]
    if source.spec is not None:
        source = msgspec.structs.replace(source, spec=about.spec)
    connection, target = await sendable(
        session, viewer, wanted.connection_id, wanted.target, boards=about.boards
    )
    return connection, replace(wanted, source=source, target=target, title=title[:200])


async def sendable(
    session: AsyncSession, viewer: Viewer, connection_id: int, target: Target, *, boards: Collection[int]
) -> tuple[Connection, Target]:
    """The connection and the target, checked, for a report that speaks of these boards. Raises Forbidden, NotFound, Invalid."""
    viewer.require(Permission.REPORTS_READ)
    connection = await connections.one(session, viewer, connection_id)
    target = checked_target(connection.kind, target, connection.settings)
    oneself = connection.kind is Service.EMAIL and {one.casefold() for one in target.to} == {
        viewer.email.casefold()
    }
    if not oneself:
        for board_id in boards:
            viewer.require(Permission.REPORTS_WRITE, board_id=board_id)
        viewer.require(Permission.REPORTS_WRITE)
    return connection, target


async def publish(
    session: AsyncSession, viewer: Viewer, wanted: Wanted, *, key: str = "", now: datetime
) -> Delivery:
    """Put a delivery in line. The same key again is the same delivery. Raises Forbidden, NotFound, Invalid, KeyTaken."""
    connection, wanted = await allowed(session, viewer, wanted, now=now)
    values: dict[str, Any] = {
        "connection": connection.id,
        "user": viewer.user_id,
        "key": _key(key),
        "source": msgspec.json.encode(wanted.source).decode(),
        "target": msgspec.json.encode(wanted.target).decode(),
        "title": wanted.title,
        "now": now,
    }
    made = await session.scalar(_INSERT, values)
    if made is None:
        return await _same(session, viewer, wanted, str(values["key"]))
    await put_in_line(session, made, connection.id)
    told = {
        "connection": connection.id,
        "report": wanted.source.report_id,
        "recipients": len(wanted.target.to),
    }
    await audit.record(session, viewer, audit.Action.REPORT_PUBLISHED, subject=("delivery", made), after=told)
    return await one(session, viewer, made)


async def listing(
    session: AsyncSession,
    viewer: Viewer,
    *,
    connection_id: int | None = None,
    report_id: int | None = None,
    state: DeliveryState | None = None,
    sort: Sort = (),
    page: int = 1,
    per_page: int = 25,
) -> Page[Delivery]:
    """The viewer's own deliveries, and everybody's for who may read settings; the newest first. Raises Forbidden."""
    asked = _asked(viewer, connection_id=connection_id, report_id=report_id, state=state)
    total = await session.scalar(_TOTAL, asked)
    order = order_by(sort, ORDERS, usual="d.id DESC", last="d.id")
    query = text(f"SELECT {_COLUMNS} FROM {_FROM} WHERE {_MINE} {order} LIMIT :limit OFFSET :offset")
    rows = await session.execute(query, {**asked, "limit": per_page, "offset": (page - 1) * per_page})
    return Page([_delivery(row) for row in rows.mappings()], total=total or 0, page=page, per_page=per_page)


async def one(session: AsyncSession, viewer: Viewer, delivery_id: int) -> Delivery:
    """With every try. Raises Forbidden, DeliveryUnknown."""
    row = (await session.execute(_ONE, {**_asked(viewer), "id": delivery_id})).mappings().one_or_none()
    if row is None:
        raise DeliveryUnknown
    tries = await session.scalars(
        select(DeliveryAttempt)
        .where(col(DeliveryAttempt.delivery_id) == delivery_id)
        .order_by(col(DeliveryAttempt.number))
    )
    found = tuple(Attempt(a.number, a.began_at, a.ended_at, a.outcome, a.sentence) for a in tries)
    return replace(_delivery(row), tries=found)


async def several(session: AsyncSession, viewer: Viewer, delivery_ids: Collection[int]) -> list[Delivery]:
    """Those of these that the viewer sees, without their tries. Raises Forbidden."""
    asked = {**_asked(viewer), "ids": sorted(set(delivery_ids))}
    return [_delivery(row) for row in (await session.execute(_SEVERAL, asked)).mappings()]


async def again(
    session: AsyncSession, viewer: Viewer, delivery_id: int, *, choice: Choice | None = None, now: datetime
) -> Delivery:
    """Send it again: what has arrived is not sent twice, but for what nobody knows of, which this says to send.

    Raises Forbidden, DeliveryUnknown, NotAgain, Invalid.
    """
    known = await one(session, viewer, delivery_id)
    row = await session.get(DeliveryRow, delivery_id, with_for_update=True, populate_existing=True)
    if row is None or DeliveryState(row.state) not in _AGAIN:
        raise NotAgain
    if choice is not None and choice not in known.choices:
        raise Invalid(details=(FieldProblem("choice", "This delivery does not ask for that choice."),))
    if row.state == DeliveryState.CLASH and choice is None:
        offered = " or ".join(known.choices)
        raise Invalid("Say what is to be done.", details=(FieldProblem("choice", f"Choose {offered}."),))
    source = msgspec.convert(row.source, Source)
    target = msgspec.convert(row.target, Target)
    await allowed(session, viewer, Wanted(source, row.connection_id, target, row.title), now=now)
    row.progress = {part: value for part, value in row.progress.items() if value is not None}
    row.state, row.choice, row.choices, row.failure = DeliveryState.QUEUED.value, choice or "", [], ""
    row.attempts, row.next_at, row.ended_at, row.updated_at, row.user_id = 0, None, None, now, viewer.user_id
    await session.flush()
    await put_in_line(session, delivery_id, row.connection_id)
    await audit.record(
        session,
        viewer,
        audit.Action.REPORT_PUBLISHED,
        subject=("delivery", delivery_id),
        after={"again": True, "choice": choice or ""},
    )
    return await one(session, viewer, delivery_id)


async def requeue(session: AsyncSession, *, now: datetime) -> int:
    """Give deliveries a new job whose job is gone; how many. One that was being sent would hold up its connection for ever."""
    found = (await session.execute(_LOST, {"before": now - _LOST_AFTER, "job": DELIVER_JOB})).all()
    for delivery_id, connection_id in found:
        log.warning("delivery_requeued", delivery_id=delivery_id, connection_id=connection_id)
        await put_in_line(session, delivery_id, connection_id)
    return len(found)


async def purge(session: AsyncSession, *, now: datetime) -> None:
    """Forget deliveries that ended half a year ago, and connections that were deleted and have none left."""
    await session.execute(_PURGE, {"before": now - KEPT})
    await session.execute(_FORGET, {"before": now - KEPT})


async def _same(session: AsyncSession, viewer: Viewer, wanted: Wanted, key: str) -> Delivery:
    row = (await session.execute(_KNOWN, {"key": key})).mappings().one()
    mine: tuple[Any, ...] = (viewer.user_id, wanted.connection_id)
    if (row["user_id"], row["connection_id"]) != mine or msgspec.convert(
        row["target"], Target
    ) != wanted.target:
        raise KeyTaken
    return await one(session, viewer, row["id"])


def _key(key: str) -> str:
    if len(key) > LONGEST_KEY or not key.isprintable():
        raise Invalid(
            details=(FieldProblem("key", f"A key has at most {LONGEST_KEY} printable characters."),)
        )
    return key or secrets.token_hex(16)


def _asked(
    viewer: Viewer,
    *,
    connection_id: int | None = None,
    report_id: int | None = None,
    state: DeliveryState | None = None,
) -> dict[str, Any]:
    viewer.require(Permission.REPORTS_READ)
    return {
        "all": viewer.can(Permission.SETTINGS_READ),
        "user": viewer.user_id,
        "connection": connection_id,
        "report": report_id,
        "state": state.value if state else None,
    }


def _delivery(row: Any) -> Delivery:
    source = msgspec.convert(row["source"], Source)
    return Delivery(
        **{name: row[name] for name in _PLAIN},
        kind=Service(row["kind"]),
        report_id=source.report_id,
        target=msgspec.convert(row["target"], Target),
        state=DeliveryState(row["state"]),
        choices=tuple(Choice(one) for one in row["choices"]),
    )


_PLAIN = (
    "id", "connection_id", "connection", "user_id", "user", "title", "failure", "attempts", "sentence", "url", "next_at",
    "created_at", "updated_at", "ended_at",
)  # fmt: skip
