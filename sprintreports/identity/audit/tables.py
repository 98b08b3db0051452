"""The audit log: what was done, by whom, to what, from where; the seals of its entries and where old ones are kept."""

# SQLModel declares __tablename__ as something that a plain name is not.
# pyright: reportAssignmentType=false

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Identity, Index, LargeBinary, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from sprintreports.identity.tables import Row


def _at(*, default: bool = False, index: bool = False) -> Any:
    return Column(
        DateTime(timezone=True),
        nullable=False,
        server_default=text("now()") if default else None,
        index=index or None,
    )


def _number(*, primary_key: bool = False, unique: bool = False) -> Any:
    return Column(
        BigInteger, primary_key=primary_key, autoincrement=False, nullable=False, unique=unique or None
    )


def _bytes() -> Any:
    return Field(sa_column=Column(LargeBinary, nullable=False))


class AuditEntry(Row, table=True):
    """One thing that was done or refused. Never changed, never deleted by hand: triggers refuse it.

    `mac` is made by who writes it, with a key that the database does not have.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_at", "at", "id"),
        Index("ix_audit_entry_actor", "actor_id", "at", "id"),
        Index("ix_audit_entry_action", "action", "at", "id"),
        Index("ix_audit_entry_subject", "subject_kind", "subject_id", "at", "id"),
        Index("ix_audit_entry_address", "address", "at", "id"),
        Index("ix_audit_entry_request", "request_id"),
        Index("ix_audit_entry_not_done", "outcome", "at", "id", postgresql_where=text("outcome <> 'done'")),
    )

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    at: datetime = Field(sa_column=_at(default=True))
    action: str = Field(max_length=60)
    outcome: str = Field(max_length=20)
    actor_id: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))  # 0: the system
    subject_kind: str = Field(default="", max_length=40, sa_column_kwargs={"server_default": ""})
    subject_id: str = Field(default="", max_length=120, sa_column_kwargs={"server_default": ""})
    before: Any = Field(default=None, sa_column=Column(JSONB, nullable=True))
    after: Any = Field(default=None, sa_column=Column(JSONB, nullable=True))
    address: str = Field(default="", max_length=64, sa_column_kwargs={"server_default": ""})
    request_id: str = Field(default="", max_length=64, sa_column_kwargs={"server_default": ""})
    mac: bytes = _bytes()


class AuditUnsealed(Row, table=True):
    """Entries that wait for their place in the chain."""

    __tablename__ = "audit_unsealed"

    entry_id: int = Field(sa_column=_number(primary_key=True))


class AuditSeal(Row, table=True):
    """An entry's place in the chain. `hash` rests on the hash before it and on all that the entry says."""

    __tablename__ = "audit_seal"

    position: int = Field(sa_column=_number(primary_key=True))
    entry_id: int = Field(sa_column=_number(unique=True))
    hash: bytes = _bytes()
    sealed_at: datetime = Field(sa_column=_at())


class AuditArchive(Row, table=True):
    """A run of entries that has left the database for a file, and where the chain stood before and after it."""

    __tablename__ = "audit_archive"

    first_position: int = Field(sa_column=_number(primary_key=True))
    last_position: int = Field(sa_column=_number())
    first_at: datetime = Field(sa_column=_at())
    last_at: datetime = Field(sa_column=_at())
    hash_before: bytes = _bytes()
    hash_after: bytes = _bytes()
    file: str = Field(max_length=200)
    digest: bytes = _bytes()
    archived_at: datetime = Field(sa_column=_at())


class AuditRepeat(Row, table=True):
    """The same refusal again and again within a minute: counted here, so that nobody floods the log."""

    __tablename__ = "audit_repeat"

    key: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    began_at: datetime = Field(sa_column=_at(index=True))
    last_at: datetime = Field(sa_column=_at())
    times: int = Field(sa_column=_number())
    action: str = Field(max_length=60)
    outcome: str = Field(max_length=20)
    actor_id: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    subject_kind: str = Field(max_length=40)
    subject_id: str = Field(max_length=120)
    address: str = Field(max_length=64)
