"""The viewer of a user's row: the one place that knows how roles and grants are stored.

Whoever resolves a session, a token or a key selects `COLUMNS` of `user_account u` in its own, single query and hands these
columns to `viewer_of` in their order, or the named row to `of_row`.
"""

from collections.abc import Mapping
from typing import Any

from sprintreports.identity.permissions import Permission, Role
from sprintreports.identity.viewer import Grant, Viewer, seen_by

COLUMNS = """u.id AS user_id, u.name, u.email, u.role, u.time_zone, u.locale, u.theme, (
    SELECT json_agg(json_build_array(g.role, g.board_ids, g.discipline_ids) ORDER BY g.id) FROM role_grant g WHERE g.user_id = u.id
) AS grants"""
# Whoever vouches for, changes or counts super admins asks this: the role may be held by a grant too.
IS_SUPER_ADMIN = """(u.role = 'super_admin' OR EXISTS (
    SELECT FROM role_grant g WHERE g.user_id = u.id AND g.role = 'super_admin'
))"""
_NAMES = ("user_id", "name", "email", "role", "time_zone", "locale", "theme", "grants")


def of_row(row: Mapping[str, Any], *, scopes: frozenset[Permission] | None = None) -> Viewer:
    """`viewer_of` for a row that has more columns than these."""
    return viewer_of(*(row[name] for name in _NAMES), scopes=scopes)


def viewer_of(
    user_id: int,
    name: str,
    email: str,
    role: str | None,
    time_zone: str | None,
    locale: str | None,
    theme: str,
    granted: list[Any] | None,
    *,
    scopes: frozenset[Permission] | None = None,
    via: str = "",
) -> Viewer:
    """Who a row of `COLUMNS` speaks of. `role`: the one that holds everywhere, if any; `granted`: those besides."""
    everywhere = None if role is None else Role(role)
    boards, teams, grants = None, None, ()
    if granted or everywhere is None:
        grants = held(everywhere, granted or [])
        boards, teams = seen_by(grants)
    return Viewer(
        user_id=user_id,
        name=name,
        email=email,
        role=highest(everywhere, grants),
        board_ids=boards,
        team_ids=teams,
        scopes=scopes,
        grants=grants,
        time_zone=time_zone,
        locale=locale,
        theme=theme,
        via=via,
    )


def held(everywhere: Role | None, granted: list[Any]) -> tuple[Grant, ...]:
    """All grants of a person, from the rows of role_grant as `COLUMNS` reads them."""
    first = () if everywhere is None else (Grant(everywhere),)
    return first + tuple(grant_of(role, boards, teams) for role, boards, teams in granted)


def grant_of(role: str, boards: list[int] | None, teams: list[int] | None) -> Grant:
    """A grant from what role_grant holds."""
    return Grant(
        Role(role), None if boards is None else frozenset(boards), None if teams is None else frozenset(teams)
    )


def highest(everywhere: Role | None, grants: tuple[Grant, ...]) -> Role:
    """What a person with these grants is called; somebody without any is a viewer who sees no board."""
    roles = (
        [grant.role for grant in grants] if everywhere is None else [everywhere, *(g.role for g in grants)]
    )
    return max(roles, key=lambda role: role.rank, default=Role.VIEWER)
