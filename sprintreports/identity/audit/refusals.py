"""What was refused: written in a transaction of its own, as the refused one is rolled back; at most once a minute alike."""

import hashlib
import json
from collections.abc import Callable, Hashable
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.audit.actions import Action, Outcome
from sprintreports.identity.audit.canonical import storable
from sprintreports.identity.audit.record import address, write
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import clock
from sprintreports.kit.errors import Unavailable
from sprintreports.observability import logs

WINDOW = timedelta(minutes=1)

_PAUSE = 1.0
_MOST = 10_000
_written: dict[Hashable, tuple[float, int]] = {}  # by this process: when last, and how many came since

log = logs.get("audit")

_COUNT = text("""
INSERT INTO audit_repeat AS r (key, began_at, last_at, times, action, outcome, actor_id, subject_kind, subject_id, address)
VALUES (:key, :now, :now, :often, :action, :outcome, :actor_id, :subject_kind, :subject_id, :address)
ON CONFLICT (key) DO UPDATE SET times = r.times + :often, last_at = :now
RETURNING times = :often AS first
""")
_OVER = text("""
DELETE FROM audit_repeat WHERE key IN (
    SELECT key FROM audit_repeat WHERE began_at < :before ORDER BY began_at LIMIT 500 FOR UPDATE SKIP LOCKED
) RETURNING action, outcome, actor_id, subject_kind, subject_id, address, began_at, last_at, times
""")


async def refused(
    session: AsyncSession,
    viewer: Viewer | None,
    *,
    what: str,
    reason: str,
    now: datetime,
    action: Action = Action.PERMISSION_REFUSED,
    kind: str = "door",
    often: int = 1,
) -> None:
    """Write that somebody was refused. The same again within a minute is counted, and told when the minute is over."""
    actor_id, via = (viewer.user_id, viewer.via) if viewer else (None, "")
    said = {
        "action": action.value, "outcome": Outcome.REFUSED.value, "actor_id": actor_id, "subject_kind": kind,
        "subject_id": storable(what)[:120], "address": address(),
    }  # fmt: skip
    key = hashlib.sha256(json.dumps([*said.values(), via]).encode()).digest()
    values = {**said, "key": key, "now": now, "often": often}
    if (await session.execute(_COUNT, values)).scalar_one():
        after = {"reason": reason[:300]} | ({"via": via} if via else {})
        await write(
            session, action, Outcome.REFUSED, actor_id=actor_id, subject=(kind, what), before=None, after=after,
            address=address(), now=now,
        )  # fmt: skip


async def told(
    unit: Callable[[], AbstractAsyncContextManager[AsyncSession]],
    viewer: Viewer | None,
    *,
    what: str,
    reason: str,
    now: datetime,
) -> None:
    """`refused` for a door, after its own transaction has ended. That it cannot be written changes no answer.

    Whoever is refused more than once a second costs no transaction each time: those between are counted with the next.
    """
    often = _often((viewer.user_id if viewer else None, what, address()), clock.monotonic())
    if not often:
        return
    try:
        async with unit() as session:
            await refused(session, viewer, what=what, reason=reason, now=now, often=often)
    except (SQLAlchemyError, Unavailable) as error:
        log.error("refusal_not_recorded", what=what, error=repr(error))  # noqa: TRY400  # a sentence is enough


def _often(key: Hashable, at: float) -> int:
    """How many to write now: none while the last one was written a moment ago."""
    last, held = _written.get(key, (-_PAUSE, 0))
    if at - last < _PAUSE:
        _written[key] = last, held + 1
        return 0
    if len(_written) >= _MOST:
        _written.clear()
    _written[key] = at, 0
    return held + 1


async def tell_repeats(session: AsyncSession, *, now: datetime) -> int:
    """Write how often each refusal came again, now that its minute is over; how many were told."""
    told_of = 0
    for row in (await session.execute(_OVER, {"before": now - WINDOW})).mappings().all():
        if row["times"] == 1:
            continue
        told_of += 1
        await write(
            session, row["action"], row["outcome"], actor_id=row["actor_id"],
            subject=(row["subject_kind"], row["subject_id"]), before=None,
            after={
                "again": row["times"] - 1, "from": row["began_at"].isoformat(), "until": row["last_at"].isoformat()
            },
            address=row["address"], now=now,
        )  # fmt: skip
    return told_of
