"""A person's notices: the list, how many are unread, and reading them. What one may no longer act on is not shown."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import msgspec
from sqlalchemy import CursorResult, text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.notices.kinds import SHAPES, Kind, Parts, kinds_for
from sprintreports.identity.notices.words import Words, words
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import db
from sprintreports.kit.errors import NotFound
from sprintreports.kit.paging import Page, Sort, order_by

MOST_COUNTED = 100  # a bell need not say more
ORDERS = {"made_at": "made_at {way}", "read_at": "read_at {way} NULLS FIRST", "kind": "kind {way}"}
_OWN = "user_id = :user_id AND kind = ANY(:kinds)"
_COLUMNS = "id, kind, parts, made_at, read_at"
# Asked with every page: by the index of what is unread, past SQLAlchemy.
_UNREAD = f"""
SELECT count(*) FROM (
    SELECT FROM notice WHERE user_id = %s AND read_at IS NULL AND kind = ANY(%s) LIMIT {MOST_COUNTED}
) AS unread
""".encode()


@dataclass(frozen=True, slots=True)
class Told:
    """A notice, as lists show it."""

    id: int
    kind: Kind
    parts: Parts
    made_at: datetime
    read_at: datetime | None

    @property
    def words(self) -> Words:
        return words(self.parts)


async def unread(session: AsyncSession, viewer: Viewer) -> int:
    """How many wait to be read, at most `MOST_COUNTED`. One query."""
    connection = await db.raw(session)
    found = await connection.execute(_UNREAD, (viewer.user_id, _kinds(viewer)), prepare=True)
    return cast("Any", await found.fetchone())[0]


async def listing(
    session: AsyncSession,
    viewer: Viewer,
    *,
    only_unread: bool = False,
    sort: Sort = (),
    page: int = 1,
    per_page: int = 25,
) -> Page[Told]:
    """The viewer's notices, the newest first. Two queries."""
    where = f"WHERE {_OWN} AND read_at IS NULL" if only_unread else f"WHERE {_OWN}"
    values: dict[str, Any] = {"user_id": viewer.user_id, "kinds": _kinds(viewer)}
    total = await session.scalar(text(f"SELECT count(*) FROM notice {where}"), values)
    order = order_by(sort, ORDERS, usual="made_at DESC", last="id DESC")
    query = text(f"SELECT {_COLUMNS} FROM notice {where} {order} LIMIT :limit OFFSET :offset")
    values |= {"limit": per_page, "offset": (page - 1) * per_page}
    rows = await session.execute(query, values)
    return Page([_told(row) for row in rows.mappings()], total=total or 0, page=page, per_page=per_page)


async def read(session: AsyncSession, viewer: Viewer, notice_id: int, *, now: datetime) -> Told:
    """Note that the viewer has read one of theirs; when it was read first stays. Raises NotFound."""
    statement = text(
        f"UPDATE notice SET read_at = coalesce(read_at, :now) WHERE id = :id AND {_OWN} RETURNING {_COLUMNS}"
    )
    values = {"id": notice_id, "now": now, "user_id": viewer.user_id, "kinds": _kinds(viewer)}
    row = (await session.execute(statement, values)).mappings().one_or_none()
    if row is None:
        raise NotFound("There is no such notice of yours.")
    return _told(row)


async def read_all(session: AsyncSession, viewer: Viewer, *, now: datetime) -> int:
    """Note that all have been read; how many were not."""
    statement = text(f"UPDATE notice SET read_at = :now WHERE read_at IS NULL AND {_OWN}")
    values = {"now": now, "user_id": viewer.user_id, "kinds": _kinds(viewer)}
    return cast("CursorResult[Any]", await session.execute(statement, values)).rowcount


def _kinds(viewer: Viewer) -> list[str]:
    return [kind.value for kind in kinds_for(viewer)]


def _told(row: Any) -> Told:
    kind = Kind(row["kind"])
    parts = msgspec.convert(row["parts"], SHAPES[kind])
    return Told(row["id"], kind, parts, row["made_at"], row["read_at"])
