"""Sync runs as REST shows them."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from sprintreports.jira.reads.runs import SyncRunRow


class TrafficOut(BaseModel):
    """What the run asked of Jira since it was last taken up, and how fast it may."""

    requests: int
    waited_seconds: float = Field(description="held back in all, because Jira asked for it or did not answer")
    at_once: int = Field(description="requests at once now")
    ceiling: int = Field(description="requests at once at most")


class RunOut(BaseModel):
    """One synchronisation of a site. It is over when `state` is done, failed or cancelled."""

    id: int
    site_id: int
    site_name: str
    mode: str
    state: str = Field(examples=["queued", "running", "done", "failed", "cancelled"])
    phase: str
    done_issues: int
    changed_issues: int
    total_issues: int | None = Field(description="null: not known yet")
    started_at: datetime | None
    finished_at: datetime | None
    heartbeat_at: datetime | None
    error: str | None
    notes: list[Any] = Field(description="what whoever looks at the run should know")
    expected_at: datetime | None = Field(
        description="when its issues will be read, at the pace of the last pages; null: not known"
    )
    traffic: TrafficOut | None = Field(description="null: nothing was asked yet")
    request_id: str | None
    cancel_requested: bool
    created_at: datetime

    @classmethod
    def of(cls, row: SyncRunRow) -> "RunOut":
        return cls(
            **{name: getattr(row, name) for name in cls.model_fields if name not in {"notes", "traffic"}},
            notes=list(row.notes),
            traffic=TrafficOut(**row.traffic) if row.traffic else None,
        )
