"""Identity providers as admins set them up. What they hold of secrets is sealed and never read back to anyone."""

from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import delete, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from sprintreports.identity import audit, sign_in_policy, viewers
from sprintreports.identity.permissions import Permission, Role
from sprintreports.identity.sso import saml_keys, without_tls
from sprintreports.identity.sso.rules import check_draft
from sprintreports.identity.sso.tables import SignInProvider, UserIdentity
from sprintreports.identity.sso.values import Draft, Kind, Options, Provider
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import crypto
from sprintreports.kit.errors import Conflict, Forbidden, NotFound
from sprintreports.kit.paging import Sort, order_by

# Who vouches for a subject: when one of these changes, the links to the people of the one before mean nothing.
_VOUCHES = ("issuer", "entity_id", "profile_url", "subject_claim")


class NameTaken(Conflict):
    """There is a provider with this short name already. Choose another one."""


class LastWayIn(Conflict):
    """Passwords are switched off, so nobody could sign in without this provider. Switch passwords on first."""


@dataclass(frozen=True, slots=True)
class Button:
    """A provider on the sign-in page."""

    slug: str
    name: str


async def buttons(session: AsyncSession) -> list[Button]:
    """What the sign-in page offers to everybody."""
    query = (
        select(col(SignInProvider.slug), col(SignInProvider.name))
        .where(col(SignInProvider.enabled))
        .order_by(col(SignInProvider.name))
    )
    return [Button(slug, name) for slug, name in await session.execute(query)]


async def by_slug(session: AsyncSession, slug: str) -> Provider:
    """The provider of an address, for the way there and back. Raises NotFound."""
    row = await session.scalar(select(SignInProvider).where(col(SignInProvider.slug) == slug[:40]))
    if row is None:
        raise NotFound("There is no such identity provider. Start again from the sign-in page.")
    return _provider(row)


ORDERS = {
    "name": "lower(name) {way}",
    "kind": "kind {way}",
    "preset": "preset {way}",
    "enabled": "enabled {way}",
    "updated_at": "updated_at {way}",
}


async def listing(session: AsyncSession, viewer: Viewer, *, sort: Sort = ()) -> list[Provider]:
    """All providers, by name."""
    viewer.require(Permission.SETTINGS_READ)
    order = order_by(sort, ORDERS, usual="name", last="id").removeprefix("ORDER BY ")
    rows = await session.scalars(select(SignInProvider).order_by(text(order)))
    return [_provider(row) for row in rows]


async def one(session: AsyncSession, viewer: Viewer, provider_id: int) -> Provider:
    """Raises NotFound."""
    viewer.require(Permission.SETTINGS_READ)
    return _provider(await _row(session, provider_id))


async def create(session: AsyncSession, viewer: Viewer, draft: Draft) -> Provider:
    """Set a provider up, switched off until it has been tested. Raises Invalid, NameTaken."""
    viewer.require(Permission.SETTINGS_WRITE)
    draft = check_draft(draft)
    await without_tls.check(draft.options)
    row = SignInProvider(
        slug=draft.slug, name=draft.name, kind=draft.kind.value, preset=draft.preset, enabled=False,
        options=msgspec.to_builtins(draft.options),
    )  # fmt: skip
    try:
        async with session.begin_nested():
            session.add(row)
            await session.flush()
    except IntegrityError as error:
        raise NameTaken from error
    _seal(row, draft)
    await session.flush()
    await session.refresh(row)
    made = _provider(row)
    await _record(session, viewer, made.id, None, made)
    return made


async def change(session: AsyncSession, viewer: Viewer, provider_id: int, draft: Draft) -> Provider:
    """Change what was set; an empty secret keeps the one before, and the short name stays. Raises Invalid, Forbidden.

    Whoever sets a provider up decides whom it vouches for. So only a super admin changes one that vouches for a super
    admin, and when it is another provider from then on, its links to people end.
    """
    viewer.require(Permission.SETTINGS_WRITE)
    row = await _row(session, provider_id, lock=True)
    await _guard_super_admins(session, viewer, provider_id)
    before = _provider(row)
    draft = check_draft(
        msgspec.structs.replace(draft, slug=row.slug, preset=before.preset, kind=before.kind),
        keeps_secret=row.client_secret is not None,
    )
    await without_tls.check(draft.options)
    row.name, row.options = draft.name, msgspec.to_builtins(draft.options)
    _seal(row, draft)
    if any(getattr(before.options, name) != getattr(draft.options, name) for name in _VOUCHES):
        await session.execute(delete(UserIdentity).where(col(UserIdentity.provider_id) == provider_id))
    await _touched(session, row)
    after = _provider(row)
    await _record(session, viewer, provider_id, before, after)
    return after


async def set_enabled(session: AsyncSession, viewer: Viewer, provider_id: int, *, enabled: bool) -> Provider:
    """Offer a provider on the sign-in page, or no longer. Sessions that it began go on."""
    viewer.require(Permission.SETTINGS_WRITE)
    row = await _row(session, provider_id, lock=True)
    before = _provider(row)
    if before.enabled and not enabled:
        await _keep_a_way_in(session, provider_id)
    row.enabled = enabled
    await _touched(session, row)
    after = _provider(row)
    await _record(session, viewer, provider_id, before, after)
    return after


async def remove(session: AsyncSession, viewer: Viewer, provider_id: int) -> None:
    """Delete a provider, its links to people, and the roles that its groups gave."""
    viewer.require(Permission.SETTINGS_WRITE)
    row = await _row(session, provider_id, lock=True)
    await _guard_super_admins(session, viewer, provider_id)
    before = _provider(row)
    await _keep_a_way_in(session, provider_id)
    ended = text(
        "WITH gone AS (DELETE FROM role_grant WHERE starts_with(source, :source) RETURNING user_id) "
        "UPDATE user_account SET credentials_version = credentials_version + 1, updated_at = now() "
        "WHERE id IN (SELECT user_id FROM gone)"
    )
    await session.execute(ended, {"source": f"group:{before.slug}:"})
    await session.delete(row)
    await session.flush()
    await _record(session, viewer, provider_id, before, None)


async def credential(session: AsyncSession, provider: Provider) -> str:
    """What we prove ourselves with, in clear: the client's secret, or of SAML our own key; empty where there is none."""
    row = await _row(session, provider.id)
    sealed = row.signing_key if provider.kind is Kind.SAML else row.client_secret
    return crypto.unseal(sealed, context=_context(row)).decode() if sealed else ""


def _context(row: SignInProvider) -> str:
    return f"sign_in_provider:{row.id}"


def _seal(row: SignInProvider, draft: Draft) -> None:
    if draft.client_secret:
        row.client_secret = crypto.seal(draft.client_secret.encode(), context=_context(row))
    if draft.options.signs_requests and row.signing_key is None:
        made = saml_keys.make(row.slug)
        row.signing_key = crypto.seal(made.key.encode(), context=_context(row))
        row.signing_certificate = made.certificate


async def _row(session: AsyncSession, provider_id: int, *, lock: bool = False) -> SignInProvider:
    query = select(SignInProvider).where(col(SignInProvider.id) == provider_id)
    row = await session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound("There is no such identity provider.")
    return row


async def _touched(session: AsyncSession, row: SignInProvider) -> None:
    await session.flush()
    await session.execute(
        text("UPDATE sign_in_provider SET updated_at = now() WHERE id = :id"), {"id": row.id}
    )
    await session.refresh(row)


async def unchangeable(session: AsyncSession, viewer: Viewer) -> frozenset[int]:
    """The providers that the viewer may not change or delete, since a super admin signs in with them."""
    if viewer.role is Role.SUPER_ADMIN:
        return frozenset()
    query = text(
        "SELECT DISTINCT i.provider_id FROM user_identity i JOIN user_account u ON u.id = i.user_id "
        f"WHERE {viewers.IS_SUPER_ADMIN} AND u.deleted_at IS NULL"
    )
    return frozenset((await session.execute(query)).scalars())


async def _guard_super_admins(session: AsyncSession, viewer: Viewer, provider_id: int) -> None:
    if provider_id in await unchangeable(session, viewer):
        raise Forbidden(
            "A super admin signs in with this provider, so only a super admin may change or delete it."
        )


async def _keep_a_way_in(session: AsyncSession, provider_id: int) -> None:
    """Raises LastWayIn where passwords open nothing and no other provider is switched on."""
    others = text("SELECT EXISTS (SELECT FROM sign_in_provider WHERE enabled AND id <> :id)")
    policy = await sign_in_policy.read(session)
    if not policy.local_sign_in and not (await session.execute(others, {"id": provider_id})).scalar_one():
        raise LastWayIn


async def _record(
    session: AsyncSession, viewer: Viewer, provider_id: int, before: Provider | None, after: Provider | None
) -> None:
    subject = ("provider", provider_id)
    await audit.record(
        session,
        viewer,
        audit.Action.PROVIDER_CHANGED,
        subject=subject,
        before=_told(before),
        after=_told(after),
    )


def _told(provider: Provider | None) -> dict[str, Any] | None:
    if provider is None:
        return None
    return {
        "slug": provider.slug,
        "name": provider.name,
        "kind": provider.kind.value,
        "enabled": provider.enabled,
        "options": msgspec.to_builtins(provider.options),
    }


def _provider(row: SignInProvider) -> Provider:
    assert row.id is not None  # noqa: S101  # for the type checker: it is stored
    return Provider(
        id=row.id,
        slug=row.slug,
        name=row.name,
        kind=Kind(row.kind),
        preset=row.preset,
        enabled=row.enabled,
        options=msgspec.convert(row.options, Options),
        has_secret=row.client_secret is not None,
        signing_certificate=row.signing_certificate,
        updated_at=row.updated_at,
    )
