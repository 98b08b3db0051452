"""Whom a job acts for: a person with the rights of now, whatever they held when they asked for the work."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import scopes as known_scopes
from sprintreports.identity import viewers
from sprintreports.identity.viewer import Viewer
from sprintreports.kit.errors import Forbidden

_PERSON = text(f"""
SELECT {viewers.COLUMNS} FROM user_account u WHERE u.id = :user AND u.is_active AND u.deleted_at IS NULL
""")


class NobodyToActFor(Forbidden):
    """The person whom this was to be done for has no account any more, or one that was deactivated."""


async def person(session: AsyncSession, user_id: int, *, scopes: Iterable[str] | None = None) -> Viewer:
    """The person as they may act now. scopes: what the key was limited to that asked for the work. Raises NobodyToActFor."""
    row = (await session.execute(_PERSON, {"user": user_id})).mappings().one_or_none()
    if row is None:
        raise NobodyToActFor
    limited = None if scopes is None else known_scopes.known(list(scopes))
    return viewers.of_row(dict(row), scopes=limited)
