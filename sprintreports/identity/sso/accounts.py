"""Whose account it is that a provider vouches for: known, linked by a verified address, made new, or refused in words."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import audit, viewers
from sprintreports.identity.sso import groups
from sprintreports.identity.sso.errors import SignInRefused
from sprintreports.identity.sso.values import Arrived, Provider

_ADDRESS = re.compile(
    r"[^@\s<>\"(),:;\\\[\]]{1,64}@[a-z0-9]([a-z0-9.-]{0,250}[a-z0-9])?", re.IGNORECASE | re.ASCII
)
_BY_SUBJECT = text("""
SELECT u.id, u.name, u.is_active AND u.deleted_at IS NULL AS active
FROM user_identity i JOIN user_account u ON u.id = i.user_id
WHERE i.provider_id = :provider_id AND i.subject = :subject
""")
_BY_ADDRESS = text(f"""
SELECT u.id, u.name, u.is_active AS active, {viewers.IS_SUPER_ADMIN} AS is_super_admin
FROM user_account u WHERE lower(u.email) = lower(:email) AND u.deleted_at IS NULL
""")
_LINK = text("""
INSERT INTO user_identity (provider_id, subject, user_id, email) VALUES (:provider_id, :subject, :user_id, :email)
ON CONFLICT DO NOTHING RETURNING id
""")
_USED = text("""
UPDATE user_identity SET last_used_at = :now, email = :email WHERE provider_id = :provider_id AND subject = :subject
""")
_NEW_USER = text("""
INSERT INTO user_account (email, username, name, role) VALUES (:email, :username, :name, :role) RETURNING id
""")


class Way(StrEnum):
    """How somebody gets in."""

    KNOWN = "known"
    LINKED = "linked"
    CREATED = "created"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a sign-in would do. `user_id` and `name` are of the account that is there already."""

    way: Way
    user_id: int | None
    name: str

    @property
    def sentence(self) -> str:
        if self.way is Way.KNOWN:
            return f"Signs in as {self.name}, who is linked to this account of the provider."
        if self.way is Way.LINKED:
            return f"Signs in as {self.name}, whose address this is, and links the two for the next time."
        return "Makes a new account for this address and signs it in."


async def plan(session: AsyncSession, provider: Provider, arrived: Arrived) -> Plan:
    """What a sign-in with this would do; nothing is done. Raises SignInRefused."""
    _check_domain(provider, arrived)
    known = {"provider_id": provider.id, "subject": arrived.subject}
    row = (await session.execute(_BY_SUBJECT, known)).one_or_none()
    if row is not None:
        _check_active(row.active)
        return Plan(Way.KNOWN, row.id, row.name)
    if not _is_verified(provider, arrived):
        raise SignInRefused(
            "The identity provider does not say that your e-mail address is verified, so it cannot be told whose account "
            "this is. Ask an admin.",
            reason="unverified",
        )
    row = (await session.execute(_BY_ADDRESS, {"email": arrived.email})).one_or_none()
    if row is not None:
        _check_active(row.active)
        if row.is_super_admin:
            raise SignInRefused(
                "A super admin's account is not linked by its address alone. Sign in with your password, then link this "
                "provider on your profile.",
                reason="super_admin",
            )
        return Plan(Way.LINKED, row.id, row.name)
    if not provider.options.creates_users:
        raise SignInRefused(
            f"There is no account for {arrived.email} here. Ask an admin to make one, then sign in again.",
            reason="no_account",
        )
    return Plan(Way.CREATED, None, "")


async def enter(session: AsyncSession, provider: Provider, arrived: Arrived, *, now: datetime) -> int:
    """The id of the user who signs in: linked or made where the plan says so, roles by groups refreshed.

    Raises SignInRefused.
    """
    found = await plan(session, provider, arrived)
    user_id = found.user_id if found.user_id is not None else await _make(session, provider, arrived)
    if found.way is not Way.KNOWN:
        await _link(session, provider, arrived, user_id)
    await groups.refresh(session, provider, user_id, arrived.groups)
    known = {"provider_id": provider.id, "subject": arrived.subject}
    await session.execute(_USED, {**known, "now": now, "email": arrived.email})
    signed_in = text("UPDATE user_account SET last_sign_in_at = :now WHERE id = :id")
    await session.execute(signed_in, {"now": now, "id": user_id})
    return user_id


async def link(
    session: AsyncSession, provider: Provider, arrived: Arrived, *, user_id: int, now: datetime
) -> None:
    """Link a provider's account to the user who asked for it while signed in. Raises SignInRefused."""
    known = {"provider_id": provider.id, "subject": arrived.subject}
    row = (await session.execute(_BY_SUBJECT, known)).one_or_none()
    if row is not None and row.id != user_id:
        raise SignInRefused(
            "This account of the provider belongs to somebody else here already.", reason="taken"
        )
    if row is None:
        await _link(session, provider, arrived, user_id)
    await session.execute(_USED, {**known, "now": now, "email": arrived.email})


async def _link(session: AsyncSession, provider: Provider, arrived: Arrived, user_id: int) -> None:
    values: dict[str, Any] = {
        "provider_id": provider.id,
        "subject": arrived.subject,
        "user_id": user_id,
        "email": arrived.email,
    }
    if (await session.execute(_LINK, values)).one_or_none() is None:
        raise SignInRefused("Somebody has just signed in with this account. Try again.", reason="taken")
    subject = ("user", user_id)
    after = {"provider": provider.slug}
    await audit.record(session, None, audit.Action.IDENTITY_LINKED, subject=subject, after=after)


async def _make(session: AsyncSession, provider: Provider, arrived: Arrived) -> int:
    email, name = arrived.email, " ".join(sign for sign in arrived.name.split() if sign.isprintable())
    values = {
        "email": email,
        "username": email[:100],
        "name": name[:200] or email.partition("@")[0],
        "role": provider.options.default_role.value,
    }
    try:
        async with session.begin_nested():
            made = int((await session.execute(_NEW_USER, values)).scalar_one())
    except IntegrityError as error:
        raise SignInRefused("Somebody has just taken this address. Try again.", reason="taken") from error
    after = {"provider": provider.slug, "role": values["role"]}
    await audit.record(session, None, audit.Action.USER_CREATED, subject=("user", made), after=after)
    return made


def _check_active(active: bool) -> None:  # noqa: FBT001  # a column's value
    if not active:
        raise SignInRefused("Your account here is deactivated. Ask an admin.", reason="deactivated")


def _check_domain(provider: Provider, arrived: Arrived) -> None:
    allowed = provider.options.domains
    if not allowed:
        return
    if _domain(arrived.email) not in allowed:
        raise SignInRefused(
            "Your e-mail address is of no domain that may sign in with this provider. Ask an admin.",
            reason="domain",
        )
    if provider.preset == "google" and arrived.claims.get("hd") not in allowed:
        raise SignInRefused(
            "Your Google account is not managed by a company that may sign in here. Ask an admin.",
            reason="domain",
        )


def _is_verified(provider: Provider, arrived: Arrived) -> bool:
    """Whether the address may decide whose account it is: the provider says so, or is trusted for its domains.

    ASCII alone: lower-casing turns some other letters, such as the Kelvin sign, into those of somebody else's address.
    """
    plain = arrived.email.isascii() and _ADDRESS.fullmatch(arrived.email) and len(arrived.email) <= 255
    if not plain or arrived.email_verified is False or _domain(arrived.email).endswith(".invalid"):
        return False
    trusted = provider.options.trusts_addresses and _domain(arrived.email) in provider.options.domains
    return arrived.email_verified is True or trusted


def _domain(email: str) -> str:
    return email.rpartition("@")[2].lower()
