"""Deliveries as REST takes and shows them."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from pydantic import BaseModel, Field, model_validator

from sprintreports.api.schemas.planning import ID, Strict
from sprintreports.api.schemas.report_specs import LayoutIO, SpecIO, spec_of
from sprintreports.integrations.channel import Choice
from sprintreports.reports.publishing.checking import MOST_RECIPIENTS
from sprintreports.reports.publishing.deliveries import Wanted
from sprintreports.reports.publishing.previewing import DryRun
from sprintreports.reports.publishing.values import (
    Delivery,
    DeliveryState,
    FileFormat,
    Service,
    Source,
    Target,
)

Line = Annotated[str, Field(max_length=255, pattern=r"^[^\x00-\x1f]*$")]


class TargetIO(Strict):
    """Where at the service: `space` and `parent` of Confluence, `channel` of a Slack bot, `to` of mail."""

    space: Line = Field("", description="key of the space", examples=["TEAM"])
    parent: Line = Field(
        "",
        description="number of the page that it goes under; empty: the top of the space",
        examples=["98765"],
    )
    channel: Line = Field("", description="empty: the connection's own", examples=["#delivery"])
    to: list[Line] = Field(
        default_factory=list[str], max_length=MOST_RECIPIENTS, examples=[["team@example.org"]]
    )
    files: list[FileFormat] = Field(
        default_factory=list[FileFormat], max_length=2, description="what is attached: pages and mails only"
    )

    def value(self) -> Target:
        return Target(self.space, self.parent, self.channel, tuple(self.to), tuple(dict.fromkeys(self.files)))

    @classmethod
    def of(cls, target: Target) -> "TargetIO":
        return cls.model_validate(msgspec.to_builtins(target))


class DeliveryIn(Strict):
    """A report of the library (`report_id`), or of what `spec` says, to be sent."""

    connection_id: ID
    target: TargetIO = Field(default_factory=lambda: TargetIO.model_validate({}))
    report_id: ID | None = Field(None, description="a report of the library")
    spec: SpecIO | None = None
    layout: LayoutIO | None = Field(None, description="of `spec`; null: every section as usual")

    @model_validator(mode="after")
    def _one_of_them(self) -> "DeliveryIn":
        if (self.report_id is None) == (self.spec is None):
            raise ValueError(
                "Name a report of the library (report_id), or say what the report is about (spec)."
            )
        return self

    def value(self) -> Wanted:
        spec = None if self.spec is None else spec_of(self.spec)
        layout = None if self.layout is None else self.layout.value()
        return Wanted(Source(self.report_id, spec, layout), self.connection_id, self.target.value())


class RetryIn(Strict):
    """choice: for a delivery that clashed, one of its `choices`."""

    choice: Choice | None = Field(None, examples=["overwrite"])


class AttemptOut(BaseModel):
    number: int
    began_at: datetime
    ended_at: datetime | None = Field(description="null: at work")
    outcome: str = Field(
        description="delivered, later, admin, content, clash, unknown or cut off", examples=["delivered"]
    )
    sentence: str = Field(examples=["The message was posted to Slack."])


class ReportDeliveryOut(BaseModel):
    """A report on its way, or where it has come to."""

    id: int
    connection_id: int
    connection: str = Field(examples=["Company wiki"])
    kind: Service
    user_id: int = Field(description="as whom it is made, with their rights at that time")
    user: str = Field(examples=["Ada Byron"])
    report_id: int | None
    title: str = Field(examples=["Baseline of Sprint 21"])
    target: TargetIO
    state: DeliveryState = Field(
        description="queued, waiting and sending are under way; clash: somebody has to choose; unknown: it may have arrived, look "
        "before you send it again"
    )
    failure: str = Field(
        description="what helps: later, admin, content, clash, unknown; empty: nothing has failed",
        examples=[""],
    )
    choices: list[Choice]
    attempts: int = Field(description="since it was last sent by hand")
    sentence: str = Field(examples=["The page “Baseline of Sprint 21” was made."])
    url: str = Field(examples=["https://example.atlassian.net/wiki/spaces/TEAM/pages/98766"])
    next_at: datetime | None = Field(description="when it is tried again")
    created_at: datetime
    updated_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, found: Delivery) -> "ReportDeliveryOut":
        return cls(**_values(found))


class WholeReportDeliveryOut(ReportDeliveryOut):
    """With every try, the first one first."""

    tries: list[AttemptOut]

    @classmethod
    def of(cls, found: Delivery) -> "WholeReportDeliveryOut":
        tries = [
            AttemptOut(**{name: getattr(one, name) for name in AttemptOut.model_fields})
            for one in found.tries
        ]
        return cls(**_values(found), tries=tries)


class ReportDeliveryPreviewOut(BaseModel):
    """What a delivery would do and say."""

    title: str = Field(examples=["Baseline of Sprint 21"])
    sentence: str = Field(examples=["A new page “Baseline of Sprint 21” would be made in the space TEAM."])
    choices: list[Choice] = Field(description="where somebody has to decide first")
    content: str = Field(
        description="the page in Confluence's storage format, the message's JSON, or the mail's HTML",
        examples=["<p>…</p>"],
    )
    files: list[str] = Field(examples=[["chart-burndown.png"]])

    @classmethod
    def of(cls, found: DryRun) -> "ReportDeliveryPreviewOut":
        return cls(**{name: getattr(found, name) for name in cls.model_fields})


def _values(found: Delivery) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(found, name) for name in ReportDeliveryOut.model_fields}
    return values | {"target": TargetIO.of(found.target)}
