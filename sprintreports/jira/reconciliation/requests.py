"""Ask for a comparison of all closed sprints of a board, and ask it to stop."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.kit import db, queue
from sprintreports.observability import logs

RECONCILE_JOB = "jira.reconcile"

# Closed sprints of a board without a report of Jira's, the last closed first.
WAITING = (
    "SELECT s.jira_sprint_id FROM board_sprint l JOIN sprint s USING (site_id, jira_sprint_id) "
    "LEFT JOIN sprint_reconciliation r ON r.site_id = l.site_id AND r.jira_board_id = l.jira_board_id "
    "AND r.jira_sprint_id = s.jira_sprint_id WHERE l.site_id = %s AND l.jira_board_id = %s AND s.state = 'closed' "
    "AND s.deleted_at IS NULL AND r.body IS NULL ORDER BY s.complete_date DESC NULLS LAST, s.jira_sprint_id DESC"
)


@dataclass(frozen=True, slots=True)
class Queued:
    """What was asked for. sprints: closed ones without a report of Jira's; running: a job was there already."""

    sprints: int
    running: bool


async def request(session: AsyncSession, viewer: Viewer, *, site_id: int, jira_board_id: int) -> Queued:
    """Queue a job that asks Jira for the reports which are not here yet. With none missing there is no job."""
    viewer.require(Permission.SETTINGS_WRITE)
    missing = len(await waiting(session, site_id, jira_board_id))
    if not missing:
        return Queued(0, running=False)
    if await queue.live(session, _key(site_id, jira_board_id)):
        return Queued(missing, running=True)
    await enqueue(session, site_id=site_id, jira_board_id=jira_board_id)
    return Queued(missing, running=False)


async def enqueue(
    session: AsyncSession, *, site_id: int, jira_board_id: int, wait: timedelta | None = None
) -> None:
    """Give the board a job, to begin after `wait`, unless one waits already."""
    payload = {
        "site_id": site_id,
        "jira_board_id": jira_board_id,
        "request_id": logs.request_id() or None,
    }
    # One at a time asks a site: the endpoint is not meant for many questions at once.
    await queue.defer(
        session, RECONCILE_JOB, payload, wait=wait,
        lock=f"{RECONCILE_JOB}:{site_id}", queueing_lock=_key(site_id, jira_board_id),
    )  # fmt: skip


async def stop(session: AsyncSession, viewer: Viewer, *, site_id: int, jira_board_id: int) -> bool:
    """Stop the board's job, waiting or at work; whether there was one. Reports that have come stay."""
    viewer.require(Permission.SETTINGS_WRITE)
    return await queue.stop(session, _key(site_id, jira_board_id))


async def is_running(session: AsyncSession, *, site_id: int, jira_board_id: int) -> bool:
    """Whether a job for the board waits or works."""
    return await queue.live(session, _key(site_id, jira_board_id))


async def waiting(session: AsyncSession, site_id: int, jira_board_id: int) -> list[int]:
    """Jira's ids of the closed sprints whose report is not here."""
    connection = await db.raw(session)
    cursor = await connection.execute(WAITING, (site_id, jira_board_id))
    return [sprint for (sprint,) in await cursor.fetchall()]


def _key(site_id: int, jira_board_id: int) -> str:
    return f"{RECONCILE_JOB}:{site_id}:{jira_board_id}"
