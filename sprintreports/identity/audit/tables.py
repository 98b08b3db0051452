"""The audit log: what was done, by whom, to what, from where."""

# SQLModel declares __tablename__ as something that a plain name is not.
# pyright: reportAssignmentType=false

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Identity, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from sprintreports.identity.tables import Row


class AuditEntry(Row, table=True):
    """One thing that was done or refused. Never changed, never deleted by hand."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_at", "at"),
        Index("ix_audit_entry_subject", "subject_kind", "subject_id"),
        Index("ix_audit_entry_actor_id", "actor_id"),
    )

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    at: datetime = Field(
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=text("now()"))
    )
    action: str = Field(max_length=60)
    outcome: str = Field(max_length=20)
    actor_id: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))  # 0: the system
    subject_kind: str = Field(default="", max_length=40, sa_column_kwargs={"server_default": ""})
    subject_id: str = Field(default="", max_length=120, sa_column_kwargs={"server_default": ""})
    before: Any = Field(default=None, sa_column=Column(JSONB, nullable=True))
    after: Any = Field(default=None, sa_column=Column(JSONB, nullable=True))
    address: str = Field(default="", max_length=64, sa_column_kwargs={"server_default": ""})
    request_id: str = Field(default="", max_length=64, sa_column_kwargs={"server_default": ""})
