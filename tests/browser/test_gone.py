"""The list of issues that are gone: what became of each, where it counted, filter, pages, and nothing at all."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import text

from sprintreports.kit import db
from tests.browser.harness import MODES, PASSWORD, apart

GONE = "/site?site=1&tab=gone"
_FIRST = "SELECT jira_issue_id FROM issue WHERE site_id = 1 ORDER BY jira_issue_id LIMIT :many OFFSET :after"


async def run(*statements: tuple[str, dict[str, int]]) -> None:
    try:
        async with db.transaction() as session:
            for statement, values in statements:
                await session.execute(text(statement), values)
    finally:
        await db.dispose()


@pytest.fixture
def many_gone(product) -> Iterator[None]:
    """Thirty deleted, then three hidden; all are back at the end."""

    def gone(column: str, moment: str, many: int, after: int) -> tuple[str, dict[str, int]]:
        update = f"UPDATE issue SET {column} = '{moment}' WHERE site_id = 1 AND jira_issue_id IN ({_FIRST})"
        return update, {"many": many, "after": after}

    apart(
        lambda: run(
            gone("deleted_at", "2026-10-01T08:00:00Z", 30, 0),
            gone("hidden_at", "2026-10-02T08:00:00Z", 3, 30),
        )
    )
    yield
    apart(lambda: run(("UPDATE issue SET deleted_at = NULL, hidden_at = NULL WHERE site_id = 1", {})))


@pytest.mark.usefixtures("many_gone")
def test_each_is_named_with_what_became_of_it_and_its_sprints(admin):
    page = admin.open(GONE)
    rows = page.get_by_role("region", name="Issues that are gone").locator("tbody tr")
    expect(rows).to_have_count(25)
    expect(page.get_by_text("33 issues, the last noticed first")).to_be_visible()
    expect(rows.first).to_contain_text("Hidden")
    expect(rows.first).to_contain_text("Fri 2 Oct 2026, 10:00")
    expect(rows.first.get_by_role("rowheader").get_by_role("link")).to_have_attribute("target", "_blank")
    expect(rows.nth(3)).to_contain_text("Deleted")
    expect(rows.nth(3).get_by_role("rowheader").get_by_role("link")).to_have_count(0)
    sprint = rows.filter(has_text="still counted").first.locator("li a").first
    name = sprint.inner_text()
    pages = page.get_by_role("navigation", name="Pages")
    pages.get_by_role("link", name="Next").click()
    expect(rows).to_have_count(8)
    expect(pages).to_contain_text("26–33 of 33 issues")
    which = page.get_by_role("group", name="Which of them")
    which.get_by_role("link", name="Hidden").click()
    expect(rows).to_have_count(3)
    expect(page.get_by_text("3 issues, the last noticed first")).to_be_visible()
    which.get_by_role("link", name="All").click()
    expect(rows).to_have_count(25)
    sprint.click()
    page.wait_for_url("**/sprint?sprint=*")
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    assert admin.complaints == []


@pytest.mark.usefixtures("many_gone")
@pytest.mark.parametrize("mode", MODES)
def test_the_list_in_each_shape(guest, mode: str, screenshots: Path):
    visitor = guest(**MODES[mode])
    visitor.sign_in(password=PASSWORD).wait_for_selector(".sprint-card")
    page = visitor.open(GONE)
    page.wait_for_selector("#gone-issues tbody tr")
    page.screenshot(path=screenshots / f"gone-{mode}.png", full_page=True)
    assert visitor.violations() == []
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    assert visitor.complaints == []


def test_where_nothing_is_gone_that_is_said(admin):
    page = admin.open("/site?site=1")
    page.get_by_role("link", name="Issues that are gone").click()
    expect(page.get_by_text("Nothing is gone: Jira still shows every issue")).to_be_visible()
    page.goto(admin.url + GONE + "&why=hidden&page=7")
    expect(page.get_by_text("No issue is hidden from the account")).to_be_visible()
    page.goto(admin.url + GONE + "&why=%F0%9F%99%82")
    expect(page.get_by_text("Nothing is gone")).to_be_visible()
    assert admin.violations() == []
