"""Everybody who has an account: searched, filtered, sorted, a page at a time."""

from enum import StrEnum
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.permissions import Permission, Role
from sprintreports.identity.user_rows import COLUMNS, IS_SERVICE, User, UserState, user_of
from sprintreports.identity.users import storable
from sprintreports.identity.viewer import Viewer
from sprintreports.kit.paging import By, Page, Sort, order_by


class SortBy(StrEnum):
    NAME = "name"
    EMAIL = "email"
    ROLE = "role"
    LAST_SIGN_IN = "last_sign_in"
    CREATED = "created"


_RANKS = ", ".join(f"'{role}'" for role in Role)
ORDERS: dict[str, str] = {
    SortBy.NAME: "lower(name) {way}",
    SortBy.EMAIL: "lower(email) {way}",
    SortBy.ROLE: f"array_position(ARRAY[{_RANKS}], CAST(role AS text)) {{way}} NULLS LAST, lower(name)",
    SortBy.LAST_SIGN_IN: "last_sign_in_at {way} NULLS LAST",
    SortBy.CREATED: "created_at {way}",
}
_STATES = {
    UserState.ACTIVE: "is_active AND (hashed_password IS NOT NULL OR last_sign_in_at IS NOT NULL)",
    UserState.INVITED: f"is_active AND hashed_password IS NULL AND last_sign_in_at IS NULL AND NOT {IS_SERVICE}",
    UserState.SERVICE: f"is_active AND {IS_SERVICE}",
    UserState.DEACTIVATED: "NOT is_active",
}
_FOUND = """(strpos(lower(email), :search) > 0 OR strpos(lower(name), :search) > 0 OR strpos(lower(username), :search) > 0)"""
_HOLDS = (
    "(role = :role OR EXISTS (SELECT FROM role_grant g WHERE g.user_id = user_account.id AND g.role = :role))"
)


async def listing(
    session: AsyncSession,
    viewer: Viewer,
    *,
    search: str = "",
    role: Role | None = None,
    state: UserState | None = None,
    sort: SortBy = SortBy.NAME,
    descending: bool = False,
    by: Sort = (),
    page: int = 1,
    per_page: int = 25,
) -> Page[User]:
    """Users whose address, name or user name contains `search`, who hold `role` somewhere, who are in `state`.

    `by`: the order, in place of `sort` and `descending`. Two queries, however many users there are. Raises Forbidden.
    """
    viewer.require(Permission.USERS_READ)
    wanted = storable(search.strip().lower())
    conditions = ["deleted_at IS NULL"]
    conditions += [_FOUND] if wanted else []
    conditions += [_HOLDS] if role is not None else []
    conditions += [_STATES[state]] if state is not None else []
    where = " AND ".join(conditions)
    values: dict[str, Any] = {"search": wanted} if wanted else {}
    values |= {"role": role.value} if role is not None else {}
    counted = await session.execute(text(f"SELECT count(*) FROM user_account WHERE {where}"), values)
    order = order_by(by or (By(sort, descending),), ORDERS, usual="", last="id")
    rows = await session.execute(
        text(f"SELECT {COLUMNS} FROM user_account WHERE {where} {order} LIMIT :limit OFFSET :offset"),
        {**values, "limit": per_page, "offset": (page - 1) * per_page},
    )
    users = [user_of(row) for row in rows.mappings()]
    return Page(users, total=counted.scalar_one(), page=page, per_page=per_page)
