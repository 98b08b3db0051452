"""The second factor: codes of an authenticator app (TOTP, RFC 6238), and recovery codes for when it is lost.

A code is six digits of a 30-second step; the step before and the one after count too, for clocks that differ. Each step is
good once, so a code that was looked over the shoulder is worth nothing. Failed codes are throttled as passwords are.
"""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import cast

import segno
from pyotp import random_base32
from pyotp.totp import TOTP
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import audit, notices, sign_in_policy, throttle, users, viewers
from sprintreports.identity.audit.refusals import refused
from sprintreports.identity.notices import kinds
from sprintreports.identity.permissions import may_grant
from sprintreports.identity.secret_tokens import hash_token
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import crypto
from sprintreports.kit.errors import Conflict, Forbidden, NotFound

RECOVERY_CODES = 10
_STEP = 30
_DRIFT = (0, -1, 1)
_ISSUER = "Sprint Reports"
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # nothing that reads like something else
_GROUPS, _SIGNS = 4, 7  # 28 signs of 5 bits: nobody guesses what a plain SHA-256 is made of


class SecondFactorRequired(Conflict):
    """Your role needs a second factor, so it cannot be switched off. You can set up another app in its place."""


class OwnSecondFactor(Conflict):
    """Your own second factor is changed on your profile, where you show first that it is you."""


class NothingBegun(Conflict):
    """There is no second factor that waits for its first code. Begin again."""


class Verdict(StrEnum):
    """How a code was found. Only `PASSED` lets somebody on."""

    PASSED = "passed"
    NEEDED = "needed"
    WRONG = "wrong"
    WAIT = "wait"
    ENROL = "enrol"


SENTENCES = {
    Verdict.PASSED: "",
    Verdict.NEEDED: "This account has a second factor. Give the code of your authenticator app too.",
    Verdict.WRONG: "This code is wrong, too old, or was used already. Wait for the next one and try again.",
    Verdict.ENROL: "Your role needs a second factor. Sign in with a browser first, where you set it up.",
}


@dataclass(frozen=True, slots=True)
class Checked:
    """What a code is worth. `retry_after`: seconds to wait, where there were too many tries."""

    verdict: Verdict
    retry_after: int = 0
    by_recovery_code: bool = False

    @property
    def passed(self) -> bool:
        return self.verdict is Verdict.PASSED

    @property
    def message(self) -> str:
        if self.verdict is Verdict.WAIT:
            return f"Too many failed codes. Wait {self.retry_after} seconds and try again."
        return SENTENCES[self.verdict]


@dataclass(frozen=True, slots=True)
class Status:
    """What somebody has set up. `required`: their role needs it."""

    confirmed_at: datetime | None
    codes_left: int
    required: bool

    @property
    def on(self) -> bool:
        return self.confirmed_at is not None


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator app is fed with: to be shown once, to its owner alone."""

    secret: str
    uri: str
    picture: str  # the QR code as an SVG in a data: address


_ROW = text("SELECT secret, pending_secret, last_step FROM second_factor WHERE user_id = :user_id FOR UPDATE")
_STATUS = text(f"""
SELECT {viewers.COLUMNS}, f.confirmed_at,
       (SELECT count(*) FROM recovery_code c WHERE c.user_id = u.id AND c.used_at IS NULL) AS codes_left
FROM user_account u LEFT JOIN second_factor f ON f.user_id = u.id WHERE u.id = :user_id
""")
_BEGIN = text("""
INSERT INTO second_factor (user_id, pending_secret, updated_at) VALUES (:user_id, :sealed, :now)
ON CONFLICT (user_id) DO UPDATE SET pending_secret = :sealed, updated_at = :now
""")
_CONFIRM = text("""
UPDATE second_factor SET secret = pending_secret, pending_secret = NULL, last_step = :step, confirmed_at = :now,
       updated_at = :now WHERE user_id = :user_id
""")
_USE_STEP = text("UPDATE second_factor SET last_step = :step, updated_at = :now WHERE user_id = :user_id")
_USE_CODE = text("""
UPDATE recovery_code SET used_at = :now WHERE user_id = :user_id AND code_hash = :hash AND used_at IS NULL RETURNING id
""")
_DROP_CODES = text("DELETE FROM recovery_code WHERE user_id = :user_id")
_ADD_CODE = text("INSERT INTO recovery_code (user_id, code_hash, created_at) VALUES (:user_id, :hash, :now)")
_DROP = text("DELETE FROM second_factor WHERE user_id = :user_id RETURNING confirmed_at")


async def status(session: AsyncSession, *, user_id: int) -> Status:
    """What a user has set up. Raises NotFound."""
    row = (await session.execute(_STATUS, {"user_id": user_id})).mappings().one_or_none()
    if row is None:
        raise NotFound("There is no such user.")
    policy = await sign_in_policy.read(session)
    required = viewers.of_row(dict(row)).role in policy.second_factor_roles
    return Status(row["confirmed_at"], row["codes_left"], required)


async def check(
    session: AsyncSession, *, user_id: int, code: str, now: datetime, address: str = ""
) -> Checked:
    """Whether somebody who has shown their password may go on, with this code (empty: none was given).

    Commit the transaction whatever the outcome: a failure is counted, and a code that passed is used up.
    """
    known = await status(session, user_id=user_id)
    if not known.on:
        return Checked(Verdict.ENROL if known.required else Verdict.PASSED)
    if not code.strip():
        return Checked(Verdict.NEEDED)
    account = f"second factor\0{user_id}"
    wait = await throttle.take(session, account=account, address=address, now=now, per_account=throttle.CODES)
    if wait:
        return await _failed(session, user_id, Checked(Verdict.WAIT, wait), now=now)
    plain = "".join(sign for sign in code if sign.isalnum()).upper()
    by_recovery_code = not plain.isdigit()
    fits = (
        await _use_recovery_code(session, user_id, plain, now=now)
        if by_recovery_code
        else await _use_step(session, user_id, plain, now=now)
    )
    if not fits:
        return await _failed(session, user_id, Checked(Verdict.WRONG), now=now)
    await throttle.clear(session, account=account, address=address, now=now, per_account=throttle.CODES)
    if by_recovery_code:
        left = kinds.RecoveryCodeUsed(known.codes_left - 1)
        await notices.tell(session, left, to=user_id, key=f"recovery_code:{now.isoformat()}", now=now)
    return Checked(Verdict.PASSED, by_recovery_code=by_recovery_code)


async def begin(session: AsyncSession, viewer: Viewer, *, now: datetime) -> Enrolment:
    """A new secret for the viewer's app. It counts once a code of it was given to `confirm`; until then the old one does."""
    secret = random_base32()
    sealed = crypto.seal(secret.encode(), context=context(viewer.user_id))
    await session.execute(_BEGIN, {"user_id": viewer.user_id, "sealed": sealed, "now": now})
    uri = TOTP(secret).provisioning_uri(name=viewer.email, issuer_name=_ISSUER)
    picture = segno.make(uri, error="m").svg_data_uri(scale=5, border=3, light="#ffffff", dark="#101418")
    return Enrolment(secret, uri, picture)


async def confirm(
    session: AsyncSession, viewer: Viewer, *, code: str, now: datetime, address: str = ""
) -> list[str] | Checked:
    """Take the new app into use with its first code. Returns the recovery codes, known in clear only now, or why not.

    Raises NothingBegun. Commit the transaction whatever the outcome.
    """
    row = (await session.execute(_ROW, {"user_id": viewer.user_id})).one_or_none()
    if row is None or row[1] is None:
        raise NothingBegun
    account = f"second factor\0{viewer.user_id}"
    wait = await throttle.take(session, account=account, address=address, now=now, per_account=throttle.CODES)
    if wait:
        return await _failed(session, viewer.user_id, Checked(Verdict.WAIT, wait), now=now)
    plain = "".join(sign for sign in code if sign.isalnum())
    step = _step_of(_opened(row[1], viewer.user_id), plain, after=0, now=now)
    if step is None:
        return await _failed(session, viewer.user_id, Checked(Verdict.WRONG), now=now)
    await throttle.clear(session, account=account, address=address, now=now, per_account=throttle.CODES)
    await session.execute(_CONFIRM, {"user_id": viewer.user_id, "step": step, "now": now})
    await _audit(session, viewer, viewer.user_id, "replaced" if row[0] is not None else "switched on")
    return await _new_codes(session, viewer.user_id, now=now)


async def renew_codes(session: AsyncSession, viewer: Viewer, *, now: datetime) -> list[str]:
    """New recovery codes in place of the old. Raises NothingBegun where there is no second factor."""
    if not (await status(session, user_id=viewer.user_id)).on:
        raise NothingBegun("There is no second factor yet that recovery codes could stand in for.")
    await _audit(session, viewer, viewer.user_id, "recovery codes renewed")
    return await _new_codes(session, viewer.user_id, now=now)


async def switch_off(session: AsyncSession, viewer: Viewer) -> None:
    """Do without one's own second factor. Raises SecondFactorRequired where the role needs one."""
    if (await status(session, user_id=viewer.user_id)).required:
        raise SecondFactorRequired
    await _drop(session, viewer, viewer.user_id)


async def reset(session: AsyncSession, viewer: Viewer, *, user_id: int) -> None:
    """Take away the second factor of somebody else, who has lost it, and perhaps the device that was signed in with it:
    all that was opened before ends. Raises Forbidden, NotFound, OwnSecondFactor.
    """
    if user_id == viewer.user_id:
        raise OwnSecondFactor
    row = (await session.execute(_STATUS, {"user_id": user_id})).mappings().one_or_none()
    if row is None:
        raise NotFound("There is no such user.")
    role = viewers.of_row(dict(row)).role
    if not may_grant(viewer.role, current=role, new=role):
        raise Forbidden
    await _drop(session, viewer, user_id)
    await users.change(session, user_id, "is_active = is_active", {})


def context(user_id: int) -> str:
    """What a user's sealed secret is bound to."""
    return f"second_factor:{user_id}"


async def _drop(session: AsyncSession, viewer: Viewer, user_id: int) -> None:
    dropped = (await session.execute(_DROP, {"user_id": user_id})).one_or_none()
    await session.execute(_DROP_CODES, {"user_id": user_id})
    if dropped is not None and dropped[0] is not None:
        await _audit(session, viewer, user_id, "switched off")


async def _audit(session: AsyncSession, viewer: Viewer, user_id: int, change: str) -> None:
    action = audit.Action.SECOND_FACTOR_CHANGED
    await audit.record(session, viewer, action, subject=("user", user_id), after={"change": change})


async def _failed(session: AsyncSession, user_id: int, checked: Checked, *, now: datetime) -> Checked:
    """Write a failure down, but not each of thousands."""
    many = checked.verdict is Verdict.WAIT
    await refused(
        session,
        None,
        what="too many codes" if many else str(user_id),
        reason="too many codes" if many else "wrong code",
        now=now,
        action=audit.Action.SIGN_IN,
        kind="sign-in" if many else "user",
    )
    return checked


async def _use_step(session: AsyncSession, user_id: int, code: str, *, now: datetime) -> bool:
    row = (await session.execute(_ROW, {"user_id": user_id})).one_or_none()
    if row is None or row[0] is None:
        return False
    step = _step_of(_opened(row[0], user_id), code, after=row[2], now=now)
    if step is None:
        return False
    await session.execute(_USE_STEP, {"user_id": user_id, "step": step, "now": now})
    return True


async def _use_recovery_code(session: AsyncSession, user_id: int, code: str, *, now: datetime) -> bool:
    values = {"user_id": user_id, "hash": hash_token(code), "now": now}
    return (await session.execute(_USE_CODE, values)).one_or_none() is not None


async def _new_codes(session: AsyncSession, user_id: int, *, now: datetime) -> list[str]:
    await session.execute(_DROP_CODES, {"user_id": user_id})
    codes = [
        "".join(secrets.choice(_ALPHABET) for _ in range(_GROUPS * _SIGNS)) for _ in range(RECOVERY_CODES)
    ]
    for code in codes:
        await session.execute(_ADD_CODE, {"user_id": user_id, "hash": hash_token(code), "now": now})
    return ["-".join(code[at : at + _SIGNS] for at in range(0, len(code), _SIGNS)) for code in codes]


def _step_of(secret: str, code: str, *, after: int, now: datetime) -> int | None:
    """The step that a code belongs to, unless it is used up; all steps are compared, however early one fits."""
    totp = TOTP(secret)
    current = int(now.timestamp()) // _STEP
    fitting = [
        current + drift
        for drift in _DRIFT
        if hmac.compare_digest(totp.generate_otp(current + drift).encode(), code.encode())
        and current + drift > after
    ]
    return max(fitting, default=None)


def _opened(sealed: object, user_id: int) -> str:
    return crypto.unseal(bytes(cast("bytes", sealed)), context=context(user_id)).decode()
