"""The five roles and what each may do: the matrix of docs/architecture.md, as data."""

from enum import StrEnum


class Role(StrEnum):
    """From least to most: a later role can do all that an earlier one can."""

    VIEWER = "viewer"
    USER = "user"
    MANAGER = "manager"
    ADMIN = "admin"
    SUPER_ADMIN = "super_admin"

    @property
    def rank(self) -> int:
        return tuple(Role).index(self)

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()


class Permission(StrEnum):
    """What a handler, route or job trigger needs. "Write" never means writing to Jira."""

    SPRINTS_READ = "sprints:read"
    SPRINTS_WRITE = "sprints:write"
    CAPACITY_READ = "capacity:read"
    CAPACITY_WRITE = "capacity:write"
    QUEUES_READ = "queues:read"
    QUEUES_WRITE = "queues:write"
    REPORTS_READ = "reports:read"
    REPORTS_WRITE = "reports:write"
    USERS_READ = "users:read"
    USERS_WRITE = "users:write"
    SETTINGS_READ = "settings:read"
    SETTINGS_WRITE = "settings:write"


_READING = frozenset(
    {Permission.SPRINTS_READ, Permission.CAPACITY_READ, Permission.QUEUES_READ, Permission.REPORTS_READ}
)
_PLANNING = frozenset(
    {Permission.SPRINTS_WRITE, Permission.CAPACITY_WRITE, Permission.QUEUES_WRITE, Permission.REPORTS_WRITE}
)
_ADMINISTERING = frozenset({Permission.USERS_WRITE, Permission.SETTINGS_READ, Permission.SETTINGS_WRITE})

# What concerns the whole system: a role that is limited to boards or teams never gives it.
SYSTEM_WIDE = _ADMINISTERING | {Permission.USERS_READ}

MATRIX: dict[Role, frozenset[Permission]] = {
    Role.VIEWER: _READING,
    Role.USER: _READING | {Permission.USERS_READ},
    Role.MANAGER: _READING | {Permission.USERS_READ} | _PLANNING,
    Role.ADMIN: _READING | {Permission.USERS_READ} | _PLANNING | _ADMINISTERING,
    Role.SUPER_ADMIN: _READING | {Permission.USERS_READ} | _PLANNING | _ADMINISTERING,
}


def allowed(role: Role, permission: Permission) -> bool:
    """Whether a role holds a permission."""
    return permission in MATRIX[role]


def may_grant(actor: Role, *, current: Role | None, new: Role) -> bool:
    """Whether `actor` may turn a user of role `current` (None: a new user) into one of role `new`.

    Only a super admin touches super admins, in either direction.
    """
    if not allowed(actor, Permission.USERS_WRITE):
        return False
    return actor is Role.SUPER_ADMIN or Role.SUPER_ADMIN not in (current, new)
