"""Every page in light, in dark and on a phone: it loads, nobody is shut out, nothing complains, nothing sticks out."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.harness import MODES, PASSWORD, READER, Visitor

PAGES = {
    "overview": ("/", ".sprint-card"),
    "sprint": ("/sprint", ".js-plotly-plot .main-svg"),
    "velocity": ("/velocity", ".js-plotly-plot .main-svg"),
    "capacity": ("/capacity", "#heat"),
    "queues": ("/queues", "text=Show archived queues too"),
    "reports": ("/reports", "main h1"),
    "report": ("/report?review=1", ".report .kpi, [role=alert]"),
    "report-templates": ("/report-templates", "#given-templates tbody tr"),
    "report-template": ("/report-template?system=review-executive", "#preview .report h2"),
    "report-template-new": ("/report-template?kind=trend", "#preview .report h2"),
    "baselines": ("/baselines", "main h1"),
    "schedules": ("/schedules", ".empty, #schedules"),
    "schedule-new": ("/schedules?new=yes", "#schedule"),
    "deliveries": ("/deliveries", ".empty, #deliveries"),
    "teams": ("/teams", "#teams tbody tr"),
    "planner": ("/planner?queue=1", ".plan-card"),
    "planner-none": ("/planner", ".empty"),
    "team-members": ("/team?team=1", "#members tbody tr"),
    "team-month": ("/team?team=1&tab=month", "#month td"),
    "team-settings": ("/team?team=1&tab=settings", "#calendar"),
    "quality": ("/quality", ".doubts"),
    "reconciliation": ("/reconciliation", "tbody tr"),
    "sites": ("/sites", ".sprint-card"),
    "site-sync": ("/site?site=1", "role=progressbar"),
    "site-boards": ("/site?site=1&tab=boards", "fieldset.days"),
    "site-fields": ("/site?site=1&tab=fields", "#slot-points"),
    "site-connection": ("/site?site=1&tab=connection", "#c-base_url"),
    "site-gone": ("/site?site=1&tab=gone", "#gone-issues"),
    "runs": ("/runs", "tbody tr"),
    "webhooks": ("/webhooks", "#deliveries"),
    "connections": ("/connections", ".empty, #connections"),
    "api-clients": ("/api-clients", "#client-name"),
    "sign-in-providers": ("/sign-in-providers", "#policy"),
    "audit": ("/audit", "#entries tbody tr"),
    "personal-data": ("/personal-data", "#people tbody tr"),
    "users": ("/users", "#users tbody tr"),
    "profile": ("/profile", "#about-name"),
    "profile-keys": ("/profile?tab=keys", "#key-name"),
    "profile-security": ("/profile?tab=security", "#current"),
    "notices": ("/notices", "main h1"),
    "definitions": ("/definitions", "article"),
    "reference": ("/api/v1/docs", "#refusals table"),
    "setup": ("/setup", "#c-base_url"),
    "no-such-sprint": ("/sprint?sprint=999999", "role=alert"),
}
TALLEST = 10_000  # pixels that Chromium draws in good time: the reference has ten times as many
# For those whose role is too low, and for those who are not in yet.
REFUSED = {
    f"refused{path.replace('/', '-')}": (path, "role=alert")
    for path in ("/users", "/sites", "/setup", "/audit", "/site")
}
OUTSIDE = {
    "sign-in-throttled": ("/sign-in?problem=wait&seconds=300", "role=alert"),
    "emergency": ("/sign-in?step=emergency", "role=alert"),
    "invitation": ("/invitation?problem=link", "role=alert"),
    "form-of-nobody": ("/authorize?client_id=nobody&response_type=code", "main"),
}


@pytest.mark.parametrize("mode", MODES)
def test_pages(guest, mode: str, screenshots: Path):
    visitor = guest(**MODES[mode])
    visitor.sign_in(password=PASSWORD).wait_for_selector(".sprint-card")
    look(visitor, PAGES, mode, screenshots)
    assert visitor.complaints == []


@pytest.mark.parametrize("mode", MODES)
def test_pages_that_are_refused_and_pages_for_visitors(guest, mode: str, screenshots: Path):
    visitor = guest(**MODES[mode])
    look(visitor, OUTSIDE, mode, screenshots)
    reader = guest(**MODES[mode])
    reader.sign_in(READER).wait_for_selector(".sprint-card")
    look(reader, REFUSED, mode, screenshots)
    assert reader.complaints == []


def look(visitor: Visitor, pages: dict[str, tuple[str, str]], mode: str, screenshots: Path) -> None:
    for name, (path, proof) in pages.items():
        page = visitor.open(path)
        page.locator(proof).first.wait_for()
        page.wait_for_load_state("networkidle")
        whole = page.evaluate("document.documentElement.scrollHeight") < TALLEST
        page.screenshot(path=screenshots / f"{name}-{mode}.png", full_page=whole)
        assert visitor.violations() == [], (name, mode)
        width = page.viewport_size["width"]
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, mode)


@pytest.mark.parametrize("mode", MODES)
def test_sign_in(guest, mode: str, screenshots: Path):
    visitor = guest(**MODES[mode])
    page = visitor.sign_in(password="wrong")
    expect(page.get_by_role("alert")).to_contain_text("do not belong together")
    page.screenshot(path=screenshots / f"sign-in-{mode}.png", full_page=True)
    assert visitor.violations() == []
    assert visitor.complaints == []


def test_the_theme_follows_the_switch_and_is_remembered(admin):
    page = admin.page
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="Use the dark theme").click()
    expect(page.locator("html")).to_have_class("dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != before
    page.reload()
    expect(page.locator("html")).to_have_class("dark")


def test_a_page_that_does_not_exist_says_so(admin):
    response = admin.page.goto(admin.url + "/no-such-page")
    assert response is not None
    assert response.status == 404
    expect(admin.page.get_by_role("heading", name="There is no such page")).to_be_visible()
    assert admin.violations() == []
    admin.page.get_by_role("link", name="overview of active sprints").click()
    admin.page.wait_for_selector(".sprint-card")
