"""What schedules are made of: what is reported, which sprint that is, where it goes, and what became of a run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

import msgspec

from sprintreports.jira.reads.board_sprints import BoardSprint
from sprintreports.reports.document.blocks import DocumentKind
from sprintreports.reports.library.reports import TemplateChoice
from sprintreports.reports.publishing.values import Source, Target
from sprintreports.reports.schedules.tables import RunState
from sprintreports.reports.schedules.triggers import Trigger
from sprintreports.reports.spec import BaselineSpec, ComparisonSpec, Live, ReviewSpec, Spec, TrendSpec
from sprintreports.reports.templates.layout import Layout


class Which(StrEnum):
    """Which sprint of the board a run by the clock is about: that which started last, was closed last, or runs."""

    STARTED = "started"
    CLOSED = "closed"
    RUNNING = "running"


class StoredReport(msgspec.Struct, frozen=True, tag="report", tag_field="kind", forbid_unknown_fields=True):
    """A report of the library."""

    report_id: int


class SprintReport(msgspec.Struct, frozen=True, tag="sprint", tag_field="kind", forbid_unknown_fields=True):
    """A report on a sprint of the schedule's board, found at run time: that of the event, else `which` says.

    template: how it is laid out; None: in the usual order.
    """

    report: DocumentKind = DocumentKind.BASELINE
    which: Which = Which.RUNNING
    template: TemplateChoice | None = None


Content: TypeAlias = StoredReport | SprintReport


class Recipient(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A connection, and where at its service."""

    connection_id: int
    target: Target = Target()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to be done by itself. baseline: freeze the sprint, too."""

    name: str
    trigger: Trigger
    zone: str
    content: Content
    board_id: int | None = None
    baseline: bool = False
    recipients: tuple[Recipient, ...] = ()


@dataclass(frozen=True, slots=True)
class Schedule:
    """A schedule as people see it. next_at: None where no clock says it. last_*: of its last run; None: it never ran.

    last_deliveries: what that run put in line.
    """

    id: int
    owner_id: int
    owner: str
    wanted: Wanted
    next_at: datetime | None
    paused_at: datetime | None
    paused_reason: str
    last_at: datetime | None
    last_state: RunState | None
    last_sentence: str | None
    last_deliveries: tuple[int, ...]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Run:
    """A time that a schedule was due. missed: for how many more times it stands."""

    id: int
    schedule_id: int
    due_at: datetime
    sprint_id: int | None
    missed: int
    state: RunState
    sentence: str
    baseline_id: int | None
    delivery_ids: tuple[int, ...]
    created_at: datetime
    ended_at: datetime | None


def chosen(sprints: Iterable[BoardSprint], which: Which) -> BoardSprint | None:
    """The sprint of the board that is meant, of these."""
    match which:
        case Which.STARTED:
            return max(sprints, key=lambda one: (one.started, one.sprint_id), default=None)
        case Which.CLOSED:
            over = [(one.closed, one.sprint_id, one) for one in sprints if one.closed is not None]
            return max(over, key=lambda one: one[:2])[2] if over else None
        case Which.RUNNING:
            running = [one for one in sprints if one.closed is None]
            return max(running, key=lambda one: (one.started, one.sprint_id), default=None)


def needs_sprint(wanted: Wanted) -> bool:
    """Whether a run is about one sprint."""
    return wanted.baseline or (
        isinstance(wanted.content, SprintReport) and wanted.content.report is not DocumentKind.TREND
    )


def source_of(
    content: Content, board_id: int | None, sprint: BoardSprint | None, layout: Layout | None = None
) -> Source:
    """What is sent. `sprint`: that which `needs_sprint` asks for; `layout`: what the content's template says."""
    if isinstance(content, StoredReport):
        return Source(report_id=content.report_id)
    return Source(spec=spec_of(content.report, board_id, sprint), layout=layout)


def spec_of(kind: DocumentKind, board_id: int | None, sprint: BoardSprint | None) -> Spec:
    if kind is DocumentKind.TREND or sprint is None:
        return TrendSpec(boards=() if board_id is None else (board_id,))
    now = Live(sprint.sprint_id, sprint.board_id)
    match kind:
        case DocumentKind.REVIEW:
            return ReviewSpec(sprint.sprint_id, sprint.board_id)
        case DocumentKind.COMPARISON:
            return ComparisonSpec(Live(sprint.sprint_id, sprint.board_id, sprint.started), now)
        case _:
            return BaselineSpec(now)
