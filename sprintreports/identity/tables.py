"""Users, their sessions and refresh tokens, sign-in throttles, and the state of the first run."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
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
    )

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    email: str = Field(max_length=255)
    username: str = Field(max_length=100)
    name: str = Field(max_length=200)
    hashed_password: str | None = Field(
        default=None, max_length=255
    )  # None: signs in through a provider only
    is_active: bool = Field(default=True, sa_column_kwargs={"server_default": text("true")})
    role: str = Field(max_length=20)
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
    """The one row about this installation: whether its first admin exists, and the code that may make one."""

    __tablename__ = "installation"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: int = Field(default=1, primary_key=True, sa_column_kwargs={"autoincrement": False})
    first_admin_at: datetime | None = Field(default=None, sa_column=_at(nullable=True))
    setup_code_hash: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    setup_code_expires_at: datetime | None = Field(default=None, sa_column=_at(nullable=True))
    created_at: datetime = Field(sa_column=_at(default=True))
