"""The page of personal data as events: search, a question before erasing, and who may see it."""

from sprintreports.jira.context import SiteContext
from sprintreports.kit import db
from sprintreports.ui.pages.personal_data.state import PersonalData
from tests.integration.jira_site import rows as rows_of
from tests.integration.test_page_events import Tab, tab
from tests.integration.test_reads import site
from tests.integration.test_webhook_page import admin, with_queue

__all__ = ["admin", "site", "tab", "with_queue"]


async def test_somebody_is_found_asked_about_and_erased(admin: Tab, site: SiteContext, with_queue: None):
    connection = await db.raw(admin.db)
    await connection.execute(
        "INSERT INTO jira_person (site_id, account_key, name, active) VALUES (%s, 'acc-1', 'Zoe Quirk', true), (%s, 'acc-2', 'Zoe Other', true)",
        (site.site_id, site.site_id),
    )
    await admin.open(PersonalData, "/personal-data?search=zoe%20q")
    page = admin.of(PersonalData)
    (line,) = page.lines
    assert (page.status, line.name, line.account, line.erased) == ("ready", "Zoe Quirk", "acc-1", False)
    assert line.download == f"/api/v1/privacy/people/{line.id}/personal-data"
    await page.event_handlers["choose"].fn(page, line.id)
    assert page.chosen.name == "Zoe Quirk"
    await page.event_handlers["let_be"].fn(page)
    assert page.chosen.id == ""
    await page.event_handlers["choose"].fn(page, line.id)
    await page.event_handlers["erase"].fn(page)
    assert page.chosen.id == ""
    await admin.open(PersonalData, "/personal-data?search=former")
    (erased,) = [one for one in page.lines if one.id == line.id]
    assert (erased.erased, erased.state, erased.download) == (True, "Erased", "")
    assert await rows_of(admin.db, "SELECT 1 FROM jira_person WHERE name = 'Zoe Quirk'") == []
    await admin.open(PersonalData, "/personal-data?search=nobody-is-called-so")
    assert page.nothing.startswith("Nobody whom Jira names")


async def test_who_may_not_see_it_sees_nobody(tab: Tab):
    await tab.open(PersonalData, "/personal-data")
    page = tab.of(PersonalData)
    assert (page.status, page.lines) == ("failed", [])
