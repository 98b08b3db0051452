"""Writes one entry, in the transaction of what it tells about."""

import json
from contextvars import ContextVar
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.audit.actions import Action, Outcome
from sprintreports.identity.viewer import Viewer
from sprintreports.observability import logs

log = logs.get("audit")

_address: ContextVar[str] = ContextVar("audit_address", default="")

_INSERT = text("""
INSERT INTO audit_entry (action, outcome, actor_id, subject_kind, subject_id, before, after, address, request_id)
VALUES (:action, :outcome, :actor_id, :subject_kind, :subject_id, CAST(:before AS jsonb), CAST(:after AS jsonb),
        :address, :request_id)
""")


def came_from(address: str) -> None:
    """Bind the address that this task's request came from: a door does so once."""
    _address.set(address)


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
    kind, identifier = subject
    values = {
        "action": action.value,
        "outcome": outcome.value,
        "actor_id": viewer.user_id if viewer else None,
        "subject_kind": kind,
        "subject_id": str(identifier)[:120],
        "before": None if before is None else json.dumps(before),
        "after": None if after is None else json.dumps(after),
        "address": _address.get(),
        "request_id": logs.request_id(),
    }
    await session.execute(_INSERT, values)
    log.info("audit", **{name: value for name, value in values.items() if value not in (None, "")})
