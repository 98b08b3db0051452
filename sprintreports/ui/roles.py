"""What somebody may do, in words: the role that holds everywhere, and higher ones that hold on some boards or for some teams."""

from collections.abc import Sequence

from sprintreports.identity.permissions import Role
from sprintreports.identity.viewer import Grant
from sprintreports.ui.numbers import counted

EXPLAINED = {
    Role.VIEWER: "sees sprints, capacity, queues and reports.",
    Role.USER: "sees besides who has an account.",
    Role.MANAGER: "plans: teams, capacity, queues and reports.",
    Role.ADMIN: "connects Jira and changes settings and accounts.",
    Role.SUPER_ADMIN: "makes and changes other super admins.",
}


def words(grants: Sequence[Grant]) -> tuple[str, str]:
    """The first role, such as "User", and what it leaves out: where it ends, or what is held besides."""
    everywhere = max((one.role for one in grants if not one.limited), key=_rank, default=None)
    lowest = -1 if everywhere is None else everywhere.rank
    limited = sorted((one for one in grants if one.limited and one.role.rank > lowest), key=_of_grant)
    if everywhere is not None:
        return everywhere.label, "; ".join(f"{role} {where}" for role, where in _by_role(limited))
    if not limited:
        return Role.VIEWER.label, "without a board"
    (first, where), *rest = _by_role(limited)
    return first, "; ".join([where, *(f"{role} {place}" for role, place in rest)])


def _by_role(limited: Sequence[Grant]) -> list[tuple[str, str]]:
    """The highest role first, each with all its places."""
    roles = dict.fromkeys(one.role for one in limited)
    return [(role.label, _where([one for one in limited if one.role is role])) for role in roles]


def _where(grants: Sequence[Grant]) -> str:
    boards = {board for one in grants for board in one.board_ids or ()}
    teams = {team for one in grants for team in one.team_ids or ()}
    on_some = all(one.board_ids is not None for one in grants)
    if on_some and not boards:
        return "without a board"
    on = f"on {counted(len(boards), 'board')}" if on_some else ""
    for_teams = (
        f"for {counted(len(teams), 'team')}" if all(one.team_ids is not None for one in grants) else ""
    )
    return " ".join(part for part in (on, for_teams) if part) or "on some boards or for some teams"


def _rank(role: Role) -> int:
    return role.rank


def _of_grant(grant: Grant) -> int:
    return -grant.role.rank
