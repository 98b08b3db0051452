"""Showing again who one is, before what changes how one signs in; and changing one's password.

Whoever sits down at an unlocked computer has a session but not the password. Failures are throttled by a count of their
own, so that they do not keep the owner from signing in elsewhere.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import audit, passwords, second_factor, sessions, throttle, tokens, users
from sprintreports.identity.audit.refusals import refused
from sprintreports.identity.second_factor import Checked, Verdict
from sprintreports.identity.viewer import Viewer
from sprintreports.kit.errors import Forbidden


class ProofNeeded(Forbidden):
    """This changes how you sign in. Show first that it is you: give your password again on the page of your profile, or
    sign in again; that holds for ten minutes."""


@dataclass(frozen=True, slots=True)
class Proof:
    """Whether somebody showed who they are. Returned, not raised, so that a failure is counted in a committed transaction."""

    given: bool
    message: str = ""
    retry_after: int = 0


WRONG_PASSWORD = "This is not your password. Try again."  # noqa: S105  # what is said of one
_GIVEN = Proof(given=True)
_WRONG = Proof(given=False, message=WRONG_PASSWORD)


async def by_password(
    session: AsyncSession, viewer: Viewer, *, password: str, code: str, address: str, now: datetime
) -> Proof:
    """Check the viewer's password, and the code of their second factor where they have one. Commit in any case."""
    found = await _password_fits(session, viewer, password, address=address, now=now)
    if not found.given:
        await _audit(session, viewer, audit.Action.SIGN_IN, "shown again: " + found.message, now=now)
        return found
    checked = await second_factor.check(session, user_id=viewer.user_id, code=code, now=now, address=address)
    if checked.passed or checked.verdict is Verdict.ENROL:
        return _GIVEN
    return _of(checked)


async def change_password(
    session: AsyncSession, viewer: Viewer, *, current: str, new: str, address: str, now: datetime
) -> Proof:
    """Set a new password for the viewer, who gives the current one. All that was issued before ends.

    Raises Invalid where the new one may not be chosen. Commit in any case; the caller opens a new session.
    """
    # Of two changes at once the second finds the first one's password.
    lock = text("SELECT FROM user_account WHERE id = :id FOR UPDATE")
    await session.execute(lock, {"id": viewer.user_id})
    found = await _password_fits(session, viewer, current, address=address, now=now)
    if not found.given:
        await _audit(session, viewer, audit.Action.PASSWORD_CHANGED, found.message, now=now)
        return found
    await users.set_password(session, user_id=viewer.user_id, password=new)
    await sessions.end_all(session, user_id=viewer.user_id)
    await tokens.revoke_all(session, user_id=viewer.user_id, now=now)
    await audit.record(
        session,
        viewer,
        audit.Action.PASSWORD_CHANGED,
        subject=("user", viewer.user_id),
        after={"by": "owner"},
    )
    return _GIVEN


async def has_password(session: AsyncSession, viewer: Viewer) -> bool:
    """Whether the viewer has a password at all: who came through a provider may have none."""
    return await _stored(session, viewer) is not None


async def _password_fits(
    session: AsyncSession, viewer: Viewer, password: str, *, address: str, now: datetime
) -> Proof:
    account = f"proof\0{viewer.user_id}"
    wait = await throttle.take(session, account=account, address=address, now=now)
    if wait:
        return Proof(
            given=False,
            message=f"Too many failed tries. Wait {wait} seconds and try again.",
            retry_after=wait,
        )
    stored = await _stored(session, viewer)
    if not await passwords.matches(password, stored):
        return _WRONG
    await throttle.clear(session, account=account, address=address, now=now)
    return _GIVEN


async def _stored(session: AsyncSession, viewer: Viewer) -> str | None:
    query = text("SELECT hashed_password FROM user_account WHERE id = :id")
    return (await session.execute(query, {"id": viewer.user_id})).scalar_one_or_none()


async def _audit(
    session: AsyncSession, viewer: Viewer, action: audit.Action, reason: str, *, now: datetime
) -> None:
    await refused(
        session, viewer, what=str(viewer.user_id), reason=reason, now=now, action=action, kind="user"
    )


def _of(checked: Checked) -> Proof:
    return Proof(given=False, message=checked.message, retry_after=checked.retry_after)


async def lately(
    session: AsyncSession, *, cookie: str | None, access_token: str | None, now: datetime
) -> bool:
    """Whether whoever asks showed who they are in the last ten minutes: at the session, or when the token was asked for."""
    if access_token is not None:
        family = (await tokens.owner_of(session, access_token)).family_id
        query = text("SELECT created_at FROM token_family WHERE id = :id AND client_id IS NULL")
        began = (await session.execute(query, {"id": family})).scalar_one_or_none()
        return began is not None and now - began < sessions.PROVED_FOR
    own = await sessions.resolve(session, cookie, now=now)
    return own is not None and own.proved_lately(now)
