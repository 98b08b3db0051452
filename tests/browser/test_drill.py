"""From a bar or a row of the breakdown to its issues, and from every head of the issue table to another order."""

import re

from playwright.sync_api import expect


def _sprint(admin, address: str = "/sprint"):
    page = admin.open(address)
    page.wait_for_selector(".js-plotly-plot .main-svg")
    return page


def test_a_row_of_the_breakdown_opens_its_issues_by_keyboard_and_closes_again(admin):
    page = _sprint(admin)
    card = page.locator(".chart-card", has=page.get_by_role("heading", name="Breakdown"))
    card.get_by_text("Table", exact=True).click()
    row = card.locator("tbody tr").first
    name, count = row.locator("th").inner_text(), int(row.locator("td").first.inner_text())
    row.get_by_role("button").focus()
    page.keyboard.press("Enter")
    panel = page.get_by_role("dialog", name=f"Team: {name}")
    expect(panel).to_be_visible()
    expect(panel.locator("tbody tr")).to_have_count(count)
    assert panel.locator("tbody a").first.get_attribute("href").startswith("http")
    assert admin.violations() == []
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    row.get_by_role("button").click()
    expect(panel).to_be_visible()
    panel.get_by_role("button", name="Close").click()
    expect(panel).to_be_hidden()
    assert admin.complaints == []


def test_a_bar_opens_its_issues(admin):
    page = _sprint(admin, "/sprint?by=type")
    card = page.locator(".chart-card", has=page.get_by_role("heading", name="Breakdown"))
    bar = card.locator(".bars .point path").first
    bar.scroll_into_view_if_needed()
    box = bar.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.get_by_role("dialog", name=re.compile("^Type: "))).to_be_visible()


def test_every_head_of_the_issue_table_sorts(admin):
    page = _sprint(admin)
    heads = page.locator("#issues thead th a")
    names = heads.all_inner_texts()
    assert len(names) == 9
    for name in names:
        page.locator("#issues thead th a", has_text=name.split()[0]).first.click()
        head = page.locator("#issues thead th", has_text=name.split()[0]).first
        expect(head).to_have_attribute("aria-sort", re.compile("ascending|descending"))
        expect(page.locator("#issues tbody tr").first).to_be_visible()
        expect(page.get_by_role("alert")).to_have_count(0)


def test_a_page_beyond_the_last_shows_the_last(admin):
    page = _sprint(admin, "/sprint?page=99999")
    expect(page.locator("#issues tbody tr").first).to_be_visible()
    expect(page).not_to_have_url(re.compile("page=99999"))
