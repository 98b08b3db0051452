"""Users as text: pure, for the list and the panel."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sprintreports.identity.permissions import Role
from sprintreports.identity.user_rows import StoredGrant, User, UserState
from sprintreports.identity.viewer import Grant
from sprintreports.jira.reads.grantable import Place
from sprintreports.ui import roles
from sprintreports.ui.dates import instant
from sprintreports.ui.numbers import counted

STATES = {
    UserState.ACTIVE: ("Active", "good"),
    UserState.INVITED: ("Invited", "info"),
    UserState.SERVICE: ("Service", ""),
    UserState.DEACTIVATED: ("Deactivated", ""),
}
ROLES = tuple((role.value, role.label) for role in Role)
LIMITABLE = tuple((role.value, role.label) for role in Role if role.rank < Role.ADMIN.rank)
_NAMED = 3


@dataclass
class UserLine:
    """One account in the list."""

    id: str = ""
    name: str = ""
    email: str = ""
    role: str = ""
    where: str = ""
    state: str = ""
    tone: str = ""
    last_here: str = ""


@dataclass
class GrantLine:
    """One limited role of somebody. `removable`: it was given by hand."""

    key: str = ""
    text: str = ""
    source: str = ""
    removable: bool = False


def user_line(user: User, zone: ZoneInfo) -> UserLine:
    label, tone = STATES[user.state]
    role, where = roles.words(user.grants)
    return UserLine(
        id=str(user.id),
        name=user.name,
        email=user.email,
        role=role,
        where=where,
        state=label,
        tone=tone,
        last_here=instant(user.last_sign_in_at, zone) if user.last_sign_in_at else "Never",
    )


def grant_lines(
    granted: Sequence[StoredGrant], boards: Sequence[Place], teams: Sequence[Place]
) -> list[GrantLine]:
    return [
        GrantLine(
            key=grant_key(one.grant),
            text=f"{one.grant.role.label} {_limits(one.grant, boards, teams)}",
            source="" if one.source == "manual" else f"By the group “{one.source.rpartition(':')[2]}”",
            removable=one.source == "manual",
        )
        for one in granted
    ]


def grant_key(grant: Grant) -> str:
    """What tells a person's limited roles apart."""
    boards, teams = (sorted(ids) if ids is not None else "all" for ids in (grant.board_ids, grant.team_ids))
    return f"{grant.role} {boards} {teams}"


def seen_at(at: datetime | None, zone: ZoneInfo) -> str:
    return f"Last signed in {instant(at, zone)}." if at else "Has never signed in."


def _limits(grant: Grant, boards: Sequence[Place], teams: Sequence[Place]) -> str:
    if not grant.limited:
        return "everywhere"
    parts: list[str] = []
    if grant.board_ids is not None:
        parts.append("on " + _named(grant.board_ids, boards, "board"))
    if grant.team_ids is not None:
        parts.append("for " + _named(grant.team_ids, teams, "team"))
    return " ".join(parts)


def _named(ids: frozenset[int], places: Sequence[Place], noun: str) -> str:
    names = {place.id: place.name for place in places}
    known = sorted(names[one] for one in ids if one in names)
    if len(known) == len(ids) and len(known) <= _NAMED:
        return ", ".join(known)
    return counted(len(ids), noun)
