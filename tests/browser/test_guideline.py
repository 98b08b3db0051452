"""The sprint page's guideline by what teams can do, and the question before somebody is taken out of a team."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.harness import MODES, PASSWORD, Visitor


@pytest.mark.parametrize("mode", ["light", "phone"])
def test_the_guideline_goes_by_what_the_teams_can_do(guest, mode: str, screenshots: Path) -> None:
    visitor = guest(**MODES[mode])
    visitor.sign_in(password=PASSWORD).wait_for_selector(".sprint-card")
    page = visitor.open("/sprint")
    drawn = page.locator(".js-plotly-plot .main-svg").first
    drawn.wait_for()
    choice = page.get_by_role("group", name="What the guideline goes by")
    expect(choice.get_by_role("link", name="Working days")).to_have_attribute("aria-current", "true")
    choice.get_by_role("link", name="Team capacity").click()
    page.wait_for_url(re.compile("guideline=capacity"))
    page.get_by_text("The guideline goes by the").wait_for()
    expect(choice.get_by_role("link", name="Team capacity")).to_have_attribute("aria-current", "true")
    expect(
        page.get_by_text(re.compile("The guideline goes by the (available person-days|working days)"))
    ).to_be_visible()
    drawn.wait_for()
    page.wait_for_load_state("networkidle")
    page.screenshot(path=screenshots / f"guideline-{mode}.png", full_page=True)
    assert visitor.violations() == []
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    assert visitor.complaints == []


def test_nobody_is_taken_out_of_a_team_unasked(admin: Visitor, screenshots: Path) -> None:
    page = admin.open("/teams")
    page.get_by_role("link", name="Backend", exact=True).first.click()
    page.get_by_label("Somebody who is not in Jira").wait_for()
    page.get_by_label("Somebody who is not in Jira").fill("Vera Example")
    page.get_by_role("button", name="Add to the team").click()
    share = page.get_by_label("Share of Vera Example")
    share.wait_for()
    page.get_by_role("button", name="Take out Vera Example").click()
    question = page.locator(".pop:popover-open")
    expect(question).to_contain_text("Take Vera Example out of the team?")
    expect(page.locator("[data-sonner-toast]")).to_have_count(0, timeout=10_000)
    page.screenshot(path=screenshots / "take-out.png", full_page=True)
    assert admin.violations() == []
    page.keyboard.press("Escape")
    expect(question).to_have_count(0)
    expect(share).to_be_visible()
    page.get_by_role("button", name="Take out Vera Example").click()
    question.get_by_role("button", name="Take out of the team").click()
    expect(share).to_have_count(0)
    assert admin.complaints == []
