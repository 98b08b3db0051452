"""The kinds of notices, and what each of them tells: a value a kind, stored as JSON."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sprintreports.identity.permissions import Permission, Role
from sprintreports.identity.viewer import Viewer


class Channel(StrEnum):
    """Where notices arrive. A further one is a further row of choices a person and kind, and a sender."""

    APP = "app"


class Kind(StrEnum):
    NEW_DEVICE = "new_device"
    PASSWORD = "password"  # noqa: S105  # the name of a kind
    SECOND_FACTOR = "second_factor"
    RECOVERY_CODE_USED = "recovery_code_used"
    SIGN_IN_NAME = "sign_in_name"
    PROVIDER_LINK = "provider_link"
    ROLE = "role"
    API_KEY_MADE = "api_key_made"
    API_KEY_ENDS = "api_key_ends"
    SITE_UNREADABLE = "site_unreadable"
    BOARD_DIFFERS = "board_differs"
    AUDIT_BROKEN = "audit_broken"
    CONNECTION_PAUSED = "connection_paused"
    DELIVERY_STOPPED = "delivery_stopped"
    SCHEDULE_PAUSED = "schedule_paused"
    BASELINE_BROKEN = "baseline_broken"


class PasswordChange(StrEnum):
    CHANGED = "changed"
    BY_LINK = "by_link"
    LINK_MADE = "link_made"


@dataclass(frozen=True, slots=True)
class NewDevice:
    device: str
    address: str


@dataclass(frozen=True, slots=True)
class Password:
    change: PasswordChange


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """`change`: as the audit entry names it. `by_owner`: an admin did it otherwise."""

    change: str
    by_owner: bool


@dataclass(frozen=True, slots=True)
class RecoveryCodeUsed:
    left: int


@dataclass(frozen=True, slots=True)
class SignInName:
    """An admin changed what one signs in with."""

    email: bool
    username: bool


@dataclass(frozen=True, slots=True)
class ProviderLink:
    linked: bool
    provider: str = ""


@dataclass(frozen=True, slots=True)
class RoleChange:
    """Roles that are given now, the one without limits first; `limited`: some of them on boards or for teams alone.

    `by_groups`: these are what the groups of a sign-in provider give, besides what was given by hand.
    """

    roles: tuple[Role, ...]
    limited: bool
    by_groups: bool = False


@dataclass(frozen=True, slots=True)
class ApiKeyMade:
    key_id: int
    name: str


@dataclass(frozen=True, slots=True)
class ApiKeyEnds:
    key_id: int
    name: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SiteUnreadable:
    """A Jira that cannot be read. `sign_in`: it does not let us in, and is asked no more until somebody acts."""

    site_id: int
    site: str
    reason: str
    sign_in: bool


@dataclass(frozen=True, slots=True)
class BoardDiffers:
    board_id: int
    board: str
    differing: int
    compared: int


@dataclass(frozen=True, slots=True)
class AuditBroken:
    """`noted`: the position that the chain has lost."""

    noted: int


@dataclass(frozen=True, slots=True)
class ConnectionPaused:
    """A service that reports go to is left alone. `until_acted`: until somebody changes or tests the connection."""

    connection_id: int
    connection: str
    reason: str
    until_acted: bool


@dataclass(frozen=True, slots=True)
class DeliveryStopped:
    """A report that somebody sent has not arrived, or nobody knows whether it has."""

    delivery_id: int
    title: str
    reason: str


@dataclass(frozen=True, slots=True)
class SchedulePaused:
    """What somebody wanted to be done by itself does not run any more."""

    schedule_id: int
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class BaselineBroken:
    """A baseline is not what was frozen. `sprint`, `board`: as they were called then."""

    baseline_id: int
    sprint: str
    board_id: int
    board: str


Parts = (
    NewDevice | Password | SecondFactor | RecoveryCodeUsed | SignInName | ProviderLink | RoleChange | ApiKeyMade
    | ApiKeyEnds | SiteUnreadable | BoardDiffers | AuditBroken | ConnectionPaused | DeliveryStopped
    | SchedulePaused | BaselineBroken
)  # fmt: skip
SHAPES: dict[Kind, type[Parts]] = {
    Kind.NEW_DEVICE: NewDevice,
    Kind.PASSWORD: Password,
    Kind.SECOND_FACTOR: SecondFactor,
    Kind.RECOVERY_CODE_USED: RecoveryCodeUsed,
    Kind.SIGN_IN_NAME: SignInName,
    Kind.PROVIDER_LINK: ProviderLink,
    Kind.ROLE: RoleChange,
    Kind.API_KEY_MADE: ApiKeyMade,
    Kind.API_KEY_ENDS: ApiKeyEnds,
    Kind.SITE_UNREADABLE: SiteUnreadable,
    Kind.BOARD_DIFFERS: BoardDiffers,
    Kind.AUDIT_BROKEN: AuditBroken,
    Kind.CONNECTION_PAUSED: ConnectionPaused,
    Kind.DELIVERY_STOPPED: DeliveryStopped,
    Kind.SCHEDULE_PAUSED: SchedulePaused,
    Kind.BASELINE_BROKEN: BaselineBroken,
}
_KINDS = {shape: kind for kind, shape in SHAPES.items()}
# What is told to those alone who may act on it; all other kinds are about one's own account.
NEEDS: dict[Kind, Permission] = {
    Kind.SITE_UNREADABLE: Permission.SETTINGS_WRITE,
    Kind.BOARD_DIFFERS: Permission.SETTINGS_WRITE,
    Kind.AUDIT_BROKEN: Permission.SETTINGS_WRITE,
    Kind.CONNECTION_PAUSED: Permission.SETTINGS_WRITE,
    Kind.BASELINE_BROKEN: Permission.SETTINGS_WRITE,
}
# What may be switched off. The security of one's own account, of the audit log and of baselines is always told.
OPTIONAL = frozenset(
    {
        Kind.API_KEY_ENDS, Kind.SITE_UNREADABLE, Kind.BOARD_DIFFERS, Kind.CONNECTION_PAUSED, Kind.DELIVERY_STOPPED,
        Kind.SCHEDULE_PAUSED,
    }
)  # fmt: skip


def kind_of(parts: Parts) -> Kind:
    return _KINDS[type(parts)]


def kinds_for(viewer: Viewer) -> tuple[Kind, ...]:
    """What concerns this person, by what they may do now."""
    return tuple(kind for kind in Kind if kind not in NEEDS or viewer.can(NEEDS[kind]))
