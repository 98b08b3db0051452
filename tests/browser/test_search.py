"""The search over everything: with the mouse, and with nothing but the keyboard."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.harness import MODES, PASSWORD

LABEL = "Board, sprint, or issue key"


def _sprint_and_key(page: Page, url: str) -> tuple[str, str]:
    page.goto(f"{url}/sprint")
    key = page.locator("#issues tbody tr a").first
    key.wait_for()
    return page.locator("h1").inner_text(), key.inner_text()


def test_the_keyboard_alone_finds_and_opens(admin):
    page = admin.page
    sprint, key = _sprint_and_key(page, admin.url)
    page.goto(f"{admin.url}/definitions")
    page.get_by_role("button", name="Search boards").wait_for()
    page.keyboard.press("Control+k")
    field = page.get_by_label(LABEL)
    expect(field).to_be_focused()
    page.keyboard.type(sprint)
    hits = page.locator(".search-hit")
    expect(hits.first).to_contain_text(sprint)
    page.keyboard.press("ArrowDown")
    expect(hits.first).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(field).to_be_focused()
    page.keyboard.press("Escape")
    expect(field).to_be_hidden()
    page.keyboard.press("Control+k")
    expect(field).to_be_focused()
    page.keyboard.type(key)  # over the words of before, which are selected
    page.keyboard.press("Enter")  # at once: it waits for the answer to these words
    page.wait_for_url(re.compile(rf"/sprint\?.*search={key}"))
    expect(field).to_be_hidden()
    expect(page.locator("#issues tbody tr")).to_have_count(1)
    assert admin.complaints == []


@pytest.mark.parametrize("mode", MODES)
def test_the_mouse_finds_and_opens(guest, mode: str):
    visitor = guest(**MODES[mode])
    page = visitor.sign_in(password=PASSWORD)
    page.wait_for_selector(".sprint-card")
    sprint, _ = _sprint_and_key(page, visitor.url)
    page.get_by_role("button", name="Search boards").click()
    page.get_by_label(LABEL).fill("no board is called that")
    expect(page.get_by_text("Nothing found.")).to_be_visible()
    page.get_by_label(LABEL).fill(sprint)
    hit = page.locator(".search-hit", has_text=sprint).first
    expect(hit).to_be_visible()
    assert visitor.violations() == []
    hit.click()
    page.wait_for_url(re.compile(r"[?&]sprint=\d+"))
    expect(page.locator("h1")).to_have_text(sprint)
    expect(page.get_by_label(LABEL)).to_be_hidden()
    assert visitor.complaints == []


def test_a_visitor_has_nothing_to_search(guest):
    page = guest().open("/sign-in")
    page.wait_for_selector("#login")
    assert page.locator(".search-button, .search-panel").count() == 0
