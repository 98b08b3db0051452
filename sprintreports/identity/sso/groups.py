"""Roles by groups: what a provider's groups give, refreshed at each sign-in, taken away too."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import audit
from sprintreports.identity.permissions import Role
from sprintreports.identity.sso.values import Provider

_HELD = text(
    "SELECT source, role FROM role_grant WHERE user_id = :user_id AND starts_with(source, :prefix) FOR UPDATE"
)
_TAKE = text("DELETE FROM role_grant WHERE user_id = :user_id AND source = :source")
_GIVE = text("INSERT INTO role_grant (user_id, role, source) VALUES (:user_id, :role, :source)")
_END_SESSIONS = text(
    "UPDATE user_account SET credentials_version = credentials_version + 1, updated_at = now() WHERE id = :user_id"
)


def given(provider: Provider, groups: tuple[str, ...] | None) -> dict[str, Role]:
    """Which roles these groups give, by the source that the grant is kept under. Of a group's two roles the higher."""
    held = frozenset(groups or ())
    found: dict[str, Role] = {}
    for one in provider.options.group_roles:
        if one.group in held:
            source = f"group:{provider.slug}:{one.group}"
            found[source] = max(one.role, found.get(source, one.role), key=lambda role: role.rank)
    return found


async def refresh(
    session: AsyncSession, provider: Provider, user_id: int, groups: tuple[str, ...] | None
) -> bool:
    """Make a user's grants what the groups say now. A change ends what was issued before; returns whether there was one.

    A provider that says nothing of groups gives none: who left all groups must not keep their roles.
    """
    prefix = f"group:{provider.slug}:"
    rows = await session.execute(_HELD, {"user_id": user_id, "prefix": prefix})
    before = {source: Role(role) for source, role in rows}
    after = given(provider, groups)
    if before == after:
        return False
    for source, role in before.items():
        if role is not after.get(source):
            await session.execute(_TAKE, {"user_id": user_id, "source": source})
    for source, role in after.items():
        if before.get(source) is not role:
            await session.execute(_GIVE, {"user_id": user_id, "role": role.value, "source": source})
    await session.execute(_END_SESSIONS, {"user_id": user_id})
    await audit.record(
        session,
        None,
        audit.Action.GRANTS_CHANGED,
        subject=("user", user_id),
        before={source: role.value for source, role in sorted(before.items())},
        after={source: role.value for source, role in sorted(after.items())},
    )
    return True
