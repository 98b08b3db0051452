"""A delivery's way, in a job: taken, composed, sent, settled. Each step that writes is a transaction; none is open while a service
is spoken to (docs/decisions/0023).

What has arrived is noted at once, part by part. So a try that was cut off is finished by the next one, and nothing is sent twice:
where the service can be asked, it is asked; where it cannot, a try whose end nobody knows is told of instead of being repeated.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias

import msgspec
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from sprintreports.identity import acting
from sprintreports.integrations.channel import (
    ChannelError,
    Choice,
    Failure,
    Noted,
    OutcomeUnknown,
    Receipt,
    Refused,
    TryLater,
)
from sprintreports.integrations.confluence import Known
from sprintreports.integrations.exchange import without
from sprintreports.kit.errors import SprintReportsError, Unavailable
from sprintreports.observability import logs
from sprintreports.reports.document.blocks import Document
from sprintreports.reports.publishing import circuits, composing, connections, deliveries, settling
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
    Source,
    Target,
    subject_of,
)

Unit: TypeAlias = Callable[[], AbstractAsyncContextManager[AsyncSession]]

MOST_CUT_OFF = 3  # tries in a row that nobody ended: the next one would end this worker, too
LONGEST_SECONDS = 600.0  # of one try, whatever the service does
_TURN = timedelta(seconds=5)
_OUTCOME_CUT_OFF = "cut off"
_CUT_OFF = "This try was cut off: the worker was stopped or died."
_OURS = "Something went wrong on our side. Tell whoever runs this server: the log has it under the delivery's number."
_TOO_LONG = "Making and sending this took longer than ten minutes."
_DIED = "The worker was stopped or died in each of the last {} tries. Choose a smaller report or fewer files, or look into its log."
_PERHAPS = "A part of it may have arrived: look there, and send it again only if it has not."
# The row's lock comes first, so that the condition is asked of what is there once it is held.
_HOLD = text("SELECT id FROM delivery WHERE id = :id FOR UPDATE")
_KEEP = text("""
UPDATE delivery SET progress = CAST(:progress AS jsonb), updated_at = :now
WHERE id = :id AND EXISTS (SELECT FROM delivery_attempt WHERE delivery_id = :id AND number = :number AND ended_at IS NULL)
RETURNING id
""")
_CONNECTION = text("SELECT connection_id FROM delivery WHERE id = :id")
_BUSY = text("""
SELECT EXISTS (SELECT FROM delivery WHERE connection_id = :connection AND state = 'sending' AND id <> :id)
""")
_LAST = text("""
SELECT outcome FROM delivery_attempt WHERE delivery_id = :id AND ended_at IS NOT NULL ORDER BY number DESC LIMIT :most
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


class _Superseded(Exception):
    """Another worker has taken this delivery, since nothing was heard of this one for a while. It goes no step further."""


class _Stored(Noted):
    """Progress that is in the database before the next step is taken, as long as this try is the one that counts."""

    def __init__(self, unit: Unit, taken: _Taken, now: Callable[[], datetime]) -> None:
        super().__init__(taken.parts)
        self._unit, self._id, self._number, self._now = unit, taken.delivery_id, taken.number, now

    async def _keep(self) -> None:
        progress = msgspec.json.encode(self.parts).decode()
        asked = {"progress": progress, "now": self._now(), "id": self._id, "number": self._number}
        async with self._unit() as session:
            await session.execute(_HOLD, {"id": self._id})
            if await session.scalar(_KEEP, asked) is None:
                raise _Superseded


async def deliver(
    unit: Unit, delivery_id: int, *, now: Callable[[], datetime], making: Making | None = None
) -> None:
    """One try. Whatever becomes of it is written down; the next try is put in line where one helps."""
    async with unit() as session:
        taken = await _take(session, delivery_id, now=now())
    if taken is None:
        return
    progress = _Stored(unit, taken, now)
    title, outcome = "", None
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            async with unit() as session:
                document, target = await _composed(session, taken, now=now())
            title = title_of(document)
            outcome = await _sent(taken, document, target, progress, making or Made(), now)
    except _Superseded:
        log.warning("delivery_superseded", delivery_id=delivery_id, attempt=taken.number)
        return
    except ChannelError as error:
        outcome = error
    except Unavailable as error:
        outcome = TryLater(error.message)
    except SprintReportsError as error:
        outcome = Refused(error.message)
    except TimeoutError:
        outcome = OutcomeUnknown(f"{_TOO_LONG} {_PERHAPS}") if _begun(progress.parts) else TryLater(_TOO_LONG)
    except Exception:
        log.exception("delivery_broke", delivery_id=delivery_id)
        outcome = OutcomeUnknown(_OURS) if _begun(progress.parts) else Refused(_OURS)
    if isinstance(outcome, ChannelError):
        outcome.message = without(outcome.message, taken.secret)
    async with unit() as session:
        await _settle(session, taken, outcome, title=title, now=now())


async def _sent(
    taken: _Taken,
    document: Document,
    target: Target,
    progress: _Stored,
    making: Making,
    now: Callable[[], datetime],
) -> Receipt:
    """Raises what a channel raises."""
    parcel = await composing.packed(
        taken.connection, taken.secret, document, target, subject=taken.subject, known=taken.known,
        choice=taken.choice, making=making, now=now,
    )  # fmt: skip
    return await parcel.channel.send(parcel.content, key=taken.key, progress=progress)


def _begun(parts: Mapping[str, str | None]) -> bool:
    """Whether a part has begun and nobody knows how it ended."""
    return any(value is None for value in parts.values())


async def _take(session: AsyncSession, delivery_id: int, *, now: datetime) -> _Taken | None:
    """The delivery for this try alone; None: it is not to be tried now."""
    holder = await _held(session, await session.scalar(_CONNECTION, {"id": delivery_id}))
    row = await session.get(DeliveryRow, delivery_id, with_for_update=True, populate_existing=True)
    if row is None or DeliveryState(row.state) not in UNDER_WAY:
        return None
    if row.next_at is not None and now < row.next_at:
        await put_in_line(session, delivery_id, row.connection_id, wait=row.next_at - now)
        return None
    if holder is None or holder.deleted_at is not None:
        sentence = "The connection was deleted before this was sent."
        settling.end(row, DeliveryState.FAILED, Failure.ADMIN, sentence, now=now)
        return None
    if await _put_off(session, row, circuits.read(holder.circuit), now=now):
        return None
    connection = connections.shown(holder)
    number = await _begin(session, row, now=now)
    if await _always_cut_off(session, delivery_id):
        await _give_up(session, row, now=now)
        return None
    source, target = msgspec.convert(row.source, Source), msgspec.convert(row.target, Target)
    subject = subject_of(source, row.connection_id, target)
    page = await session.get(PublishedPage, (row.connection_id, subject))
    return _Taken(
        delivery_id, row.user_id, row.key, number, connection, connections.secret_of(holder), source, target, subject,
        Known(page.page_id, page.version, page.author) if page else None, Choice(row.choice) if row.choice else None,
        dict(row.progress),
    )  # fmt: skip


async def _held(session: AsyncSession, connection_id: int | None) -> ConnectionRow | None:
    """The connection, locked before any of its deliveries, as whoever changes or tests it does: in another order two would wait for
    each other. Of two deliveries that are taken at once, one sees the other."""
    if connection_id is None:
        return None
    return await session.get(ConnectionRow, connection_id, with_for_update=True, populate_existing=True)


async def _put_off(
    session: AsyncSession, row: DeliveryRow, circuit: circuits.Circuit, *, now: datetime
) -> bool:
    """Whether it is not its turn now: its connection is paused, or busy."""
    delivery_id = row.id or 0
    if circuit.shut(now):
        row.state, row.next_at, row.updated_at = DeliveryState.WAITING.value, circuit.until, now
        row.sentence = f"The connection is paused. {circuit.reason}"
        if circuit.until is not None:
            await put_in_line(session, delivery_id, row.connection_id, wait=circuit.until - now)
        return True
    # One at a time: two that write into one Confluence at once could meet on one page, and would take each other for somebody
    # else, and a service that hangs is not to hold all places of the worker.
    if await session.scalar(_BUSY, {"connection": row.connection_id, "id": delivery_id}):
        await put_in_line(session, delivery_id, row.connection_id, wait=_TURN)
        return True
    return False


async def _begin(session: AsyncSession, row: DeliveryRow, *, now: datetime) -> int:
    """The number of the try, written down before anything is sent. One that never ended is told of."""
    query = select(DeliveryAttempt).where(col(DeliveryAttempt.delivery_id) == row.id)
    for left in (await session.scalars(query.where(col(DeliveryAttempt.ended_at).is_(None)))).all():
        left.ended_at, left.outcome, left.sentence = now, _OUTCOME_CUT_OFF, _CUT_OFF
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


async def _always_cut_off(session: AsyncSession, delivery_id: int) -> bool:
    """Whether the last tries ended with the worker."""
    last = (await session.scalars(_LAST, {"id": delivery_id, "most": MOST_CUT_OFF})).all()
    return len(last) == MOST_CUT_OFF and set(last) == {_OUTCOME_CUT_OFF}


async def _give_up(session: AsyncSession, row: DeliveryRow, *, now: datetime) -> None:
    """What ends each worker that tries it is not tried once more."""
    sentence, unknown = _DIED.format(MOST_CUT_OFF), _begun(row.progress)
    error = OutcomeUnknown(f"{sentence} {_PERHAPS}") if unknown else Refused(sentence)
    log.error("delivery_given_up", delivery_id=row.id, tries=MOST_CUT_OFF)
    await settling.failed(session, row, error, now=now)
    query = select(DeliveryAttempt).where(
        col(DeliveryAttempt.delivery_id) == row.id, col(DeliveryAttempt.ended_at).is_(None)
    )
    for attempt in (await session.scalars(query)).all():
        attempt.ended_at, attempt.outcome, attempt.sentence = now, error.failure.value, row.sentence


async def _composed(session: AsyncSession, taken: _Taken, *, now: datetime) -> tuple[Document, Target]:
    """Whether the person may still send it is asked again: it may have waited for weeks. Raises Forbidden, NotFound, Invalid."""
    viewer = await acting.person(session, taken.user_id)
    wanted = deliveries.Wanted(taken.source, taken.connection.id, taken.target)
    await deliveries.allowed(session, viewer, wanted, now=now)
    document = await composing.document_of(session, viewer, taken.source, now=now)
    return document, await composing.staying(session, taken.target)


async def _settle(
    session: AsyncSession, taken: _Taken, outcome: Receipt | ChannelError, *, title: str, now: datetime
) -> None:
    await _held(session, taken.connection.id)
    row = await session.get(DeliveryRow, taken.delivery_id, with_for_update=True, populate_existing=True)
    query = select(DeliveryAttempt).where(
        col(DeliveryAttempt.delivery_id) == taken.delivery_id, col(DeliveryAttempt.number) == taken.number
    )
    attempt = (await session.scalars(query.execution_options(populate_existing=True))).one_or_none()
    if row is None or attempt is None or attempt.ended_at is not None:
        log.warning("delivery_superseded", delivery_id=taken.delivery_id, attempt=taken.number)
        return
    row.title = title or row.title
    if isinstance(outcome, Receipt):
        await settling.arrived(session, row, outcome, subject=taken.subject, now=now)
    else:
        await settling.failed(session, row, outcome, now=now)
    attempt.ended_at, attempt.sentence = now, row.sentence
    attempt.outcome = "delivered" if isinstance(outcome, Receipt) else outcome.failure.value
    await session.flush()
    log.info(
        "delivery_tried", delivery_id=row.id, attempt=taken.number, state=row.state, outcome=attempt.outcome
    )
