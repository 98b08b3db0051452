"""A user account as a value, and the columns that it is read from."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sprintreports.identity import viewers
from sprintreports.identity.permissions import Role
from sprintreports.identity.viewer import Grant

IS_SERVICE = "EXISTS (SELECT FROM api_client c WHERE c.user_id = user_account.id)"
_STATE = f"""CASE WHEN NOT is_active THEN 'deactivated' WHEN {IS_SERVICE} THEN 'service'
    WHEN hashed_password IS NULL AND last_sign_in_at IS NULL THEN 'invited' ELSE 'active' END"""
COLUMNS = f"""id, email, username, name, role AS everywhere, is_active, {_STATE} AS state, jira_account_id, time_zone, locale, theme,
created_at, last_sign_in_at, hashed_password IS NOT NULL AS has_password, (
    SELECT json_agg(json_build_array(g.role, g.board_ids, g.discipline_ids, g.source) ORDER BY g.id)
    FROM role_grant g WHERE g.user_id = user_account.id
) AS granted"""


class UserState(StrEnum):
    ACTIVE = "active"
    INVITED = "invited"  # has no password yet and was never here
    SERVICE = "service"  # a program's account: no person signs in to it
    DEACTIVATED = "deactivated"


@dataclass(frozen=True, slots=True)
class StoredGrant:
    """A grant besides the role that holds everywhere. `source`: "manual", or "group:" and a provider's group."""

    grant: Grant
    source: str


@dataclass(frozen=True, slots=True)
class User:
    """A user account as pages and REST show it. `role`: the highest of all; `everywhere`: the one without limits."""

    id: int
    email: str
    username: str
    name: str
    role: Role
    everywhere: Role | None
    granted: tuple[StoredGrant, ...]
    is_active: bool
    state: UserState
    has_password: bool
    jira_account_id: str | None
    time_zone: str | None
    locale: str | None
    theme: str
    created_at: datetime
    last_sign_in_at: datetime | None

    @property
    def grants(self) -> tuple[Grant, ...]:
        """All that the person holds."""
        first = () if self.everywhere is None else (Grant(self.everywhere),)
        return first + tuple(one.grant for one in self.granted)


def user_of(row: Any) -> User:
    """The user of a row of `COLUMNS`."""
    everywhere = None if row["everywhere"] is None else Role(row["everywhere"])
    granted = tuple(
        StoredGrant(viewers.grant_of(role, boards, teams), source)
        for role, boards, teams, source in row["granted"] or ()
    )
    apart = {
        "role": viewers.highest(everywhere, tuple(one.grant for one in granted)),
        "everywhere": everywhere,
        "granted": granted,
        "state": UserState(row["state"]),
    }
    return User(**apart, **{field: row[field] for field in User.__slots__ if field not in apart})
