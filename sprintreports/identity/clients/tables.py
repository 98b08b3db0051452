"""Programs that use the REST API: registered clients, their authorization codes, API keys, and the signing keys."""

# SQLModel declares __tablename__ as something that a plain name is not.
# pyright: reportAssignmentType=false

from datetime import datetime
from typing import Any
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
from sqlmodel import Field

from sprintreports.identity.tables import Row


def _at(*, nullable: bool = False, default: bool = False) -> Any:
    return Column(
        DateTime(timezone=True), nullable=nullable, server_default=text("now()") if default else None
    )


def _to(table: str, *, nullable: bool = False) -> Any:
    key = ForeignKey(f"{table}.id", ondelete="CASCADE")
    return Column(BigInteger, key, nullable=nullable, index=True)


def _id() -> Any:
    return Column(BigInteger, Identity(), primary_key=True)


class SigningKey(Row, table=True):
    """An Ed25519 key. One signs; retired ones verify until `ends_at`, when the last of their tokens is over."""

    __tablename__ = "signing_key"
    __table_args__ = (
        CheckConstraint("(retired_at IS NULL) = (ends_at IS NULL)", name="ends_when_retired"),
        Index(
            "uq_signing_key_active",
            text("(retired_at IS NULL)"),
            unique=True,
            postgresql_where=text("retired_at IS NULL"),
        ),
    )

    kid: str = Field(max_length=43, primary_key=True)  # RFC 7638: the thumbprint of the public key
    public_key: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    private_sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    created_at: datetime = Field(sa_column=_at(default=True))
    retired_at: datetime | None = Field(default=None, sa_column=_at(nullable=True))
    ends_at: datetime | None = Field(default=None, sa_column=_at(nullable=True))


class ApiClient(Row, table=True):
    """A program that was registered here. Without a secret it is public; `user_id` is the account of its own, if any."""

    __tablename__ = "api_client"
    __table_args__ = (
        CheckConstraint("user_id IS NULL OR secret_hash IS NOT NULL", name="service_confidential"),
    )

    id: int | None = Field(default=None, sa_column=_id())
    client_id: str = Field(max_length=40, unique=True)
    name: str = Field(max_length=100)
    secret_hash: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    redirect_uris: list[str] = Field(
        sa_column=Column(ARRAY(String(500)), nullable=False, server_default=text("'{}'"))
    )
    scopes: list[str] = Field(
        sa_column=Column(ARRAY(String(40)), nullable=False, server_default=text("'{}'"))
    )
    user_id: int | None = Field(default=None, sa_column=_to("user_account", nullable=True))
    created_by: int = Field(sa_column=Column(BigInteger, nullable=False))
    created_at: datetime = Field(sa_column=_at(default=True))
    updated_at: datetime = Field(sa_column=_at(default=True))
    last_used_at: datetime | None = Field(default=None, sa_column=_at(nullable=True))
    ended_at: datetime | None = Field(default=None, sa_column=_at(nullable=True))


class AuthorizationCode(Row, table=True):
    """What a person's consent is exchanged for, once, by the client that asked, with the verifier that it kept."""

    __tablename__ = "authorization_code"

    id: int | None = Field(default=None, sa_column=_id())
    code_hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False, unique=True))
    client_id: int = Field(sa_column=_to("api_client"))
    user_id: int = Field(sa_column=_to("user_account"))
    credentials_version: int
    redirect_uri: str = Field(max_length=500)
    challenge: str = Field(max_length=43)
    scopes: list[str] = Field(sa_column=Column(ARRAY(String(40)), nullable=False))
    created_at: datetime = Field(sa_column=_at(default=True))
    expires_at: datetime = Field(sa_column=_at())
    used_at: datetime | None = Field(default=None, sa_column=_at(nullable=True))
    family_id: UUID | None = None


class ApiKey(Row, table=True):
    """A key of a user for a program of theirs. Only the SHA-256 of the whole key is stored, and its prefix."""

    __tablename__ = "api_key"

    id: int | None = Field(default=None, sa_column=_id())
    user_id: int = Field(sa_column=_to("user_account"))
    credentials_version: int
    name: str = Field(max_length=100)
    prefix: str = Field(max_length=16, unique=True)
    secret_hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    scopes: list[str] = Field(sa_column=Column(ARRAY(String(40)), nullable=False))
    per_minute: int | None = None
    created_at: datetime = Field(sa_column=_at(default=True))
    expires_at: datetime = Field(sa_column=_at())
    last_used_at: datetime | None = Field(default=None, sa_column=_at(nullable=True))
    last_address: str = Field(default="", max_length=64, sa_column_kwargs={"server_default": ""})
    revoked_at: datetime | None = Field(default=None, sa_column=_at(nullable=True))
