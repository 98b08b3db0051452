"""The report of one state: everything that the predecessor's baseline report had, and the teams, the course and the queue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sprintreports.metrics.forecast import SprintForecast
from sprintreports.metrics.teams import Dimension
from sprintreports.reports.building import course, issues, notes, overview
from sprintreports.reports.building.distributions import distribution, summaries
from sprintreports.reports.building.stakeholders import stakeholders
from sprintreports.reports.building.teams import capacity, teams
from sprintreports.reports.building.told import Frame, Told
from sprintreports.reports.document import text
from sprintreports.reports.document.blocks import Document, DocumentKind


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of a baseline besides its snapshot. author: as readers know them."""

    hash: str
    author: str
    reason: str
    note: str
    taken_at: datetime


def baseline_document(
    told: Told, frame: Frame, *, kept: Kept | None = None, given: SprintForecast | None = None
) -> Document:
    """The report of a snapshot; kept None: of a state that is not stored. given: what is forecast of a sprint that runs; a
    snapshot holds none."""
    snapshot = told.snapshot
    return Document(
        kind=DocumentKind.BASELINE,
        title=f"{'Baseline' if kept else 'State'} of {snapshot.sprint_name}",
        subtitle=f"{snapshot.board_name} · {text.instant(snapshot.moment, zone=frame.zone)}",
        made_at=frame.made_at,
        moment=snapshot.moment,
        zone=frame.zone,
        locale=frame.locale,
        sections=(
            overview.overview(told, given=given),
            overview.points(told),
            course.course(told),
            distribution(told, Dimension.TYPE),
            distribution(told, Dimension.STATUS),
            distribution(told, Dimension.PRIORITY),
            summaries(told),
            stakeholders(told),
            teams(told),
            capacity(told),
            course.scope_history(told),
            issues.not_counted(told),
            *notes.queue(told),
            notes.quality(told),
        ),
        basis=(*overview.basis(told), *kept_basis(kept, frame)),
        calendar=notes.sprint_entries(told),
        link=frame.link,
    )


def kept_basis(kept: Kept | None, frame: Frame) -> tuple[str, ...]:
    """Who took a baseline, when and why, and the hash by which it can be checked."""
    if kept is None:
        return ()
    why = f", {kept.reason}" if kept.reason else ""
    note = (f"Note: {kept.note}",) if kept.note else ()
    return (
        f"Baseline taken by {kept.author} on {text.instant(kept.taken_at, zone=frame.zone)}{why}.",
        *note,
        f"SHA-256 of its content: {kept.hash}.",
    )
