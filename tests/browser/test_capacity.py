"""Planning in the browser: a team of a value of Jira, its members and days off by keyboard, and what a sprint can hold."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.harness import SPARE_VALUE, Visitor


def told(page: Page, words: str) -> None:
    expect(page.get_by_text(words).first).to_be_visible()


def clean(visitor: Visitor, name: str, screenshots: Path) -> None:
    # What is said in the corner fades away, and would be told to have too little contrast meanwhile.
    expect(visitor.page.locator("[data-sonner-toast]")).to_have_count(0, timeout=10_000)
    visitor.page.screenshot(path=screenshots / f"{name}.png", full_page=True)
    assert visitor.violations() == [], name


def make_team(admin: Visitor) -> Page:
    """Of the value that no team stands for; then its page with a member."""
    page = admin.open("/teams")
    values = page.get_by_role("group", name="Values of Jira's team field")
    expect(values).to_contain_text(SPARE_VALUE)
    page.get_by_role("button", name="Make teams of these").click()
    told(page, "1 team made or completed.")
    page.get_by_role("link", name=SPARE_VALUE, exact=True).click()
    expect(page.get_by_role("heading", name=SPARE_VALUE, level=1)).to_be_visible()
    page.get_by_label("Somebody who is not in Jira").fill("Uma Example")
    page.get_by_role("button", name="Add to the team").click()
    told(page, "1 member joined.")
    page.get_by_label("Share of Uma Example").fill("50")
    page.get_by_role("button", name="Save the members").click()
    told(page, "The members are changed.")
    return page


def test_a_team_is_made_and_its_days_are_painted(admin: Visitor, screenshots: Path) -> None:
    page = make_team(admin)
    page.get_by_role("button", name="Paste from a spreadsheet").click()
    pasting = page.get_by_role("dialog", name="Paste members")
    pasting.get_by_label("Lines").fill("Uma Example\t60\nNobody Known\t50\nUma Example\t0.5\n")
    pasting.get_by_role("button", name="See what they would change").click()
    expect(pasting).to_contain_text("Line 3:")
    expect(pasting.get_by_label("Nobody Known")).to_have_value("")
    clean(admin, "team-paste", screenshots)
    pasting.get_by_role("button", name="Take these lines in").click()
    expect(page.get_by_label("Share of Uma Example")).to_have_value("60")

    page.get_by_role("link", name="Days off").click()
    grid = page.get_by_role("grid")
    cells = grid.get_by_role("row", name="Uma Example").get_by_role("gridcell")
    cells.nth(6).focus()
    page.keyboard.press("d")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("m")
    expect(cells.nth(6)).to_have_attribute("data-bits", "3")
    expect(cells.nth(7)).to_have_accessible_name(re.compile("Uma Example.*away in the morning"))
    page.reload()
    expect(cells.nth(6)).to_have_attribute("data-bits", "3")
    page.get_by_role("radio", name="Afternoon").check()
    cells.nth(6).click()
    expect(cells.nth(6)).to_have_attribute("data-bits", "2")
    grid.get_by_role("row", name="The whole team").get_by_role("gridcell").nth(9).click()
    file = {"name": "away.csv", "mimeType": "text/csv", "buffer": b"Name,From\nUma Example,2090-01-02\n"}
    page.locator("#import input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    expect(page.get_by_role("status").filter(has_text="1 absence to enter")).to_be_visible()
    clean(admin, "team-month-painted", screenshots)
    page.get_by_role("button", name="Enter these absences").click()
    told(page, "1 absence entered")
    assert admin.complaints == []


def test_a_figure_is_asked_set_and_taken_back(admin: Visitor, screenshots: Path) -> None:
    page = admin.open("/capacity")
    row = page.locator("#capacity tbody").filter(has_text="Backend").first
    row.get_by_role("checkbox").check()
    expect(row.locator(".beneath").first).to_be_visible()
    row.get_by_role("button", name="What the capacity of Backend rests on").click()
    expect(page.locator(".pop:popover-open")).to_contain_text("day")
    clean(admin, "capacity-members", screenshots)
    page.keyboard.press("Escape")

    page.locator("#twin-heat-table").check()
    expect(page.locator("#heat .table-side")).to_be_visible()
    clean(admin, "capacity-table", screenshots)

    row.get_by_role("button", name="What if, in Backend").click()
    asking = page.get_by_role("dialog", name="What if, in Backend")
    answer = asking.get_by_role("row", name="Backend")
    before = answer.inner_text()
    asking.get_by_label("What", exact=True).select_option("days")
    expect(answer).not_to_have_text(before)
    expect(asking.get_by_label("Days more (−2: fewer)")).to_have_value("2")
    clean(admin, "capacity-what-if", screenshots)
    asking.get_by_role("button", name="Close").click()

    row.get_by_role("button", name=re.compile("person-days of Backend")).click()
    panel = page.get_by_role("dialog", name="Available person-days: Backend")
    panel.get_by_label("Available person-days").fill("12,5")
    panel.get_by_label("Why").fill("Two days of training")
    panel.get_by_role("button", name="Set it by hand").click()
    expect(panel).to_contain_text("12.5: Two days of training")
    expect(row.locator(".chip").filter(has_text="by hand")).to_have_count(1)
    clean(admin, "capacity-by-hand", screenshots)
    panel.get_by_role("button", name="Take it back").click()
    expect(panel).to_contain_text("Until ")
    panel.get_by_role("button", name="Close").click()
    expect(row.locator(".chip").filter(has_text="by hand")).to_have_count(0)
    assert admin.complaints == []
