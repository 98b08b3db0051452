"""What a person may do, and where: one role everywhere, others on some boards or for some teams.

Roles through the groups of an identity provider are `sso/groups.py`'s; `give` leaves them alone.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import audit, users
from sprintreports.identity.permissions import Role
from sprintreports.identity.user_rows import StoredGrant, User
from sprintreports.identity.viewer import Grant, Viewer, is_one_view
from sprintreports.kit.errors import FieldProblem, Invalid

MANUAL = "manual"
_MOST = 50
_ADMINS = (Role.ADMIN, Role.SUPER_ADMIN)
_DELETE = text("DELETE FROM role_grant WHERE user_id = :user_id AND source = 'manual'")
_INSERT = text("""
INSERT INTO role_grant (user_id, role, board_ids, discipline_ids, source)
VALUES (:user_id, :role, CAST(:boards AS bigint[]), CAST(:teams AS bigint[]), :source)
""")


async def give(
    session: AsyncSession,
    viewer: Viewer,
    *,
    user_id: int,
    everywhere: Role | None,
    limited: Sequence[Grant],
) -> User:
    """Replace all that a person was given by hand; sessions and tokens of theirs end.

    Grants by groups stay. Raises Forbidden, Oneself, Invalid, LastSuperAdmin, NotFound.
    """
    loses = everywhere is not Role.SUPER_ADMIN
    user = await users.to_change(session, viewer, user_id, new=everywhere, loses=loses)
    groups = [one for one in user.granted if one.source != MANUAL]
    _check(everywhere, limited, [one.grant for one in groups])
    held = {one.grant for one in user.granted if one.source == MANUAL}
    if everywhere is user.everywhere and held == set(limited):
        return user
    users.not_oneself(viewer, user)
    await users.change(session, user_id, "role = :role", {"role": everywhere})
    wanted = [StoredGrant(grant, MANUAL) for grant in dict.fromkeys(limited)]
    await _replace(session, user_id, wanted)
    await audit.record(
        session,
        viewer,
        audit.Action.GRANTS_CHANGED,
        subject=("user", user_id),
        before=_told(user.everywhere, user.granted),
        after=_told(everywhere, [*wanted, *groups]),
    )
    return await users.one(session, user_id)


async def _replace(session: AsyncSession, user_id: int, wanted: Sequence[StoredGrant]) -> None:
    await session.execute(_DELETE, {"user_id": user_id})
    rows = [
        {
            "user_id": user_id,
            "role": one.grant.role.value,
            "boards": _sorted(one.grant.board_ids),
            "teams": _sorted(one.grant.team_ids),
            "source": one.source,
        }
        for one in wanted
    ]
    if rows:
        await session.execute(_INSERT, rows)


def _check(everywhere: Role | None, limited: Sequence[Grant], groups: Sequence[Grant]) -> None:
    problem = ""
    if len(limited) > _MOST:
        problem = f"Give at most {_MOST} limited roles to one person."
    elif any(not grant.limited for grant in limited):
        problem = "Name boards or teams for each limited role; a role without limits is the one that holds everywhere."
    elif any(grant.role in _ADMINS for grant in limited):
        problem = "Admins look after the whole system, so their role cannot be limited to boards or teams."
    elif any(not ids for grant in limited for ids in (grant.board_ids, grant.team_ids) if ids is not None):
        problem = "A list of boards or teams that is given names at least one."
    elif everywhere is None and not limited and not groups:
        problem = "Give at least one role, or deactivate the account."
    elif not is_one_view(_all(everywhere, [*limited, *groups])):
        problem = (
            "Limits to teams must be the same on all boards, and cannot be mixed with whole other boards. "
            "Use the same boards for each role that is limited to teams."
        )
    if problem:
        raise Invalid(problem, details=(FieldProblem("limited", problem),))


def _all(everywhere: Role | None, others: Sequence[Grant]) -> list[Grant]:
    return [*([] if everywhere is None else [Grant(everywhere)]), *others]


def _told(everywhere: Role | None, granted: Sequence[StoredGrant]) -> dict[str, Any]:
    return {
        "role": everywhere,
        "grants": [
            {
                "role": one.grant.role,
                "boards": _sorted(one.grant.board_ids),
                "teams": _sorted(one.grant.team_ids),
                "source": one.source,
            }
            for one in granted
        ],
    }


def _sorted(ids: frozenset[int] | None) -> list[int] | None:
    return None if ids is None else sorted(ids)
