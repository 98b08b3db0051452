"""Identity providers, whom they have vouched for, and sign-ins with them that are under way."""

# SQLModel declares __tablename__ as something that a plain name is not.
# pyright: reportAssignmentType=false

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, ForeignKey, Identity, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from sprintreports.identity.tables import Row


def _at(*, nullable: bool = False, default: bool = False) -> Any:
    return Column(
        DateTime(timezone=True), nullable=nullable, server_default=text("now()") if default else None
    )


def _id() -> Any:
    return Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))


def _provider() -> Any:
    return Column(BigInteger, ForeignKey("sign_in_provider.id", ondelete="CASCADE"), nullable=False)


class SignInProvider(Row, table=True):
    """One identity provider. `options`: see values.Options. The client's secret and our own SAML key are sealed."""

    __tablename__ = "sign_in_provider"
    __table_args__ = (
        CheckConstraint("kind IN ('oidc', 'oauth2', 'saml')", name="kind_known"),
        Index("uq_sign_in_provider_slug", "slug", unique=True),
    )

    id: int | None = _id()
    slug: str = Field(max_length=40)  # part of the address that the provider sends people back to
    name: str = Field(max_length=100)
    kind: str = Field(max_length=10)
    preset: str = Field(max_length=20)
    enabled: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    options: Any = Field(sa_column=Column(JSONB, nullable=False))
    client_secret: bytes | None = None
    signing_key: bytes | None = None
    signing_certificate: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
    created_at: datetime = Field(default=None, sa_column=_at(default=True))
    updated_at: datetime = Field(default=None, sa_column=_at(default=True))


class UserIdentity(Row, table=True):
    """Who a provider's subject is with us."""

    __tablename__ = "user_identity"
    __table_args__ = (
        Index("uq_user_identity_provider_id_subject", "provider_id", "subject", unique=True),
        Index("ix_user_identity_user_id", "user_id"),
    )

    id: int | None = _id()
    provider_id: int = Field(sa_column=_provider())
    subject: str = Field(sa_column=Column(Text, nullable=False))
    user_id: int = Field(
        sa_column=Column(BigInteger, ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False)
    )
    email: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
    created_at: datetime = Field(sa_column=_at(default=True))
    last_used_at: datetime | None = Field(default=None, sa_column=_at(nullable=True))


class SignInAttempt(Row, table=True):
    """A browser is on its way to a provider and back, once. Of `state`, ticket and cookie only digests are kept.

    `purpose`: see attempts.Purpose. `result`: what a test has brought, for the admin who made it.
    """

    __tablename__ = "sign_in_attempt"
    __table_args__ = (
        Index("uq_sign_in_attempt_state_digest", "state_digest", unique=True),
        Index("ix_sign_in_attempt_expires_at", "expires_at"),
        Index("ix_sign_in_attempt_address", "address"),
    )

    id: int | None = _id()
    provider_id: int = Field(sa_column=_provider())
    state_digest: bytes
    browser: bytes | None = None
    purpose: str = Field(max_length=10)
    user_id: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    secrets: bytes | None = None
    target: str = Field(default="/", sa_column=Column(Text, nullable=False, server_default="/"))
    address: str = Field(default="", max_length=64, sa_column_kwargs={"server_default": ""})
    result: Any = Field(default=None, sa_column=Column(JSONB, nullable=True))
    created_at: datetime = Field(sa_column=_at(default=True))
    expires_at: datetime = Field(sa_column=_at())
    used_at: datetime | None = Field(default=None, sa_column=_at(nullable=True))


class SeenAssertion(Row, table=True):
    """An assertion that was taken, by its digest, for as long as it would be believed."""

    __tablename__ = "seen_assertion"
    __table_args__ = (Index("ix_seen_assertion_expires_at", "expires_at"),)

    digest: bytes = Field(primary_key=True)
    expires_at: datetime = Field(sa_column=_at())
