"""One-time links: an invited person, or one who forgot theirs, sets a password. Only the hash of a link is stored."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import audit, sign_in_policy, users
from sprintreports.identity.permissions import Role
from sprintreports.identity.secret_tokens import hash_token, new_token
from sprintreports.identity.user_rows import User, UserState
from sprintreports.identity.viewer import Viewer, seen_by
from sprintreports.kit.errors import Conflict, FieldProblem, Invalid

_PREFIX = "sri_"


class Purpose(StrEnum):
    INVITATION = "invitation"
    PASSWORD_RESET = "password_reset"  # noqa: S105  # the name of a purpose


LIFETIMES = {Purpose.INVITATION: timedelta(days=7), Purpose.PASSWORD_RESET: timedelta(hours=24)}

_STORE = text("""
INSERT INTO invitation (user_id, purpose, token_hash, created_by, created_at, expires_at)
VALUES (:user_id, :purpose, :token_hash, :created_by, :now, :expires_at)
ON CONFLICT (user_id) DO UPDATE SET purpose = excluded.purpose, token_hash = excluded.token_hash,
    created_by = excluded.created_by, created_at = excluded.created_at, expires_at = excluded.expires_at
""")
_FIND = text("""
SELECT i.user_id, i.purpose FROM invitation i JOIN user_account u ON u.id = i.user_id
WHERE i.token_hash = :token_hash AND i.expires_at > :now AND u.is_active AND u.deleted_at IS NULL FOR UPDATE OF i
""")
_USE = text("DELETE FROM invitation WHERE user_id = :user_id")


class LinkOver(Invalid):
    """This link has been used, was replaced by a newer one, or is too old. Ask an admin for a new one."""


class NotActive(Conflict):
    """Nobody signs in to this account: it is deactivated, or a program's own."""


class NoPasswords(Conflict):
    """Signing in with a password is switched off here, so a link to set one is of no use. Use the company's sign-in."""


@dataclass(frozen=True, slots=True)
class OneTimeLink:
    """A link just made: `token` is known only now. Nothing sends it: whoever made it hands it over."""

    token: str
    purpose: Purpose
    expires_at: datetime


async def invite(
    session: AsyncSession,
    viewer: Viewer,
    *,
    email: str,
    role: Role,
    name: str = "",
    now: datetime,
) -> tuple[User, OneTimeLink]:
    """Make an account without a password, and the link by which its owner sets one."""
    user = await users.create(session, viewer, email=email, password=None, role=role, name=name)
    return user, await link_for(session, viewer, user_id=user.id, now=now)


async def link_for(session: AsyncSession, viewer: Viewer, *, user_id: int, now: datetime) -> OneTimeLink:
    """A new link for somebody: an invitation for those who were never here, a password reset for the others.

    Earlier links of theirs stop to work. A password that they have holds until the link is used.
    Raises Forbidden, Oneself, NotActive, NoPasswords, NotFound.
    """
    user = await users.to_change(session, viewer, user_id)
    users.not_oneself(viewer, user)
    if user.state not in (UserState.ACTIVE, UserState.INVITED):
        raise NotActive
    if not (await sign_in_policy.read(session)).local_sign_in:
        raise NoPasswords
    purpose = Purpose.INVITATION if user.state is UserState.INVITED else Purpose.PASSWORD_RESET
    token, expires_at = new_token(_PREFIX), now + LIFETIMES[purpose]
    await session.execute(
        _STORE,
        {
            "user_id": user_id,
            "purpose": purpose.value,
            "token_hash": hash_token(token),
            "created_by": viewer.user_id,
            "now": now,
            "expires_at": expires_at,
        },
    )
    action = audit.Action.USER_INVITED if purpose is Purpose.INVITATION else audit.Action.PASSWORD_RESET
    after = {"link_expires_at": expires_at.isoformat()}
    await audit.record(session, viewer, action, subject=("user", user_id), after=after)
    return OneTimeLink(token, purpose, expires_at)


async def use(session: AsyncSession, *, token: str, password: str, now: datetime) -> User:
    """Set the password of whoever the link was made for; all their sessions and tokens end, and so does the link.

    Raises LinkOver, or Invalid when the password may not be chosen: then the link still holds.
    """
    row = (await session.execute(_FIND, {"token_hash": hash_token(token.strip()), "now": now})).one_or_none()
    if row is None:
        raise LinkOver(details=(FieldProblem("token", "The link is used up, replaced or too old."),))
    await users.set_password(session, user_id=row[0], password=password)
    await session.execute(_USE, {"user_id": row[0]})
    user = await users.one(session, row[0])
    await audit.record(
        session,
        _as_viewer(user),
        audit.Action.PASSWORD_CHANGED,
        subject=("user", user.id),
        after={"by": Purpose(row[1])},
    )
    return user


async def forget(session: AsyncSession, *, user_id: int) -> None:
    """Make somebody's link void."""
    await session.execute(_USE, {"user_id": user_id})


async def purge(session: AsyncSession, *, now: datetime) -> None:
    """Delete links that are too old."""
    await session.execute(text("DELETE FROM invitation WHERE expires_at <= :now"), {"now": now})


def _as_viewer(user: User) -> Viewer:
    boards, teams = seen_by(user.grants)
    return Viewer(user.id, user.name, user.email, user.role, boards, teams, grants=user.grants)
