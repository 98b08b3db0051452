"""Private links to the calendar of a queue as REST shows them. The address is shown once, by the request that makes it."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from sprintreports.planning.queues.feeds import DEFAULT_DAYS, LONGEST_NAME, MOST_DAYS, Feed

Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME, pattern=r"^[^\x00-\x1f]*$")]


class QueueFeedIn(BaseModel):
    """A link to be made."""

    model_config = ConfigDict(extra="forbid")

    name: Name = Field(description="where you will use it", examples=["Calendar of my phone"])
    days: int = Field(default=DEFAULT_DAYS, ge=1, le=MOST_DAYS, description="how long it is good for")


class QueueFeedOut(BaseModel):
    """A link, without its address."""

    id: int
    queue_id: int
    user_id: int
    owner: str = Field(description="who made it: it shows what that person may see")
    name: str = Field(examples=["Calendar of my phone"])
    state: Literal["active", "expired", "revoked", "ended"] = Field(
        description="ended: by a change of its owner's account or password"
    )
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = Field(description="to the minute; null: never")

    @classmethod
    def of(cls, feed: Feed) -> "QueueFeedOut":
        return cls(**{name: getattr(feed, name) for name in QueueFeedOut.model_fields})


class NewQueueFeedOut(QueueFeedOut):
    """A link that was just made."""

    url: str = Field(
        description="for a calendar program, which asks there again and again; whoever has it sees the calendar. It is never "
        "shown again",
        examples=["https://reports.example.org/api/v1/queue-feeds/srf_….ics"],
    )
