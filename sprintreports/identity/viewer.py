"""Who asks: resolved at a door, passed to every read and write."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sprintreports.identity.permissions import SYSTEM_WIDE, Permission, Role, allowed
from sprintreports.kit.errors import Forbidden

Ids = frozenset[int] | None  # None: all


@dataclass(frozen=True, slots=True)
class Grant:
    """A role on some boards and for some teams; None: on all, for all. Teams are ids of disciplines."""

    role: Role
    board_ids: Ids = None
    team_ids: Ids = None

    @property
    def limited(self) -> bool:
        return self.board_ids is not None or self.team_ids is not None

    def gives(self, permission: Permission) -> bool:
        """What concerns the whole system comes through unlimited grants alone."""
        return allowed(self.role, permission) and not (self.limited and permission in SYSTEM_WIDE)

    def covers(self, board_id: int, team_ids: Ids, *, reading: bool) -> bool:
        """Reading shows a slice; writing needs every team touched."""
        if self.board_ids is not None and board_id not in self.board_ids:
            return False
        return reading or self.team_ids is None or (team_ids is not None and team_ids <= self.team_ids)


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person (or the system itself) and their grants.

    `role`: the highest of them, which is what the person is called. `board_ids` and `team_ids`: what they see of the
    reports, by all grants together; every read starts with them. Without `grants` there is the one that these three make.
    """

    user_id: int
    name: str
    email: str
    role: Role
    board_ids: Ids = None
    team_ids: Ids = None
    scopes: frozenset[Permission] | None = (
        None  # what a key or client was limited to; None: all that the role allows
    )
    grants: tuple[Grant, ...] = ()
    time_zone: str | None = None  # these three as the profile sets them; None: as the browser says
    locale: str | None = None
    theme: str = "system"
    via: str = ""  # the key or client that acts for them, such as api_key:12; empty: they themselves

    @classmethod
    def system(cls) -> "Viewer":
        """Who background jobs and the command line act as. No user has the id 0."""
        return cls(user_id=0, name="Sprint Reports", email="", role=Role.SUPER_ADMIN)

    def can(self, permission: Permission) -> bool:
        """Whether the viewer holds the permission, be it on one board alone."""
        return self._in_scope(permission) and any(grant.gives(permission) for grant in self._held())

    def require(self, permission: Permission, *, board_id: int | None = None, team_ids: Ids = None) -> None:
        """Raises Forbidden when the viewer's roles lack the permission, or do not give it on this board.

        `team_ids`: the only teams that a change on the board touches; None: all of them.
        """
        if not self.can(permission):
            raise Forbidden(self._why_not(permission))
        if board_id is None:
            return
        reading = permission.value.endswith(":read")
        if not any(
            grant.gives(permission) and grant.covers(board_id, team_ids, reading=reading)
            for grant in self._held()
        ):
            raise Forbidden("Your role does not allow this on this board. Ask an admin if you need it.")

    def boards_for(self, permission: Permission) -> Ids:
        """The boards on which the viewer holds the permission; None: all.

        Reading shows a team's slice of a board; writing concerns all its teams, so it needs a grant for them all.
        """
        if permission.value.endswith(":read"):
            return self.board_ids
        whole = [grant for grant in self._held() if grant.gives(permission) and grant.team_ids is None]
        return _union(grant.board_ids for grant in whole)

    def _in_scope(self, permission: Permission) -> bool:
        """Who may write sees what is written: routes that only read ask for the scope itself (`api/door.py`)."""
        reads = permission.value.removesuffix(":read")
        return self.scopes is None or permission in self.scopes or f"{reads}:write" in self.scopes

    def _why_not(self, permission: Permission) -> str:
        """Roles that would do, but end at boards or teams, are told of as such."""
        if any(grant.limited and allowed(grant.role, permission) for grant in self._held()):
            return (
                f"Your role ({self.role.label}) holds on some boards or for some teams alone, and this concerns the whole "
                "system. Ask an admin if you need it."
            )
        return f"Your role ({self.role.label}) does not allow this. Ask an admin if you need it."

    def _held(self) -> tuple[Grant, ...]:
        return self.grants or (Grant(self.role, self.board_ids, self.team_ids),)


def seen_by(grants: Sequence[Grant]) -> tuple[Ids, Ids]:
    """The boards and the teams that these grants show together: never more than each of them shows.

    Whole boards and slices of others cannot be one view, nor can slices that differ from board to board. Whole boards
    go first; else the teams that are the same everywhere. `grants.py` does not let anyone make such a mixture.
    """
    whole = [grant for grant in grants if grant.team_ids is None]
    if whole:
        return _union(grant.board_ids for grant in whole), None
    if len({grant.board_ids for grant in grants}) == 1:
        return grants[0].board_ids, _union(grant.team_ids for grant in grants)
    if not grants:
        return frozenset(), None
    common = frozenset[int].intersection(*(grant.team_ids for grant in grants if grant.team_ids is not None))
    return _union(grant.board_ids for grant in grants), common


def is_one_view(grants: Sequence[Grant]) -> bool:
    """Whether `seen_by` shows all that each of these grants shows."""
    sliced = [grant for grant in grants if grant.team_ids is not None]
    whole = [grant for grant in grants if grant.team_ids is None]
    if not whole:
        return len({grant.board_ids for grant in sliced}) <= 1
    boards = _union(grant.board_ids for grant in whole)
    return boards is None or all(
        grant.board_ids is not None and grant.board_ids <= boards for grant in sliced
    )


def _union(several: Iterable[Ids]) -> Ids:
    found: set[int] = set()
    for ids in several:
        if ids is None:
            return None
        found |= ids
    return frozenset(found)
