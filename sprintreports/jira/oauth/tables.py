"""What Atlassian has granted us, what people are just being asked for, and the webhook that a grant has registered."""

# SQLModel declares __tablename__ as something that a plain name is not.
# pyright: reportAssignmentType=false

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Identity, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from sprintreports.jira.tables import NOW, Row


def _site() -> Any:
    return Field(
        sa_column=Column(
            BigInteger, ForeignKey("site.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
        )
    )


def _text() -> Any:
    return Field(default="", sa_column=Column(Text, nullable=False, server_default=""))


def _word() -> Any:
    return Field(default="", sa_column_kwargs={"server_default": ""})


class OAuthGrant(Row, table=True):
    """One a site. Secrets are sealed. `problem`: why somebody has to sign in with Atlassian again; empty: it holds."""

    __tablename__ = "oauth_grant"
    site_id: int = _site()
    cloud_id: str
    client_id: str
    client_secret: bytes
    access_token: bytes
    refresh_token: bytes
    expires_at: datetime
    scopes: str = _text()
    problem: str = _text()
    granted_at: datetime = Field(default=None, nullable=False, sa_column_kwargs=NOW)
    refreshed_at: datetime = Field(default=None, nullable=False, sa_column_kwargs=NOW)


class OAuthRequest(Row, table=True):
    """Somebody is on the way to Atlassian and back. Secrets are sealed, and gone when it has ended.

    Of `state` and of the browser's session only digests are kept. `stage`: see oauth_sites.Stage.
    """

    __tablename__ = "oauth_request"
    __table_args__ = (
        Index("uq_oauth_request_state", "state_digest", unique=True),
        Index("ix_oauth_request_expires", "expires_at"),
    )
    id: int | None = Field(
        default=None, sa_column=Column(BigInteger, Identity(always=False), primary_key=True, nullable=False)
    )
    state_digest: bytes
    user_id: int = Field(sa_type=BigInteger)
    browser: bytes
    site_id: int | None = Field(
        default=None, sa_column=Column(BigInteger, ForeignKey("site.id", ondelete="CASCADE"))
    )
    name: str = _word()
    back: str = _word()
    client_id: str
    client_secret: bytes | None = None
    verifier: bytes | None = None
    tokens: bytes | None = None
    choices: list[dict[str, Any]] = Field(
        default_factory=list, sa_column=Column(JSONB, nullable=False, server_default=text("'[]'::jsonb"))
    )
    stage: str = Field(default="asked", sa_column_kwargs={"server_default": "asked"})
    problem: str = _text()
    connected_site_id: int | None = Field(default=None, sa_type=BigInteger)
    created_at: datetime = Field(default=None, nullable=False, sa_column_kwargs=NOW)
    expires_at: datetime


class DynamicWebhook(Row, table=True):
    """The webhook that we have registered for a site, and how it stands. `tries`: failures in a row."""

    __tablename__ = "dynamic_webhook"
    site_id: int = _site()
    wanted: bool = Field(default=True, sa_column_kwargs={"server_default": text("true")})
    hook_id: int | None = Field(default=None, sa_type=BigInteger)
    jql: str = _text()
    url: str = _word()
    expires_at: datetime | None = None
    checked_at: datetime | None = None
    not_before: datetime | None = None
    tries: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    problem: str = _text()
    failures_read_until: datetime | None = None
