"""A large board that counts by new rules: a job does it, page by page, and nobody waits for it."""

import asyncio

import psycopg
import pytest

from sprintreports.jira import board_recount, boards, facts
from sprintreports.jira.board_done import RIGHTMOST, DoneRule
from sprintreports.jira.board_recount import Progress
from sprintreports.jira.boards import BoardSettings
from sprintreports.jira.sync.lock import SPACE
from sprintreports.jobs import worker
from sprintreports.kit import db, queue
from sprintreports.metrics.values import SubtaskRule
from tests.integration.jira_site import NOW, fill, make_site
from tests.integration.sync_support import SYSTEM, one, rows
from tests.unit.jira.samples import change, day, issue, moved

JOBS = "SELECT task_name, status::text FROM procrastinate_jobs WHERE status IN ('todo', 'doing') ORDER BY id"
DONE = "SELECT count(*) FROM sprint_issue_fact WHERE jira_sprint_id = 1 AND bucket = 'completed'"
SEGMENTS = "SELECT * FROM sprint_segment ORDER BY 1, 2, 3, 4, 5"
IN_PROGRESS = DoneRule(("2", "3"))


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board_recount, "PAGE", 2)


async def filled() -> int:
    """Seven issues of the first sprint, three in progress and one done; the site's id."""
    async with db.transaction() as session:
        site = await make_site(session)
        moves = {1: ["2", "3"], 2: ["2"], 3: ["2"], 4: ["2"], 5: [], 6: [], 7: []}
        issues = []
        for number, targets in moves.items():
            steps = list(zip(["1", *targets], targets, strict=False))
            changes = [
                change(10 * number + at, day(3 + at), moved(*step)) for at, step in enumerate(steps, 1)
            ]
            issues.append(issue(number, *changes, sprints=[1], points=1, status=(["1", *targets])[-1]))
        await fill(session, site, issues)
        await facts.rebuild_touched(session, site.site_id, now=NOW, limit=50)
        return site.site_id


async def keep(url: str, settings: BoardSettings) -> None:
    board = one(url, "SELECT id FROM board")
    async with db.transaction() as session:
        await boards.set_board(session, SYSTEM, board, settings, now=NOW)


async def standing(url: str) -> Progress | None:
    async with db.transaction() as session:
        return await boards.recounting(session, SYSTEM, one(url, "SELECT id FROM board"))


async def drain() -> None:
    for _ in range(2):  # a worker that finds nothing to begin with ends, while a job at work queues the next
        await worker.run(wait=False)
        queue.app.cache_clear()


async def test_a_large_board_is_counted_by_a_job(pg_url: str):
    await filled()
    before = rows(pg_url, SEGMENTS)
    await keep(pg_url, BoardSettings(done=IN_PROGRESS))
    assert rows(pg_url, JOBS) == [("jira.board", "todo")]
    assert (await standing(pg_url), rows(pg_url, SEGMENTS)) == (Progress(0, 7), before)
    await drain()
    assert (rows(pg_url, JOBS), await standing(pg_url)) == ([], None)
    assert one(pg_url, DONE) == 4
    counted = rows(pg_url, SEGMENTS)
    # The same as at once.
    await keep(pg_url, BoardSettings(done=RIGHTMOST))
    await drain()
    assert (one(pg_url, DONE), rows(pg_url, SEGMENTS)) == (1, before)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(board_recount, "PAGE", 7)
        await keep(pg_url, BoardSettings(done=IN_PROGRESS))
    assert rows(pg_url, JOBS) == [("jira.facts", "todo")]
    assert rows(pg_url, SEGMENTS) == counted


async def test_it_goes_on_at_the_last_finished_page_after_a_failure(
    pg_url: str, monkeypatch: pytest.MonkeyPatch
):
    await filled()
    await keep(pg_url, BoardSettings(done=IN_PROGRESS))
    asked: list[list[int]] = []
    rewrite = board_recount.rewrite

    async def failing(connection, site_id, issues, **options):
        asked.append(list(issues))
        if len(asked) == 3:
            raise OSError("the disk is full")
        return await rewrite(connection, site_id, issues, **options)

    monkeypatch.setattr(board_recount, "rewrite", failing)
    await drain()
    assert await standing(pg_url) == Progress(4, 7)
    with psycopg.connect(pg_url) as database:
        database.execute("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'")
    await drain()
    assert [len(issues) for issues in asked] == [2, 2, 2, 2, 1]
    assert asked[2] == asked[3]
    assert (await standing(pg_url), one(pg_url, DONE)) == (None, 4)


async def test_rules_that_change_meanwhile_begin_again(pg_url: str, monkeypatch: pytest.MonkeyPatch):
    await filled()
    await keep(pg_url, BoardSettings(done=IN_PROGRESS))
    asked: list[list[int]] = []
    changed: list[asyncio.Task[None]] = []
    rewrite = board_recount.rewrite

    async def watched(connection, site_id, issues, **options):
        asked.append(list(issues))
        if len(asked) == 2:  # it waits for this page, and no longer
            changed.append(asyncio.create_task(keep(pg_url, BoardSettings(done=RIGHTMOST))))
        return await rewrite(connection, site_id, issues, **options)

    held = queue.held_arguments

    async def after_the_change(session, job_id):
        if changed:
            await changed[0]
        return await held(session, job_id)

    monkeypatch.setattr(board_recount, "rewrite", watched)
    monkeypatch.setattr(board_recount.queue, "held_arguments", after_the_change)
    await drain()
    assert asked[2] == asked[0], "from the start"
    assert [len(issues) for issues in asked] == [2, 2, 2, 2, 2, 1]
    assert (rows(pg_url, JOBS), one(pg_url, DONE)) == ([], 1)


async def test_it_waits_for_whoever_works_on_the_site_however_long(pg_url: str):
    site_id = await filled()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(board_recount, "PAGE", 500)  # small enough, but a sync is at work
        with psycopg.connect(pg_url) as guard:  # not ours: the worker closes those at its end
            guard.execute("SELECT pg_advisory_xact_lock(%s, %s)", (SPACE, site_id))
            await keep(pg_url, BoardSettings(done=IN_PROGRESS))
            for _ in range(8):  # more often than a failing job is tried
                await drain()
                assert rows(pg_url, JOBS) == [("jira.board", "todo")]
                with psycopg.connect(pg_url) as database:
                    database.execute(
                        "UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'"
                    )
    assert await standing(pg_url) == Progress(0, 7)
    await drain()
    assert (await standing(pg_url), one(pg_url, DONE)) == (None, 4)


async def test_other_days_leave_the_segments_alone(pg_url: str):
    await filled()
    with psycopg.connect(pg_url) as database:
        database.execute("DELETE FROM sprint_touched")
    await keep(pg_url, BoardSettings(zone="Asia/Tokyo"))
    assert rows(pg_url, JOBS) == [("jira.facts", "todo")]
    assert one(pg_url, "SELECT count(*) FROM sprint_touched") == one(
        pg_url, "SELECT count(*) FROM board_sprint"
    )
    await keep(pg_url, BoardSettings(zone="Asia/Tokyo", weekdays=[0], subtasks=SubtaskRule.PARENTS))
    assert rows(pg_url, JOBS) == [("jira.facts", "todo")]
