"""What is done to an account besides its roles: edit, sign out everywhere, delete."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import audit, invitations, sessions, tokens, users
from sprintreports.identity.user_rows import User
from sprintreports.identity.viewer import Viewer

_LONGEST_JIRA_ID = 128


@dataclass(frozen=True, slots=True)
class Edit:
    """What is changed; None: stays. An empty `jira_account_id` unlinks the person in Jira."""

    name: str | None = None
    email: str | None = None
    username: str | None = None
    jira_account_id: str | None = None


async def edit(session: AsyncSession, viewer: Viewer, *, user_id: int, changes: Edit) -> User:
    """Change name, address, user name, or the linked person in Jira. Raises Forbidden, Invalid, AddressTaken, NotFound.

    Whoever signs in by another address does so anew: a changed address or user name ends sessions and tokens.
    """
    user = await users.to_change(session, viewer, user_id)
    values = _changed(user, changes)
    if not values:
        return user
    merged = {"email": user.email, "username": user.username, "name": user.name} | values
    users.check_texts(email=merged["email"], username=merged["username"], name=merged["name"])
    assignment = ", ".join(f"{column} = :{column}" for column in values)
    try:
        async with session.begin_nested():
            if {"email", "username"} & values.keys():
                await users.change(session, user_id, assignment, values)
                await invitations.forget(session, user_id=user_id)
            else:
                statement = f"UPDATE user_account SET {assignment}, updated_at = now() WHERE id = :id"
                await session.execute(text(statement), {**values, "id": user_id})
    except IntegrityError as error:
        raise users.AddressTaken from error
    # Which fields, not their values: what identifies somebody stays out of what is kept for good.
    after = {"fields": sorted(values)}
    await audit.record(session, viewer, audit.Action.USER_CHANGED, subject=("user", user_id), after=after)
    return await users.one(session, user_id)


async def sign_out(session: AsyncSession, viewer: Viewer, *, user_id: int, now: datetime) -> None:
    """End all sessions and tokens of somebody; the profile ends one's own. Raises Forbidden, Oneself, NotFound."""
    users.not_oneself(viewer, await users.to_change(session, viewer, user_id))
    await _end_all(session, user_id, "is_active = is_active", now=now)
    await audit.record(session, viewer, audit.Action.SESSIONS_ENDED, subject=("user", user_id))


async def delete(session: AsyncSession, viewer: Viewer, *, user_id: int, now: datetime) -> None:
    """Take an account away; what its owner made stays, and the address can be used anew.

    Raises Forbidden, Oneself, LastSuperAdmin, NotFound.
    """
    user = await users.to_change(session, viewer, user_id, loses=True)
    users.not_oneself(viewer, user)
    await _end_all(session, user_id, "is_active = false, deleted_at = :now", now=now)
    await invitations.forget(session, user_id=user_id)
    await session.execute(text("DELETE FROM role_grant WHERE user_id = :id"), {"id": user_id})
    await audit.record(session, viewer, audit.Action.USER_DELETED, subject=("user", user_id))


async def _end_all(session: AsyncSession, user_id: int, assignment: str, *, now: datetime) -> None:
    values = {"now": now} if ":now" in assignment else {}
    await users.change(session, user_id, assignment, values)
    await sessions.end_all(session, user_id=user_id)
    await tokens.revoke_all(session, user_id=user_id, now=now)


def _changed(user: User, changes: Edit) -> dict[str, Any]:
    wanted: dict[str, Any] = {}
    if changes.name is not None:
        wanted["name"] = " ".join(changes.name.split()) or user.name
    if changes.email is not None:
        wanted["email"] = changes.email.strip()
    if changes.username is not None:
        wanted["username"] = changes.username.strip() or user.username
    elif "email" in wanted and user.username == user.email:
        wanted["username"] = wanted["email"][:100]
    if changes.jira_account_id is not None:
        wanted["jira_account_id"] = users.storable(changes.jira_account_id.strip())[:_LONGEST_JIRA_ID] or None
    return {column: value for column, value in wanted.items() if value != getattr(user, column)}
