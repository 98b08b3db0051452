"""The demo company's baselines: of each running sprint as it started, and of each board's last sprints as they closed."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.viewer import Viewer
from sprintreports.jira.reads import boards, choices, sprints
from sprintreports.jira.reads.choices import Choices
from sprintreports.jira.reads.sprints import SprintRow
from sprintreports.kit import clock, db
from sprintreports.metrics.values import SprintState
from sprintreports.reports.baselines import keeping, ledger
from sprintreports.reports.baselines.ledger import Reason

CLOSED = 2
_SYSTEM = Viewer.system()
_AT_START = "What the sprint began with."
_AT_CLOSE = "How the sprint ended."


async def ensure(site_id: int) -> bool:
    """Freeze the demo company's states. False: there is or was a baseline, or there is no sprint to freeze; nothing is done then."""
    async with db.transaction() as session:
        if await _any_ever(session):
            return False
        now = clock.now()
        taken: set[int] = set()
        for board in sorted(
            await boards.listing(session, _SYSTEM, site_id=site_id), key=lambda one: one.jira_board_id
        ):
            shown = await choices.read(session, _SYSTEM, board_id=board.id)
            for sprint in await _wanted(session, shown):
                # A sprint that several boards show is frozen once.
                if sprint.id not in taken:
                    taken.add(sprint.id)
                    await _freeze(session, sprint, now=now)
        return bool(taken)


async def _any_ever(session: AsyncSession) -> bool:
    for deleted in (False, True):
        if (await ledger.listing(session, _SYSTEM, deleted=deleted, per_page=1)).total:
            return True
    return False


async def _wanted(session: AsyncSession, shown: Choices) -> list[SprintRow]:
    """The running sprints and the last closed ones, as far as they have started."""
    running = [one.id for one in shown.sprints if one.state is SprintState.ACTIVE]
    closed = [one.id for one in shown.sprints if one.state is SprintState.CLOSED]
    rows = [await sprints.one(session, _SYSTEM, one) for one in running]
    ended = [
        (row.closed_at, row) for one in closed if (row := await sprints.one(session, _SYSTEM, one)).closed_at
    ]
    newest = sorted(ended, key=_closed_at, reverse=True)[:CLOSED]
    return [row for row in [*rows, *(row for _, row in newest)] if row.start is not None]


def _closed_at(item: tuple[datetime | None, SprintRow]) -> tuple[float, int]:
    at, row = item
    return at.timestamp() if at else 0.0, row.id


async def _freeze(session: AsyncSession, sprint: SprintRow, *, now: datetime) -> None:
    await keeping.freeze(
        session,
        _SYSTEM,
        sprint_id=sprint.id,
        moment=sprint.start,
        reason=Reason.START,
        note=_AT_START,
        now=now,
    )
    if sprint.state is SprintState.CLOSED:
        await keeping.freeze(
            session, _SYSTEM, sprint_id=sprint.id, reason=Reason.CLOSE, note=_AT_CLOSE, now=now
        )
