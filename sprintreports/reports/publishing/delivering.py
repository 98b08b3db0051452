"""A delivery's way, in a job: taken, composed, sent, settled. Each step that writes is a transaction; none is open while a service
is spoken to (docs/decisions/0023).

What has arrived is noted at once, part by part. So a try that was cut off is finished by the next one, and nothing is sent twice:
where the service can be asked, it is asked; where it cannot, a try whose end nobody knows is told of instead of being repeated.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias

import msgspec
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from sprintreports.identity import acting, notices
from sprintreports.identity.notices.kinds import ConnectionPaused, DeliveryStopped
from sprintreports.identity.permissions import Permission
from sprintreports.integrations.channel import (
    AdminNeeded,
    ChannelError,
    Choice,
    Clash,
    Failure,
    Noted,
    OutcomeUnknown,
    Receipt,
    Refused,
    TryLater,
)
from sprintreports.integrations.confluence import Known, Published
from sprintreports.kit.errors import SprintReportsError, Unavailable
from sprintreports.observability import logs
from sprintreports.reports.document.blocks import Document
from sprintreports.reports.publishing import circuits, composing, connections
from sprintreports.reports.publishing.composing import Made, Making
from sprintreports.reports.publishing.line import put_in_line
from sprintreports.reports.publishing.rendering.parts import title_of
from sprintreports.reports.publishing.tables import (
    ConnectionRow,
    DeliveryAttempt,
    DeliveryRow,
    PublishedPage,
)
from sprintreports.reports.publishing.values import (
    UNDER_WAY,
    Connection,
    DeliveryState,
    Service,
    Source,
    Target,
    subject_of,
)

Unit: TypeAlias = Callable[[], AbstractAsyncContextManager[AsyncSession]]

MOST_ATTEMPTS = 8
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=2)
_TURN = timedelta(seconds=5)
_CUT_OFF = "This try was cut off: the worker was stopped or died."
_OURS = "Something went wrong on our side. Tell whoever runs this server: the log has it under the delivery's number."
_KEEP = text("UPDATE delivery SET progress = CAST(:progress AS jsonb), updated_at = :now WHERE id = :id")
_PAGE = text("""
INSERT INTO published_page (connection_id, subject, page_id, version, author, url, created_at, updated_at)
VALUES (:connection, :subject, :page, :version, :author, :url, :now, :now)
ON CONFLICT (connection_id, subject) DO UPDATE SET page_id = excluded.page_id, version = excluded.version,
  author = excluded.author, url = excluded.url, updated_at = excluded.updated_at
""")
_BUSY = text("""
SELECT EXISTS (SELECT FROM delivery WHERE connection_id = :connection AND state = 'sending' AND id <> :id)
""")

log = logs.get("reports.publishing")


@dataclass(frozen=True, slots=True)
class _Taken:
    """What one try works with."""

    delivery_id: int
    user_id: int
    key: str
    number: int
    connection: Connection
    secret: str
    source: Source
    target: Target
    subject: str
    known: Known | None
    choice: Choice | None
    parts: dict[str, Any]


class _Stored(Noted):
    """Progress that is in the database before the next step is taken."""

    def __init__(
        self, unit: Unit, delivery_id: int, parts: dict[str, Any], now: Callable[[], datetime]
    ) -> None:
        super().__init__(parts)
        self._unit, self._id, self._now = unit, delivery_id, now

    async def _keep(self) -> None:
        progress = msgspec.json.encode(self.parts).decode()
        async with self._unit() as session:
            await session.execute(_KEEP, {"progress": progress, "now": self._now(), "id": self._id})


async def deliver(
    unit: Unit, delivery_id: int, *, now: Callable[[], datetime], making: Making | None = None
) -> None:
    """One try. Whatever becomes of it is written down; the next try is put in line where one helps."""
    async with unit() as session:
        taken = await _take(session, delivery_id, now=now())
    if taken is None:
        return
    progress = _Stored(unit, delivery_id, taken.parts, now)
    title = ""
    try:
        async with unit() as session:
            document, target = await _composed(session, taken, now=now())
        title = title_of(document)
        parcel = await composing.packed(
            taken.connection, taken.secret, document, target, subject=taken.subject, known=taken.known,
            choice=taken.choice, making=making or Made(), now=now,
        )  # fmt: skip
        outcome: Receipt | ChannelError = await parcel.channel.send(
            parcel.content, key=taken.key, progress=progress
        )
    except ChannelError as error:
        outcome = error
    except Unavailable as error:
        outcome = TryLater(error.message)
    except SprintReportsError as error:
        outcome = Refused(error.message)
    except Exception:
        log.exception("delivery_broke", delivery_id=delivery_id)
        left = any(value is None for value in progress.parts.values())
        outcome = OutcomeUnknown(_OURS) if left else Refused(_OURS)
    async with unit() as session:
        await _settle(session, taken, outcome, title=title, now=now())


async def _take(session: AsyncSession, delivery_id: int, *, now: datetime) -> _Taken | None:
    """The delivery for this try alone; None: it is not to be tried now."""
    row = await session.get(DeliveryRow, delivery_id, with_for_update=True, populate_existing=True)
    if row is None or DeliveryState(row.state) not in UNDER_WAY:
        return None
    if row.next_at is not None and now < row.next_at:
        await put_in_line(session, delivery_id, row.connection_id, wait=row.next_at - now)
        return None
    holder = await session.get(ConnectionRow, row.connection_id)
    if holder is None or holder.deleted_at is not None:
        _end(
            row,
            DeliveryState.FAILED,
            Failure.ADMIN,
            "The connection was deleted before this was sent.",
            now=now,
        )
        return None
    connection = connections.shown(holder)
    circuit = circuits.read(holder.circuit)
    if circuit.shut(now):
        row.state, row.next_at, row.updated_at = DeliveryState.WAITING.value, circuit.until, now
        row.sentence = f"The connection is paused. {circuit.reason}"
        if circuit.until is not None:
            await put_in_line(session, delivery_id, row.connection_id, wait=circuit.until - now)
        return None
    # Two that write into one Confluence at once could meet on one page, and would take each other for somebody else.
    busy = {"connection": row.connection_id, "id": delivery_id}
    if connection.kind is Service.CONFLUENCE and await session.scalar(_BUSY, busy):
        await put_in_line(session, delivery_id, row.connection_id, wait=_TURN)
        return None
    number = await _begin(session, row, now=now)
    source, target = msgspec.convert(row.source, Source), msgspec.convert(row.target, Target)
    subject = subject_of(source, row.connection_id, target)
    page = await session.get(PublishedPage, (row.connection_id, subject))
    return _Taken(
        delivery_id, row.user_id, row.key, number, connection, connections.secret_of(holder), source, target, subject,
        Known(page.page_id, page.version, page.author) if page else None, Choice(row.choice) if row.choice else None,
        dict(row.progress),
    )  # fmt: skip


async def _begin(session: AsyncSession, row: DeliveryRow, *, now: datetime) -> int:
    """The number of the try, written down before anything is sent. One that never ended is told of."""
    query = select(DeliveryAttempt).where(col(DeliveryAttempt.delivery_id) == row.id)
    for left in (await session.scalars(query.where(col(DeliveryAttempt.ended_at).is_(None)))).all():
        left.ended_at, left.outcome, left.sentence = now, "cut off", _CUT_OFF
    highest = select(func.max(col(DeliveryAttempt.number))).where(col(DeliveryAttempt.delivery_id) == row.id)
    number = (await session.scalar(highest) or 0) + 1
    session.add(DeliveryAttempt(delivery_id=row.id or 0, number=number, began_at=now))
    row.state, row.attempts, row.next_at, row.updated_at = (
        DeliveryState.SENDING.value,
        row.attempts + 1,
        None,
        now,
    )
    await session.flush()
    return number


async def _composed(session: AsyncSession, taken: _Taken, *, now: datetime) -> tuple[Document, Target]:
    viewer = await acting.person(session, taken.user_id)
    document = await composing.document_of(session, viewer, taken.source, now=now)
    return document, await composing.staying(session, taken.target)


async def _settle(
    session: AsyncSession, taken: _Taken, outcome: Receipt | ChannelError, *, title: str, now: datetime
) -> None:
    row = await session.get(DeliveryRow, taken.delivery_id, with_for_update=True, populate_existing=True)
    if row is None:
        return
    row.title = title or row.title
    if isinstance(outcome, Receipt):
        await _arrived(session, row, taken, outcome, now=now)
    else:
        await _failed(session, row, outcome, now=now)
    query = select(DeliveryAttempt).where(
        col(DeliveryAttempt.delivery_id) == row.id, col(DeliveryAttempt.number) == taken.number
    )
    attempt = (await session.scalars(query)).one()
    attempt.ended_at, attempt.sentence = now, row.sentence
    attempt.outcome = "delivered" if isinstance(outcome, Receipt) else outcome.failure.value
    await session.flush()
    log.info(
        "delivery_tried", delivery_id=row.id, attempt=taken.number, state=row.state, outcome=attempt.outcome
    )


async def _arrived(
    session: AsyncSession, row: DeliveryRow, taken: _Taken, receipt: Receipt, *, now: datetime
) -> None:
    _end(row, DeliveryState.DELIVERED, None, receipt.sentence, now=now)
    row.url, row.choice = receipt.url, ""
    if isinstance(receipt, Published) and receipt.known is not None:
        known = receipt.known
        values = {"page": known.page_id, "version": known.version, "author": known.author, "url": receipt.url}
        where = {"connection": row.connection_id, "subject": taken.subject, "now": now}
        await session.execute(_PAGE, values | where)
    holder = await session.get(ConnectionRow, row.connection_id, with_for_update=True, populate_existing=True)
    if holder is not None:
        holder.circuit, holder.delivered_at = {}, now


async def _failed(session: AsyncSession, row: DeliveryRow, error: ChannelError, *, now: datetime) -> None:
    paused = await _heard(session, row.connection_id, error, now=now)
    if isinstance(error, TryLater) and row.attempts < MOST_ATTEMPTS:
        wait = max(wait_after(row.attempts, row.key), timedelta(seconds=error.wait or 0))
        row.state, row.failure, row.sentence = DeliveryState.WAITING.value, error.failure.value, error.message
        row.next_at, row.updated_at = now + wait, now
        await put_in_line(session, row.id or 0, row.connection_id, wait=wait)
        return
    states = {Failure.CLASH: DeliveryState.CLASH, Failure.UNKNOWN: DeliveryState.UNKNOWN}
    sentence = error.message
    if isinstance(error, TryLater):
        sentence = f"{error.message} It was tried {row.attempts} times, and is not tried again by itself."
    _end(row, states.get(error.failure, DeliveryState.FAILED), error.failure, sentence, now=now)
    row.choices = [str(one) for one in error.choices] if isinstance(error, Clash) else []
    parts = DeliveryStopped(row.id or 0, row.title, row.sentence)
    await notices.tell(session, parts, to=row.user_id, key=f"delivery:{row.id}:{now.isoformat()}", now=now)
    if paused:
        log.warning("connection_paused", connection_id=row.connection_id, reason=error.message)


async def _heard(session: AsyncSession, connection_id: int, error: ChannelError, *, now: datetime) -> bool:
    """Count the failure for the connection; whether it is left alone until somebody acts. Those who can act are told."""
    holder = await session.get(ConnectionRow, connection_id, with_for_update=True, populate_existing=True)
    if holder is None or holder.deleted_at is not None:
        return False
    before = circuits.read(holder.circuit)
    after = before.failed(error, now)
    holder.circuit = circuits.stored(after)
    lasting = after.open and (isinstance(error, AdminNeeded) or after.failures >= circuits.THRESHOLD)
    if lasting:
        since = holder.delivered_at.isoformat() if holder.delivered_at else "never"
        parts = ConnectionPaused(connection_id, holder.name, after.reason, until_acted=after.until is None)
        key = f"connection:{connection_id}:{since}:{after.until is None}"
        await notices.tell(session, parts, to=Permission.SETTINGS_WRITE, key=key, now=now)
    return lasting and after.until is None


def wait_after(attempt: int, key: str) -> timedelta:
    """Half a minute, a minute, two … two hours at most; up to a fifth longer, by the key, so that not all come back at once."""
    spread = 1 + hashlib.sha256(f"{key}{attempt}".encode()).digest()[0] / 255 / 5
    return min(LONGEST_WAIT, FIRST_WAIT * 2 ** (attempt - 1)) * spread


def _end(
    row: DeliveryRow, state: DeliveryState, failure: Failure | None, sentence: str, *, now: datetime
) -> None:
    row.state, row.failure, row.sentence = state.value, failure.value if failure else "", sentence
    row.next_at, row.ended_at, row.updated_at = None, now, now
