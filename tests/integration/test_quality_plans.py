"""No check reads a whole table: on a filled database each of its queries starts at an index."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.viewer import Viewer
from sprintreports.jira.context import SiteContext
from sprintreports.jira.quality.catalog import CHECKS
from sprintreports.jira.quality.check import Check, CheckName, Scope
from sprintreports.jira.reads import quality
from sprintreports.jira.reads.access import VISIBLE
from sprintreports.jira.reads.quality_scope import load_scope
from sprintreports.metrics.values import SubtaskRule
from tests.integration.jira_site import NOW, SPRINTS, make_site, rows

BOARDS, SPRINTS_EACH, ISSUES_EACH = 60, 10, 30
LARGE = {
    "sprint_issue_fact", "sprint_segment", "sprint_event", "issue", "issue_status_interval", "issue_sprint",
    "board_issue",
}  # fmt: skip
FILL = (
    """
    INSERT INTO issue (site_id, jira_issue_id, key, project_key, summary, type, is_subtask, subtask_count, status_id,
        priority, discipline_id, parent_issue_id, points, gaps, notes, jira_created, jira_updated)
    SELECT :site, n, 'APP-' || n, 'APP', 'Issue ' || n, 'Story', n % 5 = 4, 0, '3', 'Medium', 0,
           CASE WHEN n % 5 = 4 THEN n - 1 END, CASE WHEN n % 7 > 0 THEN 3000 END, (n % 50 = 0)::int,
           CASE WHEN n % 60 = 0 THEN ARRAY['The estimate “x” is not a number.'] ELSE '{}'::text[] END,
           '2025-03-01Z', '2025-04-01Z' FROM generate_series(1, 4 * :issues) AS n
    """,
    """
    INSERT INTO issue_status_interval (site_id, jira_issue_id, valid_from, valid_to, status_id)
    SELECT :site, n, '2025-03-01Z'::timestamptz + k * interval '3 days',
           CASE WHEN k < 2 THEN '2025-03-04Z'::timestamptz + k * interval '3 days' END, (k + 1)::text
    FROM generate_series(1, :issues) AS n, generate_series(0, 2) AS k
    """,
    """
    INSERT INTO sprint_issue_fact (site_id, jira_board_id, jira_sprint_id, jira_issue_id, bucket, committed, added,
        added_during, reason, initial_points, final_points, done_at, discipline_initial, discipline_id, status_id, type,
        priority, stakeholder_is_owner)
    SELECT :site, 7 + (n - 1) / :on_board, 1 + ((n - 1) % :on_board) / :in_sprint, n, 'completed', true, false, false,
           '', 3000, CASE WHEN n % 7 > 0 THEN 3000 END, '2025-03-07Z', 0, 0, '3', 'Story', 'Medium', true
    FROM generate_series(1, :issues) AS n
    """,
    "ANALYZE issue_status_interval, sprint_issue_fact",  # without it some servers compare every row with every other
    """
    INSERT INTO sprint_segment (site_id, jira_board_id, jira_sprint_id, jira_issue_id, valid_from, valid_to,
        discipline_id, points, state, status_id, born_member)
    SELECT f.site_id, f.jira_board_id, f.jira_sprint_id, f.jira_issue_id, v.valid_from, v.valid_to, 0, 3000, 1,
           v.status_id, false
    FROM sprint_issue_fact f JOIN issue_status_interval v USING (site_id, jira_issue_id)
    """,
    """
    INSERT INTO sprint_event (site_id, jira_board_id, jira_sprint_id, position, at, jira_issue_id, kind, reason,
        discipline_id, done, had_before, before_points, has_after, after_points, changes_scope, changes_done, moved_points,
        moved_seconds, moved_count)
    SELECT site_id, jira_board_id, jira_sprint_id, 2 * jira_issue_id + k, '2025-03-08Z', jira_issue_id,
           (ARRAY['done', 'reestimated'])[k], '', 0, true, true, 2000, true, 3000, true, true, 1000, 0, 0
    FROM sprint_issue_fact, generate_series(1, 2) AS k
    """,
    """
    INSERT INTO issue_sprint (site_id, jira_sprint_id, jira_issue_id)
    SELECT site_id, jira_sprint_id, jira_issue_id FROM sprint_issue_fact
    """,
    """
    INSERT INTO board_issue (site_id, jira_board_id, jira_issue_id, seen_from)
    SELECT site_id, jira_board_id, jira_issue_id, '2025-03-01Z' FROM sprint_issue_fact
    """,
    """
    INSERT INTO sprint_fact (site_id, jira_board_id, jira_sprint_id, window_start, window_end, closed, zone, definitions,
        rebuilt_at)
    SELECT DISTINCT site_id, jira_board_id, jira_sprint_id, '2025-03-02Z'::timestamptz, '2025-04-10Z'::timestamptz, true,
           'UTC', 1, '2025-04-10Z'::timestamptz FROM sprint_issue_fact
    """,
)  # fmt: skip


async def filled(session: AsyncSession, *, boards: int, sprints: int, issues: int) -> SiteContext:
    """`boards` boards (the first is BOARD) with as many sprints and issues a sprint each, and statistics of them."""
    site = await make_site(session)
    values = {
        "site": site.site_id, "issues": boards * sprints * issues, "on_board": sprints * issues, "in_sprint": issues
    }  # fmt: skip
    for statement in FILL:
        await session.execute(
            text(statement), {name: value for name, value in values.items() if f":{name}" in statement}
        )
    for table in sorted(LARGE | {"sprint_fact", "sprint", "board_sprint"}):
        await session.execute(text(f"ANALYZE {table}"))
    return site


@pytest.fixture
async def scope(db_session: AsyncSession) -> Scope:
    site = await filled(db_session, boards=BOARDS, sprints=SPRINTS_EACH, issues=ISSUES_EACH)
    ((board,),) = await rows(
        db_session, "SELECT id FROM board WHERE site_id = %s AND jira_board_id = 7", site.site_id
    )
    found, _ = await load_scope(db_session, Viewer.system(), board_id=board, sprint_id=None, now=NOW)
    return found


def scanned(plan: dict[str, Any]) -> Iterator[str]:
    """The tables that a plan reads from end to end."""
    if plan["Node Type"] in ("Seq Scan", "Parallel Seq Scan"):
        yield plan["Relation Name"]
    for part in plan.get("Plans", ()):
        yield from scanned(part)


async def whole_tables(session: AsyncSession, query: str, scope: Scope) -> set[str]:
    explain = text("EXPLAIN (FORMAT JSON) " + query.replace("{visible}", VISIBLE))
    (found,) = (await session.execute(explain, scope.binds())).scalar_one()
    return LARGE & set(scanned(found["Plan"]))


async def test_every_check_starts_at_an_index(db_session: AsyncSession, scope: Scope):
    assert len(scope.sprints) == len(SPRINTS)
    by_subtasks = replace(scope, rules=replace(scope.rules, subtasks=SubtaskRule.SUBTASKS))
    for check in CHECKS:
        for rule in (scope, by_subtasks):
            assert await whole_tables(db_session, check.count_sql(), rule) == set(), check.name
            assert await whole_tables(db_session, check.found_sql(), rule) == set(), check.name


async def test_a_query_that_reads_a_whole_table_is_noticed(db_session: AsyncSession, scope: Scope):
    careless = (
        "SELECT count(*) FROM sprint_issue_fact f WHERE f.bucket = 'completed' AND f.final_points IS NULL"
    )
    assert await whole_tables(db_session, careless, scope) == {"sprint_issue_fact"}


async def test_the_summary_agrees_with_the_lists(db_session: AsyncSession, scope: Scope):
    system = Viewer.system()
    found = await quality.summary(db_session, system, board_id=scope.board_id, now=NOW)
    counts = {line.check.name: line.count for line in found.found}
    # Of the 90 issues of the three sprints that began: every 7th without an estimate, every 5th a sub-task.
    assert found.issues == 90
    assert counts[CheckName.DONE_WITHOUT_ESTIMATE] == 12
    assert counts[CheckName.ESTIMATE_CHANGED_AFTER_DONE] == 90
    assert counts[CheckName.WITHOUT_TEAM] == 90
    for check in CHECKS:
        listed = await quality.findings(
            db_session, system, board_id=scope.board_id, check=check.name, now=NOW
        )
        assert listed.page.total == counts.get(check.name, 0), check.name
        assert len(listed.page.items) == min(listed.page.total, 25), check.name


def test_queries_name_their_own_rows_first():
    """The condition on board and sprints is in every query on issues: nothing is found outside the scope."""
    for check in CHECKS:
        assert _scoped(check), check.name


def _scoped(check: Check) -> bool:
    return ":site" in check.count_sql() and (":board" in check.count_sql() or ":listed" in check.count_sql())
