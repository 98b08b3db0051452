"""What a draft was planned again from: the plan that all further edits keep to, whichever process makes them."""

from __future__ import annotations

import asyncio

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.planning.queue.results import Queue
from sprintreports.planning.queues.changes import SetRule
from sprintreports.planning.queues.drafts import Draft
from sprintreports.planning.queues.stored_results import FORMAT, packed, unpacked

_REMEMBER = text("""
UPDATE queue SET kept_to = :plan, kept_to_format = :format, kept_to_head = :head WHERE id = :id
""")
_REMEMBERED = text("SELECT kept_to, kept_to_format, kept_to_head FROM queue WHERE id = :id")


async def remember(session: AsyncSession, draft: Draft, before: Queue) -> None:
    """The draft, as of its last edit, was planned again with the fewest changes against `before`."""
    values = {
        "plan": await asyncio.to_thread(packed, before),
        "format": FORMAT,
        "head": draft.info.head,
        "id": draft.info.id,
    }
    await session.execute(_REMEMBER, values)


async def remembered(session: AsyncSession, draft: Draft) -> Queue | None:
    """The plan that the draft keeps to; None where it was never planned again, or a rule of the whole was changed since.

    Raises Unreadable.
    """
    found = await session.execute(_REMEMBERED, {"id": draft.info.id})
    row = found.one_or_none()
    if row is None or row[0] is None:
        return None
    plan, format_, head = row
    if any(one.number > head and isinstance(one.change, SetRule) for one in draft.edits):
        return None
    return await asyncio.to_thread(unpacked, plan, format_=format_)
