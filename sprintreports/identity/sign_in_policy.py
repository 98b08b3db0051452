"""How people may sign in: with a password of ours or through providers alone, and which roles need a second factor."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import audit
from sprintreports.identity.permissions import Permission, Role
from sprintreports.identity.viewer import Viewer
from sprintreports.kit.errors import Conflict


class NoOtherWayIn(Conflict):
    """Passwords cannot be switched off while no sign-in provider is switched on: nobody could sign in any more."""


@dataclass(frozen=True, slots=True)
class Policy:
    """`local_sign_in`: whether passwords open anything; `second_factor_roles`: who needs more than one."""

    local_sign_in: bool = True
    second_factor_roles: frozenset[Role] = frozenset()

    def told(self) -> dict[str, object]:
        """As the audit log keeps it."""
        return {"local_sign_in": self.local_sign_in, "second_factor_roles": sorted(self.second_factor_roles)}


async def read(session: AsyncSession) -> Policy:
    """The policy that holds now."""
    query = text("SELECT local_sign_in, second_factor_roles FROM sign_in_policy WHERE id = 1")
    row = (await session.execute(query)).one_or_none()
    return Policy() if row is None else Policy(row[0], frozenset(Role(role) for role in row[1]))


async def change(
    session: AsyncSession,
    viewer: Viewer,
    *,
    local_sign_in: bool,
    second_factor_roles: Collection[Role],
    now: datetime,
) -> Policy:
    """Set the policy. Raises Forbidden, NoOtherWayIn."""
    viewer.require(Permission.SETTINGS_WRITE)
    before = await read(session)
    wanted = Policy(local_sign_in, frozenset(second_factor_roles))
    if before.local_sign_in and not local_sign_in and not await _provider_on(session):
        raise NoOtherWayIn
    if wanted == before:
        return before
    await session.execute(
        text(
            "INSERT INTO sign_in_policy (id, local_sign_in, second_factor_roles, updated_at) "
            "VALUES (1, :local, :roles, :now) ON CONFLICT (id) DO UPDATE SET local_sign_in = :local, "
            "second_factor_roles = :roles, updated_at = :now"
        ),
        {"local": local_sign_in, "roles": sorted(wanted.second_factor_roles), "now": now},
    )
    await audit.record(
        session,
        viewer,
        audit.Action.SETTING_CHANGED,
        subject=("setting", "sign-in policy"),
        before=before.told(),
        after=wanted.told(),
    )
    return wanted


async def _provider_on(session: AsyncSession) -> bool:
    found = await session.execute(text("SELECT EXISTS (SELECT FROM sign_in_provider WHERE enabled)"))
    return bool(found.scalar_one())
