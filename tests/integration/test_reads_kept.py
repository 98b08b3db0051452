"""What is kept in the process follows the facts and the syncs; a picker lists what the page lists."""

from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.jira.context import SiteContext
from sprintreports.jira.reads import boards, sprint_issues, sprint_reports, sprints
from tests.integration.jira_site import NOW, rows
from tests.integration.test_reads import SYSTEM, site, sprint_id

__all__ = ["site"]


async def test_a_picker_lists_what_the_page_lists(db_session: AsyncSession, site: SiteContext):
    board = (await boards.listing(db_session, SYSTEM))[0]
    found = await sprints.choices(db_session, SYSTEM, board_id=board.id)
    page = await sprints.page(db_session, SYSTEM, board_id=board.id, per_page=100)
    assert [(one.id, one.name, one.state) for one in found] == [
        (one.id, one.name, one.state) for one in page.items
    ]
    hidden = replace(SYSTEM, board_ids=frozenset[int]())
    assert await sprints.choices(db_session, hidden, board_id=board.id) == []


async def test_kept_pages_follow_facts_and_syncs(db_session: AsyncSession, site: SiteContext):
    number = await sprint_id(db_session, 1)

    async def summaries() -> list[str]:
        db_session.info.clear()  # as the next request's transaction would begin
        return [row.summary for row in (await sprint_issues.page(db_session, SYSTEM, sprint_id=number)).items]

    before = await summaries()
    assert before
    await rows(db_session, "UPDATE issue SET summary = 'renamed' RETURNING 1")
    assert await summaries() == before, "kept until a sync has ended"
    await rows(
        db_session, "UPDATE site SET last_synced_at = last_synced_at + interval '1 minute' RETURNING 1"
    )
    assert await summaries() == ["renamed"] * len(before)

    report = await sprint_reports.read(db_session, SYSTEM, sprint_id=number, now=NOW)
    await rows(db_session, "UPDATE sprint_summary SET initial_count = initial_count + 1 RETURNING 1")
    db_session.info.clear()
    assert await sprint_reports.read(db_session, SYSTEM, sprint_id=number, now=NOW) == report
    await rows(db_session, "UPDATE sprint_fact SET rebuilt_at = rebuilt_at RETURNING 1")
    db_session.info.clear()
    changed = await sprint_reports.read(db_session, SYSTEM, sprint_id=number, now=NOW)
    assert changed.totals != report.totals
