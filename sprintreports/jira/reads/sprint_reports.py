"""The sprint report: from stored facts; of a sprint whose facts are still to come, computed on the spot."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.viewer import Viewer
from sprintreports.jira import facts, facts_packed
from sprintreports.jira.facts_compute import SprintFacts
from sprintreports.jira.facts_packed import Parts
from sprintreports.jira.reads import access, summaries
from sprintreports.jira.reads.access import AT, Place
from sprintreports.kit import db
from sprintreports.kit.cache import Kept
from sprintreports.metrics.sprint_report import SprintReport
from sprintreports.metrics.teams import merge_teams

_PACKED = f"SELECT report FROM sprint_packed WHERE {AT} AND format = {facts_packed.FORMAT}"


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


def _rows(parts: Parts) -> int:
    return sum(1 + len(team.breakdowns) for team in parts.teams) + len(parts.breakdowns)


# In rows of some 2 kB: a few hundred sprints of usual size.
_kept = Kept[Parts](most=15_000, weigh=_rows)


async def _parts(session: AsyncSession, place: Place) -> Parts:
    packed = (await session.execute(text(_PACKED), place.keys)).scalar_one_or_none()
    if packed is not None:
        return facts_packed.unpack(packed)
    teams, transfers = await summaries.teams(session, place)
    return Parts(teams, transfers, *merge_teams(teams))


async def _stored(session: AsyncSession, place: Place, *, now: datetime) -> SprintReport:
    parts = await _kept.get(place.facts, lambda: _parts(session, place))
    return SprintReport(
        board_id=place.board_id,
        sprint_id=place.sprint_id,
        sprint_name=place.sprint_name,
        state=place.dates.state,
        window=place.window(now),
        zone=place.calendar.zone,
        totals=parts.totals,
        breakdowns=parts.breakdowns,
        teams=parts.teams,
        transfers=parts.transfers,
        excluded=parts.excluded,
    )
