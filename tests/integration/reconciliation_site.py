"""A small demo company, synced, with Jira's own reports of all its closed sprints asked for by the job."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.demo.catalog import Dialect
from sprintreports.demo.testing import RunningDemo
from sprintreports.jira import boards, mapping_setup, reconciliation, sites, sync
from sprintreports.jira.client import Auth
from sprintreports.jira.reconciliation import Place
from sprintreports.kit import clock, db
from tests.integration.sync_support import SYSTEM


async def no_pause(_: float) -> None:
    """Tests do not wait between two questions."""


def connection_of(jira: RunningDemo, dialect: Dialect) -> sites.Connection:
    if dialect is Dialect.DATACENTER:
        return sites.Connection(jira.base_url, Auth.BEARER, "", jira.token)
    return sites.Connection(jira.base_url, Auth.BASIC, jira.email, jira.token)


async def synced(jira: RunningDemo, dialect: Dialect) -> int:
    """A site with all its boards, synced; its id."""
    async with db.transaction() as session:
        site_id = await sites.create(session, SYSTEM, connection_of(jira, dialect))
        found = await boards.discover(session, SYSTEM, site_id, now=clock.now())
        chosen = [one.board_id for one in found]
        await boards.choose(session, SYSTEM, site_id, board_ids=chosen, now=clock.now())
        await mapping_setup.guess(session, SYSTEM, site_id, now=clock.now())
        await mapping_setup.confirm(session, SYSTEM, site_id, changes={}, now=clock.now())
    outcome = await sync.sync_here(
        db.transaction, SYSTEM, site_id=site_id, mode=sync.Mode.FULL, now=clock.now
    )
    assert (outcome.end, outcome.error) == ("done", None)
    return site_id


async def boards_of(site_id: int) -> list[tuple[int, int]]:
    """(our id, Jira's id) of the boards with closed sprints."""
    async with db.transaction() as session:
        found = await session.execute(
            text(
                "SELECT DISTINCT b.id, b.jira_board_id FROM board b JOIN board_sprint l USING (site_id, jira_board_id) "
                "JOIN sprint s USING (site_id, jira_sprint_id) WHERE site_id = :site AND s.state = 'closed' ORDER BY 1"
            ),
            {"site": site_id},
        )
        return [(row[0], row[1]) for row in found]


async def reconciled(site_id: int, jira_board_id: int) -> int:
    return await reconciliation.reconcile_board(
        db.transaction, site_id=site_id, jira_board_id=jira_board_id, now=clock.now, sleep=no_pause
    )


async def closed_places(session: AsyncSession, site_id: int) -> list[Place]:
    found = await session.execute(
        text(
            "SELECT site_id, jira_board_id, jira_sprint_id FROM board_sprint JOIN sprint s USING (site_id, jira_sprint_id) "
            "WHERE site_id = :site AND s.state = 'closed' ORDER BY 2, 3"
        ),
        {"site": site_id},
    )
    return [Place(*row) for row in found]
