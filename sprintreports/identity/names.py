"""What accounts are called, for those who are shown what somebody did."""

from collections.abc import Collection

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_NAMES = text("SELECT id, name FROM user_account WHERE id = ANY(:ids) AND deleted_at IS NULL")
SYSTEM = "Sprint Reports"  # acts by the id 0, which no account has
GONE = "Somebody whose account is deleted"


async def named(session: AsyncSession, user_ids: Collection[int]) -> dict[int, str]:
    """Each of these ids with a name; whoever calls has checked that the viewer may see what they did."""
    rows = await session.execute(_NAMES, {"ids": sorted(set(user_ids))})
    known: dict[int, str] = {row[0]: row[1] for row in rows}
    return {one: known.get(one, GONE if one else SYSTEM) for one in user_ids}
