"""What is kept in the process follows the facts and the syncs."""

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.jira.context import SiteContext
from sprintreports.jira.reads import sprint_issues, sprint_reports
from tests.integration.jira_site import NOW, rows
from tests.integration.test_reads import SYSTEM, site, sprint_id

__all__ = ["site"]


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
    other = "(SELECT report FROM sprint_packed WHERE jira_sprint_id = 3)"
    await rows(db_session, f"UPDATE sprint_packed SET report = {other} WHERE jira_sprint_id = 1 RETURNING 1")
    db_session.info.clear()
    assert await sprint_reports.read(db_session, SYSTEM, sprint_id=number, now=NOW) == report
    await rows(db_session, "UPDATE sprint_fact SET rebuilt_at = rebuilt_at RETURNING 1")
    db_session.info.clear()
    changed = await sprint_reports.read(db_session, SYSTEM, sprint_id=number, now=NOW)
    assert changed.totals != report.totals
