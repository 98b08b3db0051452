"""Audit entries as REST shows them."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from sprintreports.api.answers import Links
from sprintreports.identity.audit import Outcome
from sprintreports.identity.audit.listing import Row


class AuditEntryOut(BaseModel):
    """Something that was done, refused or failed."""

    id: int
    at: datetime
    action: str = Field(examples=["site.changed"])
    outcome: Outcome
    actor_id: int | None = Field(description="the user; 0: the system; null: nobody known")
    actor: str | None = Field(description="the user's name as it is now")
    subject_kind: str = Field(examples=["site"])
    subject_id: str = Field(examples=["7"])
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    address: str = Field(description="where the request came from", examples=["192.0.2.7"])
    request_id: str = Field(examples=["req_3f2a9c0d1e4b5a67"])

    @classmethod
    def of(cls, row: Row) -> "AuditEntryOut":
        values = {name: getattr(row, name) for name in Row.__slots__}
        return cls.model_validate(values)


class AuditMeta(BaseModel):
    per_page: int
    next: str | None = Field(description="what to send as `before` for the next page; null: this was all")


class AuditLinks(Links):
    """Where the list begins, and the next page; null: this was all."""

    first: str
    next: str | None


class AuditEntriesOut(BaseModel):
    """Entries, the newest first, from where the page before ended: the list grows too fast to be numbered."""

    data: list[AuditEntryOut]
    meta: AuditMeta
    links: AuditLinks
