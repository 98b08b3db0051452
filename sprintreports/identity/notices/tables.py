"""Notices, what people chose of them, and the devices by which a new one is told."""

# SQLModel declares __tablename__ as something that a plain name is not.
# pyright: reportAssignmentType=false

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, Identity, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from sprintreports.identity.tables import Row


def _at(*, nullable: bool = False) -> Any:
    return Column(DateTime(timezone=True), nullable=nullable)


def _person(*, primary_key: bool = False) -> Any:
    key = ForeignKey("user_account.id", ondelete="CASCADE")
    return Column(BigInteger, key, primary_key=primary_key, nullable=False, autoincrement=False)


class Notice(Row, table=True):
    """Something that one person was told. `key`: the same is told once. `parts`: the value of its kind."""

    __tablename__ = "notice"
    __table_args__ = (
        Index("uq_notice_user_id_key", "user_id", "key", unique=True),
        Index("ix_notice_user_id", "user_id", "made_at", "id"),
        Index("ix_notice_unread", "user_id", postgresql_where=text("read_at IS NULL")),
        Index("ix_notice_made_at", "made_at"),
    )

    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    user_id: int = Field(sa_column=_person())
    kind: str = Field(max_length=40)
    key: str = Field(max_length=120)
    parts: Any = Field(sa_column=Column(JSONB, nullable=False))
    made_at: datetime = Field(sa_column=_at())
    read_at: datetime | None = Field(default=None, sa_column=_at(nullable=True))


class NoticeChoice(Row, table=True):
    """Whether somebody wants a kind of notice by a channel. No row: as is usual."""

    __tablename__ = "notice_choice"

    user_id: int = Field(sa_column=_person(primary_key=True))
    kind: str = Field(primary_key=True, max_length=40)
    channel: str = Field(primary_key=True, max_length=20)
    wanted: bool


class KnownDevice(Row, table=True):
    """What somebody has signed in with before: a browser or program in words, and the network that it came from."""

    __tablename__ = "known_device"

    user_id: int = Field(sa_column=_person(primary_key=True))
    device: str = Field(primary_key=True, max_length=80)
    network: str = Field(primary_key=True, max_length=64)
    first_at: datetime = Field(sa_column=_at())
    last_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False, index=True))
