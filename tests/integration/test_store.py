"""Storing what sync brings: idempotent, in any order, and everything that follows from a change recomputed."""

import asyncio
from datetime import timedelta

import msgspec
import pytest
from psycopg.types.json import Jsonb
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.jira import context, store
from sprintreports.jira.context import SiteContext
from sprintreports.jira.errors import JiraAnswerInvalid
from sprintreports.jira.facts_invariants import check
from sprintreports.jira.payloads import RawIssue
from sprintreports.jira.replay import replay
from sprintreports.kit import db
from tests.integration.jira_site import BOARD, NOW, SPRINTS, fill, found, make_site, rebuild, rows, sprint
from tests.unit.jira.samples import (
    MAPPING,
    OTHER_POINTS,
    change,
    day,
    estimated,
    issue,
    item,
    moved,
    sprinted,
)

TABLES = (
    "issue", "issue_timeline", "issue_sprint", "issue_link", "issue_status_interval", "change_item", "stored_payload",
    "status", "project", "discipline", "jira_person", "board", "board_sprint", "board_issue", "sprint", "sprint_segment",
    "sprint_fact", "sprint_issue_fact", "sprint_event", "sprint_daily_fact", "sprint_summary", "sprint_touched",
)  # fmt: skip


@pytest.fixture
async def site(db_session: AsyncSession) -> SiteContext:
    return await make_site(db_session)


async def everything(session: AsyncSession, *, but: tuple[str, ...] = ()) -> dict[str, set[str]]:
    """All rows as text, without ids of ours and without stamps."""
    ours = "- 'id' - 'created_at' - 'updated_at' - 'received_at' - 'configured_at' - 'rebuilt_at' - 'seen_from' - 'seen_to'"
    return {
        table: {row[0] for row in await rows(session, f"SELECT (to_jsonb(t) {ours})::text FROM {table} t")}
        for table in TABLES
        if table not in but
    }


def batch() -> list[RawIssue]:
    return [
        issue(1, change(11, day(5), estimated("3", "5")), change(12, day(9), moved("1", "3")), status="3", sprints=[1],
              points=5, team="Backend", assignee="bob"),
        issue(2, change(21, day(17), sprinted([1], [1, 2])), status="2", sprints=[1, 2], points=8, team="Web", owner="o"),
        issue(3, status="4", sprints=[3], points=2),
        issue(4, sprints=[1], subtask_of=1, points=1),
    ]  # fmt: skip


async def points_of(session: AsyncSession, sprint_id: int, dimension: str = "sprint") -> tuple[int, ...]:
    found_ = await rows(
        session,
        "SELECT initial_points, added_points, removed_points, completed_points, final_points FROM sprint_summary "
        "WHERE jira_sprint_id = %s AND discipline_id = -1 AND dimension = %s",
        sprint_id, dimension,
    )  # fmt: skip
    return found_[0]


async def test_the_same_batch_twice_changes_nothing(db_session: AsyncSession, site: SiteContext):
    first = await fill(db_session, site, batch())
    before = await everything(db_session)
    assert first.changed_issue_ids == (1, 2, 3, 4)
    again = await fill(db_session, site, batch())
    assert (again.changed_issue_ids, again.unchanged) == ((), 4)
    forced = await store.store_issues(db_session, site, batch(), run_id=None, now=NOW, force=True)
    assert len(forced.changed_issue_ids) == 4
    assert await everything(db_session) == before
    assert len(before["change_item"]) == 3
    assert before["sprint_touched"] == set()


async def test_order_of_arrival_does_not_matter(db_session: AsyncSession, site: SiteContext):
    await fill(db_session, site, batch())
    expected = await everything(db_session)
    for table in TABLES:
        await rows(db_session, f"DELETE FROM {table} WHERE site_id = %s RETURNING 1", site.site_id)
    await rows(db_session, "DELETE FROM site WHERE id = %s RETURNING 1", site.site_id)
    other = await make_site_backwards(db_session)
    actual = await everything(db_session)
    renumber = [("site_id", site.site_id, other.site_id)]
    for table in TABLES:
        if table in (
            "jira_person",
            "discipline",
            "issue",
            "change_item",
            "issue_timeline",
            "sprint_segment",
            "sprint_issue_fact",
            "sprint_event",
            "sprint_summary",
        ):
            assert len(actual[table]) == len(expected[table]), (
                table
            )  # these hold ids of people and disciplines
            continue
        for name, old, new in renumber:
            assert {row.replace(f'"{name}": {old}', f'"{name}": {new}') for row in expected[table]} == actual[
                table
            ]
    assert await points_of(db_session, 1) == (11_000, 0, 0, 5_000, 13_000)
    assert await check(db_session) == []


async def make_site_backwards(session: AsyncSession) -> SiteContext:
    """Issues first (children before parents, one at a time), then the board's issues, sprints, and its configuration."""
    found_ = await rows(
        session,
        "INSERT INTO site (name, base_url, dialect, auth, account, status, status_message, mapping) "
        "VALUES ('T', 'https://jira.test', 'cloud', 'basic', '', 'ok', '', %s) RETURNING id",
        Jsonb(msgspec.to_builtins(MAPPING)),
    )
    site = await context.load(session, found_[0][0])
    for raw in reversed(batch()):
        await store.store_issues(session, site, [raw], run_id=None, now=NOW)
    await store.store_boards(session, site, [store.FoundBoard(found().payload)], now=NOW)
    await store.store_board_issues(session, site, BOARD, [1, 2, 3, 4], now=NOW, complete=True)
    await store.store_sprints(session, site, BOARD, SPRINTS, now=NOW)
    from tests.integration.jira_site import statuses

    await store.store_statuses(session, site, statuses(), now=NOW)
    await store.store_boards(session, site, [found()], now=NOW)
    await rows(session, "UPDATE board SET selected = true RETURNING 1")
    await rebuild(session, site)
    return site


async def test_one_batch_or_many_are_the_same(db_session: AsyncSession, site: SiteContext):
    await store.store_board_issues(db_session, site, BOARD, [1, 2, 3, 4], now=NOW, complete=True)
    for raw in batch():
        await store.store_issues(db_session, site, [raw], run_id=None, now=NOW)
    await rebuild(db_session, site)
    assert await points_of(db_session, 1) == (11_000, 0, 0, 5_000, 13_000)
    assert await check(db_session) == []


async def test_an_older_delivery_is_not_taken(db_session: AsyncSession, site: SiteContext):
    new = issue(1, status="3", sprints=[1], updated=day(40))
    await fill(db_session, site, [new])
    result = await fill(db_session, site, [issue(1, status="1", sprints=[1], updated=day(39))])
    assert result.changed_issue_ids == ()
    assert await rows(db_session, "SELECT status_id FROM issue") == [("3",)]


async def test_a_changed_issue_touches_only_the_sprints_that_it_changes(
    db_session: AsyncSession, site: SiteContext
):
    raw = issue(1, status="2", sprints=[1, 3], points=5)
    await fill(db_session, site, [raw])
    later = issue(
        1, change(1, day(48), moved("2", "3")), status="3", sprints=[1, 3], points=5, updated=day(80)
    )
    await store.store_issues(db_session, site, [later], run_id=None, now=NOW)
    assert await rows(db_session, "SELECT jira_sprint_id FROM sprint_touched") == [(3,)]
    await rebuild(db_session, site)
    summary = msgspec.structs.replace(later)
    body = msgspec.json.decode(summary.issue)
    body["fields"]["summary"] = "Another title"
    renamed = RawIssue(1, msgspec.json.encode(body), later.changes)
    result = await store.store_issues(db_session, site, [renamed], run_id=None, now=NOW)
    assert result.changed_issue_ids == (1,)
    assert await rows(db_session, "SELECT count(*) FROM sprint_touched") == [(0,)]
    assert await rows(db_session, "SELECT summary FROM issue") == [("Another title",)]


async def test_a_new_assignee_in_a_running_sprint_touches_it(db_session: AsyncSession, site: SiteContext):
    await fill(db_session, site, [issue(1, sprints=[1, 3], assignee="ann")])
    taken = item("assignee", "assignee", ("ann", "A"), ("bob", "B"))
    await fill(db_session, site, [issue(1, change(1, day(48), taken), sprints=[1, 3], assignee="bob")])
    found_ = await rows(
        db_session,
        "SELECT f.jira_sprint_id, p.account_key FROM sprint_issue_fact f JOIN jira_person p ON p.id = f.assignee_id "
        "ORDER BY 1",
    )
    assert found_ == [(1, "ann"), (3, "bob")]


async def test_a_sprint_that_closes_is_counted_again(db_session: AsyncSession, site: SiteContext):
    await fill(
        db_session, site, [issue(1, change(1, day(55), moved("1", "3")), status="3", sprints=[3], points=3)]
    )
    assert await points_of(db_session, 3) == (3_000, 0, 0, 0, 3_000)
    closed = [*SPRINTS[:2], sprint(3, "closed", 45, 59, 58), SPRINTS[3]]
    await store.store_sprints(db_session, site, BOARD, closed, now=NOW)
    await rebuild(db_session, site)
    assert await points_of(db_session, 3) == (3_000, 0, 0, 3_000, 3_000)
    await store.store_sprints(db_session, site, BOARD, closed, now=NOW)
    assert await rows(db_session, "SELECT count(*) FROM sprint_touched") == [(0,)]


async def test_a_sprint_that_the_board_no_longer_lists_loses_its_facts(
    db_session: AsyncSession, site: SiteContext
):
    await fill(db_session, site, batch())
    await store.store_sprints(db_session, site, BOARD, SPRINTS[1:], now=NOW)
    await rebuild(db_session, site)
    for table in ("sprint_fact", "sprint_segment", "sprint_summary", "sprint_issue_fact"):
        assert await rows(db_session, f"SELECT count(*) FROM {table} WHERE jira_sprint_id = 1") == [(0,)]
    await store.store_sprints(db_session, site, BOARD, SPRINTS, now=NOW)
    await rebuild(db_session, site)
    assert await points_of(db_session, 1) == (11_000, 0, 0, 5_000, 13_000)


async def test_new_columns_rewrite_the_boards_segments(db_session: AsyncSession, site: SiteContext):
    await fill(db_session, site, batch())
    columns = (("To do", ("1",)), ("Doing", ("2",)), ("Parked", ("4", "3")))
    await store.store_boards(db_session, site, [found(columns=columns)], now=NOW)
    await rebuild(db_session, site)
    assert await rows(db_session, "SELECT bucket FROM sprint_issue_fact WHERE jira_sprint_id = 3") == [
        ("outside",)
    ]
    await store.store_boards(db_session, site, [found(columns=columns)], now=NOW)
    assert await rows(db_session, "SELECT count(*) FROM sprint_touched") == [(0,)]
    assert await check(db_session) == []


async def test_a_board_without_columns_goes_by_category(db_session: AsyncSession, site: SiteContext):
    await store.store_boards(db_session, site, [found(columns=())], now=NOW)
    await fill(db_session, site, batch())
    assert await points_of(db_session, 1) == (11_000, 0, 0, 5_000, 13_000)
    assert await rows(db_session, "SELECT bucket FROM sprint_issue_fact WHERE jira_sprint_id = 3") == [
        ("not_completed",)
    ]


async def test_a_board_whose_configuration_cannot_be_read_keeps_what_was_known(
    db_session: AsyncSession, site: SiteContext
):
    await store.store_boards(
        db_session,
        site,
        [store.FoundBoard(found().payload, problem="This account may not see the board.")],
        now=NOW,
    )
    kept = await rows(db_session, "SELECT jsonb_array_length(columns), problem FROM board")
    assert kept == [(3, "This account may not see the board.")]


async def test_two_boards_may_estimate_with_different_fields(db_session: AsyncSession):
    site = await make_site(db_session, boards=(7, 8))
    await store.store_boards(db_session, site, [found(8, field=OTHER_POINTS)], now=NOW)
    site = await context.load(db_session, site.site_id)
    await fill(db_session, site, [issue(1, sprints=[1], points=3, **{OTHER_POINTS: 20})], boards=(7, 8))
    sums = await rows(
        db_session,
        "SELECT jira_board_id, initial_points FROM sprint_summary WHERE jira_sprint_id = 1 AND discipline_id = -1 ORDER BY 1",
    )
    assert sums == [(7, 3_000), (8, 20_000)]


async def test_issues_that_leave_the_boards_filter_leave_its_running_sprints(
    db_session: AsyncSession, site: SiteContext
):
    await fill(db_session, site, [issue(1, sprints=[1, 3], points=5), issue(2, sprints=[3], points=2)])
    moved_ = await store.store_board_issues(
        db_session, site, BOARD, [2], now=NOW - timedelta(days=1), complete=True
    )
    assert moved_ == 1
    await rebuild(db_session, site)
    assert await rows(db_session, "SELECT jira_issue_id FROM board_issue WHERE seen_to IS NULL") == [(2,)]
    assert await points_of(db_session, 1) == (5_000, 0, 0, 0, 5_000)
    assert await points_of(db_session, 3) == (7_000, 0, 5_000, 0, 2_000)
    assert await store.store_board_issues(db_session, site, BOARD, [1, 2], now=NOW, complete=False) == 1
    await rebuild(db_session, site)
    assert await points_of(db_session, 3) == (7_000, 0, 0, 0, 7_000)


async def test_deleted_issues_leave_and_come_back(db_session: AsyncSession, site: SiteContext):
    raw = issue(1, sprints=[1, 3], points=5)
    await fill(db_session, site, [raw])
    assert await store.mark_deleted(db_session, site, [1], now=NOW - timedelta(days=1)) == 1
    assert await store.mark_deleted(db_session, site, [1], now=NOW) == 0
    await rebuild(db_session, site)
    assert await points_of(db_session, 3) == (5_000, 0, 5_000, 0, 0)
    assert await points_of(db_session, 1) == (5_000, 0, 0, 0, 5_000)
    assert await replay(db_session, site, now=NOW) is None
    assert await rows(db_session, "SELECT deleted_at IS NOT NULL FROM issue") == [(True,)]
    await fill(db_session, site, [raw])
    assert await points_of(db_session, 3) == (5_000, 0, 0, 0, 5_000)


async def test_sub_tasks_count_instead_of_their_parents_where_the_board_says_so(
    db_session: AsyncSession, site: SiteContext
):
    await rows(db_session, "UPDATE board SET subtasks = 'subtasks' RETURNING 1")
    await fill(db_session, site, [issue(4, subtask_of=1, points=1), issue(2, sprints=[1], points=8)])
    assert await points_of(db_session, 1) == (8_000, 0, 0, 0, 8_000)
    await fill(db_session, site, [issue(1, sprints=[1], points=5)])
    assert await points_of(db_session, 1) == (9_000, 0, 0, 0, 9_000)
    out = issue(1, change(1, day(5), sprinted([1], [])), points=5, updated=day(90))
    await fill(db_session, site, [out])
    assert await points_of(db_session, 1) == (9_000, 0, 1_000, 0, 8_000)
    freed = issue(4, sprints=[1], points=1, updated=day(90))
    await fill(db_session, site, [freed])
    assert await points_of(db_session, 1) == (14_000, 0, 5_000, 0, 9_000)
    assert await check(db_session) == []


async def test_statuses_that_changed_their_category_rewrite_boards_without_columns(
    db_session: AsyncSession, site: SiteContext
):
    from tests.integration.jira_site import statuses

    await store.store_boards(db_session, site, [found(columns=())], now=NOW)
    await fill(db_session, site, [issue(1, status="4", sprints=[3], points=2)])
    changed = [
        status
        if status.status_id != "4"
        else msgspec.structs.replace(status, category=statuses()[2].category)
        for status in statuses()
    ]
    await store.store_statuses(db_session, site, changed, now=NOW)
    await rebuild(db_session, site)
    assert await rows(db_session, "SELECT bucket FROM sprint_issue_fact") == [("outside",)]
    await store.store_statuses(db_session, site, changed[:3], now=NOW)
    assert await rows(db_session, "SELECT status_id FROM status WHERE deleted") == [("4",)]


async def test_a_new_mapping_is_replayed_without_jira(db_session: AsyncSession, site: SiteContext):
    raws = [issue(n, sprints=[1], points=3, **{OTHER_POINTS: n}) for n in range(1, 8)]
    await fill(db_session, site, raws)
    received = await rows(db_session, "SELECT external_id, received_at, body FROM stored_payload ORDER BY 1")
    mapping = msgspec.structs.replace(MAPPING, points=OTHER_POINTS)
    await rows(db_session, "UPDATE site SET mapping = %s RETURNING 1", Jsonb(msgspec.to_builtins(mapping)))
    await rows(db_session, "UPDATE board SET estimation_field = %s RETURNING 1", OTHER_POINTS)
    changed = await context.load(db_session, site.site_id)
    cursor: str | None = ""
    pages = 0
    while cursor is not None:
        cursor = await replay(db_session, changed, after=cursor, limit=3, now=NOW + timedelta(days=1))
        pages += 1
    await rebuild(db_session, site)
    assert pages == 3
    assert await points_of(db_session, 1) == (28_000, 0, 0, 0, 28_000)
    assert (
        await rows(db_session, "SELECT external_id, received_at, body FROM stored_payload ORDER BY 1")
        == received
    )


async def test_a_bad_issue_stores_nothing(db_session: AsyncSession, site: SiteContext):
    await fill(db_session, site, [issue(9)])
    before = await everything(db_session)
    bad = RawIssue(2, b'{"id": "2", "key": "APP-2", "fields": {"created": 5}}')
    with pytest.raises(JiraAnswerInvalid, match="APP-2"):
        await store.store_issues(db_session, site, [issue(1), bad], run_id=None, now=NOW)
    assert await everything(db_session) == before


async def test_two_sites_keep_apart(db_session: AsyncSession, site: SiteContext):
    other = await make_site(db_session, base_url="https://other.test")
    await fill(db_session, site, [issue(1, sprints=[1], points=3)])
    await fill(db_session, other, [issue(1, sprints=[1], points=8)])
    sums = await rows(
        db_session,
        "SELECT initial_points FROM sprint_summary WHERE jira_sprint_id = 1 AND discipline_id = -1 ORDER BY site_id",
    )
    assert sums == [(3_000,), (8_000,)]


async def test_rebuilding_is_shared_between_workers(pg_url: str):
    async with db.transaction() as session:
        site = await make_site(session)
        await store.store_board_issues(session, site, BOARD, [1, 2, 3, 4], now=NOW, complete=True)
        await store.store_issues(session, site, batch(), run_id=None, now=NOW)

    async def work() -> None:
        from sprintreports.jira.facts import rebuild_touched

        async with db.transaction() as session:
            await rebuild_touched(session, site.site_id, now=NOW, limit=2)

    await asyncio.gather(work(), work())
    async with db.transaction() as session:
        await rebuild(session, site)
        assert await points_of(session, 1) == (11_000, 0, 0, 5_000, 13_000)
        assert await rows(session, "SELECT count(*) FROM sprint_fact") == [(4,)]
