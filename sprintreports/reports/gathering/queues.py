"""The plan of a sprint that was active at a moment, as lines of a snapshot. People are numbers in its sentences too."""

from collections.abc import Mapping
from datetime import datetime

from msgspec import structs
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.viewer import Viewer
from sprintreports.jira.reads.access import Place
from sprintreports.planning import teams
from sprintreports.planning.queue.reasons import reason_in_words
from sprintreports.planning.queue.results import Placement, Queue, Side, TeamQueue
from sprintreports.planning.queue.values import Scheduling
from sprintreports.planning.queues import past
from sprintreports.reports.snapshot import QueueLine, SnapshotQueue

NO_TEAM = 0


async def active(
    session: AsyncSession, place: Place, *, moment: datetime, disciplines: Mapping[int, int]
) -> SnapshotQueue | None:
    """The queue that was active on the board, with the last version that was kept by then. disciplines: by issue."""
    viewer = Viewer.system()
    found = await past.active_at(
        session, viewer, sprint_id=place.sprint_id, board_id=place.board_id, moment=moment
    )
    if found is None:
        return None
    info, stored = found
    # A slice goes by Jira's values: that of the issue; of one from elsewhere the first that its team stands for.
    values = {
        team.id: min(team.disciplines, default=NO_TEAM) for team in await teams.listing(session, viewer)
    }
    return SnapshotQueue(
        queue_id=info.id,
        version=stored.version.number,
        name=info.name,
        algorithm=str(stored.queue.options.algorithm),
        fairness=stored.queue.fairness.index,
        lines=tuple(
            _line(
                placement,
                stored.queue,
                team,
                disciplines.get(placement.issue, values.get(team.team or 0, NO_TEAM)),
            )
            for team in stored.queue.teams
            for placement in team.placements
        ),
    )


def _line(one: Placement, queue: Queue, team: TeamQueue, discipline: int) -> QueueLine:
    inside = one.side is Side.IN
    # What other teams lack is told to nobody who sees some teams alone, and a slice of a snapshot is cut without a database.
    if any(other != one.team for other, _ in one.reason.needs):
        one = structs.replace(one, reason=structs.replace(one.reason, needs=()))
    timing = queue.timing_of(one.issue)
    timed = one.side is not Side.ASIDE and timing.kind is not Scheduling.FLEXIBLE
    return QueueLine(
        issue=one.issue,
        key=one.key,
        discipline=discipline,
        team=team.name,
        position=one.position if inside else None,
        place=one.place if inside else None,
        round=one.round if inside and one.round else None,
        scheduling=timing.kind.value,
        reason=reason_in_words(one, queue, names={}),
        start=timing.start if timed and timing.kind is Scheduling.HARD else None,
        end=timing.end if timed else None,
    )
