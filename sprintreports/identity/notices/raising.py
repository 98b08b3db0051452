"""Makes notices, in the caller's transaction: what is rolled back was not told."""

import json
from datetime import datetime
from typing import Any, cast

import msgspec
from sqlalchemy import CursorResult, text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.notices.kinds import OPTIONAL, Channel, Parts, kind_of
from sprintreports.identity.permissions import Permission, Role, allowed

_MOST_TEXT = 400
# Programs' own accounts are told nothing: nobody reads it there.
_TELL = """
INSERT INTO notice (user_id, kind, key, parts, made_at)
SELECT u.id, CAST(:kind AS varchar), :key, CAST(:parts AS jsonb), :now FROM user_account u
WHERE {whom} AND u.is_active AND u.deleted_at IS NULL
  AND NOT EXISTS (SELECT FROM api_client c WHERE c.user_id = u.id)
  AND NOT (:optional AND EXISTS (
    SELECT FROM notice_choice c WHERE c.user_id = u.id AND c.kind = CAST(:kind AS varchar) AND c.channel = :channel AND NOT c.wanted
  ))
ON CONFLICT (user_id, key) DO NOTHING
"""
_ONE = text(_TELL.format(whom="u.id = :user_id"))
_HOLDERS = text(
    _TELL.format(
        whom="""(u.role = ANY(:roles) OR EXISTS (
            SELECT FROM role_grant g WHERE g.user_id = u.id AND g.role = ANY(:roles)
            AND g.board_ids IS NULL AND g.discipline_ids IS NULL
        ))"""
    )
)


async def tell(session: AsyncSession, parts: Parts, *, to: int | Permission, key: str, now: datetime) -> int:
    """Tell one person, or all who hold a permission everywhere, unless they do not want this kind; how many.

    `key`: what has been told by it already is not told again.
    """
    kind = kind_of(parts)
    values: dict[str, Any] = {
        "kind": kind.value,
        "key": key,
        "parts": json.dumps(_short(msgspec.to_builtins(parts))),
        "now": now,
        "optional": kind in OPTIONAL,
        "channel": Channel.APP.value,
    }
    if isinstance(to, Permission):
        roles = [role.value for role in Role if allowed(role, to)]
        done = await session.execute(_HOLDERS, {**values, "roles": roles})
    else:
        done = await session.execute(_ONE, {**values, "user_id": to})
    return cast("CursorResult[Any]", done).rowcount


def _short(parts: dict[str, Any]) -> dict[str, Any]:
    """Texts of others, fit for JSON in the database."""
    return {
        name: value.replace("\0", "").encode("utf-8", "replace").decode()[:_MOST_TEXT]
        if isinstance(value, str)
        else value
        for name, value in parts.items()
    }
