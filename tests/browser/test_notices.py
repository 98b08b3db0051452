"""A sign-in from a new device rings the bell of who owns the account; the page, the switches, on a desk and on a phone."""

import re
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.harness import MODES, PASSWORD, READER

EDGE_ON_A_MAC = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.0.0 "
    "Safari/537.36 Edg/129.0.0.0"
)


def test_a_new_device_rings_the_bell_and_a_switch_holds(guest, screenshots: Path):
    rita = guest(**MODES["dark"])
    rita.sign_in(READER, PASSWORD).wait_for_selector(".sprint-card")
    stranger = guest(user_agent=EDGE_ON_A_MAC, **MODES["phone"])
    stranger.sign_in(READER, PASSWORD).wait_for_selector(".sprint-card")

    page = rita.open("/")
    page.get_by_role("link", name=re.compile("Notices, [1-9]")).click()
    page.wait_for_url("**/notices")
    line = page.locator("#notices li").filter(has_text="Edge on a Mac")
    expect(line).to_contain_text("Signed in from a new device")
    for visitor, mode in ((rita, "dark"), (stranger, "phone")):
        visitor.open("/notices").wait_for_selector("#notices li")
        visitor.page.screenshot(path=screenshots / f"notices-{mode}.png", full_page=True)
        assert visitor.violations() == [], mode
        width = visitor.page.viewport_size["width"]
        assert visitor.page.evaluate("document.documentElement.scrollWidth") <= width, mode
    line.get_by_role("button", name="Mark as read").click()
    expect(line).to_have_attribute("data-unread", "false")
    mark_all = page.get_by_role("button", name="Mark all as read")
    if mark_all.count():
        mark_all.click()
    expect(page.get_by_role("link", name="Notices, none unread")).to_be_visible()
    line.get_by_role("link", name="See where you are signed in").click()
    page.wait_for_url("**/profile?tab=security")

    page.get_by_role("link", name="Notices", exact=True).click()
    switch = page.get_by_role("switch", name="An API key of yours ends within seven days")
    expect(switch).to_be_checked()
    switch.click()
    expect(switch).not_to_be_checked()
    expect(page.locator("#always-told")).to_contain_text("Your password was changed")
    page.screenshot(path=screenshots / "notice-choices-dark.png", full_page=True)
    assert rita.violations() == []
    stranger.open("/profile?tab=notices")
    theirs = stranger.page.get_by_role("switch", name="An API key of yours ends within seven days")
    expect(theirs).not_to_be_checked()
    theirs.click()
    expect(theirs).to_be_checked()
    stranger.page.screenshot(path=screenshots / "notice-choices-phone.png", full_page=True)
    assert stranger.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert stranger.violations() == []
    assert rita.complaints == stranger.complaints == []
