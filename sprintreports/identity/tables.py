"""Users, their sessions and refresh tokens, sign-in throttles, and the state of the first run."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    String,
    text,
)
from sqlmodel import Field, SQLModel

from sprintreports.identity.permissions import Role
from sprintreports.kit import db

_ROLES = ", ".join(f"'{role}'" for role in Role)


class Row(SQLModel):
    """What all tables share: the metadata that names constraints by one convention."""

    metadata = db.metadata
    __tablename__: ClassVar[Any]  # SQLModel declares it as a function


def _at(*, nullable: bool = False, default: bool = False) -> Any:
    return Column(
        DateTime(timezone=True), nullable=nullable, server_default=text("now()") if default else None
    )


class UserAccount(Row, table=True):
    """A person who signs in. Never deleted from the table: `deleted_at` marks it."""

    __tablename__ = "user_account"
    __table_args__ = (
        CheckConstraint(f"role IN ({_ROLES})", name="role_known"),
        CheckConstraint("theme IN ('system', 'light', 'dark')", name="theme_known"),
        Index(
            "uq_user_account_email",
            text("lower(email)"),
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
        Index(
            "uq_user_account_username",
            text("lower(username)"),
            unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
        Index("ix_user_account_name", text("lower(name)"), "id", postgresql_where=text("deleted_at IS NULL")),
    )

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    email: str = Field(max_length=255)
    username: str = Field(max_length=100)
    name: str = Field(max_length=200)
    hashed_password: str | None = Field(
        default=None, max_length=255
    )  # None: signs in through a provider only
    is_active: bool = Field(default=True, sa_column_kwargs={"server_default": text("true")})
    role: str | None = Field(default=None, max_length=20)  # everywhere; None: only what role_grant says
    jira_account_id: str | None = Field(default=None, max_length=128, index=True)
    time_zone: str | None = Field(default=None, max_length=64)  # None: the browser's
    locale: str | None = Field(default=None, max_length=35)
    theme: str = Field(default="system", max_length=10, sa_column_kwargs={"server_default": text("'system'")})
    # Grows when all that was issued before must die: password change, deactivation, loss of a role.
    credentials_version: int = Field(default=1, sa_column_kwargs={"server_default": text("1")})
    last_sign_in_at: datetime | None = Field(default=None, sa_column=_at(nullable=True))
    created_at: datetime = Field(sa_column=_at(default=True))
    updated_at: datetime = Field(sa_column=_at(default=True))
    deleted_at: datetime | None = Field(default=None, sa_column=_at(nullable=True))


class RoleGrant(Row, table=True):
    """A role besides the one that holds everywhere: on some boards, for some teams, or through a provider's group."""

    __tablename__ = "role_grant"
    __table_args__ = (
        CheckConstraint(f"role IN ({_ROLES})", name="role_known"),
        CheckConstraint(
            "role NOT IN ('admin', 'super_admin') OR (board_ids IS NULL AND discipline_ids IS NULL)",
            name="admins_unlimited",
        ),
        CheckConstraint(
            "source LIKE 'group:%' OR (source = 'manual' AND (board_ids IS NOT NULL OR discipline_ids IS NOT NULL))",
            name="manual_limited",
        ),
    )

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    user_id: int = Field(
        sa_column=Column(
            BigInteger, ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False, index=True
        )
    )
    role: str = Field(max_length=20)
    board_ids: Any = Field(default=None, sa_column=Column(ARRAY(BigInteger), nullable=True))  # None: all
    discipline_ids: Any = Field(default=None, sa_column=Column(ARRAY(BigInteger), nullable=True))
    source: str = Field(default="manual", max_length=260, sa_column_kwargs={"server_default": "manual"})
    created_at: datetime = Field(sa_column=_at(default=True))


class Invitation(Row, table=True):
    """A one-time link by which somebody sets a password; only the hash of its value is stored. One a person."""

    __tablename__ = "invitation"
    __table_args__ = (CheckConstraint("purpose IN ('invitation', 'password_reset')", name="purpose_known"),)

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    user_id: int = Field(
        sa_column=Column(
            BigInteger, ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False, unique=True
        )
    )
    purpose: str = Field(max_length=20)
    token_hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False, unique=True))
    created_by: int = Field(sa_column=Column(BigInteger, nullable=False))  # 0: the command line
    created_at: datetime = Field(sa_column=_at(default=True))
    expires_at: datetime = Field(sa_column=_at())


class UserSession(Row, table=True):
    """A signed-in browser. Only the SHA-256 of the cookie's value is stored."""

    __tablename__ = "user_session"

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    token_hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False, unique=True))
    user_id: int = Field(
        sa_column=Column(
            BigInteger, ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False, index=True
        )
    )
    credentials_version: int
    user_agent: str = Field(max_length=400)
    address: str = Field(max_length=64)
    created_at: datetime = Field(sa_column=_at(default=True))
    last_seen_at: datetime = Field(sa_column=_at())
    expires_at: datetime = Field(sa_column=_at())  # the absolute end; the idle end follows from last_seen_at
    proved_at: datetime = Field(sa_column=_at(default=True))  # when its user last showed who they are


class TokenFamily(Row, table=True):
    """One sign-in of an API client: all refresh tokens that follow from it end together."""

    __tablename__ = "token_family"

    id: UUID = Field(primary_key=True)
    user_id: int = Field(
        sa_column=Column(
            BigInteger, ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False, index=True
        )
    )
    credentials_version: int
    # The registered client that it was issued to, and what it was limited to; None: the user's own, without limits.
    client_id: int | None = Field(
        default=None,
        sa_column=Column(
            BigInteger, ForeignKey("api_client.id", ondelete="CASCADE"), nullable=True, index=True
        ),
    )
    scopes: Any = Field(default=None, sa_column=Column(ARRAY(String(40)), nullable=True))
    user_agent: str = Field(max_length=400)
    address: str = Field(max_length=64)
    created_at: datetime = Field(sa_column=_at(default=True))
    expires_at: datetime = Field(sa_column=_at())
    ended_at: datetime | None = Field(default=None, sa_column=_at(nullable=True))
    end_reason: str | None = Field(default=None, max_length=40)


class RefreshToken(Row, table=True):
    """One refresh token of a family; used once. A second use ends the family."""

    __tablename__ = "refresh_token"

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    family_id: UUID = Field(foreign_key="token_family.id", ondelete="CASCADE", index=True)
    token_hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False, unique=True))
    created_at: datetime = Field(sa_column=_at(default=True))
    expires_at: datetime = Field(sa_column=_at())
    used_at: datetime | None = Field(default=None, sa_column=_at(nullable=True))


class SignInThrottle(Row, table=True):
    """Failed tries of one account, address, or pair of the two; keyed by a hash, so that it lists nobody."""

    __tablename__ = "sign_in_throttle"

    key: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    failures: int
    blocked_until: datetime | None = Field(default=None, sa_column=_at(nullable=True))
    succeeded_at: datetime | None = Field(default=None, sa_column=_at(nullable=True))
    updated_at: datetime = Field(sa_column=_at())


class Installation(Row, table=True):
    """The one row about this installation: its first admin, the code that may make one, and which key its secrets need."""

    __tablename__ = "installation"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: int = Field(default=1, primary_key=True, sa_column_kwargs={"autoincrement": False})
    first_admin_at: datetime | None = Field(default=None, sa_column=_at(nullable=True))
    setup_code_hash: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    setup_code_expires_at: datetime | None = Field(default=None, sa_column=_at(nullable=True))
    created_at: datetime = Field(sa_column=_at(default=True))
    # Sealed at the first start: a key that cannot open it is not the key of this data.
    key_check: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))


class RetiredKey(Row, table=True):
    """A key that was derived from an earlier master key and still has to check what was made with it, sealed."""

    __tablename__ = "retired_key"

    key_id: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    purpose: str = Field(max_length=40, primary_key=True)
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    retired_at: datetime = Field(sa_column=_at())


class SecondFactor(Row, table=True):
    """A user's authenticator app. Secrets are sealed; `pending_secret` is one that no code has confirmed yet."""

    __tablename__ = "second_factor"
    __table_args__ = (
        CheckConstraint("(secret IS NULL) = (confirmed_at IS NULL)", name="confirmed_with_secret"),
    )

    user_id: int = Field(
        sa_column=Column(
            BigInteger,
            ForeignKey("user_account.id", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
        )
    )
    secret: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    pending_secret: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    # The 30-second step of the last code that was taken: it and all before it are used up.
    last_step: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default=text("0")))
    confirmed_at: datetime | None = Field(default=None, sa_column=_at(nullable=True))
    updated_at: datetime = Field(sa_column=_at(default=True))


class RecoveryCode(Row, table=True):
    """One way in without the authenticator app, good once. Only its SHA-256 is stored: the code has 140 random bits."""

    __tablename__ = "recovery_code"

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    user_id: int = Field(
        sa_column=Column(
            BigInteger, ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False, index=True
        )
    )
    code_hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False, unique=True))
    used_at: datetime | None = Field(default=None, sa_column=_at(nullable=True))
    created_at: datetime = Field(sa_column=_at(default=True))


class PendingSignIn(Row, table=True):
    """A browser that has shown a password and not yet the rest. It opens nothing but the next step."""

    __tablename__ = "pending_sign_in"
    __table_args__ = (CheckConstraint("step IN ('code', 'enrolment', 'break_glass')", name="step_known"),)

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    token_hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False, unique=True))
    user_id: int = Field(
        sa_column=Column(
            BigInteger, ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False, index=True
        )
    )
    credentials_version: int
    step: str = Field(max_length=20)
    target: str = Field(default="/", max_length=2000, sa_column_kwargs={"server_default": "/"})
    created_at: datetime = Field(sa_column=_at(default=True))
    expires_at: datetime = Field(sa_column=_at())


class OutgoingPolicy(Row, table=True):
    """The one row that says which private addresses may be asked (kit/outgoing.py reads it)."""

    __tablename__ = "outgoing_policy"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: int = Field(default=1, primary_key=True, sa_column_kwargs={"autoincrement": False})
    allowed: list[str] = Field(
        default_factory=list,
        sa_column=Column(ARRAY(String(300)), nullable=False, server_default=text("'{}'")),
    )
    updated_at: datetime = Field(sa_column=_at(default=True))


class SignInPolicy(Row, table=True):
    """The one row that says how people may sign in."""

    __tablename__ = "sign_in_policy"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: int = Field(default=1, primary_key=True, sa_column_kwargs={"autoincrement": False})
    local_sign_in: bool = Field(default=True, sa_column_kwargs={"server_default": text("true")})
    second_factor_roles: list[str] = Field(
        default_factory=list,
        sa_column=Column(ARRAY(String(20)), nullable=False, server_default=text("'{}'")),
    )
    updated_at: datetime = Field(sa_column=_at(default=True))


class RepeatedRequest(Row, table=True):
    """The answer to a request that came with an idempotency key, sealed, given again for a day.

    The request itself is not kept: a keyed code of it tells another one apart.
    """

    __tablename__ = "repeated_request"

    user_id: int = Field(
        sa_column=Column(BigInteger, ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True)
    )
    via: str = Field(primary_key=True, max_length=80)
    key_digest: str = Field(primary_key=True, max_length=64)
    request_code: str = Field(max_length=80)
    status: int
    answer: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False, index=True))
