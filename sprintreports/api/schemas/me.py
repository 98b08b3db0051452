"""One's own sessions, second factor and password, and how people may sign in, as REST shows them."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from sprintreports.identity import devices
from sprintreports.identity.permissions import Role
from sprintreports.identity.second_factor import Enrolment, Status
from sprintreports.identity.sessions import SessionRow
from sprintreports.identity.sign_in_policy import Policy


class SessionOut(BaseModel):
    """A browser that is signed in. `current`: the one that asks."""

    id: int
    device: str = Field(examples=["Firefox on Windows"])
    address: str
    current: bool
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, row: SessionRow, *, current: int | None) -> "SessionOut":
        return cls(
            id=row.id,
            device=devices.words(row.user_agent),
            address=row.address,
            current=row.id == current,
            created_at=row.created_at,
            last_seen_at=row.last_seen_at,
            expires_at=row.expires_at,
        )


class EndedOut(BaseModel):
    """How many sessions ended."""

    ended: int


class SecondFactorOut(BaseModel):
    """`required`: the role needs one."""

    on: bool
    since: datetime | None
    recovery_codes_left: int
    required: bool

    @classmethod
    def of(cls, status: Status) -> "SecondFactorOut":
        return cls(
            on=status.on,
            since=status.confirmed_at,
            recovery_codes_left=status.codes_left,
            required=status.required,
        )


class EnrolmentOut(BaseModel):
    """What an authenticator app is fed with, shown only now. `picture`: the QR code, as an SVG in a data: address."""

    secret: str
    uri: str
    picture: str

    @classmethod
    def of(cls, made: Enrolment) -> "EnrolmentOut":
        return cls(secret=made.secret, uri=made.uri, picture=made.picture)


class CodeIn(BaseModel):
    """A code of the app that is being set up."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(max_length=100, examples=["123456"])


class CodesOut(BaseModel):
    """Recovery codes, shown only now; each is good once."""

    recovery_codes: list[str]


class PasswordIn(BaseModel):
    """The password that holds, and the one that shall."""

    model_config = ConfigDict(extra="forbid")

    current_password: SecretStr = Field(max_length=1000)
    new_password: SecretStr = Field(max_length=1000)


class PolicyOut(BaseModel):
    """`second_factor_roles`: the roles that need more than a password."""

    local_sign_in: bool
    second_factor_roles: list[Role]

    @classmethod
    def of(cls, policy: Policy) -> "PolicyOut":
        roles = [role for role in Role if role in policy.second_factor_roles]
        return cls(local_sign_in=policy.local_sign_in, second_factor_roles=roles)


class PolicyIn(BaseModel):
    """The policy as it shall be."""

    model_config = ConfigDict(extra="forbid")

    local_sign_in: bool
    second_factor_roles: list[Role] = Field(max_length=10)
