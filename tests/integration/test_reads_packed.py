"""What is packed with the facts, or cut by a stored order, reads like the rows that it was made from."""

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.permissions import Role
from sprintreports.identity.viewer import Viewer
from sprintreports.jira import facts, facts_packed, store
from sprintreports.jira.context import SiteContext
from sprintreports.jira.facts_invariants import check
from sprintreports.jira.payloads import RawIssue
from sprintreports.jira.reads import access, burndowns, sprint_issues, sprint_reports
from tests.integration.jira_site import BOARD, NOW, fill, rebuild, rows
from tests.integration.test_reads import SYSTEM, queries, site, sprint_id, team_ids
from tests.unit.jira.samples import change, day, issue, moved

__all__ = ["site"]


async def forget(session: AsyncSession) -> None:
    """As the next request would begin after a rebuild: nothing kept is asked."""
    await rows(session, "UPDATE sprint_fact SET rebuilt_at = rebuilt_at RETURNING 1")
    session.info.clear()


async def viewers(session: AsyncSession) -> tuple[Viewer, Viewer]:
    return SYSTEM, Viewer(5, "V", "v@x.test", Role.VIEWER, team_ids=await team_ids(session, "Frontend"))


@pytest.mark.parametrize(
    "before", ["DELETE FROM sprint_packed RETURNING 1", "UPDATE sprint_packed SET format = -1 RETURNING 1"]
)
async def test_without_a_packed_report_the_rows_are_asked(
    db_session: AsyncSession, site: SiteContext, before: str
):
    number = await sprint_id(db_session, 1)
    for viewer in await viewers(db_session):
        await rebuild_one(db_session, site, 1)
        with queries(db_session) as seen:
            packed = await sprint_reports.read(db_session, viewer, sprint_id=number, now=NOW)
        assert not any("sprint_summary" in statement for statement in seen)
        await rows(db_session, before)
        await forget(db_session)
        with queries(db_session) as seen:
            assert await sprint_reports.read(db_session, viewer, sprint_id=number, now=NOW) == packed
        assert any("sprint_summary" in statement for statement in seen)
        assert await check(db_session) == []


async def test_a_giant_sprints_hours_are_stored_for_those_who_see_all_of_it(
    db_session: AsyncSession, site: SiteContext, monkeypatch: pytest.MonkeyPatch
):
    number = await sprint_id(db_session, 1)
    monkeypatch.setattr(facts_packed, "MOST_STEPS", 2)
    monkeypatch.setattr(burndowns, "MOST_STEPS", 2)
    await rebuild_one(db_session, site, 1)
    for viewer, events_asked in zip(await viewers(db_session), (False, True), strict=True):
        with queries(db_session) as seen:
            stored = await burndowns.read(db_session, viewer, sprint_id=number, now=NOW)
        assert any("sprint_event" in statement for statement in seen) is events_asked
        await rows(db_session, "UPDATE sprint_packed SET hours = NULL RETURNING 1")
        await forget(db_session)
        assert await burndowns.read(db_session, viewer, sprint_id=number, now=NOW) == stored
        assert len(stored.steps) > 2
        await rebuild_one(db_session, site, 1)


async def test_every_order_is_that_of_all_tables_joined(db_session: AsyncSession, site: SiteContext):
    many = [
        issue(
            number,
            change(number * 10, day(5 + number % 3), moved("1", "3")),
            status="3",
            sprints=[1],
            points=number % 3 or None,
            team=("Backend", "frontend", None)[number % 3],
            assignee=("bob", None, "Alice")[number % 3],
            type_=("Bug", "Story")[number % 2],
        )
        for number in (8, 9, 10, 11, 99, 100, 101, 1000)
    ]
    await fill(db_session, site, many)
    number = await sprint_id(db_session, 1)
    with queries(db_session) as seen:
        await sprint_issues.page(db_session, SYSTEM, sprint_id=number)
    assert "issue i" not in seen[-2]
    assert "issue i" not in seen[-1].split("LIMIT")[0].split("FROM (")[1]
    await in_every_order(db_session, number)
    await rows(
        db_session, "UPDATE sprint_issue_fact SET key_order = NULL WHERE jira_issue_id = 9 RETURNING 1"
    )
    await in_every_order(db_session, number)


async def in_every_order(db_session: AsyncSession, number: int) -> None:
    await forget(db_session)
    place = await access.place(db_session, SYSTEM, sprint_id=number, board_id=None)
    for sort, by in sprint_issues.SORTS.items():
        for descending in (False, True):
            order = by.format(way="DESC" if descending else "ASC")
            found = await db_session.execute(text(JOINED.format(order=order)), place.keys)
            expected = [row[0] for row in found]
            pages = [
                await sprint_issues.page(
                    db_session, SYSTEM, sprint_id=number, sort=sort, descending=descending, page=page, per_page=5
                )
                for page in (1, 2, 3)
            ]  # fmt: skip
            assert [row.issue_id for page in pages for row in page.items] == expected, (sort, descending)
            assert {page.total for page in pages} == {len(expected)}


JOINED = """
SELECT f.jira_issue_id FROM sprint_issue_fact f
LEFT JOIN issue i ON i.site_id = f.site_id AND i.jira_issue_id = f.jira_issue_id
LEFT JOIN status st ON st.site_id = f.site_id AND st.status_id = f.status_id
LEFT JOIN discipline d ON d.id = f.discipline_id
LEFT JOIN jira_person a ON a.id = f.assignee_id
LEFT JOIN jira_person k ON k.id = f.stakeholder_id
WHERE f.site_id = :site AND f.jira_board_id = :board AND f.jira_sprint_id = :sprint AND f.excluded IS NULL
ORDER BY {order}, i.project_key, length(i.key), i.key, f.jira_issue_id
"""


async def test_a_renamed_issue_takes_its_new_place(db_session: AsyncSession, site: SiteContext):
    number = await sprint_id(db_session, 1)

    async def keys() -> list[str]:
        db_session.info.clear()
        return [row.key for row in (await sprint_issues.page(db_session, SYSTEM, sprint_id=number)).items]

    assert await keys() == ["APP-1", "APP-2", "APP-3", "APP-4"]
    raw = issue(2, status="2", sprints=[1, 3], points=8, team="Backend", owner="olga")
    body = msgspec.json.decode(raw.issue) | {"key": "APP-77"}
    await store.store_issues(
        db_session, site, [RawIssue(2, msgspec.json.encode(body), raw.changes)], run_id=None, now=NOW
    )
    await rebuild(db_session, site)
    assert await keys() == ["APP-1", "APP-3", "APP-4", "APP-77"]
    assert await check(db_session) == []


async def rebuild_one(session: AsyncSession, site: SiteContext, sprint: int) -> None:
    await facts.rebuild_sprint(session, site.site_id, BOARD, sprint, now=NOW)
    session.info.clear()
