"""Writes one entry, in the transaction of what it tells about."""

import json
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import notices
from sprintreports.identity.audit.actions import Action, Outcome
from sprintreports.identity.audit.canonical import PURPOSE, Entry, storable
from sprintreports.identity.audit.noticing import noticed
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import clock, crypto
from sprintreports.observability import logs

log = logs.get("audit")

_address: ContextVar[str] = ContextVar("audit_address", default="")

_NEXT = text("SELECT nextval(pg_get_serial_sequence('audit_entry', 'id'))")
# The chain takes it from the second table a moment later, so that no writer waits for another.
_INSERT = text("""
WITH written AS (
    INSERT INTO audit_entry (id, at, action, outcome, actor_id, subject_kind, subject_id, before, after, address,
                             request_id, mac)
    VALUES (:id, :at, :action, :outcome, :actor_id, :subject_kind, :subject_id, CAST(:before AS jsonb),
            CAST(:after AS jsonb), :address, :request_id, :mac)
    RETURNING id
)
INSERT INTO audit_unsealed (entry_id) SELECT id FROM written
""")


def came_from(address: str) -> None:
    """Bind the address that this task's request came from: a door does so once."""
    _address.set(storable(address)[:64])


def address() -> str:
    """The address that this task's request came from; empty where there is none."""
    return _address.get()


async def record(
    session: AsyncSession,
    viewer: Viewer | None,
    action: Action,
    *,
    subject: tuple[str, object] = ("", ""),
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    outcome: Outcome = Outcome.DONE,
) -> None:
    """Write that `viewer` (None: nobody known) did, or was refused, `action` on `subject` (its kind and id).

    `before` and `after` hold what changed as plain JSON, people by id, never a secret. It is part of the caller's
    transaction: what is rolled back was not done.
    """
    actor_id = viewer.user_id if viewer else None
    if viewer and viewer.via:
        after = {**(after or {}), "via": viewer.via}
    await write(
        session, action, outcome, actor_id=actor_id, subject=subject, before=before, after=after,
        address=_address.get(), now=clock.now(),
    )  # fmt: skip


async def record_change(
    session: AsyncSession,
    viewer: Viewer | None,
    action: Action,
    *,
    subject: tuple[str, object],
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> None:
    """`record` of what differs between the two; nothing where nothing does."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    if names:
        old, new = ({name: one.get(name) for name in names} for one in (before, after))
        await record(session, viewer, action, subject=subject, before=old, after=new)


async def write(
    session: AsyncSession,
    action: str,
    outcome: str,
    *,
    actor_id: int | None,
    subject: tuple[str, object],
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
    address: str,
    now: datetime,
) -> None:
    """The same for who knows the actor by id only."""
    kind, identifier = subject
    entry = Entry(
        id=(await session.execute(_NEXT)).scalar_one(),
        at=now,
        action=str(action),
        outcome=str(outcome),
        actor_id=actor_id,
        subject_kind=storable(kind)[:40],
        subject_id=storable(str(identifier))[:120],
        before=storable(before),
        after=storable(after),
        address=address,
        request_id=storable(logs.request_id())[:64],
    )
    entry = replace(entry, mac=crypto.code(PURPOSE, entry.content()))
    values = {name: getattr(entry, name) for name in Entry.__slots__}
    for name in ("before", "after"):
        values[name] = None if values[name] is None else json.dumps(values[name])
    await session.execute(_INSERT, values)
    if (told := noticed(entry)) is not None:
        await notices.tell(session, told.parts, to=told.user_id, key=f"audit:{entry.id}", now=now)
    said = {name: value for name, value in values.items() if name != "mac" and value not in (None, "")}
    log.info("audit", **{**said, "at": entry.at.isoformat()})
