"""A sprint on a board at one moment: the state out of Jira's facts or histories, with capacity, quality and the queue.

The whole board's state is gathered for everybody alike, and then cut to the teams that the viewer sees.
"""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.jira.reads import access, quality, states
from sprintreports.jira.reads.access import Place
from sprintreports.jira.reads.states import SprintThen
from sprintreports.kit.errors import FieldProblem, Invalid
from sprintreports.reports.gathering.capacities import capacities
from sprintreports.reports.gathering.queues import active
from sprintreports.reports.snapshot import QualityLine, Snapshot, SnapshotIssue

NOT_YET = (
    "This moment has not come yet. Choose one that has passed, or leave it out for the sprint as it is now."
)
NO_ZONE = "The moment has no time zone. Give it one, for example 2026-03-02T09:00:00Z."
# What nobody has a history of.
CAPACITY_AS_NOW = (
    "The capacity is the one that is known now: members, absences and figures by hand have no history."
)
QUALITY_AS_NOW = "Data quality is left out: it tells about the data as they are now, not as they were then."
NAMES_AS_NOW = "The sprint's name, goal and planned end are those of now: Jira keeps no history of them."


async def live(
    session: AsyncSession, viewer: Viewer, *, sprint_id: int, board_id: int | None = None, now: datetime
) -> Snapshot:
    """The sprint as it is now; of a closed one as it was at its close. Its report is that of `sprint_reports.read`.

    Raises Forbidden, NotFound.
    """
    place = await place_of(session, viewer, sprint_id=sprint_id, board_id=board_id)
    then = await states.now(session, Viewer.system(), place, make=SnapshotIssue, now=now)
    return _seen_by(viewer, await _whole(session, then, now=now, past=False))


async def as_of(
    session: AsyncSession,
    viewer: Viewer,
    *,
    sprint_id: int,
    board_id: int | None = None,
    moment: datetime,
    now: datetime,
) -> Snapshot:
    """The sprint as it was at a moment that has passed, rebuilt from its history; of one that was closed by then, as it was
    at its close. Raises Forbidden, NotFound, Invalid.
    """
    checked_moment(moment, now=now)
    place = await place_of(session, viewer, sprint_id=sprint_id, board_id=board_id)
    then = await states.at(session, Viewer.system(), place, make=SnapshotIssue, moment=moment)
    past = not then.report.window.closed and moment < now
    return _seen_by(viewer, await _whole(session, then, now=now, past=past))


def checked_moment(moment: datetime, *, now: datetime) -> None:
    """Raises Invalid for a moment that has not come, or has no time zone."""
    problem = NO_ZONE if moment.utcoffset() is None else NOT_YET if moment > now else ""
    if problem:
        raise Invalid(problem, details=(FieldProblem("moment", problem),))


async def place_of(session: AsyncSession, viewer: Viewer, *, sprint_id: int, board_id: int | None) -> Place:
    """Who may read a board's reports may read what they say of its sprints, whatever else a key is limited to."""
    viewer.require(Permission.REPORTS_READ)
    return await access.place(session, replace(viewer, scopes=None), sprint_id=sprint_id, board_id=board_id)


def _seen_by(viewer: Viewer, snapshot: Snapshot) -> Snapshot:
    return snapshot if viewer.team_ids is None else snapshot.for_teams(viewer.team_ids)


async def _whole(
    session: AsyncSession, then: SprintThen[SnapshotIssue], *, now: datetime, past: bool
) -> Snapshot:
    place, report = then.place, then.report
    return Snapshot(
        site_id=place.site_id,
        board_id=place.board_id,
        board_name=place.board_name,
        sprint_id=place.sprint_id,
        jira_sprint_id=place.jira_sprint_id,
        sprint_name=place.sprint_name,
        goal=then.goal,
        base_url=place.base_url,
        unit=place.unit,
        start=then.start,
        planned_end=place.dates.end_date,
        completed=then.completed,
        moment=then.moment,
        as_of=place.as_of,
        calendar=place.calendar,
        mapping=then.mapping,
        report=report,
        issues=then.issues,
        events=then.events,
        disciplines=then.disciplines,
        capacity=await capacities(session, place, worked={team.discipline for team in report.teams}),
        quality=() if past else await _quality(session, place, now=now),
        queue=await active(
            session, place, moment=then.moment, disciplines={one.issue: one.discipline for one in then.issues}
        ),
        notes=(NAMES_AS_NOW, CAPACITY_AS_NOW, QUALITY_AS_NOW) if past else (),
    )


async def _quality(session: AsyncSession, place: Place, *, now: datetime) -> tuple[QualityLine, ...]:
    found = await quality.summary(
        session, Viewer.system(), board_id=place.board_id, sprint_id=place.sprint_id, now=now
    )
    return tuple(
        QualityLine(line.check.name.value, line.check.title, line.count, line.check.why)
        for line in found.found
    )
