"""Every closed sprint of the demo company reconciles with Jira's own report; what is planted is found and named."""

import pytest

from sprintreports.demo.catalog import Dialect
from sprintreports.demo.testing import running_demo
from sprintreports.jira import reconciliation
from sprintreports.jira.reads import reconciliations
from sprintreports.kit import clock, db
from tests.integration.reconciliation_site import boards_of, closed_places, reconciled, synced
from tests.integration.sync_support import SYSTEM

pytestmark = pytest.mark.unmeasured


@pytest.mark.parametrize("dialect", list(Dialect))
async def test_every_closed_sprint_reconciles(pg_url: str, dialect: Dialect):
    with running_demo(dialect=dialect, seed=3, scale=0.2) as jira:
        site_id = await synced(jira, dialect)
        boards = await boards_of(site_id)
        async with db.transaction() as session:
            before = await reconciliations.board(session, SYSTEM, board_id=boards[0][0])
        assert before.share_equal is None
        assert {one.standing.value for one in before.sprints} == {"not_compared"}
        for _, jira_board_id in boards:
            assert await reconciled(site_id, jira_board_id) > 0
            assert await reconciled(site_id, jira_board_id) == 0, "what is here is not asked for again"
    issues = 0
    async with db.transaction() as session:
        places = await closed_places(session, site_id)
        for place in places:
            compared = (await reconciliation.compare(session, place, now=clock.now())).reconciliation
            assert compared is not None
            assert compared.differences == (), place
            assert compared.adds_up, [check for check in compared.checks if not check.adds_up]
            assert all(check.ours == check.rows for check in compared.checks)
            issues += len(compared.lines)
        for board_id, _ in boards:
            stands = await reconciliations.board(session, SYSTEM, board_id=board_id)
            assert stands.share_equal == 1.0
            assert {one.standing.value for one in stands.sprints} == {"equal"}
    assert len(places) > 20
    assert issues > 500
