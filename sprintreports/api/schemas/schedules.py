"""Schedules and their runs as REST takes and shows them."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from pydantic import BaseModel, Field, TypeAdapter

from sprintreports.api.schemas.deliveries import TargetIO
from sprintreports.api.schemas.planning import ID, Strict
from sprintreports.api.schemas.report_specs import TemplateIO
from sprintreports.reports.document.blocks import DocumentKind
from sprintreports.reports.schedules.rights import LONGEST_NAME, MOST_RECIPIENTS
from sprintreports.reports.schedules.triggers import (
    LONGEST_EXPRESSION,
    MOST_CHANCE,
    MOST_DAYS,
    MOST_PERCENT,
    Trigger,
)
from sprintreports.reports.schedules.values import (
    Content,
    Recipient,
    Run,
    RunState,
    Schedule,
    SprintReport,
    StoredReport,
    Wanted,
    Which,
)

_LINE = r"^[^\x00-\x1f]*$"
Name = Annotated[
    str, Field(min_length=1, max_length=LONGEST_NAME, pattern=_LINE, examples=["Review at each close"])
]
Zone = Annotated[
    str,
    Field(
        max_length=64,
        pattern=_LINE,
        description="IANA name; of the clock, and of days before the end",
        examples=["Europe/Berlin"],
    ),
]


class ClockTrigger(Strict):
    """By the clock: a time that the change of the clock leaves out runs at the next minute that exists, one that comes twice once."""

    on: Literal["clock"]
    cron: str = Field(
        max_length=LONGEST_EXPRESSION,
        description="minute, hour, day of the month, month, weekday (0 and 7 are Sunday)",
        examples=["0 9 * * 1-5"],
    )


class StartTrigger(Strict):
    """A sprint of the board started."""

    on: Literal["sprint_started"]


class CloseTrigger(Strict):
    """A sprint of the board was closed."""

    on: Literal["sprint_closed"]


class EndTrigger(Strict):
    """So many days are left to the planned end of a sprint that runs, at the same time of day."""

    on: Literal["before_end"]
    days: int = Field(ge=1, le=MOST_DAYS)


class ScopeTrigger(Strict):
    """The scope of a sprint that runs is further from its commitment than so many percent of it; once a sprint."""

    on: Literal["scope_change"]
    percent: int = Field(ge=1, le=MOST_PERCENT)


class ForecastTrigger(Strict):
    """The chance that a sprint that runs finishes all that is in its scope by its planned end is below so many percent; once a
    sprint, as soon as a number can be told."""

    on: Literal["forecast_below"]
    percent: int = Field(ge=1, le=MOST_CHANCE)


TriggerIO = Annotated[
    ClockTrigger | StartTrigger | CloseTrigger | EndTrigger | ScopeTrigger | ForecastTrigger,
    Field(discriminator="on"),
]


class ReportContent(Strict):
    """A report of the library."""

    kind: Literal["report"]
    report_id: ID


class SprintContent(Strict):
    """A report on a sprint of the board, found at run time: that of the event; by the clock and by hand, as `which` says."""

    kind: Literal["sprint"]
    report: DocumentKind = Field(
        DocumentKind.BASELINE, description="a comparison is of its start with now; a trend is of the board"
    )
    which: Which = Field(Which.RUNNING, description="which started last, was closed last, or runs")
    template: TemplateIO | None = Field(None, description="how it is laid out; null: in the usual order")


ContentIO = Annotated[ReportContent | SprintContent, Field(discriminator="kind")]
_TRIGGER: TypeAdapter[Any] = TypeAdapter(TriggerIO)


class RecipientIO(Strict):
    """A connection, and where at its service."""

    connection_id: ID
    target: TargetIO = Field(default_factory=lambda: TargetIO.model_validate({}))

    def value(self) -> Recipient:
        return Recipient(self.connection_id, self.target.value())

    @classmethod
    def of(cls, one: Recipient) -> "RecipientIO":
        return cls(connection_id=one.connection_id, target=TargetIO.of(one.target))


Recipients = Annotated[
    list[RecipientIO],
    Field(max_length=MOST_RECIPIENTS, description="a mail to oneself takes no more than reading"),
]


class ScheduleIn(Strict):
    """Something to be done by itself: a report sent, a baseline taken, or both."""

    name: Name
    trigger: TriggerIO
    zone: Zone = "UTC"
    content: ContentIO
    board_id: ID | None = Field(
        None, description="whose sprints it is about; null: for a stored report by the clock alone"
    )
    baseline: bool = Field(False, description="freeze the sprint, too")
    recipients: Recipients = Field(default=[])

    def wanted(self) -> Wanted:
        return Wanted(
            self.name, _trigger(self.trigger), self.zone, _content(self.content), self.board_id, self.baseline,
            tuple(one.value() for one in self.recipients),
        )  # fmt: skip


class SchedulePatch(Strict):
    """What is left out stays."""

    name: Name | None = None
    trigger: TriggerIO | None = None
    zone: Zone | None = None
    content: ContentIO | None = None
    board_id: ID | None = None
    baseline: bool | None = None
    recipients: Recipients | None = None
    paused: bool | None = Field(None, description="false: it goes on from now; what was missed is not run")

    @property
    def changes(self) -> bool:
        """Whether anything but `paused` is named."""
        return bool(self.model_fields_set - {"paused"})

    def wanted(self, before: Wanted) -> Wanted:
        return Wanted(
            name=before.name if self.name is None else self.name,
            trigger=before.trigger if self.trigger is None else _trigger(self.trigger),
            zone=before.zone if self.zone is None else self.zone,
            content=before.content if self.content is None else _content(self.content),
            board_id=self.board_id if "board_id" in self.model_fields_set else before.board_id,
            baseline=before.baseline if self.baseline is None else self.baseline,
            recipients=before.recipients
            if self.recipients is None
            else tuple(one.value() for one in self.recipients),
        )


class ScheduleOut(BaseModel):
    """A schedule, with what became of its last run."""

    id: int
    owner_id: int = Field(description="as whom it runs, with their rights at that time")
    owner: str = Field(examples=["Ada Byron"])
    name: Name
    trigger: TriggerIO
    zone: Zone
    content: ContentIO
    board_id: int | None
    baseline: bool
    recipients: Recipients
    next_at: datetime | None = Field(description="null: not by the clock")
    paused_at: datetime | None = Field(description="null: it runs")
    paused_reason: str = Field(examples=[""])
    last_at: datetime | None = Field(description="when its last run was due; null: it never ran")
    last_state: RunState | None
    last_sentence: str | None = Field(examples=["1 delivery was put in line."])
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, found: Schedule) -> "ScheduleOut":
        wanted = found.wanted
        same = (
            "id", "owner_id", "owner", "next_at", "paused_at", "paused_reason", "last_at", "last_state", "last_sentence",
            "created_at", "updated_at",
        )  # fmt: skip
        return cls(
            name=wanted.name,
            trigger=_TRIGGER.validate_python(msgspec.to_builtins(wanted.trigger)),
            zone=wanted.zone,
            content=_shown(wanted.content),
            board_id=wanted.board_id,
            baseline=wanted.baseline,
            recipients=[RecipientIO.of(one) for one in wanted.recipients],
            **{name: getattr(found, name) for name in same},
        )


class ScheduleRunOut(BaseModel):
    """A time that a schedule was due."""

    id: int
    schedule_id: int
    due_at: datetime
    sprint_id: int | None = Field(description="what it was about, where that is one sprint")
    missed: int = Field(description="for how many more times it stands that were missed")
    state: RunState = Field(
        description="done: what it made is there and its deliveries are in line; nothing: there was nothing to report on"
    )
    sentence: str = Field(examples=["1 delivery was put in line."])
    baseline_id: int | None
    delivery_ids: tuple[int, ...]
    created_at: datetime
    ended_at: datetime | None = Field(description="null: it waits or is at work")

    @classmethod
    def of(cls, run: Run) -> "ScheduleRunOut":
        return cls(**{name: getattr(run, name) for name in cls.model_fields})


def _trigger(given: BaseModel) -> Trigger:
    return msgspec.convert(given.model_dump(mode="json"), type=Trigger)


def _content(given: ReportContent | SprintContent) -> Content:
    if isinstance(given, ReportContent):
        return StoredReport(given.report_id)
    return SprintReport(given.report, given.which, given.template.value() if given.template else None)


def _shown(content: Content) -> ReportContent | SprintContent:
    if isinstance(content, StoredReport):
        return ReportContent(kind="report", report_id=content.report_id)
    template = TemplateIO.of(content.template) if content.template else None
    return SprintContent(kind="sprint", report=content.report, which=content.which, template=template)
