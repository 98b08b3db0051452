"""Which accounts of providers somebody signs in with: seen and ended on their own profile."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import audit, sign_in_policy
from sprintreports.identity.viewer import Viewer
from sprintreports.kit.errors import Conflict, NotFound

_LISTING = text("""
SELECT p.id AS provider_id, p.name AS provider, i.email, i.created_at, i.last_used_at
FROM user_identity i JOIN sign_in_provider p ON p.id = i.provider_id
WHERE i.user_id = :user_id ORDER BY p.name, i.id
""")
_UNLINKED = text("""
SELECT p.id, p.name, p.slug FROM sign_in_provider p WHERE p.enabled
AND NOT EXISTS (SELECT FROM user_identity i WHERE i.provider_id = p.id AND i.user_id = :user_id) ORDER BY p.name
""")
_OTHER_WAY = text("""
SELECT (:local AND u.hashed_password IS NOT NULL) OR EXISTS (
    SELECT FROM user_identity i JOIN sign_in_provider p ON p.id = i.provider_id
    WHERE i.user_id = u.id AND p.enabled AND p.id <> :provider_id
) FROM user_account u WHERE u.id = :user_id
""")
_END = text("DELETE FROM user_identity WHERE user_id = :user_id AND provider_id = :provider_id RETURNING id")


class OnlyWayIn(Conflict):
    """This is the only way in which you can sign in. Set a password, or link another provider first."""


@dataclass(frozen=True, slots=True)
class Linked:
    """An account of a provider that opens somebody's account here."""

    provider_id: int
    provider: str
    email: str
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Linkable:
    """A provider that somebody could link."""

    provider_id: int
    provider: str
    slug: str


async def listing(session: AsyncSession, viewer: Viewer) -> list[Linked]:
    """The viewer's own."""
    rows = await session.execute(_LISTING, {"user_id": viewer.user_id})
    return [Linked(**row) for row in rows.mappings()]


async def linkable(session: AsyncSession, viewer: Viewer) -> list[Linkable]:
    """The providers that the viewer could link."""
    return [Linkable(*row) for row in await session.execute(_UNLINKED, {"user_id": viewer.user_id})]


async def to_link(session: AsyncSession, viewer: Viewer, provider_id: int) -> Linkable:
    """One of them. Raises NotFound."""
    for one in await linkable(session, viewer):
        if one.provider_id == provider_id:
            return one
    raise NotFound("This provider cannot be linked: it is switched off, or linked already.")


async def end(session: AsyncSession, viewer: Viewer, provider_id: int) -> None:
    """Take a provider's account from the viewer's own. Raises OnlyWayIn, NotFound."""
    values = {"user_id": viewer.user_id, "provider_id": provider_id}
    policy = await sign_in_policy.read(session)
    if not (await session.execute(_OTHER_WAY, {**values, "local": policy.local_sign_in})).scalar_one():
        raise OnlyWayIn
    if not (await session.execute(_END, values)).all():
        raise NotFound("This provider is not linked to your account.")
    subject = ("user", viewer.user_id)
    before = {"provider_id": provider_id}
    await audit.record(session, viewer, audit.Action.IDENTITY_UNLINKED, subject=subject, before=before)
