"""The sweep: what changed is fetched however the times lie, and what is missing is told apart before anything is removed."""

from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.demo.catalog import Dialect
from sprintreports.demo.testing import RunningDemo, running_demo
from sprintreports.jira import sync
from sprintreports.jira.sync import doubts
from sprintreports.jira.sync.cursor import Cursor
from sprintreports.jira.sync.runs import Run
from sprintreports.jira.sync.work import Work
from sprintreports.kit import db
from tests.integration.jira_site import NOW as DAY
from tests.integration.jira_site import make_site
from tests.integration.sync_support import connected, connection, contents, one, rows, synced

NOW = 1_780_000_000_000
INCREMENTAL = sync.Mode.INCREMENTAL
SEARCH = {Dialect.CLOUD: "/rest/api/3/search/jql", Dialect.DATACENTER: "/rest/api/2/search"}


@pytest.fixture(params=[Dialect.CLOUD, pytest.param(Dialect.DATACENTER, marks=pytest.mark.unmeasured)])
def company(request: pytest.FixtureRequest) -> Iterator[tuple[RunningDemo, Dialect]]:
    with running_demo(dialect=request.param, seed=5, scale=0.1, now=NOW) as demo:
        yield demo, request.param


@pytest.fixture
def cloud() -> Iterator[RunningDemo]:
    with running_demo(dialect=Dialect.CLOUD, seed=5, scale=0.1, now=NOW) as demo:
        yield demo


def run(url: str, statement: str, *values: object) -> int:
    with psycopg.connect(url) as database:
        return database.execute(statement, values).rowcount


def meaning(url: str) -> dict[str, object]:
    """Everything but the payloads: what issues say in passing of others (a link's status, a sprint's name) may be old."""
    found: dict[str, object] = {
        table: held for table, held in contents(url).items() if table != "stored_payload"
    }
    return found | {"subtasks": rows(url, "SELECT jira_issue_id, subtask_count FROM issue ORDER BY 1")}


def notes(url: str) -> list[str]:
    found = one(url, "SELECT notes FROM sync_run ORDER BY id DESC LIMIT 1")
    return [entry["message"] for entry in found]


async def test_after_edits_of_all_kinds_the_delta_is_what_a_full_read_finds(company, pg_url):
    demo, dialect = company
    site_id = await connected(connection(demo, dialect=dialect))
    await synced(site_id)
    for seed in (1, 2):
        demo.edit(40, seed=seed)
        demo.edit(8, seed=seed, kinds=["move", "subtask", "delete", "sprint_rename"])
        outcome = await synced(site_id, INCREMENTAL)
        assert outcome.end == "done"
        delta = meaning(pg_url)
        await synced(site_id)
        assert meaning(pg_url) == delta


async def test_only_what_changed_is_fetched(company, pg_url):
    demo, dialect = company
    site_id = await connected(connection(demo, dialect=dialect))
    await synced(site_id)
    edited = {edit["subject"] for edit in demo.edit(25, seed=3, kinds=["summary", "estimate", "assignee"])}
    outcome = await synced(site_id, INCREMENTAL)
    assert outcome.issues == outcome.changed == len(edited)
    assert (await synced(site_id, INCREMENTAL)).issues == 0


async def test_a_change_that_no_window_of_time_would_show_is_found_by_its_stamp(company, pg_url):
    """As if the search had been stale then, or a clock or zone wrong: what is stored is older than what Jira has."""
    demo, dialect = company
    site_id = await connected(connection(demo, dialect=dialect))
    await synced(site_id)
    whole = contents(pg_url)
    count = one(pg_url, "SELECT count(*) FROM issue")
    missed = [row[0] for row in rows(
        pg_url, "SELECT jira_issue_id FROM issue ORDER BY jira_updated DESC OFFSET %s LIMIT 3", count - 150
    )]  # fmt: skip
    assert count > 300
    run(
        pg_url,
        "UPDATE issue SET summary = 'as it was', jira_updated = jira_created - interval '90 days' "
        "WHERE jira_issue_id = ANY(%s)",
        missed,
    )
    run(
        pg_url,
        "UPDATE stored_payload SET digest = '', source_updated = NULL WHERE external_id = ANY(%s)",
        [str(issue) for issue in missed],
    )
    run(pg_url, """UPDATE site SET settings = settings || '{"read_until": "2030-01-01T00:00:00+00:00"}'""")
    outcome = await synced(site_id, INCREMENTAL)
    assert outcome.issues == 3
    assert contents(pg_url) == whole


async def test_deleted_issues_leave_and_are_named(company, pg_url):
    demo, dialect = company
    site_id = await connected(connection(demo, dialect=dialect))
    await synced(site_id)
    before = one(pg_url, "SELECT count(*) FROM issue")
    doomed = {edit["subject"] for edit in demo.edit(4, seed=3, kinds=["delete"])}
    outcome = await synced(site_id, INCREMENTAL)
    gone = {
        issue for (issue,) in rows(pg_url, "SELECT jira_issue_id FROM issue WHERE deleted_at IS NOT NULL")
    }
    assert doomed <= gone  # sub-tasks go with their parents
    assert outcome.end == "done"
    assert one(pg_url, "SELECT count(*) FROM issue") == before
    assert any(note.startswith(f"{len(gone)} issues were deleted in Jira.") for note in notes(pg_url))
    assert one(
        pg_url,
        "SELECT count(*) FROM sprint_segment JOIN issue USING (site_id, jira_issue_id) "
        "WHERE deleted_at IS NOT NULL AND valid_to IS NULL",
    ) == 0  # fmt: skip
    assert (await synced(site_id, INCREMENTAL)).issues == 0
    assert notes(pg_url) == []


async def test_a_lost_permission_is_no_deletion_and_what_it_hid_comes_back(company, pg_url):
    demo, dialect = company
    site_id = await connected(connection(demo, dialect=dialect))
    await synced(site_id)
    whole = contents(pg_url)
    project, known = one(pg_url, "SELECT project_key, count(*) FROM issue GROUP BY 1 ORDER BY 2, 1 LIMIT 1")
    demo.faults(hidden_projects=[project])
    await synced(site_id, INCREMENTAL)
    await synced(site_id, INCREMENTAL)  # so much at once is believed the second time
    hidden = one(
        pg_url, "SELECT count(*), min(project_key), max(project_key) FROM issue WHERE hidden_at IS NOT NULL"
    )
    assert hidden == (known, project, project)
    assert one(pg_url, "SELECT count(*) FROM issue WHERE deleted_at IS NOT NULL") == 0
    (note,) = notes(pg_url)
    assert f"{known} issues are hidden from the account" in note
    assert f"the project {project}" in note
    for table in ("board_issue", "sprint_segment", "sprint_issue_fact", "issue"):
        assert contents(pg_url)[table] == whole[table]  # what was last known still counts
    assert (await synced(site_id, INCREMENTAL)).issues == 0
    assert notes(pg_url) == []
    demo.faults()
    outcome = await synced(site_id, INCREMENTAL)
    assert outcome.issues == known
    assert one(pg_url, "SELECT count(*) FROM issue WHERE hidden_at IS NOT NULL") == 0
    assert any("are there again" in note for note in notes(pg_url))
    assert contents(pg_url) == whole


async def test_an_issue_that_was_hidden_and_then_deleted_is_deleted(cloud, pg_url):
    site_id = await connected(connection(cloud))
    await synced(site_id)
    project = one(pg_url, "SELECT project_key FROM issue ORDER BY jira_issue_id LIMIT 1")
    cloud.faults(hidden_projects=[project])
    await synced(site_id, INCREMENTAL)
    await synced(site_id, INCREMENTAL)
    gone = {edit["subject"] for edit in cloud.edit(6, seed=2, kinds=["delete"])}
    cloud.faults()
    await synced(site_id, INCREMENTAL)
    found = {
        issue for (issue,) in rows(pg_url, "SELECT jira_issue_id FROM issue WHERE deleted_at IS NOT NULL")
    }
    assert gone <= found
    assert one(pg_url, "SELECT count(*) FROM issue WHERE hidden_at IS NOT NULL") == 0


async def test_an_issue_that_a_board_does_not_show_any_more_only_leaves_the_board(company, pg_url):
    demo, dialect = company
    site_id = await connected(connection(demo, dialect=dialect))
    await synced(site_id)
    whole = contents(pg_url)
    board, issue = _stranger(pg_url)
    run(pg_url, _SHOW, board, [issue])
    await synced(site_id, INCREMENTAL)
    at = (board, issue)
    query = "SELECT seen_to IS NULL FROM board_issue WHERE jira_board_id = %s AND jira_issue_id = %s"
    assert one(pg_url, query, *at) is False
    assert one(pg_url, "SELECT deleted_at IS NULL FROM issue WHERE jira_issue_id = %s", issue) is True
    run(pg_url, "DELETE FROM board_issue WHERE jira_board_id = %s AND jira_issue_id = %s", *at)
    assert contents(pg_url) == whole


async def test_a_large_share_at_once_is_believed_by_the_second_run(cloud, pg_url):
    site_id = await connected(connection(cloud))
    await synced(site_id)
    board, strangers = _strangers(pg_url, 200)
    run(pg_url, _SHOW, board, strangers)
    query = "SELECT count(*) FROM board_issue WHERE jira_board_id = %s AND jira_issue_id = ANY(%s) AND seen_to IS NULL"
    await synced(site_id, INCREMENTAL)
    assert one(pg_url, query, board, strangers) == 200
    (note,) = notes(pg_url)
    assert "200 issues that it showed before are missing all at once" in note
    await synced(site_id, INCREMENTAL)
    assert one(pg_url, query, board, strangers) == 0
    assert notes(pg_url) == []
    assert one(pg_url, "SELECT count(*) FROM sweep_doubt") == 0


async def test_a_changed_filter_is_believed_at_once(cloud, pg_url):
    site_id = await connected(connection(cloud))
    await synced(site_id)
    board, strangers = _strangers(pg_url, 200)
    run(pg_url, _SHOW, board, strangers)
    run(pg_url, "UPDATE board SET listed_with = 'another filter' WHERE jira_board_id = %s", board)
    await synced(site_id, INCREMENTAL)
    query = "SELECT count(*) FROM board_issue WHERE jira_board_id = %s AND jira_issue_id = ANY(%s) AND seen_to IS NULL"
    assert one(pg_url, query, board, strangers) == 0
    assert notes(pg_url) == []


async def test_an_answer_that_got_lost_removes_nothing_however_often(company, pg_url):
    demo, dialect = company
    site_id = await connected(connection(demo, dialect=dialect))
    await synced(site_id)
    whole = contents(pg_url)
    demo.faults({"lose": True, "path_prefix": SEARCH[dialect]})
    for _ in range(3):
        await synced(site_id, INCREMENTAL)
    assert contents(pg_url) == whole
    assert (
        one(pg_url, "SELECT count(*) FROM issue WHERE deleted_at IS NOT NULL OR hidden_at IS NOT NULL") == 0
    )
    demo.faults()
    outcome = await synced(site_id, INCREMENTAL)
    assert (outcome.end, outcome.issues) == ("done", 0)
    assert contents(pg_url) == whole


async def test_what_a_stale_search_hid_comes_with_the_next_sync(company, pg_url):
    demo, dialect = company
    site_id = await connected(connection(demo, dialect=dialect))
    await synced(site_id)
    demo.faults(stale=True)
    demo.edit(30, seed=4, kinds=["summary", "status", "create", "move", "delete"])
    await synced(site_id, INCREMENTAL)
    demo.faults()
    await synced(site_id, INCREMENTAL)
    delta = meaning(pg_url)
    await synced(site_id)
    assert meaning(pg_url) == delta


@pytest.mark.parametrize("what", ["head", "list", "stamps"])
async def test_a_search_that_is_refused_once_costs_no_change(cloud, pg_url, what):
    """A filter that cannot be used would spoil the common search; an issue that goes meanwhile spoils that for stamps."""
    site_id = await connected(connection(cloud))
    await synced(site_id)
    boards_read = one(pg_url, "SELECT count(*) FROM board WHERE selected")
    cloud.edit(20, seed=8, kinds=["summary", "status", "create"])
    skip = {"head": 0, "list": 2, "stamps": 2 + boards_read}[
        what
    ]  # the head has two pages, the first with news
    cloud.faults({"status": 400, "path_prefix": SEARCH[Dialect.CLOUD], "skip": skip, "times": 1})
    outcome = await synced(site_id, INCREMENTAL)
    assert outcome.end == "done"
    cloud.faults()
    problems = one(pg_url, "SELECT count(*) FROM board WHERE problem IS NOT NULL")
    assert problems == (1 if what == "list" else 0)
    await synced(site_id, INCREMENTAL)
    delta = meaning(pg_url)
    await synced(site_id)
    assert meaning(pg_url) == delta


async def test_a_sync_without_news_asks_each_board_four_times(cloud, pg_url):
    """For its configuration, its sprints, its list and its order; the rest is asked for all of them together."""
    site_id = await connected(connection(cloud))
    await synced(site_id)
    await synced(site_id, INCREMENTAL)
    requests, boards_read = one(
        pg_url,
        "SELECT (traffic->>'requests')::int, (SELECT count(*) FROM board WHERE selected) "
        "FROM sync_run ORDER BY id DESC LIMIT 1",
    )
    assert boards_read >= 5
    assert requests <= 4 * boards_read + 14


async def test_a_board_that_is_hidden_keeps_what_it_had(cloud, pg_url):
    site_id = await connected(connection(cloud))
    await synced(site_id)
    whole = contents(pg_url)
    cloud.faults(hidden_boards=[1])
    outcome = await synced(site_id, INCREMENTAL)
    assert outcome.end == "done"
    assert contents(pg_url) == whole
    assert one(pg_url, "SELECT problem IS NOT NULL FROM board WHERE jira_board_id = 1") is True


async def test_sub_tasks_follow_the_sprint_of_their_parent(company, pg_url):
    demo, dialect = company
    site_id = await connected(connection(demo, dialect=dialect))
    demo.edit(60, seed=6, kinds=["subtask"])
    await synced(site_id)
    demo.edit(80, seed=7, kinds=["sprint"])
    edited = await synced(site_id, INCREMENTAL)
    delta = contents(pg_url)
    full = await synced(site_id)
    assert edited.issues > 0
    assert full.changed == 0
    assert contents(pg_url) == delta


async def test_a_sync_without_news_rewrites_no_sprint(cloud, pg_url):
    site_id = await connected(connection(cloud))
    cloud.edit(20, seed=2)
    await synced(site_id)
    await synced(site_id, INCREMENTAL)
    run(pg_url, "UPDATE sprint SET complete_date = start_date - interval '1 day' WHERE jira_sprint_id = 1")
    await synced(site_id, INCREMENTAL)  # the truth again
    query = "SELECT jira_sprint_id, xmin::text, note FROM sprint WHERE delivered ORDER BY 1"
    before = rows(pg_url, query)
    assert any(note for *_, note in before)
    await synced(site_id, INCREMENTAL)
    assert rows(pg_url, query) == before


@pytest.mark.parametrize(
    ("missing", "known", "suspicious"),
    [
        (20, 20, True),
        (3, 3, True),
        (2, 2, False),
        (20, 40, False),
        (21, 80, True),
        (21, 84, False),
        (0, 0, False),
    ],
)
def test_what_share_is_suspicious(missing, known, suspicious):
    assert doubts.is_suspicious(missing, known) is suspicious


_SHOW = (
    "INSERT INTO board_issue (site_id, jira_board_id, jira_issue_id, seen_from) "
    "SELECT (SELECT id FROM site), %s, unnest(%s::bigint[]), now()"
)


def _stranger(url: str) -> tuple[int, int]:
    board, strangers = _strangers(url, 1)
    return board, strangers[0]


def _strangers(url: str, count: int) -> tuple[int, list[int]]:
    """The board with the fewest issues, and issues that it does not show."""
    board = one(url, "SELECT jira_board_id, count(*) FROM board_issue GROUP BY 1 ORDER BY 2, 1 LIMIT 1")[0]
    found = rows(
        url,
        "SELECT jira_issue_id FROM issue i WHERE NOT is_subtask AND NOT EXISTS (SELECT 1 FROM board_issue b "
        "WHERE b.jira_board_id = %s AND b.jira_issue_id = i.jira_issue_id) ORDER BY 1 LIMIT %s",
        board,
        count,
    )
    assert len(found) == count
    return board, [issue for (issue,) in found]


async def test_a_run_that_is_resumed_does_not_confirm_its_own_doubt(db_session: AsyncSession):
    site = await make_site(db_session)
    gone = list(range(100))

    async def weighed(run_id: int, missing: list[int], *, short: bool = False) -> set[int]:
        run = Run(run_id, site.site_id, "incremental", "", Cursor())
        work = Work(db.transaction, run, None, lambda: DAY)
        return await doubts.weigh(db_session, work, "board:7", missing, known=300, short=short)

    assert await weighed(1, gone) == set()
    assert await weighed(1, gone) == set()
    assert await weighed(2, gone[:90]) == set(gone[:90])
    assert await weighed(3, gone[90:]) == set(gone[90:])
    assert await weighed(4, gone[:1], short=True) == set()
    assert await weighed(5, gone[:1], short=True) == {0}
