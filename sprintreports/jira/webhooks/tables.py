"""Who may send webhooks for a site, and every delivery as it came."""

# SQLModel declares __tablename__ as something that a plain name is not.
# pyright: reportAssignmentType=false

from datetime import datetime

from sqlalchemy import BigInteger, Column, ForeignKey, Identity, Index, Text, text
from sqlmodel import Field

from sprintreports.jira.tables import NOW, Row


class Webhook(Row, table=True):
    """One a site. `secret` is sealed; of the path token only a digest is kept."""

    __tablename__ = "webhook"
    site_id: int = Field(
        sa_column=Column(
            BigInteger, ForeignKey("site.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
        )
    )
    secret: bytes
    token_digest: bytes
    created_at: datetime = Field(default=None, nullable=False, sa_column_kwargs=NOW)
    rotated_at: datetime = Field(default=None, nullable=False, sa_column_kwargs=NOW)


class WebhookDelivery(Row, table=True):
    """`identifier`: Jira's own, or a hash of the body. `outcome`: waiting, done, ignored or failed."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        Index("uq_webhook_delivery_identifier", "site_id", "identifier", unique=True),
        Index("ix_webhook_delivery_site", "site_id", "id"),
        Index("ix_webhook_delivery_waiting", "site_id", "id", postgresql_where=text("outcome = 'waiting'")),
        Index("ix_webhook_delivery_received", "received_at"),
    )
    id: int | None = Field(
        default=None, sa_column=Column(BigInteger, Identity(always=False), primary_key=True, nullable=False)
    )
    site_id: int = Field(
        sa_column=Column(BigInteger, ForeignKey("site.id", ondelete="CASCADE"), nullable=False)
    )
    identifier: str
    received_at: datetime
    event: str
    body: bytes
    outcome: str = Field(default="waiting", sa_column_kwargs={"server_default": "waiting"})
    tries: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    not_before: datetime | None = None
    processed_at: datetime | None = None
    note: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
