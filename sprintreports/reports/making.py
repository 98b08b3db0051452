"""From what a report is about to its document: the one way that pages, REST, files, links, schedules and messages take.

What is read is read in the caller's transaction; putting the document together, which is work of the processor alone, is done
beside the event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfoNotFoundError

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.charts.writing import write_as
from sprintreports.identity import names as accounts
from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.jira.reads import forecasts, names, trends
from sprintreports.jira.uncollected import uncollected
from sprintreports.kit.errors import FieldProblem, Invalid
from sprintreports.metrics.calendar import zone_of
from sprintreports.metrics.forecast import SprintForecast
from sprintreports.metrics.values import SprintState, Unit
from sprintreports.reports import gathering
from sprintreports.reports.baselines import reading
from sprintreports.reports.baselines.ledger import Reason
from sprintreports.reports.building.baseline import Kept, baseline_document
from sprintreports.reports.building.comparison import comparison_document
from sprintreports.reports.building.review import review_document
from sprintreports.reports.building.sides import Sides
from sprintreports.reports.building.told import Frame, Told
from sprintreports.reports.building.trend import trend_document
from sprintreports.reports.building.trend_values import Sprints, TrendSprint
from sprintreports.reports.comparing import compare
from sprintreports.reports.document.blocks import Document
from sprintreports.reports.snapshot import Snapshot
from sprintreports.reports.spec import (
    BaselineSpec,
    ComparisonSpec,
    Frozen,
    Live,
    ReviewSpec,
    Spec,
    State,
    TrendSpec,
)
from sprintreports.reports.templates.applying import applied
from sprintreports.reports.templates.layout import Layout
from sprintreports.reports.templates.placeholders import Values

USUAL_LOCALE, USUAL_ZONE = "en-GB", "UTC"
_REASONS = {
    Reason.MANUAL: "by hand",
    Reason.PLANNING: "by rule when a queue became the plan",
    Reason.START: "by rule at the start of the sprint",
    Reason.DAY: "by rule, every few days",
    Reason.CLOSE: "by rule at the close of the sprint",
}


@dataclass(frozen=True, slots=True)
class _Found:
    """A state with what is known of it as a baseline."""

    snapshot: Snapshot
    kept: Kept | None


@dataclass(frozen=True, slots=True)
class _Reader:
    """Who a document is written for. zone None: the board's."""

    zone: str | None
    locale: str
    link: str
    now: datetime

    def frame(self, board_zone: str) -> Frame:
        return Frame(self.now, self.zone or board_zone, self.locale, self.link)


async def document(
    session: AsyncSession,
    viewer: Viewer,
    spec: Spec,
    *,
    layout: Layout | None = None,
    zone: str | None = None,
    locale: str | None = None,
    link: str = "",
    now: datetime,
) -> Document:
    """The report as this viewer may see it. zone and locale: by default the viewer's own, else the board's and "en-GB".

    Raises Forbidden, NotFound, Invalid.
    """
    viewer.require(Permission.REPORTS_READ)
    own = viewer.time_zone if zone is None else _checked(zone)
    reader = _Reader(own, locale or viewer.locale or USUAL_LOCALE, link, now)
    match spec:
        case BaselineSpec():
            make, values = await _baseline(session, viewer, spec, reader)
        case ComparisonSpec():
            make, values = await _comparison(session, viewer, spec, reader)
        case TrendSpec():
            make, values = await _trend(session, viewer, spec, reader)
        case ReviewSpec():
            make, values = await _review(session, viewer, spec, reader)
    return await asyncio.to_thread(_written, make, reader.locale, layout, values)


_Make = Callable[[], Document]


def _checked(zone: str) -> str:
    try:
        zone_of(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        sentence = "There is no such time zone. Use a name such as Europe/Berlin."
        raise Invalid(sentence, details=(FieldProblem("zone", sentence),)) from error
    return zone


def _written(make: _Make, locale: str, layout: Layout | None, values: Values) -> Document:
    """In a thread, whose context is a copy: the style is set for this document alone."""
    write_as(locale)
    with uncollected():
        return applied(make(), layout, names=values)


async def _baseline(
    session: AsyncSession, viewer: Viewer, spec: BaselineSpec, reader: _Reader
) -> tuple[_Make, Values]:
    found = await _state(session, viewer, spec.of, now=reader.now)
    (told,) = await _told(session, viewer, found.snapshot, unit=spec.unit)
    frame = reader.frame(found.snapshot.calendar.zone)
    runs = found.snapshot.report.state is SprintState.ACTIVE
    now = runs and isinstance(spec.of, Live) and spec.of.moment is None
    given = await _forecast(session, viewer, told, reader) if now else None
    return lambda: baseline_document(told, frame, kept=found.kept, given=given), _names(found.snapshot)


async def _review(
    session: AsyncSession, viewer: Viewer, spec: ReviewSpec, reader: _Reader
) -> tuple[_Make, Values]:
    found = await _state(session, viewer, Live(spec.sprint_id, spec.board_id), now=reader.now)
    (told,) = await _told(session, viewer, found.snapshot, unit=spec.unit)
    frame = reader.frame(found.snapshot.calendar.zone)
    given = await _forecast(session, viewer, told, reader)
    return lambda: review_document(told, frame, given=given), _names(found.snapshot)


async def _forecast(session: AsyncSession, viewer: Viewer, told: Told, reader: _Reader) -> SprintForecast:
    """Of the viewer's teams, in the report's unit."""
    snapshot = told.snapshot
    return await forecasts.read(
        session,
        replace(viewer, scopes=None),
        sprint_id=snapshot.sprint_id,
        board_id=snapshot.board_id,
        unit=told.unit,
        now=reader.now,
    )


async def _comparison(
    session: AsyncSession, viewer: Viewer, spec: ComparisonSpec, reader: _Reader
) -> tuple[_Make, Values]:
    first = await _state(session, viewer, spec.before, now=reader.now)
    second = await _state(session, viewer, spec.after, now=reader.now)
    unit = spec.unit or second.snapshot.unit
    before, after = await _told(session, viewer, first.snapshot, second.snapshot, unit=unit)
    frame = reader.frame(second.snapshot.calendar.zone)
    sides = Sides(before, after, first.kept, second.kept)
    values = {**_names(second.snapshot), "before": {"name": first.snapshot.sprint_name}}
    return lambda: comparison_document(compare(first.snapshot, second.snapshot), sides, frame), values


async def _trend(
    session: AsyncSession, viewer: Viewer, spec: TrendSpec, reader: _Reader
) -> tuple[_Make, Values]:
    found = await trends.read(
        session,
        replace(viewer, scopes=None),
        boards=spec.boards,
        sprints=spec.sprints,
        last=spec.last,
        teams=spec.teams,
    )
    units, zones = {one.unit for one in found.sprints}, {one.zone for one in found.sprints}
    unit = spec.unit or (units.pop() if len(units) == 1 else Unit.POINTS)
    zone = reader.zone or (zones.pop() if len(zones) == 1 else USUAL_ZONE)

    def make() -> Document:
        sprints = tuple(
            TrendSprint(
                one.board_id, one.board_name, one.sprint_id, one.name, one.start, one.close, one.teams
            )
            for one in found.sprints
        )
        told = Sprints(
            sprints, found.disciplines, unit, zone, mixed=len({one.unit for one in found.sprints}) > 1
        )
        return trend_document(told, reader.frame(zone))

    return make, {}


async def _state(session: AsyncSession, viewer: Viewer, state: State, *, now: datetime) -> _Found:
    if isinstance(state, Frozen):
        frozen = await reading.read(session, viewer, state.baseline_id)
        kept = frozen.baseline
        author = await accounts.named(session, [kept.created_by])
        return _Found(
            frozen.snapshot,
            Kept(kept.digest, author[kept.created_by], _REASONS[kept.reason], kept.note, kept.created_at),
        )
    if state.moment is None:
        snapshot = await gathering.live(
            session, viewer, sprint_id=state.sprint_id, board_id=state.board_id, now=now
        )
    else:
        snapshot = await gathering.as_of(
            session, viewer, sprint_id=state.sprint_id, board_id=state.board_id, moment=state.moment, now=now
        )
    return _Found(snapshot, None)


async def _told(session: AsyncSession, viewer: Viewer, *snapshots: Snapshot, unit: Unit | None) -> list[Told]:
    """The states with the names of their people, asked for in one query."""
    people = {number for snapshot in snapshots for number in _people(snapshot)}
    found = await names.of_ids(session, replace(viewer, scopes=None), people=people)
    return [Told(snapshot, unit or snapshot.unit, found.people) for snapshot in snapshots]


def _people(snapshot: Snapshot) -> Iterable[int]:
    for issue in snapshot.issues:
        for number in (issue.assignee, issue.stakeholder):
            if number is not None:
                yield number


def _names(snapshot: Snapshot) -> dict[str, dict[str, str]]:
    return {
        "sprint": {"name": snapshot.sprint_name, "goal": snapshot.goal},
        "board": {"name": snapshot.board_name},
    }
