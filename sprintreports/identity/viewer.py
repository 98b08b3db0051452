"""Who asks: resolved at a door, passed to every read and write."""

from dataclasses import dataclass

from sprintreports.identity.permissions import Permission, Role, allowed
from sprintreports.kit.errors import Forbidden


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person (or the system itself), their role, and the boards and teams that they may see (None: all)."""

    user_id: int
    name: str
    email: str
    role: Role
    board_ids: frozenset[int] | None = None
    team_ids: frozenset[int] | None = None
    scopes: frozenset[Permission] | None = (
        None  # what a key or client was limited to; None: all that the role allows
    )

    @classmethod
    def system(cls) -> "Viewer":
        """Who background jobs and the command line act as. No user has the id 0."""
        return cls(user_id=0, name="Sprint Reports", email="", role=Role.SUPER_ADMIN)

    def can(self, permission: Permission) -> bool:
        return allowed(self.role, permission) and (self.scopes is None or permission in self.scopes)

    def require(self, permission: Permission) -> None:
        """Raises Forbidden when the viewer's role lacks the permission."""
        if not self.can(permission):
            raise Forbidden(
                f"Your role ({self.role.label}) does not allow this. Ask an admin if you need it."
            )
