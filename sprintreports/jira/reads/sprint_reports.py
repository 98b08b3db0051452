"""The sprint report: from stored facts; of a sprint whose facts are still to come, computed on the spot."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.viewer import Viewer
from sprintreports.jira import facts
from sprintreports.jira.facts_compute import SprintFacts
from sprintreports.jira.reads import access, summaries
from sprintreports.jira.reads.access import Place
from sprintreports.kit import db
from sprintreports.metrics.sprint_report import SprintReport
from sprintreports.metrics.teams import merge_teams


async def read(
    session: AsyncSession, viewer: Viewer, *, sprint_id: int, board_id: int | None = None, now: datetime
) -> SprintReport:
    """The report of a sprint on a board (default: its origin board), cut to the viewer's teams. Raises NotFound."""
    place = await access.place(session, viewer, sprint_id=sprint_id, board_id=board_id)
    report = (
        await _stored(session, place, now=now)
        if place.computed
        else (await fresh(session, place, now=now)).report
    )
    return report if viewer.team_ids is None else report.for_teams(viewer.team_ids)


async def fresh(session: AsyncSession, place: Place, *, now: datetime) -> SprintFacts:
    """The facts from segments, for a sprint that waits for its first computation."""
    connection = await db.raw(session)
    found = await facts.computed(
        connection, place.site_id, place.jira_board_id, place.jira_sprint_id, now=now
    )
    if found is None:
        raise LookupError("access.place found a sprint that its board does not list")
    return found


async def _stored(session: AsyncSession, place: Place, *, now: datetime) -> SprintReport:
    teams, transfers = await summaries.teams(session, place)
    totals, breakdowns, excluded = merge_teams(teams)
    return SprintReport(
        board_id=place.board_id,
        sprint_id=place.sprint_id,
        sprint_name=place.sprint_name,
        state=place.dates.state,
        window=place.window(now),
        zone=place.calendar.zone,
        totals=totals,
        breakdowns=breakdowns,
        teams=teams,
        transfers=transfers,
        excluded=excluded,
    )
