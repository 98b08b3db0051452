"""Webhooks as REST shows them. The secret and the path token are shown once, by the request that makes them."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from sprintreports.jira.reads.webhooks import DeliveryRow, Tally
from sprintreports.jira.webhooks import Outcome, Setup


class WebhookOut(BaseModel):
    """What to enter into Jira: on its page `admin_page`, as a Jira admin."""

    active: bool = Field(description="whether webhooks are expected for this site at all")
    admin_page: str = Field(examples=["https://company.atlassian.net/plugins/servlet/webhooks"])
    url: str = Field(description="for a Jira that signs: enter it together with the secret")
    secret: str | None = Field(description="shown once, by the request that makes it")
    url_with_token: str | None = Field(
        description="for a sender that cannot sign: enter it instead, without a secret; shown once"
    )
    events: list[str] = Field(description="the events to tick")
    warning: str = Field(description="empty: nothing stands in the way")
    rotated_at: datetime | None

    @classmethod
    def of(cls, setup: Setup) -> "WebhookOut":
        values = {name: getattr(setup, name) for name in cls.model_fields if name != "events"}
        return cls(**values, events=list(setup.events))


class ReceiptOut(BaseModel):
    """A webhook that was taken. `fresh` false: it had come before, and is worked on once."""

    delivery_id: int | None
    fresh: bool


class TallyOut(BaseModel):
    """How a site's webhooks fare: those of the last 24 hours by what became of them."""

    last_at: datetime | None = Field(description="when the newest one came; null: none in the last 14 days")
    waiting: int = Field(description="all that wait, however long")
    done: int
    ignored: int
    failed: int
    events: list[str] = Field(description="the events that came in the last 24 hours")

    @classmethod
    def of(cls, tally: Tally) -> "TallyOut":
        values = {name: getattr(tally, name) for name in cls.model_fields if name != "events"}
        return cls(**values, events=list(tally.events))


class DeliveryOut(BaseModel):
    """One webhook as it came. It is over when `outcome` is not waiting."""

    id: int
    event: str = Field(examples=["jira:issue_updated"])
    outcome: Outcome
    tries: int
    age_seconds: int
    received_at: datetime
    not_before: datetime | None = Field(description="when it is tried again after a failure")
    processed_at: datetime | None
    subject: str = Field(
        description="what it speaks of: an issue's key, a sprint's or board's name", examples=["SHOP-12"]
    )
    took_seconds: float | None = Field(
        description="from its arrival until it was settled; null while it waits"
    )
    note: str
    identifier: str
    size: int = Field(description="bytes of the body")

    @classmethod
    def of(cls, row: DeliveryRow, *, now: datetime) -> "DeliveryOut":
        return cls(**_values(row, now))


class DeliveryWithBodyOut(DeliveryOut):
    """The same with its body."""

    body: str

    @classmethod
    def whole(cls, row: DeliveryRow, body: bytes, *, now: datetime) -> "DeliveryWithBodyOut":
        return cls(**_values(row, now), body=body.decode("utf-8", "replace"))


def _values(row: DeliveryRow, now: datetime) -> dict[str, Any]:
    own = ("age_seconds", "outcome", "took_seconds")
    values = {name: getattr(row, name) for name in DeliveryOut.model_fields if name not in own}
    age = int((now - row.received_at).total_seconds())
    took = None if row.took is None else row.took.total_seconds()
    return {**values, "outcome": Outcome(row.outcome), "age_seconds": max(0, age), "took_seconds": took}
