"""Sign-ins that are not complete: a password was right, the second factor is still to come; or an emergency link.

The browser holds a random value, as with a session, but what it stands for opens nothing besides the next step.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from sprintreports.identity import audit, viewers
from sprintreports.identity.permissions import Role
from sprintreports.identity.secret_tokens import hash_token, new_token
from sprintreports.identity.tables import PendingSignIn
from sprintreports.identity.viewer import Viewer
from sprintreports.kit.errors import NotFound

COOKIE = "sprintreports_sign_in"
LIFETIME = timedelta(minutes=10)
EMERGENCY_LIFETIME = timedelta(minutes=15)


class Step(StrEnum):
    """What is still to come."""

    CODE = "code"
    ENROLMENT = "enrolment"
    BREAK_GLASS = "break_glass"


class NoSuperAdmin(NotFound):
    """There is no active super admin with this address. `sprintreports create-admin` makes one."""


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A sign-in under way, and where it leads."""

    id: int
    viewer: Viewer
    step: Step
    target: str


_INSERT = text("""
INSERT INTO pending_sign_in (token_hash, user_id, credentials_version, step, target, created_at, expires_at)
SELECT :hash, id, credentials_version, :step, :target, :now, :expires FROM user_account
WHERE id = :user_id AND is_active AND deleted_at IS NULL RETURNING id
""")
_RESOLVE = text(f"""
SELECT p.id, p.step, p.target, {viewers.COLUMNS} FROM pending_sign_in p JOIN user_account u ON u.id = p.user_id
WHERE p.token_hash = :hash AND p.expires_at > :now AND p.credentials_version = u.credentials_version
  AND u.is_active AND u.deleted_at IS NULL
FOR UPDATE OF p FOR SHARE OF u
""")
_SUPER_ADMINS = text(f"""
SELECT {viewers.COLUMNS} FROM user_account u
WHERE {viewers.IS_SUPER_ADMIN} AND u.is_active AND u.deleted_at IS NULL
  AND NOT EXISTS (SELECT FROM api_client c WHERE c.user_id = u.id)
  AND (:email = '' OR lower(u.email) = lower(:email)) ORDER BY u.id LIMIT 1
""")


async def begin(
    session: AsyncSession,
    *,
    user_id: int,
    step: Step,
    target: str,
    now: datetime,
    lifetime: timedelta = LIFETIME,
) -> str:
    """Keep a sign-in that waits for its next step. Returns the browser's value. Raises LookupError for nobody active."""
    token = new_token()
    values = {
        "hash": hash_token(token),
        "user_id": user_id,
        "step": step.value,
        "target": target[:2000],
        "now": now,
        "expires": now + lifetime,
    }
    if (await session.execute(_INSERT, values)).one_or_none() is None:
        raise LookupError(f"user {user_id} is not active")
    return token


async def resolve(session: AsyncSession, token: str | None, *, now: datetime) -> Unfinished | None:
    """The sign-in of a browser's value. Its row stays locked, so that one step is taken once, and so does its user's, so
    that a session which follows from it is opened before a password is changed, or not at all.
    """
    if not token:
        return None
    row = (await session.execute(_RESOLVE, {"hash": hash_token(token), "now": now})).mappings().one_or_none()
    if row is None:
        return None
    return Unfinished(row["id"], viewers.of_row(dict(row)), Step(row["step"]), row["target"])


async def finish(session: AsyncSession, unfinished: Unfinished) -> None:
    """It is complete, or given up: the browser's value is worth nothing any more."""
    await session.execute(delete(PendingSignIn).where(col(PendingSignIn.id) == unfinished.id))


async def break_glass(session: AsyncSession, *, email: str, now: datetime) -> tuple[Viewer, str]:
    """A one-time value that signs a super admin in when nothing else does, for fifteen minutes. Raises NoSuperAdmin.

    For the command line alone: whoever runs it holds the database anyway. It stands in for password and second factor.
    """
    row = (await session.execute(_SUPER_ADMINS, {"email": email.strip()})).mappings().one_or_none()
    if row is None:
        raise NoSuperAdmin
    viewer = viewers.of_row(dict(row))
    assert viewer.role is Role.SUPER_ADMIN  # noqa: S101  # the query asked for no other
    token = await begin(
        session,
        user_id=viewer.user_id,
        step=Step.BREAK_GLASS,
        target="/",
        now=now,
        lifetime=EMERGENCY_LIFETIME,
    )
    await audit.record(
        session,
        Viewer.system(),
        audit.Action.BREAK_GLASS,
        subject=("user", viewer.user_id),
        after={"step": "link made on the command line"},
    )
    return viewer, token


async def purge(session: AsyncSession, *, now: datetime) -> None:
    """Delete those that came to nothing."""
    await session.execute(delete(PendingSignIn).where(col(PendingSignIn.expires_at) <= now))
