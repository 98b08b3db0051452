"""What stays the same thing while its name, place or state changes: issues, sprints, and sprints on several boards."""

from collections.abc import Iterator

import pytest

from sprintreports.demo.catalog import Dialect
from sprintreports.demo.testing import RunningDemo, running_demo
from sprintreports.jira import sync
from sprintreports.jira.reads import sprints as sprint_reads
from sprintreports.kit import db
from tests.integration.sync_support import SYSTEM, connected, connection, one, rows, synced

NOW = 1_780_000_000_000
INCREMENTAL = sync.Mode.INCREMENTAL


@pytest.fixture(params=[Dialect.CLOUD, pytest.param(Dialect.DATACENTER, marks=pytest.mark.unmeasured)])
def company(request: pytest.FixtureRequest) -> Iterator[tuple[RunningDemo, Dialect]]:
    with running_demo(dialect=request.param, seed=5, scale=0.1, now=NOW) as demo:
        yield demo, request.param


async def test_a_moved_issue_stays_the_same_issue(company, pg_url):
    demo, dialect = company
    site_id = await connected(connection(demo, dialect=dialect))
    await synced(site_id)
    query = "SELECT key, project_key, former_keys FROM issue WHERE jira_issue_id = %s"
    count = one(pg_url, "SELECT count(*) FROM issue")
    keys = dict(rows(pg_url, "SELECT jira_issue_id, key FROM issue"))
    moved = {edit["subject"]: edit["name"] for edit in demo.edit(5, seed=2, kinds=["move"])}
    outcome = await synced(site_id, INCREMENTAL)
    assert outcome.issues == len(moved)
    for issue, key in moved.items():
        now, project, former = one(pg_url, query, issue)
        assert (now, project) == (key, key.rpartition("-")[0])
        assert keys[issue] in former
    assert one(pg_url, "SELECT count(*), count(deleted_at) FROM issue") == (count, 0)


async def test_a_sprint_stays_the_same_when_it_is_renamed_closed_and_opened_again(company, pg_url):
    demo, dialect = company
    site_id = await connected(connection(demo, dialect=dialect))
    await synced(site_id)
    ids = dict(rows(pg_url, "SELECT jira_sprint_id, id FROM sprint"))
    (renamed,) = demo.edit(1, seed=2, kinds=["sprint_rename"])
    (closed,) = demo.edit(1, seed=2, kinds=["sprint_close"])
    await synced(site_id, INCREMENTAL)
    query = "SELECT id, name, state, complete_date IS NOT NULL FROM sprint WHERE jira_sprint_id = %s"
    assert one(pg_url, query, renamed["subject"])[:2] == (ids[renamed["subject"]], renamed["name"])
    assert one(pg_url, query, closed["subject"])[2:] == ("closed", True)
    state = "SELECT DISTINCT closed FROM sprint_fact WHERE jira_sprint_id = %s"
    assert rows(pg_url, state, closed["subject"]) == [(True,)]
    (again,) = demo.edit(1, seed=2, kinds=["sprint_reopen"])
    assert again["subject"] == closed["subject"]
    await synced(site_id, INCREMENTAL)
    assert one(pg_url, query, closed["subject"]) == (ids[closed["subject"]], closed["name"], "active", False)
    assert rows(pg_url, state, closed["subject"]) == [(False,)]
    assert one(pg_url, "SELECT count(*) = count(DISTINCT jira_sprint_id) FROM sprint") is True


async def test_a_sprint_on_several_boards_is_one_sprint(company, pg_url):
    demo, dialect = company
    site_id = await connected(connection(demo, dialect=dialect))
    await synced(site_id)
    listed, distinct = one(pg_url, "SELECT count(*), count(DISTINCT jira_sprint_id) FROM board_sprint")
    assert listed > distinct
    seen: list[int] = []
    async with db.transaction() as session:
        for number in range(1, 100):
            page = await sprint_reads.page(session, SYSTEM, page=number, per_page=25)
            seen += [row.jira_sprint_id for row in page.items]
            if not page.items:
                break
    assert page.total == len(seen) == len(set(seen)) == distinct
    shared = one(
        pg_url,
        "SELECT jira_sprint_id FROM board_sprint JOIN sprint USING (site_id, jira_sprint_id) WHERE state = 'closed' "
        "GROUP BY 1 HAVING count(*) > 1 ORDER BY 1 LIMIT 1",
    )
    query = "SELECT jira_issue_id FROM sprint_issue_fact WHERE jira_sprint_id = %s AND jira_board_id = %s ORDER BY 1"
    on_each = [
        rows(pg_url, query, shared, board)
        for (board,) in rows(
            pg_url, "SELECT jira_board_id FROM board_sprint WHERE jira_sprint_id = %s", shared
        )
    ]
    assert len(on_each) == 2
    assert all(len(issues) == len(set(issues)) for issues in on_each)
